"""``policy.kasregistry.KeyAccessServerRegistryService``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.policy.paging import page

if TYPE_CHECKING:
    from support.embedded.calls import Call, Handler
    from support.embedded.policy.render import Renderer
    from support.embedded.protocol import Message

SERVICE = "/policy.kasregistry.KeyAccessServerRegistryService"


@dataclass(frozen=True, slots=True)
class KasRegistryService:
    """Registered KAS and their keys."""

    renderer: Renderer

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {f"{SERVICE}/ListKeyAccessServers": self.list_servers}

    def list_servers(self, request: Message, _call: Call) -> Message:
        """List the registered KAS."""
        response = self.renderer.protocol.message(
            "policy.kasregistry.ListKeyAccessServersResponse"
        )()
        servers = list(self.renderer.store.servers.values())
        for server in page(servers, request.pagination, response.pagination):
            response.key_access_servers.append(self.renderer.server(server))
        return response
