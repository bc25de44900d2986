"""Health: says that the process answers, and knows two checks by name, as the platform does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.faults import Fault

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message, Protocol


@dataclass(frozen=True, slots=True)
class Health:
    """The checks of one listener; ``checks`` are the names that a caller may ask for."""

    protocol: Protocol
    checks: frozenset[str]
    faults: frozenset[Fault] = frozenset()

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {"/grpc.health.v1.Health/Check": self.check}

    def status(self, service: str) -> str:
        """Return ``SERVING``, or ``UNKNOWN`` for a service without a check."""
        if Fault.HEALTH_ALWAYS_SERVING in self.faults:
            return "SERVING"
        return "SERVING" if service in {"", "all", *self.checks} else "UNKNOWN"

    def check(self, request: Message, _call: Call) -> Message:
        """Answer the standard gRPC health check."""
        return self.protocol.message("grpc.health.v1.HealthCheckResponse")(
            status=f"SERVING_STATUS_{self.status(request.service)}"
        )
