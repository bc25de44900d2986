"""The one place that speaks HTTP as a client."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import requests
import urllib3

from support.foundation.addresses import Address, without_password
from support.foundation.fault_case import Case
from support.foundation.fault_signs import PASSING, Kind, kind_of
from support.foundation.faults import Fault
from support.foundation.http_time import retry_after
from support.foundation.network import Network, Networks, Route, refuse_pins_without_tls
from support.foundation.pacing import PASSING_STATUSES, SAFE_METHODS, pause_before_retry
from support.foundation.transport import (
    CertificateRefusedError,
    PinRefusedError,
    RoutedSession,
    look_at,
    proxies,
)
from support.model.records import ExchangeRecord

Observer = Callable[[ExchangeRecord], None]

_PROXY_WANTS_PASSWORD: Final = 407
_BAD_REQUEST: Final = 400
_CHUNK_BYTES: Final = 65536

# How Go and nginx answer plain HTTP where they speak TLS.
_TOLD_TO_USE_TLS: Final = (
    b"Client sent an HTTP request to an HTTPS server",
    b"The plain HTTP request was sent to HTTPS port",
)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer of any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is one of success (2xx)."""
        return 200 <= self.status < 300  # noqa: PLR2004 -- RFC 9110 section 15.3

    @property
    def text(self) -> str:
        """The body as UTF-8, with undecodable bytes replaced."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:  # noqa: ANN401 -- JSON is whatever the service sent
        """Return the decoded JSON body.

        Raises:
            ValueError: the body is not JSON; the message shows its beginning.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ValueError(f"Expected JSON, got {self.text[:200]!r} ({error})") from error


@dataclass(frozen=True, slots=True)
class _Call:
    """A request, as it is made once or several times."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    network: Network
    limit_seconds: float

    def fault(self, kind: Kind, error: BaseException | None = None) -> Fault:
        """Return the fault of not answering this call."""
        limit, now = self.limit_seconds, datetime.now(UTC)
        known = error or Exception("")
        return Fault(kind, Case(self.method, self.url, self.network, limit, now, known))


class HttpSession:
    """A pooled HTTP client that reports every exchange to an observer.

    Proxies and netrc of the machine are not used: a stack's own settings say all there is.

    Args:
        observer: gets every exchange, those that were tried again included.
        time_limit_seconds: for each request, where it is shorter than that of the network.
        networks: how each service is reached; sessions that share it share its rates.
    """

    def __init__(
        self,
        observer: Observer | None = None,
        time_limit_seconds: float | None = None,
        networks: Networks | None = None,
    ) -> None:
        self._networks = networks or Networks()
        self._session = RoutedSession(self._networks)
        self._observer = observer
        self._time_limit = time_limit_seconds

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
    ) -> Response:
        """Send one request and return its answer, whatever the status. Redirects are not followed.

        A safe call (GET, HEAD, OPTIONS) is made again, within the time limit, if the connection
        failed or the answer is 502, 503 or 504. No other call ever is.

        Raises:
            ServiceUnreachableError: no answer (refused, timed out, TLS failure, broken off).
            ConfigurationError: the network of this address cannot be used.
        """
        route = self._networks.route(url)
        network = route.network
        refuse_pins_without_tls(url, network)
        limit = min(network.time_limit_seconds, self._time_limit or network.time_limit_seconds)
        payload = body.encode() if isinstance(body, str) else body
        call = _Call(method, url, dict(headers or {}), payload, network, limit)
        answer, tries = self._call(call, route)
        if isinstance(answer, Fault):
            raise answer.error(tries)
        return answer

    def post_json(
        self, url: str, message: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Response:
        """POST a JSON object and return the answer."""
        merged = {"Content-Type": "application/json", **(headers or {})}
        return self.request("POST", url, headers=merged, body=json.dumps(message))

    def close(self) -> None:
        """Give back the pooled connections."""
        self._session.close()

    def _call(self, call: _Call, route: Route) -> tuple[Response | Fault, int]:
        """Return the answer, or why there is none, and how many tries it took."""
        pace = self._networks.pace
        retries = call.network.retries if call.method.upper() in SAFE_METHODS else 0
        if route.turns and not route.turns.take(call.limit_seconds):
            return call.fault(Kind.NO_TURN), 1
        deadline = pace.monotonic() + call.limit_seconds
        for attempt in range(retries + 1):
            answer = self._observed(call, deadline - pace.monotonic())
            wait = _wait_after(answer, attempt, pace.chance()) if attempt < retries else None
            if wait is None or pace.monotonic() + wait >= deadline:
                break
            pace.pause(wait)
            if route.turns and not route.turns.take(deadline - pace.monotonic()):
                break
        return answer, attempt + 1

    def _observed(self, call: _Call, remaining_seconds: float) -> Response | Fault:
        started_at, begun = datetime.now(UTC), time.monotonic()
        answer = self._send(call, begun + remaining_seconds)
        response = Response(0, {}, b"") if isinstance(answer, Fault) else answer
        if self._observer is not None:
            self._observer(
                ExchangeRecord(
                    method=call.method,
                    url=without_password(call.url),
                    request_headers=call.headers,
                    request_body=call.body.decode(errors="replace"),
                    status=response.status,
                    response_headers=response.headers,
                    response_body=response.text,
                    started_at=started_at,
                    duration_seconds=time.monotonic() - begun,
                    error=answer.seen if isinstance(answer, Fault) else "",
                )
            )
        return answer

    def _send(self, call: _Call, deadline: float) -> Response | Fault:
        try:
            Address.of(call.url)
        except ValueError as error:
            return call.fault(Kind.BAD_ADDRESS, error)
        try:
            with self._session.request(
                call.method,
                call.url,
                headers=call.headers,
                data=call.body or None,
                timeout=max(deadline - time.monotonic(), 0.001),
                allow_redirects=False,
                stream=True,
                proxies=proxies(call.network),
            ) as answer:
                body = _read(answer, deadline)
                return _judged(call, Response(answer.status_code, dict(answer.headers), body))
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            CertificateRefusedError,
            PinRefusedError,
        ) as failure:
            return _fault_of(call, failure)


def _read(answer: requests.Response, deadline: float) -> bytes:
    """Return the body as it comes, so that one that trickles does not outlast the time limit."""
    parts = []
    while part := answer.raw.read1(_CHUNK_BYTES, decode_content=True):
        parts.append(part)
        if time.monotonic() > deadline:
            raise TimeoutError("Read timed out.")
    return b"".join(parts)


def _judged(call: _Call, response: Response) -> Response | Fault:
    """Return a fault instead of an answer that the service itself has not given."""
    plain = call.url.lower().startswith("http:")
    if plain and call.network.proxy and response.status == _PROXY_WANTS_PASSWORD:
        return call.fault(Kind.PROXY_REFUSED, Exception(f"{response.status} {response.text[:100]}"))
    told = response.status == _BAD_REQUEST and any(t in response.body for t in _TOLD_TO_USE_TLS)
    return call.fault(Kind.TLS_ON_PLAIN) if plain and told else response


def _fault_of(call: _Call, failure: BaseException) -> Fault:
    certified = call.network.client_certificate is not None
    kind = kind_of(failure, presents_certificate=certified)
    address = Address.of(call.url)
    quiet = kind is Kind.BROKEN_OFF and address.scheme == "http" and not call.network.proxy
    # Most servers that speak TLS hang up on plain HTTP without a word.
    if quiet and look_at(address.host, address.port) is not None:
        kind = Kind.TLS_ON_PLAIN
    return call.fault(kind, failure)


def _wait_after(answer: Response | Fault, attempt: int, chance: float) -> float | None:
    """Return how long to wait before a safe call is made again, or None if that is no use."""
    if isinstance(answer, Fault):
        return pause_before_retry(attempt, None, chance) if answer.kind in PASSING else None
    if answer.status not in PASSING_STATUSES:
        return None
    return pause_before_retry(attempt, retry_after(answer.headers, datetime.now(UTC)), chance)
