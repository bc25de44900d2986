"""Placeholder wiring of decisions until the authorization services stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.embedded.rewrap import Access

if TYPE_CHECKING:
    from collections.abc import Sequence


class AuthorizationService:
    """Serves nothing yet."""

    def __init__(self, *parts: object) -> None:
        self.parts = parts

    def handlers(self) -> dict[str, object]:
        """Return no handlers."""
        return {}


class RewrapDecider:
    """Denies whatever carries attributes."""

    def __init__(self, service: AuthorizationService) -> None:
        self.service = service

    def decide(self, _call: object, resources: Sequence[object], _names: object) -> list[Access]:
        """Return a refusal for each resource."""
        return [Access(permitted=False) for _ in resources]
