"""The families of tags, and what is wrong with a tag."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from support.foundation.text import did_you_mean, listed
from support.model.spec import Spec

RISKS = ("high", "medium", "low")
FLAGS = ("smoke", "serial", "slow", "wip")  # tags without a value

# Family -> what its value looks like; capabilities are checked against the catalog by the planner.
_FAMILIES = {
    "req": re.compile(r"BR-\d{3}"),
    "cap": re.compile(r"[a-z][a-z0-9_]*=[A-Za-z0-9._-]+"),
    "risk": re.compile("|".join(RISKS)),
    "needs": re.compile(r"[A-Za-z0-9._:-]+"),
    "testrail": re.compile(r"C\d+"),
    "jira": re.compile(r"[A-Z][A-Z0-9]*-\d+"),
}
_EXAMPLES = {
    "req": "@req:BR-001",
    "cap": "@cap:format=ztdf",
    "risk": "@risk:high",
    "needs": "@needs:browser",
    "testrail": "@testrail:C123",
    "jira": "@jira:KEY-1",
}


class TagFault(NamedTuple):
    """What is wrong with a tag: the rule that it breaks, and the message."""

    rule: str
    message: str


def problems_of(spec: Spec, requirements: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the tags of a spec, one line each, with file and line.

    Args:
        spec: the spec; its effective tags are checked.
        requirements: the ids of the requirement registry.
    """
    for tag in dict.fromkeys(spec.tags):
        if fault := fault_of(tag, requirements):
            yield f"{spec.feature_path}:{spec.line}: tag @{tag}: {fault.message}"


def fault_of(tag: str, requirements: Collection[str]) -> TagFault | None:
    """Return what is wrong with a tag, given without its `@`; capabilities: only their form."""
    family, separator, value = tag.partition(":")
    if family.startswith("profile"):
        return TagFault(
            "tag-profile",
            "profiles choose scenarios, a scenario never chooses its profile. Remove the tag.",
        )
    if separator and family in FLAGS:
        return TagFault("tag-value", f"@{family} takes no value. Write @{family}.")
    form = _FAMILIES.get(family)
    if form is None:
        known = f"{did_you_mean(family, _FAMILIES)} Known: {listed(_FAMILIES)}."
        message = f'"{family}" is not a family of tags.{known}'
        return TagFault("tag-family", message) if separator else None
    return _value_fault(family, value, requirements, form)


def _value_fault(
    family: str, value: str, requirements: Collection[str], form: re.Pattern[str]
) -> TagFault | None:
    if not form.fullmatch(value):
        message = f'"{value}" is not a value of it. Write, for example, {_EXAMPLES[family]}.'
        return TagFault("tag-value", message)
    if family == "req" and value not in requirements:
        near = did_you_mean(value, requirements)
        return TagFault(
            "requirement-unknown",
            f"features/requirements.yaml has no {value}.{near} Use one that it lists, or add it.",
        )
    return None
