"""A database that is away, and what is kept for the next start."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.embedded import state
from support.embedded.__main__ import keep_state
from support.embedded.control import DATABASE_PATH, STATE_PATH
from support.embedded.faults import Fault
from support.embedded.options import KEY_MANAGEMENT, MAINTENANCE
from support.embedded.platform import EmbeddedPlatform, Settings
from support.foundation.errors import ConfigurationError
from tests.embedded.conftest import URL, Bench, MakeBench, Reply

READ = "policy.namespaces.NamespaceService/ListNamespaces"
CHANGE = "policy.namespaces.NamespaceService/CreateNamespace"
DECIDE = "authorization.v2.AuthorizationService/GetEntitlements"
CHAIN = {"entities": [{"ephemeralId": "e", "clientId": "opentdf-sdk"}]}
QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    READ: {},
    CHANGE: {"name": "away.example"},
    DECIDE: {"entityIdentifier": {"entityChain": CHAIN}},
}


def put(bench: Bench, path: str, body: object, method: str = "PUT") -> Reply:
    """Ask the control interface of a platform."""
    text = body if isinstance(body, str) else json.dumps(body)
    secret = bench.own.control.secret
    return bench.raw(method, path, text, {"authorization": f"Bearer {secret}"})


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "state"


def maintained(make_bench: MakeBench, kept: Path, *faults: Fault) -> Bench:
    bench = make_bench(*faults, options=[MAINTENANCE])
    keep_state(bench.platform, kept)
    return bench


def statuses(bench: Bench) -> dict[str, int]:
    return {name: bench.call(name, body).status for name, body in QUESTIONS.items()}


@pytest.mark.parametrize(
    ("faults", "served"),
    [
        ([], set()),
        ([Fault.DECIDES_WITHOUT_DATABASE], {DECIDE}),
        ([Fault.WRITES_WITHOUT_DATABASE], {CHANGE}),
    ],
)
def test_without_its_database_a_platform_can_do_nothing_unless_a_fault_is_on(
    make_bench: MakeBench, kept: Path, faults: list[Fault], served: set[str]
) -> None:
    bench = maintained(make_bench, kept, *faults)

    assert put(bench, DATABASE_PATH, {"away": True}).status == 200

    expected = {name: 200 if name in served else 500 for name in QUESTIONS}
    assert statuses(bench) == expected


@pytest.mark.parametrize(("faults", "status"), [([], 200), ([Fault.DATABASE_STAYS_AWAY], 500)])
def test_a_database_that_is_back_serves_unless_a_fault_is_on(
    make_bench: MakeBench, kept: Path, faults: list[Fault], status: int
) -> None:
    bench = maintained(make_bench, kept, *faults)
    put(bench, DATABASE_PATH, {"away": True})

    assert put(bench, DATABASE_PATH, {"away": False}).status == 200

    assert set(statuses(bench).values()) == {status}


@pytest.mark.parametrize("body", ["no JSON", [], {}, {"away": 1}, {"away": True, "more": 1}])
def test_a_request_of_another_form_is_answered_with_the_form(
    make_bench: MakeBench, kept: Path, body: object
) -> None:
    bench = maintained(make_bench, kept)

    reply = put(bench, DATABASE_PATH, body)

    assert reply.status == 400
    assert '{"away": true}' in reply.json["error"]
    assert put(bench, DATABASE_PATH, {"away": True}, method="POST").status == 405
    assert not bench.platform.database.away


@pytest.mark.parametrize("path", [DATABASE_PATH, STATE_PATH])
def test_without_the_option_nothing_is_maintained(bench: Bench, kept: Path, path: str) -> None:
    keep_state(bench.platform, kept)

    reply = put(bench, path, {"away": True})

    assert reply.status == 404
    assert "option maintenance" in reply.json["error"]
    assert not kept.exists()


def policy_of(bench: Bench) -> object:
    """Make policy with every kind of field, and return how it is told."""
    if not bench.platform.store.attributes:
        namespace = bench.namespace("kept.example")
        value = bench.attribute(namespace, "level", "HIERARCHY", ["high", "low"])["values"][0]
        bench.entitle(value["id"], ".attributes.group[]", ["sales"])
    service = "policy.subjectmapping.SubjectMappingService/ListSubjectMappings"
    return bench.ok(service)["subjectMappings"]


def test_the_next_start_takes_up_what_an_earlier_one_left(
    make_bench: MakeBench, kept: Path
) -> None:
    first = maintained(make_bench, kept)
    policy, token = policy_of(first), first.token()

    assert put(first, STATE_PATH, {}).status == 200
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    second = maintained(make_bench, kept)

    assert not kept.exists()
    assert policy_of(second) == policy
    assert second.own.control.secret == first.own.control.secret
    bearer = {"authorization": f"Bearer {token}"}
    assert second.call(READ, client=None, headers=bearer).status == 200


@pytest.mark.parametrize(
    ("faults", "keys", "policy"),
    [
        ([], True, True),
        ([Fault.KEYS_LOST_AT_RESTART], False, True),
        ([Fault.POLICY_LOST_AT_RESTART], True, False),
    ],
)
def test_keys_and_policy_are_kept_unless_a_fault_loses_them(
    kept: Path, faults: list[Fault], *, keys: bool, policy: bool
) -> None:
    settings = Settings(url=URL, faults=frozenset(faults), options=frozenset({MAINTENANCE}))
    first, second = EmbeddedPlatform(settings), EmbeddedPlatform(settings)
    first.store.base_key_id = "the base key"

    state.write(first, kept)
    state.read(second, kept)

    for kid in ("r1", "e1"):
        made, found = (each.rings["default"].by_kid(kid) for each in (first, second))
        assert made is not None
        assert found is not None
        assert (made.public_pem == found.public_pem) is keys
    assert (second.store.base_key_id == "the base key") is policy


def test_sealed_keys_of_the_registry_are_kept_with_the_policy(kept: Path) -> None:
    settings = Settings(url=URL, options=frozenset({MAINTENANCE, KEY_MANAGEMENT}))
    first, second = EmbeddedPlatform(settings), EmbeddedPlatform(settings)

    state.write(first, kept)
    state.read(second, kept)

    made, found = (each.rings["default"].by_kid("r1") for each in (first, second))
    assert made is not None
    assert found is not None
    assert found.is_made
    assert found.public_pem == made.public_pem
    assert second.root_key == first.root_key


@pytest.mark.parametrize("content", ["", "no base 64!", "YWJj", "gARLAS4="])
def test_a_file_of_another_kind_is_refused(bench: Bench, kept: Path, content: str) -> None:
    kept.write_text(content)

    with pytest.raises(ConfigurationError, match="is no state of an embedded platform"):
        state.read(bench.platform, kept)
