"""Multi-strategy identity in the platform's own configuration, for the options that ask for it.

The strategies are those of the embedded platform (`support/embedded/strategies.py`), written as
service/entityresolution/multi-strategy of the platform's source takes them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from support.embedded.strategies import (
    CLAIMS_STRATEGIES,
    DIRECTORY_STRATEGIES,
    ClaimCondition,
    Output,
    Provider,
    Strategy,
)

Patch = Mapping[str, Any]

_PARAMETER = "wanted"
_CLAIMS_PROVIDER: Patch = {"type": "claims", "connection": {}}


def claims_patch() -> Patch:
    """Return what the option `claims-identity` changes: entities are what they claim."""
    return _patch({Provider.CLAIMS.value: _CLAIMS_PROVIDER}, CLAIMS_STRATEGIES)


def directory_patch(connection: Patch, people_dn: str, *, fail_fast: bool = False) -> Patch:
    """Return what a directory changes: entities are what they claim, else people in it (LDAP).

    Args:
        connection: how the platform gets there.
        people_dn: below this are the people.
        fail_fast: whether the first source that fails ends the search.
    """
    providers = {
        Provider.CLAIMS.value: _CLAIMS_PROVIDER,
        Provider.DIRECTORY.value: {"type": "ldap", "connection": dict(connection)},
    }
    return _patch(providers, DIRECTORY_STRATEGIES, people_dn, fail_fast=fail_fast)


def _patch(
    providers: Patch,
    strategies: Sequence[Strategy],
    people_dn: str = "",
    *,
    fail_fast: bool = False,
) -> Patch:
    return {
        "services": {
            "entityresolution": {
                "mode": "multi-strategy",
                "failure_strategy": "fail-fast" if fail_fast else "continue",
                "providers": providers,
                "mapping_strategies": [_strategy(entry, people_dn) for entry in strategies],
            }
        }
    }


def _strategy(strategy: Strategy, people_dn: str) -> dict[str, Any]:
    in_directory = strategy.provider is Provider.DIRECTORY
    return {
        "name": strategy.name,
        "provider": strategy.provider.value,
        "entity_type": "subject",
        "conditions": {"jwt_claims": [_condition(entry) for entry in strategy.conditions]},
        "output_mapping": [_output(entry, in_directory) for entry in strategy.outputs],
        **(_search(strategy, people_dn) if in_directory else {}),
    }


def _search(strategy: Strategy, people_dn: str) -> dict[str, Any]:
    attribute, claim = strategy.search
    return {
        "ldap_search": {
            "base_dn": people_dn,
            "filter": f"(&(objectClass=inetOrgPerson)({attribute}={{{_PARAMETER}}}))",
            "scope": "subtree",
            "attributes": [output.source for output in strategy.outputs],
        },
        "input_mapping": [{"jwt_claim": claim, "parameter": _PARAMETER, "required": True}],
    }


def _condition(condition: ClaimCondition) -> dict[str, Any]:
    values = {"values": list(condition.values)} if condition.values else {}
    return {"claim": condition.claim, "operator": condition.operator.value, **values}


def _output(output: Output, in_directory: bool) -> dict[str, Any]:  # noqa: FBT001 - one caller
    source = "source_attribute" if in_directory else "source_claim"
    changed = {"transformation": "csv_to_array"} if output.comma_separated else {}
    return {source: output.source, "claim_name": output.name, **changed}
