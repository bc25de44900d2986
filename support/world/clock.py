"""The platform's clock, which a scenario moves and which is right again when the scenario ends."""

from collections.abc import Mapping
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


@dataclass(slots=True)
class Clock:
    """Moves the platform's clock."""

    platform: PlatformClock
    seconds_ahead: int = 0

    def be(self, state: str) -> None:
        """Let the clock be in a state.

        Raises:
            SpecificationError: the state is not known.
            EnvironmentUnfitError: the platform would not move its clock.
        """
        self._set(meaning_of(state, STATES, "a state of the platform's clock"))

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
