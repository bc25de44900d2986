"""The platform's well-known configuration, as a document and as a procedure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from typing import Protocol as TypingProtocol

from support.embedded import jose
from support.embedded.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.embedded.calls import Call, Handler
    from support.embedded.protocol import Message, Protocol


class Issuer(TypingProtocol):
    """Who issues tokens, as clients learn it."""

    @property
    def issuer(self) -> str:
        """What its tokens say in ``iss``."""

    @property
    def token_endpoint(self) -> str:
        """Where clients get tokens."""

    def platform_configuration(self) -> dict[str, Any]:
        """Return what the platform says of its discovery document."""


@dataclass(frozen=True, slots=True)
class WellKnown:
    """What clients learn before they have a token."""

    protocol: Protocol
    identity: Issuer
    nonce_required: bool = False
    faults: frozenset[Fault] = frozenset()
    base_key: Callable[[], dict[str, Any]] = dict

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by procedure path."""
        return {
            "/wellknownconfiguration.WellKnownService/GetWellKnownConfiguration": self.get,
        }

    def configuration(self) -> dict[str, Any]:
        """Return the configuration as data."""
        issuer, provider = self.identity.issuer, self.identity.platform_configuration()
        if Fault.WELL_KNOWN_WRONG_ISSUER in self.faults:
            issuer = f"{issuer}-of-another"
            provider = {**provider, "issuer": issuer}
        return {
            "base_key": self.base_key(),
            "dpop_nonce_required": self.nonce_required,
            "dpop_signing_alg_values_supported": list(jose.ASYMMETRIC_ALGORITHMS),
            "health": {"endpoint": "/healthz"},
            "idp": provider,
            "key_managers": {},
            "platform_issuer": issuer,
            "supports_dpop": True,
        }

    def document(self) -> bytes:
        """Return the configuration as the JSON document."""
        return json.dumps(self.configuration(), separators=(",", ":")).encode() + b"\n"

    def get(self, _request: Message, _call: Call) -> Message:
        """Return the configuration as a message."""
        response = self.protocol.message(
            "wellknownconfiguration.GetWellKnownConfigurationResponse"
        )()
        response.configuration.update(self.configuration())
        return response
