"""The texts of a project that decide what a change in it can affect."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.planning.imports import PYTHON
from support.planning.reach import HOOKS, STEPS, Node

CODE = "support"
TOOLS = "tools"
SETTINGS_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    """What of a project runs, and what does not.

    Attributes:
        sources: text of each Python file that a run may execute, by its path.
        runner: behave's runner.
        tools: text of each Python file of the tools, which no run imports.
    """

    sources: Mapping[str, str]
    runner: Node | None = None
    tools: Mapping[str, str] = field(default_factory=dict)


def read_project(root: Path) -> Project:
    """Read a project's steps, hooks and support code; nothing is imported."""
    hooks = root / f"{HOOKS}{PYTHON}"
    run = [hooks, *(root / STEPS).glob(f"*{PYTHON}"), *(root / CODE).rglob(f"*{PYTHON}")]
    tools = (root / TOOLS).rglob(f"*{PYTHON}")
    runner = _runner(root / SETTINGS_FILE)
    return Project(dict(_texts(root, run)), runner, dict(_texts(root, tools)))


def is_code(path: str) -> bool:
    """Tell whether a path is one of a project's sources."""
    return path.endswith(PYTHON) and (
        path == f"{HOOKS}{PYTHON}" or path.partition("/")[0] in {STEPS, CODE}
    )


def _texts(root: Path, paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
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
