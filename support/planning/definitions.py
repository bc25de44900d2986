"""What the definitions of a Python module say of each other, read from its text and never run.

A definition is what a module binds to a name at its top level: a function, a class or a value. The
class that steps act on is taken apart further, for a step uses few of its members.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

LOOSE = ""
"""The name of all statements of a module that bind no name."""

EVERYTHING = "*"
"""Begins the name under which `from module import *` is kept."""

CONTEXT = "context"
WORLD = "world"
_CONTEXT_TYPE = "Context'"
_TYPE_TESTS = frozenset({"isinstance", "issubclass"})
# Decorators that give a function or a class back, so that only its name leads to it.
_PLAIN_DECORATORS = frozenset(
    {
        *("dataclass", "property", "classmethod", "staticmethod", "overload", "override"),
        *("cache", "cached_property", "lru_cache", "contextmanager", "wraps", "abstractmethod"),
        *("setter", "final", "runtime_checkable", "total_ordering"),
        *("given", "when", "then", "step"),
    }
)
_SAFE_CALLS = frozenset({"dataclass", "field", "given", "when", "then"})


@dataclass(slots=True)
class Definition:
    """What one definition refers to.

    Attributes:
        shape: its syntax without comments, docstrings and layout: what is equal does the same.
        loads: names that it evaluates, `name` or `name.attribute`, without annotations and type
            tests: an object exists only where somebody evaluated its class's name.
        annotations: names that stand in annotations and type tests only.
        attributes: every attribute that it asks anything for.
        literals: its texts.
        receivers: functions that it hands the context or the world to.
        imported: (module, name or None) of imports inside of it.
        bound: names that it binds inside of itself.
        early: the syntax of what runs when the module is imported.
        early_loads: the names which that evaluates.
        early_calls: the names which that calls.
        risky: whether what runs at import does more than bind names and values.
        handed_over: whether a decorator gets it that may call it, or give it to others.
    """

    shape: str = ""
    loads: set[str] = field(default_factory=set)
    annotations: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    literals: set[str] = field(default_factory=set)
    receivers: set[str] = field(default_factory=set)
    imported: set[tuple[str, str | None]] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    early: str = ""
    early_loads: set[str] = field(default_factory=set)
    early_calls: set[str] = field(default_factory=set)
    risky: bool = False
    handed_over: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """The definitions of a module by name, and (module, name or None) of each imported name."""

    definitions: Mapping[str, Definition]
    bindings: Mapping[str, tuple[str, str | None]]


def read_module(text: str, taken_apart: str = "") -> Module:
    """Return what a module defines.

    Args:
        text: the module's source.
        taken_apart: name of a class whose members become definitions `<class>.<member>`.

    Raises:
        SyntaxError: the text is not Python.
        ValueError: likewise (null bytes).
    """
    definitions: dict[str, Definition] = {}
    bindings: dict[str, tuple[str, str | None]] = {}
    for node in ast.parse(text).body:
        if _is_text(node):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            bindings.update(_bound(node))
            continue
        for name, part in _parts(node, taken_apart):
            _Reader(definitions.setdefault(name, Definition())).add(part)
    return Module(definitions, bindings)


def _is_text(node: ast.stmt) -> bool:
    """Tell whether a statement is a docstring, which changes nothing."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _bound(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """Yield each name that an import binds, and what it stands for."""
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            own = f"{EVERYTHING}{node.module}" if alias.name == EVERYTHING else alias.name
            yield alias.asname or own, (node.module or "", alias.name)
    else:
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], (alias.name, None)
            if "." in alias.name and not alias.asname:  # several of them bind the same first name
                yield f"{EVERYTHING}{alias.name}", (alias.name, None)


def _parts(node: ast.stmt, taken_apart: str) -> Iterator[tuple[str, ast.stmt]]:
    match node:
        case ast.ClassDef(name=name) if name == taken_apart:
            members = [
                part
                for part in node.body
                if isinstance(part, ast.FunctionDef) and part.name[:2] != "__"
            ]
            yield from ((f"{name}.{part.name}", part) for part in members)
            rest = [part for part in node.body if part not in members]
            node.body = rest or [ast.Pass()]
            yield name, node
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node
        case ast.Assign(targets=targets) if all(isinstance(t, ast.Name) for t in targets):
            yield from ((t.id, node) for t in targets if isinstance(t, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, node
        case _:
            yield LOOSE, node


class _Reader:
    """Adds a statement to a definition."""

    def __init__(self, definition: Definition) -> None:
        self._found = definition
        self._state: frozenset[str] = frozenset()

    def add(self, node: ast.stmt) -> None:
        _drop_texts(node)
        self._state = _state_names(node)
        self._found.shape += ast.dump(node)
        self._visit(node)
        self._found.handed_over |= any(_hands_over(part) for part in ast.walk(node))
        for part in _early(node):
            self._found.early += ast.dump(part)
            self._add_early(part)

    def _visit(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                self._found.loads.add(name)
            case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                self._found.bound.add(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                self._found.loads.add(f"{name}.{attribute}")
                self._found.attributes.add(attribute)
                return
            case ast.Attribute(attr=attribute):
                self._found.attributes.add(attribute)
            case ast.Constant(value=str(text)):
                self._found.literals.add(text)
            case ast.Import() | ast.ImportFrom():
                self._found.imported.update(target for _, target in _bound(node))
            case ast.Call():
                self._call(node)
                return
        self._visit_children(node)

    def _visit_children(self, node: ast.AST) -> None:
        annotation = getattr(node, "annotation", None)
        returns = getattr(node, "returns", None)
        for child in ast.iter_child_nodes(node):
            if child is annotation or child is returns:
                self._found.annotations |= _names(child)
            else:
                self._visit(child)

    def _call(self, node: ast.Call) -> None:
        callee = _dotted(node.func)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if callee in _TYPE_TESTS and len(arguments) > 1:
            self._found.annotations |= _names(arguments[1])
            arguments = arguments[:1]
        if any(_is_state(argument, self._state) for argument in arguments):
            self._found.receivers.add(callee)
        for part in (node.func, *arguments):
            self._visit(part)

    def _add_early(self, part: ast.AST) -> None:
        for node in _walk_early(part):
            match node:
                case ast.Name(id=name):
                    self._found.early_loads.add(name)
                case ast.Call(func=function):
                    callee = _dotted(function)
                    self._found.early_calls.add(callee)
                    self._found.risky |= callee not in _SAFE_CALLS
                case ast.expr() if not (isinstance(node, _PLAIN) or _is_type(node)):
                    self._found.risky = True


_PLAIN = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Starred, ast.Lambda)
_BUILTIN_TYPES = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})


def _is_type(node: ast.expr) -> bool:
    """Tell whether an expression writes a type: `Mapping[str, Thing]`, or `Thing | None`."""
    match node:
        case ast.Subscript(value=ast.Name(id=name)):
            return name in _BUILTIN_TYPES or (name[:1].isupper() and not name.isupper())
        case ast.BinOp(op=ast.BitOr()):
            return True
    return False


def _early(node: ast.stmt) -> Iterator[ast.AST]:
    """Yield what a statement evaluates when it is reached, without the bodies of functions."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from node.decorator_list
            yield from node.args.defaults
            yield from filter(None, node.args.kw_defaults)
        case ast.ClassDef():
            yield from (*node.decorator_list, *node.bases)
            for part in node.body:
                yield from _early(part)
        case ast.Assign(value=value):
            yield value
        case ast.AnnAssign(value=value):
            yield from filter(None, (value,))
        case ast.Pass():
            return
        case _:
            yield node


def _walk_early(part: ast.AST) -> Iterator[ast.AST]:
    yield part
    if isinstance(part, ast.Lambda):
        return  # its body runs later
    for child in ast.iter_child_nodes(part):
        yield from _walk_early(child)


def _hands_over(node: ast.AST) -> bool:
    """Tell whether a definition has a decorator that does more than give it back."""
    decorators = getattr(node, "decorator_list", [])
    calls = (d.func if isinstance(d, ast.Call) else d for d in decorators)
    return any(_dotted(call).rpartition(".")[2] not in _PLAIN_DECORATORS for call in calls)


def _state_names(node: ast.AST) -> frozenset[str]:
    """Return the names that may stand for the context or the world in a definition."""
    names = {CONTEXT, WORLD}
    values: list[tuple[str, ast.expr]] = []
    for part in ast.walk(node):
        match part:
            case ast.FunctionDef():
                names.update(_contexts(part))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                values.append((name, value))
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                values.append((name, value))
    for _ in values:  # an alias may have an alias
        names.update(name for name, value in values if _is_state(value, names))
    return frozenset(names)


def _contexts(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the parameters that may be given the context; of a step the first always may."""
    for index, parameter in enumerate(function.args.args):
        untyped = parameter.annotation is None
        typed = not untyped and _CONTEXT_TYPE in ast.dump(parameter.annotation or ast.Pass())
        if untyped or typed or (index == 0 and function.decorator_list):
            yield parameter.arg


def _is_state(argument: ast.expr, names: Collection[str]) -> bool:
    """Tell whether an argument is the context itself, or the whole world."""
    match argument:
        case ast.Name(id=name):
            return name in names
        case ast.Attribute(attr=attribute):
            return attribute == WORLD
        case ast.Starred(value=value):
            return _is_state(value, names)
    return False


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
    return "?"


def _names(node: ast.AST) -> set[str]:
    """Return the names in an annotation, also in one that is written as a text."""
    found: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name):
                found.add(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                found.add(f"{name}.{attribute}")
            case ast.Constant(value=str(text)):
                found.update(_names_of_text(text))
    return found


def _names_of_text(text: str) -> set[str]:
    try:
        return _names(ast.parse(text, mode="eval"))
    except (SyntaxError, ValueError):
        return set()


def _drop_texts(node: ast.AST) -> None:
    """Take docstrings out of a definition, so that they do not count as a change."""
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            part.body = [line for line in part.body if not _is_text(line)] or [ast.Pass()]
