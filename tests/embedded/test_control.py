"""People whom a run adds to the directory, and takes away again."""

import json

import pytest

from support.embedded.control import CLOCK_PATH, MOST_SECONDS_AHEAD, PATH
from support.embedded.faults import Fault
from support.embedded.options import OWN_CLOCK
from tests.embedded.conftest import Bench, Json, MakeBench, Reply

CAROL: dict[str, Json] = {
    "password": "a password of hers",
    "email": "Carol@people.example",
    "attributes": {"group": ["sales", "support"]},
}
DECISION = "authorization.v2.AuthorizationService/GetDecision"
RESOLVE = "entityresolution.v2.EntityResolutionService/ResolveEntities"


def control(bench: Bench, method: str, name: str, body: object = None, secret: str = "") -> Reply:
    """Send one request to the control interface."""
    text = body if isinstance(body, str) else json.dumps(body)
    given = secret or bench.own.control.secret
    return bench.raw(method, f"{PATH}/{name}", text, {"authorization": f"Bearer {given}"})


@pytest.fixture
def with_carol(bench: Bench) -> Bench:
    assert control(bench, "PUT", "carol", CAROL).status == 201
    return bench


def known(bench: Bench, **entity: str) -> Json:
    """Return what the platform knows of one entity."""
    body = {"entities": [{"ephemeralId": "e", **entity}]}
    return bench.ok(RESOLVE, body)["entityRepresentations"][0]["additionalProps"][0]


@pytest.mark.parametrize(
    "entity",
    [
        {"userName": "carol"},
        {"userName": "CAROL"},
        {"emailAddress": "carol@people.example"},
        {"emailAddress": "CAROL@people.example"},
    ],
)
def test_a_person_who_was_added_is_found_by_name_and_address(
    with_carol: Bench, entity: dict[str, str]
) -> None:
    found = known(with_carol, **entity)

    assert found["username"] == "carol"
    assert found["email"] == "carol@people.example"
    assert found["attributes"] == {"group": ["sales", "support"]}


@pytest.mark.parametrize("name", ["carol", "Carol", "carol@people.example"])
def test_a_person_who_was_added_signs_in_with_the_password(with_carol: Bench, name: str) -> None:
    form = {"grant_type": "password", "username": name, "password": CAROL["password"]}

    token = with_carol.token("opentdf-sdk", **form)

    headers = {"authorization": f"Bearer {token}"}
    question = {
        "entityIdentifier": {"withRequestToken": True},
        "action": {"name": "read"},
        "resource": {"attributeValues": {"fqns": ["https://bench.example/attr/a/value/b"]}},
    }
    reply = with_carol.call(DECISION, question, client=None, headers=headers)
    assert reply.status == 200
    assert reply.json["decision"]["decision"] == "DECISION_DENY"


def test_a_person_who_was_removed_is_unknown(with_carol: Bench) -> None:
    assert control(with_carol, "DELETE", "carol").status == 200

    assert known(with_carol, userName="carol") == {"ephemeralId": "e", "userName": "carol"}
    assert control(with_carol, "DELETE", "carol").status == 404


@pytest.mark.parametrize("name", ["carol", "sample-user"])
def test_nobody_is_replaced(with_carol: Bench, name: str) -> None:
    reply = control(with_carol, "PUT", name, {**CAROL, "email": "other@people.example"})

    assert reply.status == 409
    assert "is taken by" in reply.json["error"]
    assert with_carol.own.directory.users[name].email != "other@people.example"


def test_nobody_takes_an_address_of_another(with_carol: Bench) -> None:
    reply = control(with_carol, "PUT", "dave", CAROL)

    assert reply.status == 409
    assert "carol" in reply.json["error"]


def test_who_was_always_there_is_not_removed(bench: Bench) -> None:
    assert control(bench, "DELETE", "sample-user").status == 404
    assert bench.own.directory.user("sample-user") is not None


@pytest.mark.parametrize("secret", ["wrong", "Bearer", "ä"])
def test_without_the_secret_nobody_is_added(bench: Bench, secret: str) -> None:
    assert control(bench, "PUT", "carol", CAROL, secret).status == 401
    assert bench.raw("PUT", f"{PATH}/carol", json.dumps(CAROL)).status == 401
    assert bench.own.directory.user("carol") is None


def test_every_start_has_a_secret_of_its_own(make_bench: MakeBench) -> None:
    secrets = {make_bench().own.control.secret for _ in range(2)}

    assert len(secrets) == 2


def permitted(bench: Bench, username: str) -> bool:
    """Tell whether a user may read what only the group sales may."""
    namespace = bench.namespace()
    value = bench.attribute(namespace, "group", "ANY_OF", ["sales"])["values"][0]
    bench.entitle(value["id"], ".attributes.group[]", ["sales"])
    subject = {"ephemeralId": "e", "category": "CATEGORY_SUBJECT", "userName": username}
    question = {
        "entityIdentifier": {"entityChain": {"entities": [subject]}},
        "action": {"name": "read"},
        "resource": {"attributeValues": {"fqns": [value["fqn"]]}},
    }
    return bool(bench.ok(DECISION, question)["decision"]["decision"] == "DECISION_PERMIT")


@pytest.mark.parametrize(
    ("faults", "username", "expected"),
    [
        ([], "carol", True),
        ([], "nobody", False),
        ([Fault.FORGET_USERS], "carol", False),
        ([Fault.EVERYBODY_IS_ENTITLED], "nobody", True),
    ],
)
def test_attributes_of_a_person_entitle_unless_a_fault_is_on(
    make_bench: MakeBench, faults: list[Fault], username: str, *, expected: bool
) -> None:
    bench = make_bench(*faults)
    assert control(bench, "PUT", "carol", CAROL).status == 201

    assert permitted(bench, username) is expected


@pytest.mark.parametrize(
    "body",
    [
        "no JSON",
        "[]",
        "{}",
        {**CAROL, "more": 1},
        {**CAROL, "password": ""},
        {**CAROL, "email": 5},
        {**CAROL, "attributes": []},
        {**CAROL, "attributes": {"group": "sales"}},
        {**CAROL, "attributes": {"group": [1]}},
    ],
)
def test_a_request_of_another_form_is_answered_with_the_form(bench: Bench, body: object) -> None:
    reply = control(bench, "PUT", "carol", body)

    assert reply.status == 400
    assert '"attributes": {"group": ["engineering"]}' in reply.json["error"]
    assert bench.own.directory.user("carol") is None


@pytest.mark.parametrize(
    ("method", "name", "status"),
    [("PUT", "", 404), ("PUT", "Carol", 404), ("PUT", "a/b", 404), ("POST", "carol", 405)],
)
def test_other_requests_are_refused(bench: Bench, method: str, name: str, status: int) -> None:
    assert control(bench, method, name, CAROL).status == status


NAMESPACES = "policy.namespaces.NamespaceService/ListNamespaces"


def move_clock(bench: Bench, body: object, method: str = "PUT", secret: str = "") -> Reply:
    """Ask the control interface to move the clock."""
    text = body if isinstance(body, str) else json.dumps(body)
    given = secret or bench.own.control.secret
    return bench.raw(method, CLOCK_PATH, text, {"authorization": f"Bearer {given}"})


def status_of_new_token(bench: Bench) -> int:
    """Return the status of a call with a token that was issued for it."""
    return bench.call(NAMESPACES, {}).status


@pytest.mark.parametrize(
    ("seconds", "status"), [(3600, 401), (-3600, 401), (30, 200), (-30, 200), (0, 200)]
)
def test_the_clock_of_the_platform_is_moved_and_not_that_of_its_identity_provider(
    make_bench: MakeBench, seconds: int, status: int
) -> None:
    bench = make_bench(options=[OWN_CLOCK])

    assert move_clock(bench, {"seconds_ahead": seconds}).status == 200

    assert status_of_new_token(bench) == status
    assert move_clock(bench, {"seconds_ahead": 0}).status == 200
    assert status_of_new_token(bench) == 200


def test_a_fault_has_early_tokens_accepted(make_bench: MakeBench) -> None:
    faulty = make_bench(Fault.ACCEPT_EARLY_TOKEN, options=[OWN_CLOCK])

    move_clock(faulty, {"seconds_ahead": -3600})
    assert status_of_new_token(faulty) == 200
    move_clock(faulty, {"seconds_ahead": 3600})
    assert status_of_new_token(faulty) == 401


def test_without_the_option_nobody_moves_the_clock(bench: Bench) -> None:
    reply = move_clock(bench, {"seconds_ahead": 3600})

    assert reply.status == 404
    assert "own-clock" in reply.json["error"]
    assert status_of_new_token(bench) == 200


def test_without_the_secret_nobody_moves_the_clock(make_bench: MakeBench) -> None:
    bench = make_bench(options=[OWN_CLOCK])

    assert move_clock(bench, {"seconds_ahead": 3600}, secret="wrong").status == 401
    assert move_clock(bench, {"seconds_ahead": 3600}, method="POST").status == 405
    assert not bench.platform.clock.offset


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        [],
        {},
        {"seconds_ahead": "3600"},
        {"seconds_ahead": True},
        {"seconds_ahead": 0.5},
        {"seconds_ahead": None},
        {"seconds_ahead": MOST_SECONDS_AHEAD + 1},
        {"seconds_ahead": -MOST_SECONDS_AHEAD - 1},
        {"seconds_ahead": 1, "more": 1},
    ],
)
def test_a_clock_is_not_moved_by_what_says_not_how_far(make_bench: MakeBench, body: object) -> None:
    bench = make_bench(options=[OWN_CLOCK])

    assert move_clock(bench, body).status == 400
    assert not bench.platform.clock.offset
