"""Audit records in the platform's shape: one JSON line each on standard output.

Records are collected while a call runs and written when it ends. They hold no token and no key.
"""

from __future__ import annotations

import json
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

from support.embedded.audit_faults import distorted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from support.embedded.clock import Clock
    from support.embedded.faults import Fault

Entry: TypeAlias = tuple[str, str, dict[str, Any]]
"""Request id, verb and content of an event."""
REQUEST_ID_HEADER = "x-request-id"
REQUEST_IP_HEADER = "x-forwarded-request-ip"
ACTOR_HEADER = "x-forwarded-actor-id"
USER_AGENT_HEADER = "user-agent"
INTERNAL_USER_AGENT = "opentdf-embedded"


@dataclass(slots=True)
class AuditTrail:
    """What one call does that must be recorded."""

    request_id: str
    user_agent: str
    request_ip: str
    actor_id: str
    entries: list[Entry] = field(default_factory=list)

    def add(self, verb: str, content: dict[str, Any]) -> None:
        """Remember an event; ``verb`` is ``rewrap``, ``decision`` or ``policy crud``."""
        self.entries.append((self.request_id, verb, content))

    def nested(self, request_id: str) -> AuditTrail:
        """Return the trail of a call that one service makes to another while it works."""
        return AuditTrail(request_id, INTERNAL_USER_AGENT, self.request_ip, "")

    def adopt(self, inner: AuditTrail) -> None:
        """Take over the events of a finished inner call; they keep their request id."""
        self.entries.extend(inner.entries)

    def client_info(self, platform: str) -> dict[str, str]:
        """Return the ``clientInfo`` part of an event."""
        return {"userAgent": self.user_agent, "platform": platform, "requestIP": self.request_ip}


def event(
    action: tuple[str, str],
    subject: dict[str, Any],
    *,
    actor: dict[str, Any],
    client: dict[str, str],
    metadata: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return an event with all the fields that the platform's have, ``null`` where it has none.

    Args:
        action: Kind of action (``create``, ``rewrap`` …) and result (``success``, ``error`` …).
        subject: The ``object`` part: type, id, name, attributes.
        actor: Id and attributes of who acted.
        client: The ``clientInfo`` part.
        metadata: The ``eventMetaData`` part.
    """
    return {
        "action": {"result": action[1], "type": action[0]},
        "actor": actor,
        "clientInfo": client,
        "eventMetaData": metadata,
        "object": subject,
        "original": None,
        "updated": None,
    }


def open_trail(headers: Mapping[str, str]) -> AuditTrail:
    """Start the trail of a call from its request headers (names in lower case).

    Actor and address are taken from forwarded headers and nothing else, as the platform does.
    """
    try:
        request_id = str(uuid.UUID(headers.get(REQUEST_ID_HEADER, "")))
    except ValueError:
        request_id = str(uuid.uuid4())
    return AuditTrail(
        request_id=request_id,
        user_agent=headers.get(USER_AGENT_HEADER, ""),
        request_ip=headers.get(REQUEST_IP_HEADER, ""),
        actor_id=headers.get(ACTOR_HEADER, ""),
    )


class AuditLog:
    """Writes trails to a stream."""

    def __init__(
        self,
        clock: Clock,
        stream: TextIO | None = None,
        faults: frozenset[Fault] = frozenset(),
    ) -> None:
        self._clock = clock
        self._stream = stream if stream is not None else sys.stdout
        self._faults = faults

    def write(self, trail: AuditTrail) -> None:
        """Write every event of a finished call, and flush."""
        for request_id, verb, content in distorted(trail.entries, self._faults, trail.actor_id):
            now = self._clock.now()
            stamped = {**content, "requestID": request_id, "timestamp": _seconds(now)}
            record = {"time": _nanoseconds(now), "level": "AUDIT", "msg": verb, "audit": stamped}
            self._stream.write(json.dumps(record, separators=(",", ":")) + "\n")
        if trail.entries:
            self._stream.flush()


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _nanoseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
