"""What each changed file is to the units, by its place in the project."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

from support.foundation.errors import SpecificationError
from support.foundation.git import Change, Changes
from support.planning.imports import ImportGraph, module_name
from support.planning.inputs import spec_text, step_arguments
from support.planning.project import SETTINGS_FILE, Project, is_code
from support.planning.reach import HUB, STEPS
from support.specs import reader

_NO_UNIT = "no unit depends on it"
_FOLDERS_OF_NO_UNIT = {
    "docs": "documentation",
    "benchmarks": "measures, and is not part of a run",
    "tests": "tests the framework, and is not part of a run",
    "tools": "a tool, which runs never use",
    ".ci": "starts runs, and is not part of one",
    ".github": "starts runs, and is not part of one",
}
_FILES_OF_NO_UNIT = frozenset(
    {
        "Makefile",
        "LICENSE",
        ".gitignore",
        ".gitattributes",
        ".pre-commit-config.yaml",
        "profiles/product-map.yaml",
    }
)
_FILES_OF_ALL = {
    SETTINGS_FILE: "configures every run",
    "requirements.lock": "changes the libraries of every run",
    "profiles/capability-catalog.yaml": "defines what every tag means",
}
_SHIMS = ("tools", "sdk")
_SCHEMA = ".schema.json"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A changed file that code may read.

    Attributes:
        names: the texts by which code names it.
        stem: the name by which loaders know a schema; empty for any other file.
        folder: a folder of data, which code may read by the folder's name; else empty.
        top: a folder that runs do not use, so that code has to name it too; else empty.
        otherwise: why it touches nothing, where no code names it after all; empty where unknown.
    """

    path: str
    names: frozenset[str]
    stem: str
    folder: str
    top: str
    otherwise: str

    @property
    def any_names(self) -> frozenset[str]:
        """All texts that may stand for it."""
        return self.names | {self.stem, self.folder} - {""}


@dataclass(slots=True)
class Findings:
    """What was found out about a change.

    Attributes:
        everything: why all units are touched.
        tools: the texts of code that no run executes.
        code: the changed Python files.
        data: the other changed files that the text of some module names.
        specs: reasons by spec id.
        requirements: reasons by requirement id.
        languages: reasons by the language of an SDK.
        unrelated: why a file touches nothing, by its path.
    """

    imports: ImportGraph
    tools: Mapping[str, str] = field(default_factory=dict)
    everything: list[str] = field(default_factory=list)
    code: list[Change] = field(default_factory=list)
    data: list[DataFile] = field(default_factory=list)
    specs: dict[str, list[str]] = field(default_factory=dict)
    requirements: dict[str, list[str]] = field(default_factory=dict)
    languages: dict[str, list[str]] = field(default_factory=dict)
    unrelated: dict[str, str] = field(default_factory=dict)


def findings(
    changes: Changes, project: Project, profile_id: str, bases: tuple[str, ...]
) -> Findings:
    """Sort the changed files by what they are; code is followed elsewhere."""
    texts = {module_name(path): text for path, text in project.sources.items()}
    handed_in = {name: frozenset({HUB}) for name in texts if name.startswith(f"{STEPS}.")}
    found = Findings(ImportGraph(texts, handed_in), project.tools)
    profiles = frozenset({profile_id, *bases})
    for change in changes.files:
        _sort(change, found, profiles)
    return found


def _sort(change: Change, found: Findings, profiles: frozenset[str]) -> None:
    path = change.path
    parts = PurePosixPath(path).parts
    if path in _FILES_OF_ALL:
        found.everything.append(f"{path} changed, which {_FILES_OF_ALL[path]}")
    elif is_code(path):
        found.code.append(change)
    elif path == "features/requirements.yaml":
        _requirements(change, found)
    elif parts[0] == "features" and path.endswith(".feature"):
        _feature(change, found)
    elif parts[0] == "profiles" and len(parts) > 2:  # noqa: PLR2004 -- profiles/<id>/<file>
        _profile(path, parts[1], found, profiles)
    elif parts[:2] == _SHIMS and len(parts) > len(_SHIMS) + 1:
        found.languages.setdefault(parts[2], []).append(f"{path} changed, part of the SDK's shim")
    else:
        _other(path, parts, found)


def quoted(name: str) -> tuple[str, ...]:
    """Return how a name may stand in code: as a text, or at the end of one."""
    return tuple(before + name + after for before in "\"'/" for after in "\"'")


def _other(path: str, parts: tuple[str, ...], found: Findings) -> None:
    """Relate a file by the places in the code that name it."""
    reason = _of_no_unit(path, parts)
    data = DataFile(
        path,
        names=frozenset({path, *(part for part in parts[-1:] if "." in part)}),
        stem=parts[-1].removesuffix(_SCHEMA) if path.endswith(_SCHEMA) else "",
        folder=parts[-2] if parts[0] == "features" and len(parts) > 2 else "",  # noqa: PLR2004 -- features/<folder>/<file>
        top=parts[0] if parts[0] in _FOLDERS_OF_NO_UNIT else "",
        otherwise=reason,
    )
    if _is_named(found.imports.texts, data):
        found.data.append(data)
    elif reason:
        found.unrelated[path] = reason
    elif _is_named(found.tools, data):
        found.unrelated[path] = f"only tools read it: {_NO_UNIT}"
    else:
        found.everything.append(unknown(path))


def unknown(path: str) -> str:
    """Return what is said of a file that cannot be related to units."""
    return f"{path} changed, and nothing tells which units depend on it"


def _of_no_unit(path: str, parts: tuple[str, ...]) -> str:
    if parts[0] in _FOLDERS_OF_NO_UNIT and len(parts) > 1:
        return f"{_FOLDERS_OF_NO_UNIT[parts[0]]}: {_NO_UNIT}"
    if path.endswith(".md"):
        return f"documentation: {_NO_UNIT}"
    return f"not part of a run: {_NO_UNIT}" if path in _FILES_OF_NO_UNIT else ""


def _is_named(texts: Mapping[str, str], data: DataFile) -> bool:
    shown = [text for name in data.any_names for text in quoted(name)]
    return any(text in source for source in texts.values() for text in shown)


def _profile(path: str, name: str, found: Findings, profiles: frozenset[str]) -> None:
    if name in profiles:
        found.everything.append(f"{path} changed, which belongs to the profile")
    else:
        found.unrelated[path] = f"the profile does not extend {name}: {_NO_UNIT}"


def _feature(change: Change, found: Findings) -> None:
    """Select the specs whose statement differs; all of a file that cannot be compared."""
    if change.now is None:
        found.unrelated[change.path] = "the file was removed: no unit of it is left"
        return
    try:
        now = _spec_texts(change.path, change.now)
    except SpecificationError:
        found.everything.append(f"{change.path} is not valid Gherkin, so no run can start")
        return
    try:
        before = _spec_texts(change.path, change.before or "")
    except SpecificationError:
        before = {}
    for spec_id, text in now.items():
        if spec_id not in before:
            found.specs.setdefault(spec_id, []).append(f"{change.path}: the scenario is new")
        elif before[spec_id] != text:
            found.specs.setdefault(spec_id, []).append(f"{change.path}: the scenario changed")
    if before == now:
        found.unrelated[change.path] = f"no scenario states anything else than before: {_NO_UNIT}"


def _spec_texts(path: str, text: str) -> Mapping[str, str]:
    document = reader.parse(path, text)
    arguments = step_arguments(document)
    texts: dict[str, str] = {}
    for spec in reader.specs_of(document):  # ids that occur twice count together
        texts[spec.id] = texts.get(spec.id, "") + spec_text(spec, arguments)
    return texts


def _requirements(change: Change, found: Findings) -> None:
    before, now = _entries(change.before), _entries(change.now)
    if before is None or now is None:
        found.everything.append(f"{change.path} changed, and its entries cannot be compared")
        return
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            found.requirements.setdefault(name, []).append(f"{change.path}: {name} changed")
    if before == now:
        found.unrelated[change.path] = f"every entry says the same as before: {_NO_UNIT}"


def _entries(text: str | None) -> Mapping[str, Any] | None:
    try:
        listed = yaml.safe_load(text or "")["requirements"]
        return {str(entry["id"]): entry for entry in listed}
    except (yaml.YAMLError, TypeError, KeyError):
        return None
