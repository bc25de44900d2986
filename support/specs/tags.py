"""The families of tags, and what is wrong with a tag."""

import re
from collections.abc import Collection, Iterator

from support.foundation.text import did_you_mean, listed
from support.model.spec import Spec

RISKS = ("high", "medium", "low")

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


def problems_of(spec: Spec, requirements: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the tags of a spec, one line each, with file and line.

    Args:
        spec: the spec; its effective tags are checked.
        requirements: the ids of the requirement registry.
    """
    for tag in dict.fromkeys(spec.tags):
        if problem := _problem(tag, requirements):
            yield f"{spec.feature_path}:{spec.line}: tag @{tag}: {problem}"


def _problem(tag: str, requirements: Collection[str]) -> str:
    family, separator, value = tag.partition(":")
    if family.startswith("profile"):
        return "profiles choose scenarios, a scenario never chooses its profile. Remove the tag."
    form = _FAMILIES.get(family)
    if form is None:
        known = f"{did_you_mean(family, _FAMILIES)} Known: {listed(_FAMILIES)}."
        return f'"{family}" is not a family of tags.{known}' if separator else ""
    if not form.fullmatch(value):
        return f'"{value}" is not a value of it. Write, for example, {_EXAMPLES[family]}.'
    if family == "req" and value not in requirements:
        near = did_you_mean(value, requirements)
        return f"features/requirements.yaml has no {value}.{near} Use one that it lists, or add it."
    return ""
