"""The database of the platform, which the control interface takes away and brings back.

The embedded platform keeps its policy in memory. While it may not look there it answers as does
the platform whose PostgreSQL is away (service/pkg/db/errors.go, StatusifyError;
service/authorization/v2; service/kas/access/rewrap.go).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded import roles
from support.embedded.faults import Fault

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler, Handlers
    from support.embedded.protocol import Message

_READS = roles.action_of_procedure("GetNamespace")


@dataclass(slots=True)
class Database:
    """Whether there is one to ask."""

    faults: frozenset[Fault] = frozenset()
    away: bool = False

    def move(self, *, away: bool) -> None:
        """Take it away, or bring it back."""
        stays = Fault.DATABASE_STAYS_AWAY in self.faults
        self.away = away or (stays and self.away)

    @property
    def lacks(self) -> bool:
        """Whether decisions lack the policy that they are to be made by."""
        return self.away and Fault.DECIDES_WITHOUT_DATABASE not in self.faults

    def deciding(self, handlers: Handlers) -> dict[str, Handler]:
        """Return handlers that tell nothing of why they cannot decide."""
        return {path: self._decided(handler) for path, handler in handlers.items()}

    def keeping(self, handlers: Handlers) -> dict[str, Handler]:
        """Return handlers that read or change what the database keeps, where there is one."""
        return {path: self._kept(path, handler) for path, handler in handlers.items()}

    def _decided(self, handler: Handler) -> Handler:
        def answer(request: Message, call: Call) -> Message:
            if self.lacks:
                raise ConnectError(Code.INTERNAL, "an unexpected error occurred")
            return handler(request, call)

        return answer

    def _kept(self, path: str, handler: Handler) -> Handler:
        reads = roles.action_of_procedure(path.rpartition("/")[2]) == _READS
        confirms = not reads and Fault.WRITES_WITHOUT_DATABASE in self.faults

        def answer(request: Message, call: Call) -> Message:
            if self.away and not confirms:
                deed = "retrieval" if reads else "change"
                raise ConnectError(Code.INTERNAL, f"resource {deed} failed")
            return handler(request, call)

        return answer
