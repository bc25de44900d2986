"""Asking for tokens and reading them: shared by the tests of identity and of DPoP."""

from typing import Any

from support.embedded import jose
from support.embedded.dpop import ProofTarget

FORM = {"grant_type": "client_credentials", "client_id": "opentdf", "client_secret": "secret"}
TARGET = ProofTarget("POST", ("http://localhost:1/a",))


def claims_of(answer: dict[str, Any], name: str = "access_token") -> dict[str, Any]:
    """Return the claims of a token in an answer, unverified."""
    return jose.parse_unverified(answer[name]).claims
