"""Keys and certificates of key access services, made for one instance of a stack."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from support.foundation import golden
from support.foundation.errors import FrameworkError
from support.foundation.files import write_private

RSA_BITS = 2048
PUBLIC_EXPONENT = 65537
VALID_DAYS = 365

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

KEYS = {"r1": ("rsa:2048", "kas"), "e1": ("ec:secp256r1", "kas-ec")}
"""Algorithm and file stem of each key by its id, as the platform's own development setup has it."""


GOLDEN = {key_id: (algorithm, key_id) for key_id, algorithm in golden.KEYS.items()}
"""The same of the published keys that golden documents are sealed for."""


def write_keys(folder: Path) -> None:
    """Write a private key and a self-signed certificate for each key, unless there are some.

    The same keys after a restart: documents made before it have to open.
    """
    makers: dict[str, Callable[[], PrivateKey]] = {
        "r1": lambda: rsa.generate_private_key(PUBLIC_EXPONENT, RSA_BITS),
        "e1": lambda: ec.generate_private_key(ec.SECP256R1()),
    }
    for key_id in golden.KEYS:
        makers[key_id] = functools.partial(_golden, key_id)
    for key_id, (_, stem) in {**KEYS, **GOLDEN}.items():
        private, certificate = folder / f"{stem}-private.pem", folder / f"{stem}-cert.pem"
        if private.exists() and certificate.exists():
            continue
        key = makers[key_id]()
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_private(private, pem.decode())
        write_private(certificate, _self_signed(key).decode())


def _golden(key_id: str) -> PrivateKey:
    key = serialization.load_pem_private_key(golden.private_key(key_id), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise FrameworkError(f"The golden key {key_id} is a {type(key).__name__}.")
    return key


def _self_signed(key: PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kas")])
    begins = datetime.now(UTC) - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=VALID_DAYS))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
