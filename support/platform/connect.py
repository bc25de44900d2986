"""Unary calls in the Connect protocol with JSON (https://connectrpc.com/docs/protocol)."""

import uuid
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession, Response
from support.platform.shape import JsonObject, json_object, text, unexpected
from support.platform.tokens import RoleToken

ACCEPTED = "ok"
REQUEST_ID_HEADER = "x-request-id"
"""What a platform's audit records call a request by, if the caller names it."""

IMPOSSIBLE = "internal"
"""The code with which a service says that it cannot do what it should."""

# Answers that say nothing about the question asked: the platform itself is in trouble.
_NO_VERDICT = frozenset({"internal", "unavailable", "unknown", "data_loss", "deadline_exceeded"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent, by the name that audit records have for it."""

    service: str
    method: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered; a refusal is a value like any other.

    Attributes:
        code: `ok`, or the Connect error code such as `permission_denied`.
        message: the error's message; empty when accepted.
        body: the decoded JSON object; empty when refused.
    """

    status: int
    code: str
    message: str = ""
    body: JsonObject = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether the service did what it was asked."""
        return self.code == ACCEPTED

    def required(self, purpose: str) -> JsonObject:
        """Return the body of an answer that a scenario cannot do without.

        Raises:
            EnvironmentUnfitError: the call was refused; `purpose` says what it was for.
        """
        if not self.accepted:
            raise EnvironmentUnfitError(
                f"The platform refused to {purpose}: HTTP {self.status} {self.code}: "
                f"{self.message}. The scenario's conditions could not be set up; check the role's "
                "credentials and the platform's log."
            )
        return self.body


class ConnectClient:
    """Calls methods of services at one address.

    Each request gets an id of its own, by which its audit records are found.

    Args:
        http: the session that sends requests.
        base_url: the address.
        request_id: gives ids that nobody else's requests have.

    Attributes:
        sent: every request that was sent, in order.
        verdicts: codes of trouble that a scenario has caused on purpose, and asks about.
    """

    def __init__(
        self,
        http: HttpSession,
        base_url: str,
        request_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._request_id = request_id
        self._http = http
        self._base_url = base_url.rstrip("/")
        self.sent: list[Sent] = []
        self.verdicts: Container[str] = frozenset()

    def call(
        self,
        service: str,
        method: str,
        message: Mapping[str, Any],
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        verdicts: Container[str] = frozenset(),
    ) -> Answer:
        """Call `service/method` and return its answer, refusals included.

        With the token of a role, the one that is good now is sent. Where it is not taken (401), the
        role gets another one and the call is made once more: nothing was done the first time. Every
        other token was chosen, and is tried once.

        Args:
            service: full name such as `kas.AccessService`.
            method: method name such as `PublicKey`.
            message: the request in protobuf's JSON form.
            token: bearer token, or None to call without one.
            headers: further request headers.
            verdicts: codes of trouble with which this method answers although it is well.

        Raises:
            ServiceUnreachableError: no answer at all.
            EnvironmentUnfitError: the answer is not of the Connect protocol, or the platform
                reports trouble of its own, which is no verdict on the question asked.
        """
        where = f"{service}/{method}"
        response = self._sent(where, message, token, headers)
        body = _object(where, response)
        if response.status == HTTPStatus.OK:
            return Answer(response.status, ACCEPTED, body=body)
        code = text(where, body, "code")
        message_text = str(body.get("message", ""))
        if code in _NO_VERDICT and code not in verdicts and code not in self.verdicts:
            raise EnvironmentUnfitError(
                f"{where} reports trouble of its own: HTTP {response.status} {code}: "
                f"{message_text}. That is no verdict; see the platform's log."
            )
        return Answer(response.status, code, message_text)

    def verdict(
        self, service: str, method: str, message: Mapping[str, Any], *, token: str | None
    ) -> str:
        """Return the code of an answer, whatever it holds: `ok`, or that of the refusal.

        Raises:
            ServiceUnreachableError: no answer at all.
            EnvironmentUnfitError: the answer is not of the Connect protocol: no such method.
        """
        where = f"{service}/{method}"
        response = self._sent(where, message, token, None)
        if response.status == HTTPStatus.OK:
            return ACCEPTED
        return text(where, _object(where, response), "code")

    def _sent(
        self,
        where: str,
        message: Mapping[str, Any],
        token: str | None,
        headers: Mapping[str, str] | None,
    ) -> Response:
        """Call with a token; with that of a role as often as `call` says."""
        if not isinstance(token, RoleToken):
            return self._post(where, message, token, headers)
        current = token.current()
        response = self._post(where, message, current, headers)
        if response.status != HTTPStatus.UNAUTHORIZED:
            return response
        return self._post(where, message, token.instead_of(current), headers)

    def _post(
        self,
        where: str,
        message: Mapping[str, Any],
        token: str | None,
        headers: Mapping[str, str] | None,
    ) -> Response:
        sent = {REQUEST_ID_HEADER: self._request_id(), **(headers or {})}
        service, _, method = where.partition("/")
        self.sent.append(Sent(service, method, sent[REQUEST_ID_HEADER]))
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return self._http.post_json(f"{self._base_url}/{where}", message, sent)


def _object(where: str, response: Response) -> JsonObject:
    try:
        return json_object(where, response.json())
    except ValueError:
        unexpected(where, f"HTTP {response.status}: {response.text}", "JSON of Connect")
