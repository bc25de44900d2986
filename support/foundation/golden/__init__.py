"""The keys that golden documents are sealed for (features/tdf/golden): published, and no secret.

Every key access service that we start has them beside its own, as earlier keys: it opens what is
sealed for them, and seals nothing for them.
"""

from collections.abc import Mapping
from pathlib import Path

KEYS: Mapping[str, str] = {"golden-r1": "rsa:2048", "golden-e1": "ec:secp256r1"}
"""Algorithm of each key by its id."""

ADDRESS = "http://localhost:18080/kas"
"""Where the key access service stood that golden documents were sealed for."""


def private_key(key_id: str) -> bytes:
    """Return a private key as PEM (PKCS 8)."""
    return (Path(__file__).parent / f"{key_id}.pem").read_bytes()
