"""Identity from claims and from a directory, as decisions and resolution see it."""

from typing import TYPE_CHECKING, Any

import pytest

from support.embedded.faults import Fault
from tests.embedded.asking import ENTITIES, chain, decided, fqns, question
from tests.embedded.conftest import DECISIONS, Json
from tests.embedded.test_options import claimed, token_with

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench


def ready(bench: "Bench") -> "Bench":
    """Entitle engineers by department to any/a, by group to any/b, and a client to any/c."""
    values = bench.attribute(bench.namespace(), "any", "ANY_OF", ["a", "b", "c"])["values"]
    bench.entitle(values[0]["id"], ".department", ["engineering"])
    bench.entitle(values[1]["id"], ".groups[]", ["engineering"])
    bench.entitle(values[2]["id"], ".clientId", ["opentdf-sdk"])
    return bench


@pytest.fixture
def claims(make_bench: "MakeBench") -> "Bench":
    return ready(make_bench(options=("claims-identity",)))


@pytest.fixture
def directory(make_bench: "MakeBench") -> "Bench":
    return ready(make_bench(options=("directory",)))


@pytest.fixture
def fail_fast(make_bench: "MakeBench") -> "Bench":
    return ready(make_bench(options=("directory-fail-fast",)))


def person(name: str) -> dict[str, Any]:
    return chain({"ephemeralId": "e1", "category": "CATEGORY_SUBJECT", "userName": name})


def holder(token: str) -> dict[str, Any]:
    return {"token": {"ephemeralId": "t", "jwt": token}}


@pytest.mark.parametrize(
    ("brought", "value", "expected"),
    [
        ({"userName": "d", "department": "engineering"}, "any/a", "PERMIT"),
        ({"userName": "d", "department": "sales"}, "any/a", "DENY"),
        ({"department": "engineering"}, "any/a", "DENY"),
        ({}, "any/a", "DENY"),
        ({"userName": "d", "groups": ["sales", "engineering"]}, "any/b", "PERMIT"),
        ({"memberships": "sales, engineering"}, "any/b", "PERMIT"),
        ({"memberships": ["engineering"]}, "any/b", "PERMIT"),
        ({"memberships": ["sales"]}, "any/b", "DENY"),
    ],
)
def test_claims_say_who_somebody_is(
    claims: "Bench", brought: Json, value: str, expected: str
) -> None:
    assert decided(claims, value, identifier=claimed(**brought)) == expected


def test_entitlements_among_claims_do_not_count(claims: "Bench") -> None:
    brought = {"attribute_value_fqn": fqns("any/a")[0], "actions": ["read"]}

    assert decided(claims, "any/a", identifier=claimed(brought, userName="d")) == "DENY"


def test_an_entity_of_another_kind_brings_no_claims(claims: "Bench") -> None:
    assert decided(claims, "any/a", identifier=person("diana")) == "DENY"


def test_a_token_is_what_it_claims(claims: "Bench") -> None:
    token = claims.token("opentdf-sdk")

    assert decided(claims, "any/c", identifier=holder(token)) == "PERMIT"
    [entity] = claims.ok(
        f"{ENTITIES}/CreateEntityChainsFromTokens",
        {"tokens": [{"ephemeralId": "t", "jwt": token}]},
    )["entityChains"][0]["entities"]
    assert entity["ephemeralId"] == "clients-claims-service-account-opentdf-sdk"


def test_a_token_that_fits_no_strategy_is_an_error(claims: "Bench") -> None:
    token = token_with(claims, azp=None)

    reply = claims.call(f"{DECISIONS}/GetDecision", question("any/a", identifier=holder(token)))

    assert (reply.status, reply.code) == (500, "internal")


def test_resolution_tells_the_strategy_or_the_failure(claims: "Bench") -> None:
    [known] = claimed(userName="diana")["entityChain"]["entities"]
    [unknown] = claimed()["entityChain"]["entities"]

    answer = claims.ok(f"{ENTITIES}/ResolveEntities", {"entities": [known, unknown]})

    first, second = (item["additionalProps"][0] for item in answer["entityRepresentations"])
    assert (first["username"], first["metadata_strategy_name"]) == ("diana", "people")
    assert second["error"] == "no matching strategy found"


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (person("alice"), "PERMIT"),
        (person("ALICE"), "PERMIT"),
        (person("bob"), "DENY"),
        (person("ali*"), "DENY"),
        (person("mallory"), "DENY"),
        (claimed(userName="bob", department="engineering"), "PERMIT"),
        (claimed(userName="alice"), "DENY"),
        (claimed(login="alice", employer="ACME"), "PERMIT"),
        (claimed(employer="Acme"), "DENY"),
    ],
)
def test_the_directory_is_asked_where_claims_do_not_say(
    directory: "Bench", identifier: Json, expected: str
) -> None:
    assert decided(directory, "any/a", identifier=identifier) == expected


def test_the_first_failure_ends_the_search_where_it_is_told_to(fail_fast: "Bench") -> None:
    engineer = claimed(userName="x", department="engineering")

    assert decided(fail_fast, "any/a", identifier=person("alice")) == "DENY"
    assert decided(fail_fast, "any/a", identifier=engineer) == "PERMIT"


@pytest.mark.parametrize(("given_name", "expected"), [("alice", "PERMIT"), ("bob", "DENY")])
@pytest.mark.parametrize("option", ["directory", "directory-fail-fast"])
def test_a_token_leads_to_the_directory(
    make_bench: "MakeBench", option: str, given_name: str, expected: str
) -> None:
    bench = ready(make_bench(options=(option,)))

    token = token_with(bench, given_name=given_name)

    assert decided(bench, "any/a", identifier=holder(token)) == expected


@pytest.mark.parametrize(
    ("option", "fault", "identifier", "value", "expected"),
    [
        ("claims-identity", Fault.CLAIMS_FAILURE_PERMITS, claimed(), "any/a", "PERMIT"),
        (
            "claims-identity",
            Fault.CLAIMS_LIST_FIRST_ONLY,
            claimed(userName="d", groups=["sales", "engineering"]),
            "any/b",
            "DENY",
        ),
        (
            "claims-identity",
            Fault.CLAIMS_LIST_AS_TEXT,
            claimed(userName="d", groups=["engineering"]),
            "any/b",
            "DENY",
        ),
        ("directory", Fault.NO_FALLBACK, person("alice"), "any/a", "DENY"),
        ("directory", Fault.DIRECTORY_WILDCARDS, person("ali*"), "any/a", "PERMIT"),
        ("directory-fail-fast", Fault.FAIL_FAST_GOES_ON, person("alice"), "any/a", "PERMIT"),
    ],
)
def test_faults_break_one_promise_each(
    make_bench: "MakeBench",
    option: str,
    fault: Fault,
    identifier: Json,
    *,
    value: str,
    expected: str,
) -> None:
    bench = ready(make_bench(fault, options=(option,)))

    assert decided(bench, value, identifier=identifier) == expected
