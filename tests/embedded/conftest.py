"""A platform in this process for most tests, and one as a child process for its borders."""

import asyncio
import base64
import hashlib
import hmac
import io
import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support.embedded.audit import AuditLog
from support.embedded.clock import Clock
from support.embedded.faults import Fault
from support.embedded.identity import IdentityProvider, SigningKeys, TokenRequest
from support.embedded.keys import KeyRing
from support.embedded.options import KEY_MANAGEMENT
from support.embedded.platform import BuiltIn, EmbeddedPlatform, Listener, Settings
from support.embedded.tokens import TokenVerifier
from tests.embedded.programs import Started, start_platform

# Whatever a service sends: tests look into it by name.
Json: TypeAlias = Any
URL = "http://localhost:1"
NAMESPACES = "policy.namespaces.NamespaceService"
ATTRIBUTES = "policy.attributes.AttributesService"
MAPPINGS = "policy.subjectmapping.SubjectMappingService"
DECISIONS = "authorization.v2.AuthorizationService"
REWRAP = "kas.AccessService/Rewrap"

# Making RSA keys is slow, so every platform of a test run uses these.
SHARED_SIGNING_KEYS = SigningKeys()
SHARED_RING = KeyRing()


@dataclass(frozen=True)
class Reply:
    """An answer of the platform."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["code"])

    @property
    def message(self) -> str:
        return str(self.json["message"])


def exchange(
    listener: Listener,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Reply:
    """Send one request to a listener, without a network."""
    path, _, query = target.partition("?")
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": query.encode(),
        "scheme": "http",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in {"host": "localhost:1", **(headers or {})}.items()
        ],
        "client": ("127.0.0.1", 5),
        "extensions": {"http.response.trailers": {}},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(listener(scope, receive, send))
    return Reply(
        sent[0]["status"],
        {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


@dataclass
class Bench:
    """A platform in this process with a moveable clock, and its audit records."""

    platform: EmbeddedPlatform
    listener: Listener
    audit_stream: io.StringIO

    @property
    def own(self) -> BuiltIn:
        assert self.platform.built_in is not None
        return self.platform.built_in

    def token(self, client_id: str = "opentdf", **form: str) -> str:
        client = self.own.directory.clients[client_id]
        fields = {"grant_type": "client_credentials", "client_id": client_id, **form}
        if client.secret is not None:
            fields["client_secret"] = client.secret
        status, answer = self.own.identity.token(TokenRequest(fields))
        assert status == 200, answer
        return str(answer["access_token"])

    def user_token(self, username: str = "sample-user") -> str:
        password = self.own.directory.users[username].password
        return self.token(
            "opentdf-sdk", grant_type="password", username=username, password=password
        )

    def raw(
        self,
        method: str,
        target: str,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        content = body.encode() if isinstance(body, str) else body
        return exchange(self.listener, method, target, headers, content)

    def call(
        self,
        procedure: str,
        body: Mapping[str, Any] | None = None,
        client: str | None = "opentdf",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        merged = {"content-type": "application/json", **(headers or {})}
        if client is not None:
            merged.setdefault("authorization", f"Bearer {self.token(client)}")
        return self.raw("POST", f"/{procedure}", json.dumps(body or {}), merged)

    def ok(self, procedure: str, body: Mapping[str, Any] | None = None, **more: Json) -> Json:
        reply = self.call(procedure, body, **more)
        assert reply.status == 200, reply.body
        return reply.json

    @property
    def audit(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit_stream.getvalue().splitlines()]

    def namespace(self, name: str = "bench.example") -> str:
        created = self.ok(f"{NAMESPACES}/CreateNamespace", {"name": name})
        return str(created["namespace"]["id"])

    def attribute(
        self, namespace: str, name: str, rule: str, values: Sequence[str], **more: Json
    ) -> Json:
        body = {
            "namespaceId": namespace,
            "name": name,
            "rule": f"ATTRIBUTE_RULE_TYPE_ENUM_{rule}",
            "values": list(values),
            **more,
        }
        return self.ok(f"{ATTRIBUTES}/CreateAttribute", body)["attribute"]

    def entitle(
        self,
        value_id: str,
        selector: str = ".clientId",
        values: Sequence[str] = ("opentdf-sdk",),
        actions: Sequence[str] = ("read",),
    ) -> Json:
        body = {
            "attributeValueId": value_id,
            "actions": [{"name": name} for name in actions],
            "newSubjectConditionSet": condition_set(selector, values),
        }
        return self.ok(f"{MAPPINGS}/CreateSubjectMapping", body)["subjectMapping"]


def condition_set(
    selector: str = ".clientId", values: Sequence[str] = ("opentdf-sdk",), operator: str = "IN"
) -> dict[str, Any]:
    """Return a condition set with one condition."""
    condition = {
        "subjectExternalSelectorValue": selector,
        "operator": f"SUBJECT_MAPPING_OPERATOR_ENUM_{operator}",
        "subjectExternalValues": list(values),
    }
    group = {
        "booleanOperator": "CONDITION_BOOLEAN_TYPE_ENUM_AND",
        "conditions": [condition],
    }
    return {"subjectSets": [{"conditionGroups": [group]}]}


MakeBench = Callable[..., Bench]


@pytest.fixture
def make_bench() -> MakeBench:
    """Make a platform in this process; faults and options may be named."""

    def make(
        *faults: Fault, kas: Sequence[str] = (), options: Sequence[str] = ("ec-wrapping",)
    ) -> Bench:
        clock, stream = Clock(), io.StringIO()
        settings = Settings(
            url=URL,
            kas_urls={name: f"http://localhost:{index + 2}" for index, name in enumerate(kas)},
            faults=frozenset(faults),
            options=frozenset(options),
        )
        platform = EmbeddedPlatform(settings, clock=clock, audit_log=AuditLog(clock, stream))
        assert platform.built_in is not None
        platform.built_in.identity.keys = SHARED_SIGNING_KEYS
        if KEY_MANAGEMENT not in settings.options:
            platform.rings["default"] = SHARED_RING
        return Bench(platform, platform.main_listener(), stream)

    return make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A platform in this process."""
    return make_bench()


OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303 - what TDF prescribes
RSA_SESSION = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_SESSION = ec.generate_private_key(ec.SECP256R1())


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """Return the public part of a key as PEM."""
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def policy_body(*fqns: str, identifier: str = "") -> str:
    """Return the policy of a TDF as manifests hold it."""
    content = {
        "uuid": identifier or str(uuid.uuid4()),
        "body": {"dataAttributes": [{"attribute": fqn} for fqn in fqns], "dissem": []},
    }
    return base64.b64encode(json.dumps(content).encode()).decode()


def hex_binding(policy: str, data_key: bytes) -> str:
    """Return a policy binding as SDKs write it: base64 of the hexadecimal digest."""
    digest = hmac.new(data_key, policy.encode(), hashlib.sha256).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def agreed_key(private: ec.EllipticCurvePrivateKey, public: ec.EllipticCurvePublicKey) -> bytes:
    """Return the key that both sides of an EC wrapping derive."""
    return HKDF(hashes.SHA256(), 32, hashlib.sha256(b"TDF").digest(), None).derive(
        private.exchange(ec.ECDH(), public)
    )


def rsa_wrapped(kas_key_pem: str, data_key: bytes, policy: str, kid: str = "r1") -> dict[str, Any]:
    """Return a key access object wrapped for an RSA key."""
    key = serialization.load_pem_public_key(kas_key_pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    return {
        "type": "wrapped",
        "url": "http://localhost:1/kas",
        "protocol": "kas",
        "kid": kid,
        "wrappedKey": base64.b64encode(key.encrypt(data_key, OAEP)).decode(),
        "policyBinding": {"alg": "HS256", "hash": hex_binding(policy, data_key)},
    }


def ec_wrapped(kas_key_pem: str, data_key: bytes, policy: str, kid: str = "e1") -> dict[str, Any]:
    """Return a key access object wrapped for an EC key."""
    key = serialization.load_pem_public_key(kas_key_pem.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    ephemeral = ec.generate_private_key(key.curve)
    nonce = os.urandom(12)
    sealed = AESGCM(agreed_key(ephemeral, key)).encrypt(nonce, data_key, None)
    return {
        "type": "ec-wrapped",
        "kid": kid,
        "ephemeralPublicKey": pem_of(ephemeral),
        "wrappedKey": base64.b64encode(nonce + sealed).decode(),
        "policyBinding": {"alg": "HS256", "hash": hex_binding(policy, data_key)},
    }


def request_token(claims: Mapping[str, Any], algorithm: str = "RS256") -> str:
    """Return a request token with a signature that nobody can verify."""
    parts = [{"alg": algorithm, "typ": "JWT"}, dict(claims)]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
    return ".".join([*(part.rstrip(b"=").decode() for part in encoded), "c2ln"])


def one_policy(policy: str, *key_accesses: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request for one policy, its objects numbered from zero."""
    return {
        "policy": {"id": "policy-0", "body": policy},
        "keyAccessObjects": [
            {"keyAccessObjectId": f"kao-{index}", "keyAccessObject": dict(item)}
            for index, item in enumerate(key_accesses)
        ],
    }


def rewrap_body(*requests: Mapping[str, Any], session: str = "", **claims: Json) -> dict[str, Any]:
    """Return the body of a rewrap call."""
    content = {"clientPublicKey": session or pem_of(RSA_SESSION), "requests": list(requests)}
    return {"signedRequestToken": request_token({"requestBody": json.dumps(content), **claims})}


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A platform with a second KAS, as a child process, for all tests together."""
    running = start_platform(tmp_path_factory.mktemp("embedded"), "--kas", "alpha")
    yield running
    running.session.close()
    running.process.stop()


@pytest.fixture
def identity(bench: Bench) -> IdentityProvider:
    """The identity provider of the bench's platform."""
    return bench.own.identity


@pytest.fixture
def verifier(bench: Bench) -> TokenVerifier:
    """What the bench's platform checks tokens with."""
    return bench.platform.verifier
