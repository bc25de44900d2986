"""The configuration of the platform's binary, and the keys that its registry manages."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import StackError
from support.services.locator import Credentials
from support.services.secret import Secret
from support.stack.components import platform
from support.stack.components.key_material import KEYS, write_keys
from support.stack.components.key_registry import KeyRegistry, seal
from support.stack.components.platform import Binary, Database, IdentityProvider, Platform
from support.stack.components.postgres_server import PostgresServer
from support.stack.options import PATCHES

PROVIDER = IdentityProvider(
    base_url="http://localhost:8888/auth",
    realm="opentdf",
    issuer="http://localhost:8888/auth/realms/opentdf",
    token_endpoint="http://localhost:8888/auth/realms/opentdf/protocol/openid-connect/token",
    audience="http://localhost:8080",
    resolver=Credentials("tdf-entity-resolution", Secret("resolver-value")),
)
ADMIN = Credentials("opentdf", Secret("admin-value"))


def made(folder: Path, **more: object) -> Platform:
    server = PostgresServer(
        port=5433, password=Secret("database-value"), programs=folder, home=folder
    )
    parts: dict[str, Any] = {"database": Database(server, "opentdf"), **more}
    return Platform(
        name="platform",
        port=8080,
        binary=Binary(folder / "opentdf", "0.25.0"),
        folder=folder / "platform",
        keys=folder / "keys",
        identity_provider=PROVIDER,
        admin=ADMIN,
        **parts,
    )


def test_a_platform_is_configured_for_its_database_keys_and_identity_provider(
    tmp_path: Path,
) -> None:
    found = made(tmp_path).configuration()

    assert found["mode"] == "all"
    assert found["db"] == {
        "host": "127.0.0.1",
        "port": 5433,
        "user": "postgres",
        "password": "database-value",
        "database": "opentdf",
        "sslmode": "disable",
    }
    assert found["server"]["host"] == "127.0.0.1"
    assert found["server"]["auth"]["issuer"] == PROVIDER.issuer
    assert found["services"]["entityresolution"]["clientsecret"] == "resolver-value"
    assert found["services"]["kas"]["registered_kas_uri"] == "http://localhost:8080/kas"


def test_a_further_key_access_service_knows_its_core_and_no_database(tmp_path: Path) -> None:
    kas = made(tmp_path, database=None, core_url="http://localhost:1", path="", managed=True)

    found = kas.configuration()

    assert found["mode"] == ["kas"]
    assert found["sdk_config"]["core"] == {"endpoint": "http://localhost:1", "plaintext": True}
    assert found["services"]["kas"]["registered_kas_uri"] == "http://localhost:8080"
    assert found["services"]["kas"]["key_management"] is True
    assert not {"db"} & set(found)
    assert "entityresolution" not in found["services"]


@pytest.mark.parametrize("name", sorted(name for name, patch in PATCHES.items() if patch))
def test_an_option_changes_what_it_says_and_nothing_else(name: str, tmp_path: Path) -> None:
    plain = made(tmp_path).configuration()
    changed = made(tmp_path, patches=(PATCHES[name],)).configuration()

    assert changed != plain
    assert changed["db"] == plain["db"]
    assert changed["server"]["cryptoProvider"] == plain["server"]["cryptoProvider"]


def test_keys_and_root_key_are_the_same_after_a_restart_and_for_their_owner_alone(
    tmp_path: Path,
) -> None:
    write_keys(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    root = platform.root_key(tmp_path)
    write_keys(tmp_path)

    assert {name: (tmp_path / name).read_bytes() for name in first} == first
    assert platform.root_key(tmp_path) == root
    assert len(bytes.fromhex(root)) == 32
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    for _, stem in KEYS.values():
        serialization.load_pem_private_key(first[f"{stem}-private.pem"], None)


@given(plain=st.binary(max_size=200), key=st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_under_the_root_key_alone(plain: bytes, key: bytes) -> None:
    sealed = seal(plain, key)

    assert AESGCM(key).decrypt(sealed[:12], sealed[12:], None) == plain
    assert seal(plain, key) != sealed


class Registry(BaseHTTPRequestHandler):
    """A registry that knows what was created, as the platform's answers it."""

    calls: list[tuple[str, dict[str, Any]]]
    refusing: str

    def do_POST(self) -> None:
        method = self.path.rpartition("/")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = [name for name, _ in self.calls]
        self.calls.append((method, body))
        status, answer = 200, {"keyAccessServer": {"id": "kas-1"}}
        if method == self.refusing:
            status, answer = 403, {}
        elif method == "GetKeyAccessServer" and "CreateKeyAccessServer" not in known:
            status, answer = 404, {}
        elif method == "CreateKey" and known.count("CreateKey") >= 2:
            status, answer = 409, {}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        pass


@pytest.fixture
def registry(request: pytest.FixtureRequest) -> Iterator[tuple[KeyRegistry, type[Registry]]]:
    refusing = getattr(request, "param", "")
    handler = type("Handler", (Registry,), {"calls": [], "refusing": refusing})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield KeyRegistry(f"http://127.0.0.1:{server.server_port}", lambda: "a-token"), handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_key_service_is_listed_once_with_keys_that_only_the_root_key_opens(
    registry: tuple[KeyRegistry, type[Registry]],
) -> None:
    keys, handler = registry
    root = bytes(range(32))

    keys.manage("km1", "http://localhost:8585", root)
    keys.manage("km1", "http://localhost:8585", root)

    methods = [name for name, _ in handler.calls]
    assert methods.count("CreateKeyAccessServer") == 1
    created = [body for name, body in handler.calls if name == "CreateKey"][:2]
    assert {body["keyAlgorithm"] for body in created} == {"ALGORITHM_RSA_2048", "ALGORITHM_EC_P256"}
    for body in created:
        sealed = base64.b64decode(body["privateKeyCtx"]["wrappedKey"])
        private = serialization.load_pem_private_key(
            AESGCM(root).decrypt(sealed[:12], sealed[12:], None), None
        )
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        assert base64.b64decode(body["publicKeyCtx"]["pem"]) == public


@pytest.mark.parametrize("registry", ["CreateKeyAccessServer", "CreateKey"], indirect=True)
def test_a_registry_that_refuses_is_told(registry: tuple[KeyRegistry, type[Registry]]) -> None:
    keys, handler = registry

    with pytest.raises(StackError, match=f"refuses {handler.refusing}: HTTP 403"):
        keys.manage("km1", "http://localhost:8585", bytes(32))


@pytest.mark.parametrize(
    ("log", "remedy"),
    [
        ("listen tcp 127.0.0.1:8080: bind: address already in use", "call `up` again"),
        ("failed SASL auth: password authentication failed for user", "another password"),
        ("failed to connect to `host=127.0.0.1`", "log of postgres"),
        ("write: no space left on device", "disk is full"),
        ("Get http://x/.well-known/openid-configuration: refused", "log of keycloak"),
        ("nothing that is known", ""),
    ],
)
def test_a_known_cause_has_a_remedy(log: str, remedy: str) -> None:
    advice = platform.advise(log)

    assert (remedy in advice) if remedy else advice == ""
