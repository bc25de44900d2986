"""The platform's clock, which a scenario moves and which is right again when the scenario ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from support.platform.clock import PlatformClock
from support.world.words import meaning_of

MINUTE = 60
HOUR = 60 * MINUTE

STATES: Mapping[str, int] = {
    "an hour ahead": HOUR,
    "an hour behind": -HOUR,
    # Clocks may differ by a minute.
    "half a minute ahead": MINUTE // 2,
    "half a minute behind": -MINUTE // 2,
    "right again": 0,
}
"""How many seconds the clock is ahead, by the words that scenarios use."""

ONCE_ANSWERED = " once the key service has answered"
"""What follows a state that the clock is to be in while the reader is reading."""


@dataclass(slots=True)
class Clock:
    """Moves the platform's clock.

    Attributes:
        once_answered: lets something happen when the key service has answered the reader.
    """

    platform: PlatformClock
    once_answered: Callable[[Callable[[], None]], None]
    seconds_ahead: int = 0

    def be(self, state: str) -> None:
        """Let the clock be in a state.

        Raises:
            SpecificationError: the state is not known.
            EnvironmentUnfitError: the platform would not move its clock.
        """
        at_once = state.removesuffix(ONCE_ANSWERED)
        seconds = meaning_of(at_once, STATES, "a state of the platform's clock")
        if at_once == state:
            self._set(seconds)
        else:
            self.once_answered(lambda: self._set(seconds))

    def close(self) -> None:
        """Let the clock be right again.

        Raises:
            EnvironmentUnfitError: the platform would not move its clock.
        """
        if self.seconds_ahead:
            self._set(0)

    def _set(self, seconds: int) -> None:
        self.platform.set_ahead(seconds)
        self.seconds_ahead = seconds
