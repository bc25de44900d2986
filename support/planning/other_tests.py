"""Tests of other runners that prove the same requirements, selected by the same rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from support.profiles.profile import Profile
from support.specs.requirements import Requirement


def tests_of(
    reasons: Mapping[str, Iterable[str]],
    registry: Mapping[str, Requirement],
    profile: Profile,
) -> list[dict[str, Any]]:
    """Return the tests of every requirement of which the plan has a unit, as `plan.json` has them.

    Args:
        reasons: why units of each planned requirement are in, by the requirement's id.
        registry: the requirements, with the patterns of their tests.
        profile: says which values of each dimension are meant.
    """
    proved: dict[str, list[str]] = {}
    for requirement in reasons:
        for pattern in registry[requirement].tests:
            proved.setdefault(pattern, []).append(requirement)
    capabilities = {name: list(values) for name, values in profile.capabilities.items()}
    return [
        {
            "pattern": pattern,
            "requirements": requirements,
            "capabilities": capabilities,
            "reasons": list(dict.fromkeys(why for name in requirements for why in reasons[name])),
        }
        for pattern, requirements in sorted(proved.items())
    ]
