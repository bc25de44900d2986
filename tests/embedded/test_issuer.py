"""A platform that trusts an issuer outside: its tokens, keys and people, over real HTTP."""

import asyncio
import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.embedded import jose
from support.embedded.__main__ import trust_in
from support.embedded.audit import AuditLog
from support.embedded.clock import Clock
from support.embedded.faults import Fault
from support.embedded.key_sources import PublishedKeys, usable_keys
from support.embedded.outbound import Outbound
from support.embedded.platform import EmbeddedPlatform, Listener, Settings
from tests.embedded.asking import ENTITIES, UNEXPECTED
from tests.embedded.conftest import (
    ATTRIBUTES,
    DECISIONS,
    MAPPINGS,
    NAMESPACES,
    SHARED_RING,
    URL,
    Json,
    Reply,
    condition_set,
    exchange,
)
from tests.embedded.provider import CLIENT, SECRET, Provider, serving

KEY_SET = "GET /auth/realms/opentdf/certs-of-today"
SIGN_IN = "POST /auth/realms/opentdf/protocol/openid-connect/token"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider()) as provider:
        yield provider


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    return write_credentials(tmp_path / "credentials.json")


def write_credentials(path: Path, secret: str = SECRET) -> Path:
    path.touch(0o600)
    path.write_text(json.dumps({"client_id": CLIENT, "client_secret": secret}))
    return path


class Trusting:
    """A platform in this process that trusts the provider."""

    def __init__(self, provider: Provider, credentials: Path, *faults: Fault) -> None:
        self.provider = provider
        settings = Settings(url=URL, faults=frozenset(faults))
        clock = Clock()
        trust = trust_in(provider.url, credentials)
        self.platform = EmbeddedPlatform(
            settings, trust, clock=clock, audit_log=AuditLog(clock, io.StringIO())
        )
        self.platform.rings["default"] = SHARED_RING
        self.listener: Listener = self.platform.main_listener()

    def call(self, procedure: str, body: Json = None, token: str = "") -> Reply:
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {token or self.provider.token()}",
        }
        return exchange(
            self.listener, "POST", f"/{procedure}", headers, json.dumps(body or {}).encode()
        )

    def listed(self, token: str = "") -> int:
        return self.call(f"{NAMESPACES}/ListNamespaces", token=token).status

    def resolve(self, **entity: str) -> Json:
        reply = self.call(f"{ENTITIES}/ResolveEntities", {"entities": [entity]})
        assert reply.status == 200, reply.body
        return reply.json["entityRepresentations"][0].get("additionalProps", [])


@pytest.fixture
def trusting(provider: Provider, credentials: Path) -> Trusting:
    return Trusting(provider, credentials)


def test_the_issuers_tokens_are_accepted_and_no_others(trusting: Trusting) -> None:
    assert trusting.listed() == 200
    stranger = Provider(port=trusting.provider.port)
    assert trusting.listed(stranger.token(kid=str(trusting.provider.keys[0].kid))) == 401
    assert trusting.listed(trusting.provider.token(iss="http://localhost:1/other")) == 401
    assert trusting.listed(trusting.provider.token(aud="another")) == 401
    assert trusting.listed(trusting.provider.token(exp=int(time.time()) - 120)) == 401
    assert trusting.listed(trusting.provider.token(realm_access={"roles": []})) == 403


def test_the_well_known_configuration_names_the_issuer(trusting: Trusting) -> None:
    url = trusting.provider.url
    known = exchange(trusting.listener, "GET", "/.well-known/opentdf-configuration").json
    assert known["platform_issuer"] == url
    assert known["idp"] == {
        "authorization_endpoint": f"{url}/protocol/openid-connect/auth",
        "id_token_signing_alg_values_supported": None,
        "issuer": url,
        "jwks_uri": f"{url}/certs-of-today",
        "require_request_uri_registration": False,
        "response_types_supported": None,
        "subject_types_supported": ["public"],
        "token_endpoint": f"{url}/protocol/openid-connect/token",
        "userinfo_endpoint": "",
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/auth/realms/opentdf/.well-known/openid-configuration", 404),
        ("POST", "/auth/realms/opentdf/protocol/openid-connect/token", 404),
        ("PUT", "/control/people/alice", 401),
    ],
)
def test_it_is_no_identity_provider(
    trusting: Trusting, method: str, path: str, status: int
) -> None:
    assert exchange(trusting.listener, method, path).status == status
    assert trusting.platform.built_in is None


def test_a_new_key_is_learnt_and_a_forgotten_one_refused(trusting: Trusting) -> None:
    provider = trusting.provider
    before = provider.token()
    provider.rotate()
    assert trusting.listed() == 200
    assert trusting.listed(before) == 200
    provider.rotate(forget=True)
    assert trusting.listed() == 200
    assert trusting.listed(before) == 401


def test_many_unknown_keys_are_few_requests_and_keep_nobody_waiting(trusting: Trusting) -> None:
    provider = trusting.provider
    good = provider.token()
    bad = [provider.token(kid=f"unknown-{number}") for number in range(200)]
    verifier = trusting.platform.verifier
    begun = time.monotonic()

    async def flood() -> float:
        waiting = [asyncio.create_task(verifier.prepare(f"Bearer {token}")) for token in bad]
        await asyncio.sleep(0)
        await verifier.prepare(f"Bearer {good}")
        seconds = time.monotonic() - begun
        await asyncio.gather(*waiting)
        return seconds

    assert asyncio.run(flood()) < 0.5
    assert provider.asked.count(KEY_SET) <= 2 + (time.monotonic() - begun)


def test_tokens_of_others_are_no_reason_to_ask_the_issuer(trusting: Trusting) -> None:
    provider = trusting.provider
    for token in (
        provider.token(kid="unknown", iss="http://localhost:1/other"),
        jose.sign({"alg": "RS512", "kid": "unknown"}, {"iss": provider.url}, provider.keys[0]),
        "no token",
    ):
        assert trusting.listed(token) == 401
    assert provider.asked.count(KEY_SET) == 1


def test_known_keys_go_on_while_the_issuer_is_away(credentials: Path) -> None:
    provider = Provider()
    with serving(provider):
        trusting = Trusting(provider, credentials)
        token = provider.token()
    provider.rotate()
    assert trusting.listed(token) == 200
    assert trusting.listed() == 401
    with serving(provider):
        assert trusting.listed() == 200


def test_an_old_key_set_is_renewed_beside_the_call(provider: Provider) -> None:
    now = 0.0
    keys = PublishedKeys(f"{provider.url}/certs-of-today", Outbound(), lambda: now)
    keys.load()
    earlier = str(provider.keys[0].kid)
    provider.rotate(forget=True)

    async def ask() -> None:
        await keys.learn(earlier)
        assert keys.refreshing is not None
        await keys.refreshing

    now = 3600.0
    asyncio.run(ask())
    assert keys.find(earlier) is None
    assert keys.find(str(provider.keys[0].kid)) is not None


@pytest.mark.parametrize(
    "key_set",
    [
        None,
        [],
        {},
        {"keys": "x"},
        {"keys": ["x", {"kid": 1}, {"kid": "a", "kty": "RSA"}, {"kid": "b", "kty": "EC"}]},
        {"keys": [{"kid": "c", "kty": "RSA", "n": "!", "e": "AQAB"}]},
        {"keys": [{"kid": "d", "kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}]},
    ],
)
def test_what_is_no_key_of_use_is_left_out(key_set: Json) -> None:
    assert usable_keys(key_set) == {}


def test_people_and_clients_are_looked_up_at_the_issuer(trusting: Trusting) -> None:
    [thor] = trusting.resolve(userName="Thor")
    assert thor["attributes"] == {"superhero_group": ["avengers"]}
    assert trusting.resolve(emailAddress="THOR@people.example") == [thor]
    [client] = trusting.resolve(clientId="opentdf-sdk")
    assert client == {"id": "c-2", "clientId": "opentdf-sdk", "enabled": True}
    assert trusting.resolve(clientId="nobody") == []
    assert trusting.resolve(userName="nobody") == [{"userName": "nobody"}]
    assert trusting.resolve(emailAddress="no@body.example") == [{"emailAddress": "no@body.example"}]
    members = trusting.resolve(emailAddress="team@people.example")
    assert [member["username"] for member in members] == ["thor", "loki"]


def test_a_forgotten_user_is_unknown_here_too(provider: Provider, credentials: Path) -> None:
    forgetful = Trusting(provider, credentials, Fault.FORGET_USERS)
    assert forgetful.resolve(userName="thor") == [{"userName": "thor"}]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("service-account-opentdf-sdk", "clientId"),
        ("service-account-nobody", "userName"),
        ("thor", "userName"),
    ],
)
def test_the_subject_of_a_token(trusting: Trusting, name: str, kind: str) -> None:
    token = trusting.provider.token(preferred_username=name)
    body = {"tokens": [{"ephemeralId": "t", "jwt": token}]}
    reply = trusting.call(f"{ENTITIES}/CreateEntityChainsFromTokens", body)
    subject = reply.json["entityChains"][0]["entities"][1]
    assert subject[kind] == name.removeprefix("service-account-" if kind == "clientId" else "")


def entitle(trusting: Trusting) -> Json:
    """Entitle the avengers to a value, and return the question whether somebody may read it."""
    namespace = trusting.call(f"{NAMESPACES}/CreateNamespace", {"name": "issuer.example"}).json
    attribute = trusting.call(
        f"{ATTRIBUTES}/CreateAttribute",
        {
            "namespaceId": namespace["namespace"]["id"],
            "name": "team",
            "rule": "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF",
            "values": ["avengers"],
        },
    ).json["attribute"]
    mapping = {
        "attributeValueId": attribute["values"][0]["id"],
        "actions": [{"name": "read"}],
        "newSubjectConditionSet": condition_set(".attributes.superhero_group[]", ["avengers"]),
    }
    assert trusting.call(f"{MAPPINGS}/CreateSubjectMapping", mapping).status == 200

    def question(name: str) -> dict[str, Any]:
        entity = {"ephemeralId": "e", "category": "CATEGORY_SUBJECT", "userName": name}
        return {
            "entityIdentifier": {"entityChain": {"entities": [entity]}},
            "action": {"name": "read"},
            "resource": {
                "ephemeralId": "r",
                "attributeValues": {"fqns": [attribute["values"][0]["fqn"]]},
            },
        }

    return question


def test_attributes_at_the_issuer_entitle(trusting: Trusting) -> None:
    question = entitle(trusting)
    decided = {
        name: trusting.call(f"{DECISIONS}/GetDecision", question(name)).json["decision"]["decision"]
        for name in ("thor", "loki", "nobody")
    }
    assert decided == {
        "thor": "DECISION_PERMIT",
        "loki": "DECISION_DENY",
        "nobody": "DECISION_DENY",
    }


def test_an_issuer_that_is_away_is_an_error_and_no_denial(
    credentials: Path, caplog: pytest.LogCaptureFixture
) -> None:
    provider = Provider()
    with serving(provider):
        trusting = Trusting(provider, credentials)
        question = entitle(trusting)
    body = {"entities": [{"ephemeralId": "e", "userName": "thor"}]}
    reply = trusting.call(f"{ENTITIES}/ResolveEntities", body)
    assert (reply.code, reply.message) == ("internal", "resource retrieval failed")
    reply = trusting.call(f"{DECISIONS}/GetDecision", question("thor"))
    assert (reply.code, reply.message) == ("internal", UNEXPECTED)
    assert "an entity cannot be resolved: No answer from GET" in caplog.text


def test_a_lost_session_and_a_changed_secret_are_mended_by_one_sign_in(
    trusting: Trusting, credentials: Path
) -> None:
    provider = trusting.provider
    provider.sessions.clear()
    provider.secret = "another"
    write_credentials(credentials, "another")
    assert trusting.resolve(userName="thor")[0]["id"] == "u-1"
    assert provider.asked.count(SIGN_IN) == 2


def test_a_secret_that_is_refused_later_is_an_error(
    trusting: Trusting, caplog: pytest.LogCaptureFixture
) -> None:
    trusting.provider.sessions.clear()
    trusting.provider.secret = "another"
    body = {"entities": [{"ephemeralId": "e", "userName": "thor"}]}
    reply = trusting.call(f"{ENTITIES}/ResolveEntities", body)
    assert reply.message == "resource creation failed: failed to login to Keycloak"
    assert "refuses the client 'tdf-entity-resolution': 401" in caplog.text
    assert SECRET not in caplog.text


def test_a_lookup_that_is_forbidden_is_an_error(
    trusting: Trusting, caplog: pytest.LogCaptureFixture
) -> None:
    trusting.provider.forbidden = True
    body = {"entities": [{"ephemeralId": "e", "userName": "thor"}]}
    reply = trusting.call(f"{ENTITIES}/ResolveEntities", body)
    assert (reply.code, reply.message) == ("internal", "resource retrieval failed")
    assert "realm-management" in caplog.text


def test_a_token_is_used_until_it_is_about_to_end(trusting: Trusting) -> None:
    for _ in range(5):
        trusting.resolve(userName="thor")
    assert trusting.provider.asked.count(SIGN_IN) == 1


def test_work_for_a_slow_service_is_done_in_threads() -> None:
    outbound, gate = Outbound(), threading.Event()

    async def both() -> str:
        slow = asyncio.create_task(outbound.run(gate.wait))
        quick = await outbound.run(lambda: "quick")
        assert not slow.done()
        gate.set()
        assert await slow
        return quick

    assert asyncio.run(both()) == "quick"


def test_a_failure_in_a_thread_reaches_whoever_waits() -> None:
    async def fail() -> None:
        await Outbound().run(lambda: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail())
