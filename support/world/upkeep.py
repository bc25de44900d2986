"""What happens to the platform itself: a restart, and a database that is away for a time."""

from collections.abc import Mapping
from dataclasses import dataclass

from support.foundation.errors import EnvironmentUnfitError
from support.platform.connect import IMPOSSIBLE, ConnectClient
from support.stack.maintenance import Maintenance
from support.world.words import meaning_of

DATABASE_STATES: Mapping[str, bool] = {"away": True, "back": False}
"""Whether the database is away, by the words that scenarios use."""


@dataclass(slots=True)
class Upkeep:
    """Does to the platform what happens to it in operation, and undoes it when the scenario ends.

    Once its database was away, that a platform cannot do something is a verdict on it.
    """

    maintenance: Maintenance | None
    connect: ConnectClient
    _away: bool = False

    def restart(self) -> None:
        """End the platform's process and start it again.

        Raises:
            EnvironmentUnfitError: nobody may on this stack, or it does not serve again.
        """
        self._allowed().restart()

    def let_database_be(self, state: str) -> None:
        """Take the database away, or bring it back.

        Raises:
            SpecificationError: the state is not known.
            EnvironmentUnfitError: nobody may on this stack, or it does not happen.
        """
        self._move(away=meaning_of(state, DATABASE_STATES, "a state of the platform's database"))

    def close(self) -> None:
        """Bring the database back.

        Raises:
            EnvironmentUnfitError: it does not happen.
        """
        if self._away:
            self._move(away=False)

    def _move(self, *, away: bool) -> None:
        allowed = self._allowed()
        self.connect.verdicts = frozenset({IMPOSSIBLE})
        (allowed.database_away if away else allowed.database_back)()
        self._away = away

    def _allowed(self) -> Maintenance:
        if self.maintenance is None:
            raise EnvironmentUnfitError(
                "The platform of this stack is not the scenarios' to restart. Tag the scenario "
                "@needs:maintenance, so that it runs on one that is."
            )
        return self.maintenance
