"""What evidence tells beside what a unit did: of the run, and of each unit before it runs."""

import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from support.evidence.migration import CURRENT, UNKNOWN
from support.model.events import RunStarted
from support.model.inventory import InstalledSdk
from support.model.unit import Unit

Facts = dict[str, Any]

_KEYWORD = re.compile(r"\s*(?:Scenario(?: Outline| Template)?|Example|Rule):")
_SCENARIO = re.compile(r"\s*(?:Scenario(?: Outline| Template)?|Example):")
_QUOTES = re.compile(r"\s*(\"\"\"|```)")
_LINKS = ("jira", "testrail")


@dataclass(frozen=True, slots=True)
class Context:
    """What only whoever opens a run knows of it.

    Attributes:
        titles: title of each requirement by its id.
        sources: text of each feature file by its path.
        profile_digest: of the profile's effective values.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    profile_digest: str = UNKNOWN


def digest(data: bytes) -> str:
    """Return `sha256:<hex>`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def pretty(value: object) -> str:
    """Return JSON as files of a run have it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def of_run(run: RunStarted, context: Context, plan_digest: str) -> Facts:
    """Return the part that all evidence of a run shares."""
    return {
        "schema_version": CURRENT,
        "run_id": run.run_id,
        "profile_id": run.profile_id,
        "profile_digest": context.profile_digest,
        "plan_digest": plan_digest,
        "seed": run.seed,
        "order": run.order,
        "commit_sha": run.commit_sha,
        "stack": {
            "name": run.stack.name,
            "platform_url": run.stack.platform_url,
            "platform_version": run.stack.platform_version,
            "faults": list(run.stack.faults),
            "components": [
                {"name": each.name, "version": each.version, "digest": each.digest}
                for each in run.stack.components
            ],
        },
        "environment": environment(),
    }


def of_unit(unit: Unit, run: RunStarted, context: Context) -> Facts:
    """Return the part of a unit's evidence that is known before it runs."""
    spec = unit.spec
    source = context.sources.get(spec.feature_path, "")
    return {
        "unit_id": unit.id,
        "req_id": spec.requirement_ids[0],
        "req_ids": list(spec.requirement_ids),
        "requirements": [
            {"id": each, "title": context.titles.get(each, "")} for each in spec.requirement_ids
        ],
        "variant": unit.variant.id,
        "capabilities": {c.dimension: c.value for c in unit.variant},
        "severity": unit.severity.value,
        "feature": {
            "path": spec.feature_path,
            "name": spec.feature_name,
            "digest": digest(source.encode()) if source else UNKNOWN,
        },
        "scenario": {
            "name": spec.name,
            "line": spec.line,
            "text": scenario_text(source, spec.line),
        },
        "tags": list(spec.tags),
        "sdks": [_sdk(sdk) for sdk in run.inventory.sdks if _names(unit, sdk.id)],
        "links": list(_links(spec.tags)),
    }


@cache
def environment() -> dict[str, str]:
    """Return what machine this is, as far as it can matter: no name of it, no user, no path."""
    packages = sorted(
        f"{each.name.lower()}=={each.version}" for each in importlib.metadata.distributions()
    )
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "python": platform.python_version(),
        "packages_digest": digest("\n".join(dict.fromkeys(packages)).encode()),
    }


def scenario_text(source: str, line: int) -> str:
    """Return the text of the scenario at, or above, a line of a feature file; tags left out.

    It ends where the next scenario or rule begins.
    """
    lines = source.splitlines()
    heads = [number for number in _heads(lines) if number < line]
    if not heads or not _SCENARIO.match(lines[heads[-1]]):
        return ""
    end = next((number for number in _heads(lines) if number > heads[-1]), len(lines))
    part = lines[heads[-1] : end]
    while len(part) > 1 and (not part[-1].strip() or part[-1].strip()[0] in "@#"):
        part.pop()
    return "\n".join(part) + "\n"


def _heads(lines: list[str]) -> Iterator[int]:
    """Yield the positions of lines that begin a scenario or rule, those in texts left out."""
    quoted = ""
    for number, line in enumerate(lines):
        mark = _QUOTES.match(line)
        if quoted:
            quoted = "" if mark and mark[1] == quoted else quoted
        elif mark:
            quoted = mark[1]
        elif _KEYWORD.match(line):
            yield number


def _sdk(sdk: InstalledSdk) -> dict[str, str]:
    known = f"sha256:{sdk.digest}" if sdk.digest else UNKNOWN
    return {"id": sdk.id, "language": sdk.language, "version": sdk.version, "digest": known}


def _names(unit: Unit, sdk_id: str) -> bool:
    return any(capability.value == sdk_id for capability in unit.variant)


def _links(tags: tuple[str, ...]) -> Iterator[dict[str, str]]:
    for tag in tags:
        kind, _, name = tag.partition(":")
        if kind in _LINKS and name:
            yield {"kind": kind, "id": name}
