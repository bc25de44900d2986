"""Reading audit records: the JSON lines with the level AUDIT in a platform's log.

A platform writes the records of a call before it answers (`ContextServerInterceptor` of its
source), in the order of the calls. So whoever finds the record of a later call has every record of
the calls that were answered before.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.foundation.errors import EnvironmentUnfitError
from support.platform.shape import JsonObject

LEVEL = "AUDIT"
REWRAP = "rewrap"
DECISION = "decision"
POLICY_CHANGE = "policy crud"
_SHOWN_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One record.

    Attributes:
        kind: `rewrap`, `decision` or `policy crud`.
        action: `rewrap`, `read`, `create`, `update`, `delete` or `rotate`.
        result: `success`, `failure`, `error` or `cancel`.
        request_id: of the call that left it.
        labels: the attribute values that it names.
        metadata: what else it says, by the platform's own names.
        original: the object as it was; None where the record does not show it.
        updated: the object as it became; None where the record does not show it.
        text: the whole line.
    """

    kind: str
    action: str
    result: str
    request_id: str
    object_type: str
    object_id: str
    labels: tuple[str, ...]
    actor_id: str
    platform: str
    metadata: JsonObject
    original: JsonObject | None
    updated: JsonObject | None
    text: str = field(repr=False)


def parse(line: bytes) -> AuditRecord | None:
    """Return the record in a line of a log, or None where it is no audit record.

    Raises:
        EnvironmentUnfitError: it is one, but of another shape.
    """
    if LEVEL.encode() not in line:
        return None
    text = line.decode(errors="replace").strip()
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or value.get("level") != LEVEL:
        return None
    try:
        return _record(value, text)
    except (KeyError, TypeError, AttributeError) as error:
        raise EnvironmentUnfitError(
            f"An audit record has an unexpected shape ({type(error).__name__}: {error}): "
            f"{text[:_SHOWN_CHARACTERS]}"
        ) from error


def _record(value: Mapping[str, Any], text: str) -> AuditRecord:
    content = value["audit"]
    subject, action = content["object"], content["action"]
    return AuditRecord(
        kind=str(value["msg"]),
        action=str(action["type"]),
        result=str(action["result"]),
        request_id=str(content["requestID"]),
        object_type=str(subject["type"]),
        object_id=str(subject["id"]),
        labels=tuple(map(str, (subject.get("attributes") or {}).get("attrs") or ())),
        actor_id=str(content["actor"]["id"]),
        platform=str(content["clientInfo"]["platform"]),
        metadata=_object(content.get("eventMetaData")) or {},
        original=_object(content.get("original")),
        updated=_object(content.get("updated")),
        text=text,
    )


def _object(value: object) -> JsonObject | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return value


class AuditLog:
    """A log, read from where it ended when this was made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = path.stat().st_size if path.exists() else 0
        self._records: list[AuditRecord] = []

    def records(self) -> tuple[AuditRecord, ...]:
        """Return every record that was written since, read anew where more has come.

        Raises:
            EnvironmentUnfitError: the log is not there, or a record has an unexpected shape.
        """
        self._records += [record for line in self._lines() if (record := parse(line)) is not None]
        return tuple(self._records)

    def _lines(self) -> Iterator[bytes]:
        """Yield the lines that are complete; the rest is read the next time."""
        try:
            with self.path.open("rb") as file:
                if file.seek(0, 2) < self._offset:
                    self._offset = 0  # it was begun anew
                file.seek(self._offset)
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    self._offset += len(line)
                    yield line
        except OSError as error:
            raise EnvironmentUnfitError(
                f"{self.path}: the platform's log cannot be read: {error.strerror}. What the audit "
                "says can only be known where its log is; see docs/stacks.md."
            ) from error
