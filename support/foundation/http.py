"""The one place that speaks HTTP as a client."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from support.foundation.errors import ServiceUnreachableError
from support.model.records import ExchangeRecord

Observer = Callable[[ExchangeRecord], None]

TIME_LIMIT_SECONDS = 30.0


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


class HttpSession:
    """A pooled HTTP client that reports every exchange to an observer.

    Proxies and netrc of the machine are not used: a stack's own settings say all there is.
    """

    def __init__(
        self, observer: Observer | None = None, time_limit_seconds: float = TIME_LIMIT_SECONDS
    ) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
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

        Raises:
            ServiceUnreachableError: no answer (refused, timed out, TLS failure, broken off).
        """
        sent = dict(headers or {})
        payload = body.encode() if isinstance(body, str) else body
        started_at, begun = datetime.now(UTC), time.monotonic()
        error = ""
        response = Response(0, {}, b"")
        try:
            answer = self._session.request(
                method,
                url,
                headers=sent,
                data=payload or None,
                timeout=self._time_limit,
                allow_redirects=False,
            )
            response = Response(answer.status_code, dict(answer.headers), answer.content)
        except requests.RequestException as failure:
            error = _innermost(failure)
        if self._observer is not None:
            self._observer(
                ExchangeRecord(
                    method=method,
                    url=url,
                    request_headers=sent,
                    request_body=payload.decode(errors="replace"),
                    status=response.status,
                    response_headers=response.headers,
                    response_body=response.text,
                    started_at=started_at,
                    duration_seconds=time.monotonic() - begun,
                    error=error,
                )
            )
        if error:
            raise ServiceUnreachableError(
                f"No answer from {method} {url}: {error}. Check that the service runs and that the "
                "address is right."
            )
        return response

    def post_json(
        self, url: str, message: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Response:
        """POST a JSON object and return the answer."""
        merged = {"Content-Type": "application/json", **(headers or {})}
        return self.request("POST", url, headers=merged, body=json.dumps(message))

    def close(self) -> None:
        """Give back the pooled connections."""
        self._session.close()


def _innermost(error: BaseException) -> str:
    """Return what really happened, from below the layers of libraries that wrapped it."""
    kind = type(error).__name__
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return f"{kind}: {error}"
