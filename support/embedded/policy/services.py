"""All policy services together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.embedded.policy.kas_registry import KasRegistryService

if TYPE_CHECKING:
    from support.embedded.calls import Handler
    from support.embedded.policy.render import Renderer


def handlers(renderer: Renderer) -> dict[str, Handler]:
    """Return the handlers of every policy service by procedure path."""
    services = (KasRegistryService(renderer),)
    return {path: handler for service in services for path, handler in service.handlers().items()}
