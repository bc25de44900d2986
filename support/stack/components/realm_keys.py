"""The keys of a new realm, made here: Keycloak takes seconds to make its own when just started."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from support.stack.components.realm_data import Json

PROVIDER = "org.keycloak.keys.KeyProvider"

_GENERATED = ("hmac-generated", "aes-generated")
_BITS = 2048
_LIFETIME = timedelta(days=3650)


def new_keys(realm: str, priority: int = 100) -> Json:
    """Return the providers of a realm's keys: a new RSA key, and secrets that Keycloak makes."""
    generated = [{"name": name, "providerId": name, "config": {}} for name in _GENERATED]
    return {PROVIDER: [rsa_provider(realm, priority), *generated]}


def rsa_provider(realm: str, priority: int) -> Json:
    """Return the provider of a new RSA key; of several, the one of the highest priority signs."""
    key = rsa.generate_private_key(65537, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, realm)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "name": f"rsa-{priority}",
        "providerId": "rsa",
        "config": {
            "priority": [str(priority)],
            "enabled": ["true"],
            "active": ["true"],
            "algorithm": ["RS256"],
            "privateKey": [private],
            "certificate": [certificate.public_bytes(Encoding.PEM).decode()],
        },
    }
