"""The clock of an embedded platform, which its control interface moves."""

import json

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.services.locator import Control, Services


class PlatformClock:
    """Moves the clock of the platform, and not that of its identity provider."""

    def __init__(self, http: HttpSession, control: Control) -> None:
        self._http = http
        self._control = control

    @classmethod
    def of(cls, http: HttpSession, services: Services) -> "PlatformClock":
        """Return the clock of a stack.

        Raises:
            EnvironmentUnfitError: the stack has no control interface that could move it.
        """
        control = services.control
        if control is None or control.kind != "embedded":
            raise EnvironmentUnfitError(
                f'The clock of the stack "{services.stack}" is not ours to move. Tag the scenario '
                "@needs:own-clock, so that it runs on the embedded platform only."
            )
        return cls(http, control)

    def set_ahead(self, seconds: int) -> None:
        """Let the clock be ahead by some seconds, or behind by a negative number of them.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        url = self._control.url.removesuffix("/people") + "/clock"
        headers = {
            "Authorization": f"Bearer {self._control.secret.reveal()}",
            "Content-Type": "application/json",
        }
        body = json.dumps({"seconds_ahead": seconds})
        response = self._http.request("PUT", url, headers=headers, body=body)
        if not response.ok:
            raise EnvironmentUnfitError(
                f"The embedded platform would not move its clock: HTTP {response.status}: "
                f"{response.text} Tag the scenario @needs:own-clock, so that it runs on a "
                "platform of its own."
            )
