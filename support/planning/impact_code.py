"""Which definitions a change of Python files alters, and which changes no run would survive."""

import builtins
import sys
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from support.foundation.git import Change
from support.planning.definitions import LOOSE, Definition, Module, read_module
from support.planning.imports import ImportGraph, imports_of, module_name
from support.planning.reach import HUB, HUB_CLASS, Node

NOTHING = Module({}, {})


@dataclass(frozen=True, slots=True)
class ChangedCode:
    """One changed Python file.

    Attributes:
        module: the name by which it is imported.
        reasons: what is said of each definition that is altered, new or gone.
        fatal: why a run could break while it imports this; empty when it cannot.
    """

    path: str
    module: str
    reasons: Mapping[Node, str]
    fatal: str = ""


def changed_code(change: Change, imports: ImportGraph) -> ChangedCode:
    """Compare the two texts of a Python file; comments, docstrings and layout do not count."""
    module = module_name(change.path)
    try:
        now = _read(change.now, module)
    except (SyntaxError, ValueError) as error:
        fatal = f"{change.path} is not valid Python: {error}"
        return ChangedCode(change.path, module, {}, fatal)
    try:
        before = _read(change.before, module)
    except (SyntaxError, ValueError):
        before = NOTHING
    reasons = dict(_reasons(change.path, module, before, now))
    fatal = next(_fatal(change, imports, before, now), "") if reasons else ""
    return ChangedCode(change.path, module, reasons, fatal)


def _read(text: str | None, module: str) -> Module:
    if text is None:
        return NOTHING
    return read_module(text, HUB_CLASS if module == HUB else "")


def _reasons(path: str, module: str, before: Module, now: Module) -> Iterator[tuple[Node, str]]:
    for name in sorted({*before.definitions, *now.definitions}):
        old, new = before.definitions.get(name), now.definitions.get(name)
        what = _what(old is not None, new is not None)
        if old is None or new is None or old.shape != new.shape:
            shown = name if name != LOOSE else "what stands outside of functions"
            yield (module, name), f"{path}: {shown} {what}"
    for name in sorted({*before.bindings, *now.bindings}):
        bound, binds = before.bindings.get(name), now.bindings.get(name)
        if bound != binds:
            what = _what(bound is not None, binds is not None)
            yield (module, name), f"{path}: the import of {name} {what}"


def _what(was: bool, is_now: bool) -> str:  # noqa: FBT001 -- two answers to one question
    return "changed" if was and is_now else "is new" if is_now else "was removed"


def _fatal(change: Change, imports: ImportGraph, before: Module, now: Module) -> Iterator[str]:
    """Yield why whoever imports this module might fail, or do something else than before."""
    module = module_name(change.path)
    provided = _provided(module, now, imports)
    yield from _missing(module, provided, imports)
    yield from _missing_imports(change, imports)
    yield from _new_libraries(change, imports, before, now)
    for name, definition in now.definitions.items():
        old = before.definitions.get(name, Definition())
        if definition.early == old.early:
            continue
        unknown = definition.early_loads - provided - frozenset(vars(builtins)) - definition.bound
        if unknown:
            yield f"{change.path}: {name} needs {', '.join(sorted(unknown))}, which is not defined"
        if definition.risky:
            yield f"{change.path}: {name or 'a statement'} changed, which runs on import"


def _provided(module: str, now: Module, imports: ImportGraph) -> frozenset[str]:
    prefix = f"{module}."
    inner = (n.removeprefix(prefix) for n in imports.texts if n.startswith(prefix))
    loose = now.definitions.get(LOOSE)
    return frozenset({*now.definitions, *now.bindings, *inner, *(loose.bound if loose else ())})


def _missing(module: str, provided: AbstractSet[str], imports: ImportGraph) -> Iterator[str]:
    """Yield each import of this module's names that finds nothing any more."""
    for importer, statements in imports.statements.items():
        for target, name in statements:
            if target == module and name not in {None, "*", *provided}:
                yield f"{importer} imports {name} of {module}, which does not define it"


def _missing_imports(change: Change, imports: ImportGraph) -> Iterator[str]:
    for target, name in imports_of(change.now or ""):
        whole = f"{target}.{name}"
        if target.partition(".")[0] not in imports.roots or whole in imports.texts:
            continue
        text = imports.texts.get(target)
        if text is None:
            yield f"{change.path} imports {target}, which does not exist"
        elif name is not None and name != "*" and name not in text:
            yield f"{change.path} imports {name} of {target}, which does not define it"


def _new_libraries(
    change: Change, imports: ImportGraph, before: Module, now: Module
) -> Iterator[str]:
    """Yield each import of a library that nothing else in the project imports."""
    old = {target for target, _ in before.bindings.values()}
    fresh = {target for target, _ in now.bindings.values()} - old
    own = module_name(change.path)
    for library in sorted(fresh):
        top = library.partition(".")[0]
        if top in imports.roots or top in sys.stdlib_module_names:
            continue
        others: Iterable[str] = (m for m in imports.texts if m != own)
        if not any(library == target for m in others for target, _ in imports.statements[m]):
            yield f"{change.path} imports the library {library}, which nothing imported before"
