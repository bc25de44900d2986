"""Why a service gave no answer, for people: what was seen, what was expected, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from support.foundation.addresses import without_credentials
from support.foundation.errors import ServiceUnreachableError, TransportSecurityError
from support.foundation.fault_case import Case
from support.foundation.fault_signs import DISTRUST, Kind
from support.foundation.network_values import READERS


@dataclass(frozen=True, slots=True)
class Telling:
    """What is said of a kind of fault.

    `{case.…}` stands for what is known of the request, `{ca_bundle}` and the like for the
    environment variables that set the values of its network.
    """

    seen: str
    expected: str
    remedy: str


_CLOCK = "If these dates look right, a clock is wrong: that of this machine says {case.now_text}."

TELLINGS: Final[Mapping[Kind, Telling]] = {
    Kind.NOT_LISTENING: Telling(
        "nothing listens at {case.at} (connection refused)",
        "a service there",
        "Check that it runs, and that host and port of the address are right.",
    ),
    Kind.NAME_NOT_FOUND: Telling(
        'the name "{case.host}" was not found ({case.detail})',
        "a name that this machine can look up",
        "Correct the host of the address, or check the network and the name service.",
    ),
    Kind.NO_ROUTE: Telling(
        "there is no way to {case.at} ({case.detail})",
        "a host that this machine can reach",
        "Check the network, or set {proxy} if only a proxy leads there.",
    ),
    Kind.TIMED_OUT: Telling(
        "{case.at} took longer than {case.time_limit_seconds:g} s: {case.phase}",
        "an answer within that time",
        "Check that the service is not stuck, and that no firewall drops packets; {timeout} gives "
        "it more time.",
    ),
    Kind.BROKEN_OFF: Telling(
        "{case.at} broke off the connection before it had answered ({case.detail})",
        "an answer",
        "Look into the log of the service: it may have died. A service that wants a client "
        "certificate, and one that speaks TLS at an http address, may do so too.",
    ),
    Kind.NOT_HTTP: Telling(
        "what {case.at} answered is not HTTP ({case.detail})",
        "an HTTP answer",
        "Correct the port of the address: something else listens there.",
    ),
    Kind.NO_TURN: Telling(
        "it was not sent, for no turn came up within {case.time_limit_seconds:g} s at "
        "{case.network.requests_per_second:g} requests per second",
        "fewer requests at a time, or a higher rate",
        "Raise {requests_per_second} or {timeout}, or run fewer workers.",
    ),
    Kind.BAD_ADDRESS: Telling(
        "this is no address",
        "http:// or https://, a host, and if needed a port",
        "Correct the address of the service.",
    ),
    Kind.PROXY_UNREACHABLE: Telling(
        "the proxy {case.proxy} cannot be reached ({case.detail})",
        "a proxy there",
        "Check that it runs and that {proxy} is right, or unset it.",
    ),
    Kind.PROXY_REFUSED: Telling(
        "the proxy {case.proxy} did not let it through to {case.at} ({case.tunnel})",
        "200 from the proxy",
        "407 means that {proxy} needs http://user:password@host, 403 that the proxy forbids this "
        "host, 502 to 504 that it does not reach it.",
    ),
    Kind.PLAIN_ON_TLS: Telling(
        "{case.at} does not speak TLS ({case.detail})",
        "TLS, as the address is https://",
        "Use {case.other_scheme}, or have the service speak TLS.",
    ),
    Kind.TLS_ON_PLAIN: Telling(
        "{case.at} speaks TLS",
        "plain HTTP, as the address is http://",
        "Use {case.other_scheme}.",
    ),
    Kind.CERTIFICATE_EXPIRED: Telling(
        "the certificate of {case.at} has expired: {case.expiry}",
        "one that is valid now",
        "Renew the certificate of the service. " + _CLOCK,
    ),
    Kind.CERTIFICATE_NOT_YET_VALID: Telling(
        "the certificate of {case.at} is not valid yet: {case.beginning}",
        "one that is valid now",
        "Most often a clock is wrong, of whoever made the certificate or of this machine, which "
        "says {case.now_text}.",
    ),
    Kind.UNKNOWN_AUTHORITY: Telling(
        "the certificate of {case.at} is not trusted: {case.distrust}",
        "one that {case.trusted} vouch for",
        "Set {ca_bundle} to a PEM file with the certificate of its authority, or of the service "
        "itself if it is self-signed; see that the service sends its intermediate certificates.",
    ),
    Kind.WRONG_HOST: Telling(
        "the certificate of {case.at} is for other hosts: {case.names}",
        'one for "{case.host}"',
        "Use an address with a host of the certificate, or have one made for this host.",
    ),
    Kind.WRONG_PIN: Telling(
        "the certificate of {case.at} is not one that is pinned: it is {case.seen_pins}, "
        "{case.shown}",
        "{case.expected_pins}",
        "If the service has a new certificate, and you are sure that it is its own, set {pin} to "
        "one of its fingerprints; otherwise somebody stands in between.",
    ),
    Kind.CERTIFICATE_REFUSED: Telling(
        "the certificate of {case.at} was refused ({case.detail}): it is {case.shown}",
        "one that {case.trusted} vouch for",
        "Have the certificate of the service made anew.",
    ),
    Kind.CLIENT_CERTIFICATE_REQUIRED: Telling(
        "{case.at} wants a client certificate (TLS alert: {case.alert})",
        "that we present one",
        "Set {client_certificate} and {client_key}.",
    ),
    Kind.CLIENT_CERTIFICATE_REFUSED: Telling(
        "{case.at} refuses our client certificate (TLS alert: {case.alert}): {case.presented}",
        "that the service takes it",
        "Set {client_certificate} and {client_key} to one that is valid and by an authority that "
        "the service trusts, or have the service trust this one.",
    ),
    Kind.TLS_FAILED: Telling(
        "TLS with {case.at} failed: {case.alert}",
        "a handshake of TLS 1.2 or later",
        "A handshake failure means that the service wants a client certificate "
        "({client_certificate}), or has no version or cipher of TLS in common with us.",
    ),
    Kind.OTHER: Telling(
        "{case.detail}", "an answer", "Check that the service runs and that the address is right."
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One request that was not answered, of a kind."""

    kind: Kind
    case: Case

    @property
    def seen(self) -> str:
        """What happened, in one clause."""
        return self._fill(TELLINGS[self.kind].seen)

    def error(self, tries: int = 1) -> ServiceUnreachableError:
        """Return the error to raise, after a number of tries."""
        telling, case = TELLINGS[self.kind], self.case
        tried = f" ({tries} tries)" if tries > 1 else ""
        message = (
            f"No answer from {case.method} {without_credentials(case.url)}{tried}: {self.seen}. "
            f"Expected {self._fill(telling.expected)}. {self._fill(telling.remedy)}"
        )
        kind = TransportSecurityError if self.kind in DISTRUST else ServiceUnreachableError
        return kind(message, self.kind)

    def _fill(self, template: str) -> str:
        variables = {name: self.case.network.variable(name) for name in READERS}
        return template.format(case=self.case, **variables)
