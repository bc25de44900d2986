"""The texts of a project that decide what a change in it can affect."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.planning.imports import PYTHON
from support.planning.reach import HOOKS, STEPS, Node

CODE = "support"
SETTINGS_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    """What of a project runs: the text of each Python file by its path, and behave's runner."""

    sources: Mapping[str, str]
    runner: Node | None = None


def read_project(root: Path) -> Project:
    """Read a project's steps, hooks and support code; nothing is imported."""
    return Project(dict(_sources(root)), _runner(root / SETTINGS_FILE))


def is_code(path: str) -> bool:
    """Tell whether a path is one of a project's sources."""
    return path.endswith(PYTHON) and (
        path == f"{HOOKS}{PYTHON}" or path.partition("/")[0] in {STEPS, CODE}
    )


def _sources(root: Path) -> Iterator[tuple[str, str]]:
    hooks = root / f"{HOOKS}{PYTHON}"
    paths = [hooks, *(root / STEPS).glob(f"*{PYTHON}"), *(root / CODE).rglob(f"*{PYTHON}")]
    for path in sorted(paths):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path.read_text("utf-8", errors="replace")


def _runner(settings: Path) -> Node | None:
    try:
        values = tomllib.loads(settings.read_text("utf-8", errors="replace"))
    except (OSError, tomllib.TOMLDecodeError):
        return None  # a change of that file selects everything anyway
    module, _, name = str(values.get("tool", {}).get("behave", {}).get("runner", "")).partition(":")
    return (module, name) if name else None
