"""Secrets and tokens that change while a run goes on: a real server starts to refuse them."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.foundation.settings import Settings
from support.platform import forgery
from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.platform.policy import NAMESPACES, PolicyAuthor
from support.platform.tokens import RoleToken, granted
from support.services.locator import Credentials, Services, SignIn
from support.services.secret import Revealed, Secret
from support.services.secret_files import FileSecrets
from support.services.secret_store import SecretStore

NOW = 1_800_000_000.0


@dataclass
class Server:
    """An identity provider and a platform that takes its tokens; both change their minds."""

    secret: str = "first-secret-of-the-client"
    password: str = "first-password-of-alice"
    refusal: tuple[int, str] = (401, "unauthorized_client")
    lives_seconds: float = 300.0
    says_expires_in: bool = True
    takes_nobody: bool = False
    revoked: set[str] = field(default_factory=set)
    url: str = ""
    grants: list[dict[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    now: float = NOW

    def token(self, form: dict[str, str]) -> tuple[int, object]:
        self.grants.append(form)
        if form["client_secret"] != self.secret:
            return self.refusal[0], {"error": self.refusal[1], "error_description": "no"}
        if form.get("password", self.password) != self.password:
            return 400, {"error": "invalid_grant"}
        token = jwt(exp=self.now + self.lives_seconds, jti=len(self.grants))
        answer: dict[str, object] = {"access_token": token, "token_type": "Bearer"}
        if self.says_expires_in:
            answer["expires_in"] = int(self.lives_seconds)
        return 200, answer

    def call(self, authorization: str | None) -> tuple[int, object]:
        token = (authorization or "").removeprefix("Bearer ")
        self.calls.append(token)
        if self.takes_nobody or token in self.revoked or not token.endswith(".signed"):
            return 401, {"code": "unauthenticated", "message": "no"}
        return 200, {"namespaces": []}


def jwt(**claims: object) -> str:
    parts = [{"alg": "none"}, claims]
    text = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*text, "signed"])


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve it on the loopback."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/token":
                status, answer = state.token({n: v[0] for n, v in parse_qs(body).items()})
            else:
                status, answer = state.call(self.headers["Authorization"])
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        state.url = f"http://127.0.0.1:{http.server_port}"
        yield state
        http.shutdown()
        thread.join()


@dataclass
class Kept:
    """Secrets in files, and who has seen their values."""

    folder: Path
    revealed: Revealed
    store: SecretStore

    def write(self, name: str, value: str) -> None:
        path = self.folder / name
        path.write_text(value + "\n")
        path.chmod(0o600)

    def get(self, name: str) -> Secret:
        secret = self.store.get(name)
        assert secret is not None
        return secret


@pytest.fixture
def kept(tmp_path: Path, server: Server) -> Kept:
    revealed = Revealed()
    settings = Settings({"secrets_folder": str(tmp_path)}, {})
    kept = Kept(tmp_path, revealed, SecretStore([FileSecrets(settings)], revealed))
    kept.write("admin_client_secret", server.secret)
    kept.write("people_password", server.password)
    return kept


@pytest.fixture
def services(server: Server, kept: Kept) -> Services:
    secret = kept.get("admin_client_secret")
    return Services(
        stack="remote",
        platform_url=server.url,
        platform_version="1",
        kas_urls={"default": f"{server.url}/kas"},
        issuer=server.url,
        token_endpoint=f"{server.url}/token",
        roles={role: Credentials(role, secret) for role in ("admin", "expired")},
        sign_in=SignIn("people", secret, kept.get("people_password")),
    )


@pytest.fixture
def identity(http: HttpSession, services: Services, server: Server) -> Identity:
    return Identity(http, services, clock=lambda: server.now)


@pytest.mark.parametrize("refusal", [(401, "unauthorized_client"), (400, "invalid_client")])
def test_a_secret_that_was_changed_is_read_again_once(
    identity: Identity, server: Server, kept: Kept, refusal: tuple[int, str]
) -> None:
    server.refusal = refusal
    server.secret = "second-secret-of-the-client"
    kept.write("admin_client_secret", server.secret)

    assert identity.token("admin")

    assert [form["client_secret"] for form in server.grants] == [
        "first-secret-of-the-client",
        "second-secret-of-the-client",
    ]
    assert {"first-secret-of-the-client", "second-secret-of-the-client"} <= {*kept.revealed.values}


def test_a_secret_that_is_the_same_is_not_tried_again(identity: Identity, server: Server) -> None:
    server.secret = "second-secret-of-the-client"

    with pytest.raises(EnvironmentUnfitError, match=r"admin.*from file .*admin_client_secret") as e:
        identity.token("admin")

    assert len(server.grants) == 1
    assert "first-secret" not in str(e.value)


def test_a_new_secret_that_is_refused_too_is_not_tried_a_third_time(
    identity: Identity, server: Server, kept: Kept
) -> None:
    server.secret = "third-secret-of-the-client"
    kept.write("admin_client_secret", "second-secret-of-the-client")

    with pytest.raises(EnvironmentUnfitError, match="401"):
        identity.token("admin")

    assert len(server.grants) == 2


def test_a_secret_that_cannot_be_read_again_tells_both(identity: Identity, server: Server) -> None:
    server.secret = "second-secret-of-the-client"
    secret = identity._services.credentials("admin").client_secret
    Path(secret.origin.removeprefix("file ")).unlink()

    with pytest.raises(
        EnvironmentUnfitError, match=r"refused the client .*read again.*has it no more"
    ):
        identity.token("admin")


def test_an_error_that_is_not_about_the_secret_is_not_repeated(
    identity: Identity, server: Server, kept: Kept
) -> None:
    server.secret, server.refusal = "other-secret-of-the-client", (400, "invalid_scope")
    kept.write("admin_client_secret", server.secret)

    with pytest.raises(EnvironmentUnfitError, match="invalid_scope"):
        identity.token("admin")

    assert len(server.grants) == 1


def test_the_password_of_people_may_change_as_well(
    identity: Identity, services: Services, server: Server, kept: Kept
) -> None:
    assert services.sign_in is not None
    assert services.sign_in.password is not None
    server.password = "second-password-of-alice"
    kept.write("people_password", server.password)

    assert identity.person_token("alice", services.sign_in.password)

    assert [form["password"] for form in server.grants] == [
        "first-password-of-alice",
        "second-password-of-alice",
    ]


@pytest.mark.parametrize("says_expires_in", [True, False])
def test_a_token_is_fetched_anew_before_it_ends(
    identity: Identity, server: Server, *, says_expires_in: bool
) -> None:
    server.says_expires_in = says_expires_in
    first = identity.token("admin")

    server.now += server.lives_seconds - 16
    assert identity.token("admin") == first
    server.now += 2
    assert identity.token("admin") != first
    assert len(server.grants) == 2


def test_a_token_that_had_ended_when_it_was_given_is_used_as_it_is(
    identity: Identity, server: Server
) -> None:
    server.lives_seconds, server.says_expires_in = -10, False

    assert identity.token("expired") == identity.token("expired")
    assert len(server.grants) == 1


def test_a_role_s_call_that_is_refused_gets_a_new_token_once(
    identity: Identity, server: Server, http: HttpSession
) -> None:
    token = identity.token("admin")
    server.revoked.add(token)

    answer = ConnectClient(http, server.url).call(NAMESPACES, "ListNamespaces", {}, token=token)

    assert answer.accepted
    assert len(server.calls) == len(server.grants) == 2
    assert server.calls[0] == token != server.calls[1]


def test_a_client_that_holds_a_token_sends_the_one_that_is_good_now(
    identity: Identity, server: Server, http: HttpSession
) -> None:
    author = PolicyAuthor(ConnectClient(http, server.url), identity.token("admin"))
    server.now += server.lives_seconds

    with pytest.raises(EnvironmentUnfitError):  # the server has no such namespace to return
        author.create_namespace("any")

    assert server.calls == [identity.token("admin")]
    assert len(server.grants) == 2


def test_a_role_that_stays_refused_is_answered_after_two_calls(
    identity: Identity, server: Server, http: HttpSession
) -> None:
    token = identity.token("admin")
    server.takes_nobody = True

    answer = ConnectClient(http, server.url).call(NAMESPACES, "ListNamespaces", {}, token=token)

    assert answer.code == "unauthenticated"
    assert len(server.calls) == 2


def test_tokens_that_a_scenario_chose_are_tried_once(
    identity: Identity, server: Server, http: HttpSession
) -> None:
    good = identity.token("admin")
    chosen = [
        identity.token("expired"),
        forgery.garbled(good),
        forgery.with_altered_claims(good) + "x",
        str(good)[:-1],
        "no token at all",
    ]
    server.revoked.update(chosen)
    before = len(server.grants)

    for token in chosen:
        client = ConnectClient(http, server.url)
        assert client.call(NAMESPACES, "ListNamespaces", {}, token=token).status == 401

    assert server.calls == chosen
    assert len(server.grants) == before
    assert not any(isinstance(token, RoleToken) for token in chosen)


def test_a_call_without_token_is_tried_once(server: Server, http: HttpSession) -> None:
    answer = ConnectClient(http, server.url).call(NAMESPACES, "ListNamespaces", {})

    assert answer.code == "unauthenticated"
    assert server.calls == [""]


@pytest.mark.parametrize(
    ("token", "expires_in", "ends_at"),
    [
        (jwt(exp=NOW + 60), 300, NOW + 60),
        (jwt(exp=NOW + 900), 300, NOW + 300),
        (jwt(exp=NOW - 60), 300, NOW + 300),  # our clock is ahead
        (jwt(exp=NOW - 60), None, None),
        (jwt(sub="x"), None, None),
        (jwt(exp="soon"), "soon", None),
        ("opaque", 300, NOW + 300),
        ("opaque", None, None),
        ("a.%%%.c", None, None),
    ],
)
def test_the_end_of_a_token_is_the_sooner_one_that_is_still_to_come(
    token: str, expires_in: object, ends_at: float | None
) -> None:
    assert granted(token, expires_in, NOW).ends_at == ends_at
