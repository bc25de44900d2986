"""Changes as somebody might make them, and the shipped project to make them in."""

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeGuard

from support.foundation.git import Change, Changes
from support.foundation.settings import ROOT
from support.model.capability import Answer
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.planning.impact import Impact, Target, impact
from support.planning.planner import Basis, plan
from support.planning.project import Project, is_code, read_project
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.specs import reader

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@cache
def shipped_project() -> Project:
    return read_project(ROOT)


@cache
def shipped_specs(root: Path = ROOT) -> tuple[Spec, ...]:
    return tuple(
        spec
        for path in sorted((root / "features").rglob("*.feature"))
        for spec in reader.specs_of(
            reader.parse(path.relative_to(root).as_posix(), path.read_text("utf-8"))
        )
    )


@cache
def shipped_target(profile_id: str = "embedded") -> Target:
    """Return a profile's plan on a machine with three SDKs that can do everything."""
    catalog = catalogs.load(ROOT / "profiles" / "capability-catalog.yaml")
    profile = profiles.load(ROOT / "profiles", profile_id, catalog)
    features = {name: Answer("yes") for name in catalog.sdk_features}
    sdks = tuple(
        InstalledSdk(f"{language}-v1", language, "v1", "sdks", features, digest=f"{language} now")
        for language in ("go", "python", "rust")
    )
    inventory = Inventory(sdks, ("expired-token", "foreign-audience-token", "foreign-issuer-token"))
    planned = plan(shipped_specs(), Basis(profile=profile, catalog=catalog, inventory=inventory))
    return Target(
        units=planned.units,
        profile_id=profile.id,
        bases=profile.lineage,
        stack=profile.stack,
        inventory=inventory,
        default_sdk="go-v1",
    )


def text_of(path: str) -> str:
    return (ROOT / path).read_text("utf-8", errors="replace")


def changed(path: str, now: str | None, before: str | None = None) -> Change:
    """Return a change of a shipped file, or with `before` of any other."""
    return Change(path, text_of(path) if before is None else before, now)


def impact_of(
    *files: Change, target: Target | None = None, project: Project | None = None
) -> Impact:
    """Return the impact of changes on the shipped plan, or on another one."""
    project = project or shipped_project()
    sources = dict(project.sources)
    for file in files:
        if is_code(file.path):
            sources.pop(file.path, None)
            if file.now is not None:
                sources[file.path] = file.now
    changes = Changes("main", COMMIT, files)
    return impact(changes, replace(project, sources=sources), target or shipped_target())


def sabotaged(text: str, only: str = "") -> str:
    """Return Python in which every function, or every one of that name, raises when called."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and only in {"", node.name}:
            documented = node.body[:1] if ast.get_docstring(node) else []
            node.body = [*documented, *ast.parse('raise RuntimeError("sabotaged")').body]
    return ast.unparse(tree)


def functions_of(path: str) -> list[str]:
    """Return the names of a module's functions and methods, in the order of the source."""
    found = (node.name for node in ast.walk(ast.parse(text_of(path))) if _is_function(node))
    return list(dict.fromkeys(found))


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef)


def python_files(folder: str) -> list[str]:
    root: Path = ROOT / folder
    return sorted(path.relative_to(ROOT).as_posix() for path in root.rglob("*.py"))
