"""What transport security looks at: pins, the certificate a server shows, and who is trusted."""

import base64
import binascii
import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from urllib3.util.ssl_ import create_urllib3_context

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed

CERTIFICATE_PIN = "sha256"
PUBLIC_KEY_PIN = "spki-sha256"
PIN_FORM = (
    f"{CERTIFICATE_PIN}:<64 hexadecimal digits> of the certificate, or "
    f"{PUBLIC_KEY_PIN}:<base64> of its public key"
)
MINUTE_FORM = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True, slots=True)
class Pin:
    """A fingerprint: of a whole certificate, or of its public key (RFC 7469 section 2.4)."""

    kind: str
    digest: bytes

    @staticmethod
    def parse(text: str) -> "Pin":
        """Return the pin that `text` writes; hexadecimal digits may be separated by colons.

        Raises:
            ValueError: it is none; the message says what is wrong with it.
        """
        kind, colon, value = text.strip().partition(":")
        if not colon or kind not in {CERTIFICATE_PIN, PUBLIC_KEY_PIN}:
            known = did_you_mean(kind, (CERTIFICATE_PIN, PUBLIC_KEY_PIN))
            raise ValueError(f'"{kind}" is not a kind of pin.{known}')
        try:
            if kind == CERTIFICATE_PIN:
                digest = bytes.fromhex(value.replace(":", ""))
            else:
                digest = base64.b64decode(value, validate=True)
        except (ValueError, binascii.Error):
            form = "hexadecimal" if kind == CERTIFICATE_PIN else "base64"
            raise ValueError(f"what follows {kind}: is not {form}") from None
        if len(digest) != hashlib.sha256().digest_size:
            raise ValueError(f"it holds {len(digest)} bytes, and a SHA-256 has 32")
        return Pin(kind, digest)

    def __str__(self) -> str:
        if self.kind == CERTIFICATE_PIN:
            return f"{self.kind}:{self.digest.hex()}"
        return f"{self.kind}:{base64.b64encode(self.digest).decode()}"


class PeerCertificate:
    """The certificate that a server shows, as messages tell of it."""

    def __init__(self, der: bytes) -> None:
        self._der = der
        self._parsed = x509.load_der_x509_certificate(der)

    @property
    def pins(self) -> tuple[Pin, ...]:
        """Its fingerprint in each notation; of the key only if the key is of a known kind."""
        whole = Pin(CERTIFICATE_PIN, hashlib.sha256(self._der).digest())
        try:
            key = self._parsed.public_key()
        except (UnsupportedAlgorithm, ValueError):
            return (whole,)
        encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return (whole, Pin(PUBLIC_KEY_PIN, hashlib.sha256(encoded).digest()))

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts and addresses it is for (RFC 6125); the common name counts no more."""
        try:
            found = self._parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except (x509.ExtensionNotFound, ValueError):
            return ()
        hosts = found.value.get_values_for_type(x509.DNSName)
        addresses = found.value.get_values_for_type(x509.IPAddress)
        return (*hosts, *(str(address) for address in addresses))

    @property
    def subject(self) -> str:
        """Whom it was issued to."""
        return self._parsed.subject.rfc4514_string() or "nobody named"

    @property
    def issuer(self) -> str:
        """Who issued it."""
        return self._parsed.issuer.rfc4514_string() or "nobody named"

    @property
    def self_issued(self) -> bool:
        """Whether it names itself as its issuer."""
        return self._parsed.issuer == self._parsed.subject

    @property
    def valid_from(self) -> datetime:
        """From when it is valid."""
        return self._parsed.not_valid_before_utc

    @property
    def valid_until(self) -> datetime:
        """Until when it is valid."""
        return self._parsed.not_valid_after_utc

    def __str__(self) -> str:
        return (
            f"issued to {self.subject} by {self.issuer}, valid from "
            f"{self.valid_from:{MINUTE_FORM}} until {self.valid_until:{MINUTE_FORM}}"
        )


def certificate_of(der: bytes | None) -> PeerCertificate | None:
    """Return the certificate, or None where there is none that can be read."""
    try:
        return PeerCertificate(der) if der else None
    except ValueError:
        return None


def trusting_nobody() -> ssl.SSLContext:
    """Return a context that takes any certificate, to look at it or to check its pin only."""
    return create_urllib3_context(cert_reqs=ssl.CERT_NONE)


def trusting(ca_bundle: Path) -> ssl.SSLContext:
    """Return a context that checks certificate and host name.

    Raises:
        ConfigurationError: the bundle cannot be read, or holds no certificate.
    """
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.check_hostname = True
    # So that a bundle may hold the issuing authority alone; Python has this on since 3.13.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"The CA bundle {ca_bundle} cannot be used: {_reason(error)}. Expected a file with PEM "
            "certificates (-----BEGIN CERTIFICATE-----) of the authorities to trust."
        ) from None
    return context


def present(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Let a context present a client certificate.

    Raises:
        ConfigurationError: a file cannot be read, or key and certificate do not belong together.
    """
    try:
        # A pass phrase is always given, or OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"The client certificate {certificate} with the key of {key or certificate} cannot be "
            f"used: {_reason(error)}. Expected PEM files, the key without a pass phrase and "
            "belonging to the first certificate."
        ) from None


def describe_client_certificate(path: Path) -> str:
    """Return what a client certificate says of itself, for messages."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return str(path)
    return f"{path} ({PeerCertificate(certificate.public_bytes(Encoding.DER))})"


def written(pins: tuple[Pin, ...]) -> str:
    """Return pins as settings write them."""
    return listed(str(pin) for pin in pins)


def current_time() -> datetime:
    """Return the time that certificates are judged by."""
    return datetime.now(UTC)


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        known = {
            "KEY_VALUES_MISMATCH": "the key belongs to another certificate",
            "NO_CERTIFICATE_OR_CRL_FOUND": "it holds no certificate",
        }
        return known.get(error.reason or "", "it is not readable as PEM, or has a pass phrase")
    return error.strerror or str(error)
