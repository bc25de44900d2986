"""Certificates of servers, sound and flawed, and the authority that a client trusts."""

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ADDRESS = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("elsewhere.example")
DAY = timedelta(days=1)
PRIVATE = 0o600
_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Flaw(StrEnum):
    """What is wrong with a certificate (RFC 5280, section 6.1; RFC 9525, section 6)."""

    NONE = "none"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    OTHER_HOST = "other-host"
    UNKNOWN_AUTHORITY = "unknown-authority"
    SELF_SIGNED = "self-signed"


@dataclass(frozen=True, slots=True)
class _Holder:
    """Somebody with a key, who is named in certificates."""

    title: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def name(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.title)])


@dataclass
class Certificates:
    """An authority, made when it is first needed, and the certificates of servers on loopback.

    Attributes:
        folder: an empty one, where keys and certificates are kept.
    """

    folder: Path

    @cached_property
    def authority(self) -> Path:
        """The certificate of the authority that a client is to trust, and no other."""
        path = self.folder / "trusted-authority.pem"
        path.write_bytes(_authority_of(self._trusted).public_bytes(Encoding.PEM))
        return path

    def server(self, flaw: Flaw) -> ssl.SSLContext:
        """Return what a server at 127.0.0.1 shows its certificate with."""
        server = _Holder("a server on loopback")
        path = self.folder / f"server-{flaw}.pem"
        path.touch(PRIVATE)
        certificate = self._certificate(server, flaw)
        path.write_bytes(
            server.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(path)
        return context

    @cached_property
    def _trusted(self) -> _Holder:
        return _Holder("an authority that the client trusts")

    def _certificate(self, server: _Holder, flaw: Flaw) -> x509.Certificate:
        now = datetime.now(UTC)
        valid = {
            Flaw.EXPIRED: (now - 2 * DAY, now - DAY),
            Flaw.NOT_YET_VALID: (now + DAY, now + 2 * DAY),
        }.get(flaw, (now - DAY, now + DAY))
        issuer = {
            Flaw.SELF_SIGNED: server,
            Flaw.UNKNOWN_AUTHORITY: _Holder("an authority that nobody knows"),
        }.get(flaw, self._trusted)
        extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
            (
                x509.SubjectAlternativeName([ELSEWHERE if flaw is Flaw.OTHER_HOST else ADDRESS]),
                False,
            ),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        )
        return _signed(server, issuer, valid, extensions)


def _authority_of(holder: _Holder) -> x509.Certificate:
    now = datetime.now(UTC)
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_SIGNS_CERTIFICATES, True),
        (x509.SubjectKeyIdentifier.from_public_key(holder.key.public_key()), False),
    )
    return _signed(holder, holder, (now - 9 * DAY, now + 9 * DAY), extensions)


def _signed(
    holder: _Holder,
    issuer: _Holder,
    valid: tuple[datetime, datetime],
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    begins, ends = valid
    builder = (
        x509.CertificateBuilder()
        .subject_name(holder.name)
        .issuer_name(issuer.name)
        .public_key(holder.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    known_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return builder.add_extension(known_by, critical=False).sign(issuer.key, hashes.SHA256())
