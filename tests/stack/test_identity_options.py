from typing import Any

import pytest

from support.embedded.strategies import CLAIMS_STRATEGIES, DIRECTORY_STRATEGIES, Strategy
from support.stack.identity_options import claims_patch, directory_patch

CONNECTION = {"host": "127.0.0.1", "port": 4}


def service_of(patch: Any) -> dict[str, Any]:  # noqa: ANN401 - configuration is untyped
    return dict(patch["services"]["entityresolution"])


def test_the_directory_is_where_the_patch_says() -> None:
    service = service_of(directory_patch(CONNECTION, "ou=users,dc=x"))

    assert service["providers"]["directory"]["connection"] == CONNECTION
    searches = [entry["ldap_search"] for entry in service["mapping_strategies"][1:]]
    assert {search["base_dn"] for search in searches} == {"ou=users,dc=x"}
    assert searches[0]["filter"] == "(&(objectClass=inetOrgPerson)(uid={wanted}))"


@pytest.mark.parametrize(("fail_fast", "said"), [(False, "continue"), (True, "fail-fast")])
def test_the_patch_says_what_a_failure_means(*, fail_fast: bool, said: str) -> None:
    patch = directory_patch(CONNECTION, "ou=users,dc=x", fail_fast=fail_fast)

    assert service_of(patch)["failure_strategy"] == said


@pytest.mark.parametrize(
    ("patch", "strategies"),
    [
        (claims_patch(), CLAIMS_STRATEGIES),
        (directory_patch(CONNECTION, "ou=users,dc=x"), DIRECTORY_STRATEGIES),
    ],
)
def test_the_platform_gets_the_strategies_of_the_embedded_one(
    patch: Any,  # noqa: ANN401 - configuration is untyped
    strategies: tuple[Strategy, ...],
) -> None:
    written = service_of(patch)["mapping_strategies"]

    assert [entry["name"] for entry in written] == [entry.name for entry in strategies]
    for entry, strategy in zip(written, strategies, strict=True):
        conditions = entry["conditions"]["jwt_claims"]
        assert [
            (condition["claim"], condition["operator"], tuple(condition.get("values", ())))
            for condition in conditions
        ] == [(c.claim, c.operator.value, c.values) for c in strategy.conditions]
        assert [output["claim_name"] for output in entry["output_mapping"]] == [
            output.name for output in strategy.outputs
        ]
