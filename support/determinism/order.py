"""The order of units: as they are written, or by chance from a seed."""

import secrets
from dataclasses import dataclass

from support.determinism.streams import derived
from support.foundation.errors import ConfigurationError
from support.foundation.settings import Setting

STABLE = "stable"
RANDOM = "random"
_KEY_BYTES = 16
_MOST_CHOSEN = 1_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """In which order units run.

    Attributes:
        seed: what the order follows from; None for the order in which they are written.
    """

    seed: int | None = None

    def __str__(self) -> str:
        return STABLE if self.seed is None else f"{RANDOM}:{self.seed}"

    def key(self, name: str) -> bytes:
        """Return what to sort something by, which depends on its own name alone.

        So units stay in their order where others are added or left out.
        """
        return b"" if self.seed is None else derived(self.seed, "order", name, size=_KEY_BYTES)


def parse(setting: Setting) -> Order:
    """Return the order that a setting asks for; `random` alone chooses a seed.

    Raises:
        ConfigurationError: it is neither `stable`, `random` nor `random:SEED`.
    """
    name, colon, seed = setting.value.partition(":")
    if setting.value == STABLE:
        return Order()
    if setting.value == RANDOM:
        return Order(secrets.randbelow(_MOST_CHOSEN))
    if name == RANDOM and colon and seed.isascii() and seed.isdigit():
        return Order(int(seed))
    raise ConfigurationError(
        f'{setting.origin} is "{setting.value}", which is no order of units. Expected {STABLE}, '
        f"{RANDOM}, or {RANDOM}:SEED with a number, such as {RANDOM}:7."
    )
