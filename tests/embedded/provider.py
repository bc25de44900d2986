"""A small identity provider over real HTTP, which speaks as much Keycloak as the platform asks."""

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc.jwk import RSAKey

from support.embedded import jose
from tests.embedded.conftest import Json

AUDIENCE = "http://localhost:8080"
REALM = "/auth/realms/opentdf"
ADMIN = "/auth/admin/realms/opentdf"
CLIENT, SECRET = "tdf-entity-resolution", "s3cret-of-the-platform"

THOR = {
    "id": "u-1",
    "username": "thor",
    "email": "thor@people.example",
    "enabled": True,
    "attributes": {"superhero_group": ["avengers"]},
}
LOKI = {"id": "u-2", "username": "loki", "email": "loki@people.example", "enabled": True}


@dataclass
class Provider:
    """What it knows and how it behaves: tests change it while it serves."""

    port: int = 0
    scheme: str = "http"
    secret: str = SECRET
    issuer: str = ""
    document: Json = None
    key_set: Json = None
    forbidden: bool = False
    clients: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": "c-1", "clientId": CLIENT, "secret": "s3cret", "enabled": True},
            {"id": "c-2", "clientId": "opentdf-sdk", "secret": "s3cret", "enabled": True},
        ]
    )
    users: list[dict[str, Any]] = field(default_factory=lambda: [THOR, LOKI])
    groups: list[dict[str, Any]] = field(
        default_factory=lambda: [{"id": "g-1", "name": "team@people.example"}]
    )
    keys: list[RSAKey] = field(default_factory=lambda: [RSAKey.generate_key(2048, auto_kid=True)])
    hold: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.hold.set()

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}{REALM}"

    def rotate(self, *, forget: bool = False) -> None:
        """Sign with a new key; the earlier ones stay published unless they are forgotten."""
        earlier = [] if forget else self.keys
        self.keys = [RSAKey.generate_key(2048, auto_kid=True), *earlier]

    def token(self, kid: str = "", **claims: Json) -> str:
        now = int(time.time())
        content = {
            "iss": self.issuer or self.url,
            "aud": [AUDIENCE, "account"],
            "azp": "opentdf-sdk",
            "preferred_username": "service-account-opentdf-sdk",
            "iat": now,
            "exp": now + 300,
            "realm_access": {"roles": ["opentdf-admin"]},
            **claims,
        }
        key = self.keys[0]
        return jose.sign({"alg": "RS256", "kid": kid or key.kid}, content, key)

    def answer(self, method: str, target: str, headers: Json, body: str) -> tuple[int, Json]:
        parts = urlsplit(target)
        self.asked.append(f"{method} {parts.path}")
        match parts.path.removeprefix(REALM):
            case "/.well-known/openid-configuration":
                return 200, self.document or self._document()
            case "/certs-of-today":
                return 200, self.key_set or self._key_set()
            case "/protocol/openid-connect/token":
                return self._sign_in(dict(parse_qsl(body)))
        if parts.path.startswith(f"{ADMIN}/"):
            self.hold.wait(20)
            return self._look_up(
                parts.path.removeprefix(f"{ADMIN}/"), parse_qs(parts.query), headers
            )
        return 404, {"error": "Realm does not exist"}

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer or self.url,
            "jwks_uri": f"{self.url}/certs-of-today",
            "token_endpoint": f"{self.url}/protocol/openid-connect/token",
            "authorization_endpoint": f"{self.url}/protocol/openid-connect/auth",
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid"],
        }

    def _key_set(self) -> dict[str, Any]:
        entries = [
            {**key.as_dict(private=False), "alg": "RS256", "use": "sig"} for key in self.keys
        ]
        sealing = {**entries[0], "kid": "sealing", "alg": "RSA-OAEP", "use": "enc"}
        other = {"kty": "OKP", "kid": "other", "crv": "Ed25519", "x": "AA", "use": "sig"}
        return {"keys": [sealing, other, *entries]}

    def _sign_in(self, form: dict[str, str]) -> tuple[int, Json]:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, self.secret):
            said = "Invalid client or Invalid client credentials"
            return 401, {"error": "unauthorized_client", "error_description": said}
        session = base64.b16encode(len(self.asked).to_bytes(4)).decode()
        self.sessions.add(f"Bearer {session}")
        return 200, {"access_token": session, "expires_in": 300}

    def _look_up(self, path: str, query: dict[str, list[str]], headers: Json) -> tuple[int, Json]:
        if headers.get("authorization") not in self.sessions:
            return 401, {"error": "HTTP 401 Unauthorized"}
        if self.forbidden:
            return 403, {"error": "unknown_error"}

        return self._found(path, {name: values[0] for name, values in query.items()})

    def _found(self, path: str, query: dict[str, str]) -> tuple[int, Json]:
        found: list[dict[str, Any]] = []
        match path:
            case "clients":
                found = [c for c in self.clients if c["clientId"] == query["clientId"]]
            case "users":
                name, email = query.get("username", "").lower(), query.get("email", "").lower()
                assert query["exact"] == "true"
                found = [u for u in self.users if u["username"] == name or u["email"] == email]
            case "groups":
                found = [group for group in self.groups if query["search"] in group["name"]]
            case "groups/g-1/members":
                found = self.users
        return 200, found


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = provider.answer(self.command, self.path, headers, body)
            text = content if isinstance(content, str) else json.dumps(content)
            self.send_response(status)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET  # noqa: N815 - the library's naming

        def log_message(self, *_arguments: object) -> None:
            return

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.connections: list[socket.socket] = []
        super().__init__(("127.0.0.1", port), handler)

    def process_request(self, request: Json, client_address: Json) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, *_arguments: object) -> None:
        return  # a caller who was cut off


@contextmanager
def serving(provider: Provider, context: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """Serve on the provider's port; on leaving, every connection is cut off."""
    server = _Server(provider.port, _handler(provider))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        provider.scheme = "https"
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.hold.set()
        server.shutdown()
        server.server_close()
        for connection in server.connections:
            _cut(connection)
        thread.join()


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended already
