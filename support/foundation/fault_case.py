"""What is known of a request that was not answered, in the words that messages are made of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from support.foundation import tls
from support.foundation.addresses import Address, without_credentials
from support.foundation.fault_signs import TUNNEL_REFUSED, alert, chain
from support.foundation.network import Network
from support.foundation.text import listed
from support.foundation.transport import CertificateRefusedError, PinRefusedError


@dataclass(frozen=True, slots=True)
class Case:
    """A request that was not answered, and all that is known of why."""

    method: str
    url: str
    network: Network
    time_limit_seconds: float
    now: datetime
    error: BaseException

    @property
    def at(self) -> str:
        """Host and port that were asked."""
        try:
            return Address.of(self.url).authority
        except ValueError:
            return without_credentials(self.url)

    @property
    def host(self) -> str:
        """The host that was asked for."""
        return Address.of(self.url).host

    @property
    def now_text(self) -> str:
        """What the clock of this machine says."""
        return f"{self.now:{tls.MINUTE_FORM}}"

    @property
    def other_scheme(self) -> str:
        """The same address with the other of http and https."""
        shown = without_credentials(self.url)
        scheme, separator, rest = shown.partition("://")
        return ("http" if scheme == "https" else "https") + separator + rest

    @property
    def certificate(self) -> tls.PeerCertificate | None:
        """The certificate that the service showed, where it was looked at."""
        told = (CertificateRefusedError, PinRefusedError)
        return next((e.certificate for e in chain(self.error) if isinstance(e, told)), None)

    @property
    def shown(self) -> str:
        """The certificate in words."""
        return str(self.certificate or "one that could not be read")

    @property
    def expiry(self) -> str:
        """What has expired: the certificate itself, or one above it."""
        certificate = self.certificate
        if certificate is None or certificate.valid_until > self.now:
            return f"a certificate above its own has expired; its own is {self.shown}"
        ago = _about(self.now - certificate.valid_until)
        until = f"{certificate.valid_until:{tls.MINUTE_FORM}}"
        return f"it expired on {until}, {ago} ago; it was {self.shown}"

    @property
    def beginning(self) -> str:
        """From when the certificate is valid."""
        certificate = self.certificate
        if certificate is None or certificate.valid_from < self.now:
            return f"a certificate above its own is not valid yet; its own is {self.shown}"
        ahead = _about(certificate.valid_from - self.now)
        return f"it is valid from {certificate.valid_from:{tls.MINUTE_FORM}} on, in {ahead}"

    @property
    def distrust(self) -> str:
        """Why nobody vouches for the certificate."""
        certificate = self.certificate
        if certificate is None:
            return "its issuer is not known"
        itself = certificate.self_issued
        signed = "it is self-signed" if itself else f"nobody knows its issuer {certificate.issuer}"
        return f"{signed}; it is {certificate}"

    @property
    def trusted(self) -> str:
        """Whom we trust."""
        bundle = self.network.ca_bundle
        return f"the CA bundle {bundle}" if bundle else "the public authorities (no CA bundle set)"

    @property
    def names(self) -> str:
        """The names in the certificate."""
        return listed(self.certificate.names if self.certificate else ())

    @property
    def seen_pins(self) -> str:
        """The fingerprints of the certificate, in both notations."""
        return tls.written(self.certificate.pins) if self.certificate else self.shown

    @property
    def expected_pins(self) -> str:
        """The pins."""
        return tls.written(self.network.parsed_pins)

    @property
    def presented(self) -> str:
        """Our own certificate."""
        path = self.network.client_certificate
        return tls.describe_client_certificate(path) if path else "none"

    @property
    def alert(self) -> str:
        """The TLS alert that was received, in words, or what else went wrong with TLS."""
        alerts = (alert(part) for part in chain(self.error))
        found = next((text for text in alerts if text), "")
        return found.replace("_", " ").lower() if found else self.detail

    @property
    def proxy(self) -> str:
        """The proxy without its password."""
        return without_credentials(self.network.proxy or "")

    @property
    def tunnel(self) -> str:
        """What the proxy answered."""
        texts = (str(part) for part in chain(self.error))
        told = next((text for text in texts if text.startswith(TUNNEL_REFUSED)), str(self.error))
        return self._readable(told.removeprefix(TUNNEL_REFUSED).strip(": "))

    @property
    def phase(self) -> str:
        """How far it came before time was up."""
        texts = " ".join(str(part) for part in chain(self.error))
        if "handshake" in texts:
            return "it took the connection, but did not finish the TLS handshake"
        if "Read timed out" in texts:
            return "it took the connection, but did not answer to the end"
        return "nobody took the connection"

    @property
    def detail(self) -> str:
        """What really happened, from below the layers of libraries that wrapped it."""
        innermost = list(chain(self.error))[-1]
        return self._readable(f"{type(innermost).__name__}: {innermost}")

    def _readable(self, text: str) -> str:
        """Return what others said, short, without passwords and without control characters."""
        text = text.replace(self.url, without_credentials(self.url))
        return "".join(letter if letter.isprintable() else "." for letter in text[:300])


def _about(time: timedelta) -> str:
    """Return a time in the unit that fits it."""
    seconds = time.total_seconds()
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
