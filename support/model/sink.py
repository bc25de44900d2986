"""A sink: anything that turns events into something people or machines read."""

from typing import Protocol

from support.model.events import Event


class Sink(Protocol):
    """Gets every event of a run in order, then `close` once."""

    @property
    def name(self) -> str:
        """What to call it in messages."""
        ...

    def handle(self, event: Event) -> None:
        """Take one event, once; if this raises, the event is reported and spilled elsewhere."""
        ...

    def close(self) -> None:
        """Write what is still open."""
        ...
