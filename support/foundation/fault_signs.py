"""What kind of fault it was, by what libraries raise: sockets, OpenSSL, urllib3, requests."""

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from urllib3 import exceptions as urllib3

from support.foundation.transport import CertificateRefusedError, PinRefusedError


class Kind(StrEnum):
    """The kinds of faults, as `ServiceUnreachableError.fault` names them."""

    NOT_LISTENING = "not listening"
    NAME_NOT_FOUND = "name not found"
    NO_ROUTE = "no route"
    TIMED_OUT = "timed out"
    BROKEN_OFF = "broken off"
    NOT_HTTP = "not HTTP"
    NO_TURN = "no turn"
    BAD_ADDRESS = "bad address"
    PROXY_UNREACHABLE = "proxy unreachable"
    PROXY_REFUSED = "proxy refused"
    PLAIN_ON_TLS = "plain HTTP on an https address"
    TLS_ON_PLAIN = "TLS on an http address"
    CERTIFICATE_EXPIRED = "certificate expired"
    CERTIFICATE_NOT_YET_VALID = "certificate not yet valid"
    UNKNOWN_AUTHORITY = "unknown authority"
    WRONG_HOST = "wrong host"
    WRONG_PIN = "wrong pin"
    CERTIFICATE_REFUSED = "certificate refused"
    CLIENT_CERTIFICATE_REQUIRED = "client certificate required"
    CLIENT_CERTIFICATE_REFUSED = "client certificate refused"
    TLS_FAILED = "TLS failed"
    OTHER = "other"


PASSING: Final = frozenset({Kind.NOT_LISTENING, Kind.BROKEN_OFF, Kind.PROXY_UNREACHABLE})
"""Faults of connections that may be gone with the next try."""

DISTRUST: Final = frozenset(
    {
        Kind.CERTIFICATE_EXPIRED,
        Kind.CERTIFICATE_NOT_YET_VALID,
        Kind.UNKNOWN_AUTHORITY,
        Kind.WRONG_HOST,
        Kind.WRONG_PIN,
        Kind.CERTIFICATE_REFUSED,
        Kind.CLIENT_CERTIFICATE_REQUIRED,
        Kind.CLIENT_CERTIFICATE_REFUSED,
        Kind.TLS_FAILED,
    }
)
"""Faults where one side did not trust the other."""

TUNNEL_REFUSED: Final = "Tunnel connection failed"
"""How http.client begins to tell that a proxy did not answer CONNECT with 200."""

# X509_V_ERR_* of openssl/x509_vfy.h.
_VERIFY_CODES: Final[Mapping[int, Kind]] = {
    2: Kind.UNKNOWN_AUTHORITY,
    9: Kind.CERTIFICATE_NOT_YET_VALID,
    10: Kind.CERTIFICATE_EXPIRED,
    18: Kind.UNKNOWN_AUTHORITY,
    19: Kind.UNKNOWN_AUTHORITY,
    20: Kind.UNKNOWN_AUTHORITY,
    21: Kind.UNKNOWN_AUTHORITY,
    62: Kind.WRONG_HOST,
    64: Kind.WRONG_HOST,
}

# What OpenSSL says when the first bytes of an answer are no TLS, in its several versions.
_NO_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"}
)

# Alerts of RFC 8446 section 6.2, which a server sends about the certificate of a client.
_ALERTS_ABOUT_CLIENTS: Final = frozenset(
    {
        "CERTIFICATE_REQUIRED",
        "UNKNOWN_CA",
        "BAD_CERTIFICATE",
        "UNSUPPORTED_CERTIFICATE",
        "CERTIFICATE_REVOKED",
        "CERTIFICATE_EXPIRED",
        "CERTIFICATE_UNKNOWN",
        "ACCESS_DENIED",
    }
)


def kind_of(error: BaseException, *, presents_certificate: bool) -> Kind:
    """Return the kind of a fault.

    Args:
        error: what was raised; all that it was raised from is looked at too.
        presents_certificate: whether we have a client certificate to present.
    """
    for sign in _SIGNS:
        for part in chain(error):
            kind = sign(part)
            if kind is not None:
                required = kind is Kind.CLIENT_CERTIFICATE_REFUSED and not presents_certificate
                return Kind.CLIENT_CERTIFICATE_REQUIRED if required else kind
    return Kind.OTHER


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and, once each, all that libraries wrapped into it, the outermost first."""
    waiting, seen = [error], {id(error)}
    while waiting:
        part = waiting.pop(0)
        yield part
        inner = [part.__cause__, part.__context__, getattr(part, "reason", None), *part.args]
        for cause in inner:
            if isinstance(cause, BaseException) and id(cause) not in seen:
                seen.add(id(cause))
                waiting.append(cause)


def alert(error: BaseException) -> str:
    """Return the TLS alert that the other side sent, such as UNKNOWN_CA, or an empty text."""
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return (reason or "").rpartition("ALERT_")[2] if "ALERT_" in (reason or "") else ""


def _of_certificate(error: BaseException) -> Kind | None:
    if isinstance(error, PinRefusedError):
        return Kind.WRONG_PIN
    if isinstance(error, CertificateRefusedError):
        return _VERIFY_CODES.get(error.code, Kind.CERTIFICATE_REFUSED)
    return None


def _of_proxy(error: BaseException) -> Kind | None:
    if isinstance(error, OSError) and str(error).startswith(TUNNEL_REFUSED):
        return Kind.PROXY_REFUSED
    return None


def _of_way_to_proxy(error: BaseException) -> Kind | None:
    return Kind.PROXY_UNREACHABLE if isinstance(error, urllib3.ProxyError) else None


def _of_tls(error: BaseException) -> Kind | None:
    if not isinstance(error, ssl.SSLError):
        return None
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Kind.BROKEN_OFF
    if error.reason in _NO_TLS:
        return Kind.PLAIN_ON_TLS
    if alert(error) in _ALERTS_ABOUT_CLIENTS:
        return Kind.CLIENT_CERTIFICATE_REFUSED
    return Kind.TLS_FAILED


def _of_way(error: BaseException) -> Kind | None:
    if isinstance(error, socket.gaierror | urllib3.NameResolutionError):
        return Kind.NAME_NOT_FOUND
    if isinstance(error, ConnectionRefusedError):
        return Kind.NOT_LISTENING
    if isinstance(error, OSError) and error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return Kind.NO_ROUTE
    return None


def _of_time(error: BaseException) -> Kind | None:
    # A NewConnectionError is a TimeoutError for urllib3, until its version 3.
    told = isinstance(error, urllib3.TimeoutError | TimeoutError)
    return Kind.TIMED_OUT if told and not isinstance(error, urllib3.NewConnectionError) else None


def _of_answer(error: BaseException) -> Kind | None:
    if isinstance(error, http.client.BadStatusLine) and not isinstance(error, ConnectionError):
        # The record of an alert begins with 21, then the version (RFC 8446 section 5.1).
        return Kind.TLS_ON_PLAIN if str(error).startswith("\x15\x03") else Kind.NOT_HTTP
    broken = ConnectionError | http.client.IncompleteRead | urllib3.IncompleteRead
    return Kind.BROKEN_OFF if isinstance(error, broken) else None


def _of_address(error: BaseException) -> Kind | None:
    told = isinstance(error, urllib3.LocationValueError | UnicodeError)
    return Kind.BAD_ADDRESS if told else None


_SIGNS: Final[tuple[Callable[[BaseException], Kind | None], ...]] = (
    _of_certificate,
    _of_proxy,
    _of_way_to_proxy,
    _of_tls,
    _of_way,
    _of_time,
    _of_answer,
    _of_address,
)
"""The more telling first: each is held against every error of the chain, before the next is."""
