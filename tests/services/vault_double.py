"""A strict double of the parts of the HTTP API of Vault (and OpenBao) that we use.

After the documents of HashiCorp: key-value engine version 2 (GET /v1/:mount/data/:path), tokens
(GET /v1/auth/token/lookup-self, POST /v1/auth/token/renew-self), and the status codes of the API.
Whatever is not documented there is answered with 405 or 404 and kept as a breach.
"""

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

Answer = tuple[int, object]
FORBIDDEN: Answer = (403, {"errors": ["permission denied"]})


@dataclass
class TokenState:
    """A token: how long it is good, and whether it may be renewed."""

    ends_at: float | None = None
    renewable: bool = False
    period: float = 0.0
    longest: float = float("inf")  # explicit_max_ttl: the latest end


@dataclass
class Version:
    """One version of the secret."""

    fields: dict[str, object] | None
    deleted_at: str = ""
    destroyed: bool = False


@dataclass
class Vault:
    """A server with one key-value engine of version 2 and its tokens."""

    mount: str = "secret"
    path: str = "opentdf/acceptance"
    namespace: str = ""
    tokens: dict[str, TokenState] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    fails_with: Answer | None = None
    delay_seconds: float = 0.0
    version_1: bool = False
    now: float = 1000.0
    url: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request as the documents say."""
        parts = urlsplit(target)
        self.requests.append((method, parts.path))
        self._check(method, target, headers, body)
        if self.fails_with is not None:
            return self.fails_with
        if headers.get("x-vault-namespace", "") != self.namespace:
            return 404, {"errors": ["no handler for route"]}
        state = self.tokens.get(headers.get("x-vault-token", ""))
        if state is None or (state.ends_at is not None and self.now >= state.ends_at):
            return FORBIDDEN
        return self._routed(method, unquote(parts.path), state)

    def _routed(self, method: str, path: str, state: TokenState) -> Answer:
        known: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", f"/v1/{self.mount}/data/{self.path}"): self._read,
            ("GET", "/v1/auth/token/lookup-self"): lambda: self._lookup(state),
            ("POST", "/v1/auth/token/renew-self"): lambda: self._renew(state),
        }
        found = known.get((method, path))
        if found is not None:
            return found()
        other = path.startswith(f"/v1/{self.mount}/data/")
        return 404, {"errors": [] if other else [f'no handler for route "{path}"']}

    def _check(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        if headers.get("x-vault-request") != "true":
            self.breaches.append(f"{method} {target} without X-Vault-Request")
        if "x-vault-token" not in headers:
            self.breaches.append(f"{method} {target} without X-Vault-Token")
        if method == "GET" and body:
            self.breaches.append(f"{method} {target} with a body")
        if body and headers.get("content-type") != "application/json":
            self.breaches.append(f"{method} {target} with a body of {headers.get('content-type')}")
        unknown = [name for name, _ in parse_qsl(urlsplit(target).query) if name != "version"]
        if unknown:
            self.breaches.append(f"{method} {target}: {unknown} are no parameters")

    def _read(self) -> Answer:
        if not self.versions:
            return 404, {"errors": []}
        number, version = len(self.versions), self.versions[-1]
        metadata = {
            "created_time": "2026-03-04T05:06:07.089Z",
            "custom_metadata": None,
            "deletion_time": version.deleted_at,
            "destroyed": version.destroyed,
            "version": number,
        }
        gone = version.deleted_at or version.destroyed
        data: object = {"data": None if gone else version.fields, "metadata": metadata}
        if self.version_1:
            data = version.fields
        body = {"request_id": "r", "lease_id": "", "renewable": False, "lease_duration": 0}
        return (404 if gone else 200), {**body, "data": data, "auth": None}

    def _lookup(self, state: TokenState) -> Answer:
        ttl = 0 if state.ends_at is None else int(state.ends_at - self.now)
        data = {"ttl": ttl, "renewable": state.renewable, "type": "service", "policies": ["x"]}
        return 200, {"request_id": "r", "data": data, "auth": None}

    def _renew(self, state: TokenState) -> Answer:
        if not state.renewable or state.ends_at is None:
            return 400, {"errors": ["lease is not renewable"]}
        state.ends_at = min(self.now + state.period, state.longest)
        auth = {"lease_duration": int(state.ends_at - self.now), "renewable": True}
        return 200, {"request_id": "r", "data": None, "auth": {"client_token": "…", **auth}}


@contextmanager
def serving(vault: Vault, tls: ssl.SSLContext | None = None) -> Iterator[Vault]:
    """Serve it on the loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            released.wait(vault.delay_seconds) if vault.delay_seconds else None
            status, content = vault.answer(self.command, self.path, headers, body)
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked may have gone
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_LIST = _do  # noqa: N815 -- names of http.server

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    released = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        vault.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        yield vault
        released.set()
        server.shutdown()
        thread.join()
