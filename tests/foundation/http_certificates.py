"""Certificates for tests of transport security: an authority per test, and what it signs."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.foundation.network import Network

Builder = x509.CertificateBuilder


@dataclass
class Certificates:
    """An authority, and where its files are."""

    folder: Path
    authority: trustme.CA = field(default_factory=trustme.CA)

    @property
    def bundle(self) -> Path:
        path = self.folder / "authority.pem"
        self.authority.cert_pem.write_to_path(path)
        return path

    @property
    def network(self) -> Network:
        """A network that trusts the authority."""
        return Network(ca_bundle=self.bundle, service="kas_alpha")

    def server(
        self,
        *names: str,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> ssl.SSLContext:
        """Return a context of a server with a certificate of the authority."""
        names = names or ("localhost",)
        leaf = self.authority.issue_cert(*names, not_before=not_before, not_after=not_after)
        return server_context(leaf)

    def client(
        self,
        name: str = "client",
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> tuple[Path, Path]:
        """Return the files of a client certificate and its key."""
        leaf = self.authority.issue_cert(
            f"{name}.example", not_before=not_before, not_after=not_after
        )
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        leaf.cert_chain_pems[0].write_to_path(certificate)
        leaf.private_key_pem.write_to_path(key)
        key.chmod(0o600)
        return certificate, key


def below_an_expired_authority(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server with a valid certificate for localhost, and its authority, which is not.

    trustme's authorities do not expire, so this one is made by hand.
    """
    today = datetime.now(UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old authority")])
    host = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> Builder:
        made = x509.CertificateBuilder(issuer_name=name, subject_name=subject, public_key=public)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(today - timedelta(days=90))

    authority = certificate(name, authority_key.public_key())
    authority = authority.not_valid_after(today - timedelta(days=1))
    authority = authority.add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    leaf = certificate(host, key.public_key()).not_valid_after(today + timedelta(days=90))
    for_host = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    leaf = leaf.add_extension(for_host, critical=False)
    bundle, own = folder / "expired.pem", folder / "own.pem"
    pem = serialization.Encoding.PEM
    bundle.write_bytes(authority.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    form, open_text = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    signed = leaf.sign(authority_key, hashes.SHA256()).public_bytes(pem)
    own.write_bytes(key.private_bytes(pem, form, open_text) + signed)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    return context, bundle


def server_context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context
