"""What scenarios may do to a platform that is theirs: restart it, take its database away."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from support.foundation.errors import StackError
from support.foundation.http import HttpSession
from support.services.locator import Control


@dataclass(frozen=True, slots=True)
class Maintenance:
    """How it is done on one stack.

    Attributes:
        restart: ends the platform's process and starts it again, with what it keeps.
        database_away: takes the database away.
        database_back: brings it back.
    """

    restart: Callable[[], None]
    database_away: Callable[[], None]
    database_back: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ControlClient:
    """Asks the embedded platform's control interface for what only its process can do."""

    control: Control
    http: HttpSession

    def keep_state(self) -> None:
        """Have the state written that the next start takes up.

        Raises:
            StackError: the platform refuses.
        """
        self._put("state", {})

    def database_away(self) -> None:
        """Take the database away.

        Raises:
            StackError: the platform refuses.
        """
        self._put("database", {"away": True})

    def database_back(self) -> None:
        """Bring the database back.

        Raises:
            StackError: the platform refuses.
        """
        self._put("database", {"away": False})

    def _put(self, what: str, content: dict[str, bool]) -> None:
        url = self.control.url.removesuffix("/people") + f"/{what}"
        headers = {
            "Authorization": f"Bearer {self.control.secret.reveal()}",
            "Content-Type": "application/json",
        }
        response = self.http.request("PUT", url, headers=headers, body=json.dumps(content))
        if not response.ok:
            raise StackError(
                f"The embedded platform would not do it ({what}): HTTP {response.status}: "
                f"{response.text} Start it with `--option maintenance --state FILE`."
            )
