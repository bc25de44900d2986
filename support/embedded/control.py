"""The control interface: whoever holds the secret of this start adds people, or moves the clock.

Where scenarios may restart the platform, it also has the state written that the next start reads,
and takes the database away.

A part of the embedded platform alone; a real identity provider has an administration of its own.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from support.embedded.directory import ROLE_STANDARD, User
from support.embedded.http import Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.embedded.clock import Clock
    from support.embedded.database import Database
    from support.embedded.directory import Directory

PATH = "/control/people"
CLOCK_PATH = "/control/clock"
DATABASE_PATH = "/control/database"
STATE_PATH = "/control/state"
MOST_SECONDS_AHEAD = 366 * 24 * 3600
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_EXPECTED = (
    'a JSON object such as {"password": "…", "email": "alice@people.example", '
    '"attributes": {"group": ["engineering"]}}'
)


@dataclass(slots=True)
class Control:
    """Answers requests below `PATH` and to the other paths; each needs the secret as bearer token.

    Attributes:
        clock: the one that may be moved; None where nobody may.
        database: the one that may be taken away; None where nobody may.
        write_state: keeps the state for the next start; None where there is to be none.
    """

    directory: Directory
    secret: str
    clock: Clock | None = None
    database: Database | None = None
    write_state: Callable[[], None] | None = None

    @staticmethod
    def answers(path: str) -> bool:
        """Tell whether a path is one of the control interface."""
        return path in {CLOCK_PATH, DATABASE_PATH, STATE_PATH} or path.startswith(f"{PATH}/")

    def answer(self, method: str, path: str, authorization: str, body: bytes) -> Response:
        """Answer one request: DELETE removes a person, and PUT does everything else."""
        given = authorization.removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            return _refused(401, "The control interface needs the secret of the descriptor.")
        if path == CLOCK_PATH:
            return self._move_clock(method, body)
        if path in {DATABASE_PATH, STATE_PATH}:
            return self._maintain(method, path, body)
        return self._people(method, path.removeprefix(f"{PATH}/"), body)

    def _people(self, method: str, name: str, body: bytes) -> Response:
        if not _USERNAME.fullmatch(name):
            return _refused(404, f"{name!r} is no name of a person: expected {_USERNAME.pattern}.")
        if method == "PUT":
            return self._add(name, body)
        if method == "DELETE":
            return self._remove(name)
        return _refused(405, f"{method} is not PUT or DELETE.")

    def _move_clock(self, method: str, body: bytes) -> Response:
        if self.clock is None:
            return _refused(
                404, "This platform's clock stays as it is: it lacks the option own-clock."
            )
        if method != "PUT":
            return _refused(405, f"{method} is not PUT.")
        seconds = _seconds_ahead(body)
        if seconds is None:
            return _refused(400, 'The body is not a JSON object such as {"seconds_ahead": 3600}.')
        self.clock.offset = timedelta(seconds=seconds)
        return json_response(200, {})

    def _maintain(self, method: str, path: str, body: bytes) -> Response:
        if self.database is None or self.write_state is None:
            return _refused(
                404, "This platform is not maintained: it lacks the option maintenance, or --state."
            )
        if method != "PUT":
            return _refused(405, f"{method} is not PUT.")
        if path == STATE_PATH:
            self.write_state()
            return json_response(200, {})
        away = _away(body)
        if away is None:
            return _refused(400, 'The body is not a JSON object such as {"away": true}.')
        self.database.move(away=away)
        return json_response(200, {})

    def _add(self, name: str, body: bytes) -> Response:
        user = _user(name, body)
        if user is None:
            return _refused(400, f"The body is not {_EXPECTED}.")
        taken = self.directory.user(name) or self.directory.user_by_email(user.email)
        if taken is not None:
            return _refused(409, f"{name} or {user.email} is taken by {taken.username}.")
        self.directory.users[name] = user
        return json_response(201, {"id": user.id})

    def _remove(self, name: str) -> Response:
        if not self.directory.is_added(name):
            return _refused(404, f"Nobody added {name}.")
        del self.directory.users[name]
        return json_response(200, {})


def _seconds_ahead(body: bytes) -> int | None:
    """Return by how much the clock is to be ahead, or nothing where a request has another form."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    if not isinstance(content, dict) or set(content) != {"seconds_ahead"}:
        return None
    seconds = content["seconds_ahead"]
    if type(seconds) is not int or abs(seconds) > MOST_SECONDS_AHEAD:
        return None
    return seconds


def _away(body: bytes) -> bool | None:
    """Return whether the database is to be away, or nothing where a request has another form."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    away = content.get("away") if isinstance(content, dict) and len(content) == 1 else None
    return away if isinstance(away, bool) else None


def _user(name: str, body: bytes) -> User | None:
    """Return the person that a request describes, or nothing where it has another form."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    if not isinstance(content, dict) or set(content) != {"password", "email", "attributes"}:
        return None
    texts = [content["password"], content["email"]]
    if not all(isinstance(text, str) and text for text in texts):
        return None
    if not _are_attributes(content["attributes"]):
        return None
    return User(
        username=name,
        password=content["password"],
        email=content["email"].lower(),
        first_name=name.partition("-")[0],  # what follows is the mark of a run
        last_name="Example",
        attributes={key: tuple(values) for key, values in content["attributes"].items()},
        realm_roles=(ROLE_STANDARD,),
        added=True,
    )


def _are_attributes(value: Any) -> bool:  # noqa: ANN401 -- JSON is whatever was sent
    return isinstance(value, dict) and all(
        isinstance(entry, list) and all(isinstance(text, str) for text in entry)
        for entry in value.values()
    )


def _refused(status: int, message: str) -> Response:
    return json_response(status, {"error": message})
