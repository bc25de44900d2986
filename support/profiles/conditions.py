"""The small language of profile conditions, such as `sdk == 'swift' and format == 'ztdf'`.

Names compare with text or lists of text by `==`, `!=`, `in`, `not in`, joined by `and`, `or`,
`not` and parentheses. A name may stand for several values (`sdk` is every SDK of a variant): `==`
and `in` hold when one of them fits, `!=` and `not in` when none does. An alias of the catalog fits
when all that it stands for does. Nothing is run as Python.
"""

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.model.capability import Capability

Facts = Mapping[str, Collection[str]]
Names = Mapping[str, Collection[str] | None]
Aliases = Mapping[Capability, tuple[Capability, ...]]
_Test = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition; call `holds` with the values that each name stands for.

    Attributes:
        names: the names that it looks at.
    """

    text: str
    test: _Test
    names: frozenset[str]

    def holds(self, facts: Facts) -> bool:
        """Return whether the condition is true of `facts`; a name without values fits nothing."""
        return self.test(facts)


def parse(text: str, names: Names, where: str, aliases: Aliases | None = None) -> Condition:
    """Parse a condition.

    Args:
        text: the condition.
        names: the names it may use, each with the values it may be compared with; None for any.
        where: file and line, for messages.
        aliases: what a name's value stands for, where it is an alias.

    Raises:
        ConfigurationError: not of the language, an unknown name, or a value the name cannot have.
    """
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise _wrong(text, where, f"it cannot be read ({reason})") from None
    parser = _Parser(text, names, where, aliases or {})
    return Condition(text, parser.test(tree.body), frozenset(parser.used))


def _wrong(text: str, where: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f'{where}: the condition "{text}" is wrong: {why}. Write, for example, '
        "\"sdk == 'swift' and format in ['ztdf', 'nano']\"."
    )


def _fits(parts: Collection[Capability], facts: Facts) -> bool:
    return all(part.value in facts.get(part.dimension, ()) for part in parts)


@dataclass(frozen=True, slots=True)
class _Parser:
    text: str
    names: Names
    where: str
    aliases: Aliases
    used: set[str] = field(default_factory=set)

    def test(self, node: ast.expr) -> _Test:
        if isinstance(node, ast.BoolOp):
            parts = [self.test(value) for value in node.values]
            if isinstance(node.op, ast.And):
                return lambda facts: all(part(facts) for part in parts)
            return lambda facts: any(part(facts) for part in parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.test(node.operand)
            return lambda facts: not inner(facts)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._comparison(node.left, node.ops[0], node.comparators[0])
        raise self._unexpected(node)

    def _comparison(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> _Test:
        if isinstance(operator, ast.Eq | ast.NotEq):
            wanted = frozenset({self._string(right)})
        elif isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple):
            wanted = frozenset(self._string(item) for item in right.elts)
        else:
            raise self._unexpected(right)
        name = self._name(left)
        self._check_values(name, wanted)
        negated = isinstance(operator, ast.NotEq | ast.NotIn)
        alternatives = [self._meaning(name, value) for value in sorted(wanted)]
        return lambda facts: negated is not any(_fits(part, facts) for part in alternatives)

    def _meaning(self, name: str, value: str) -> tuple[Capability, ...]:
        capability = Capability(name, value)
        meaning = self.aliases.get(capability, (capability,))
        self.used.update(part.dimension for part in meaning)
        return meaning

    def _name(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Name):
            raise self._unexpected(node)
        if node.id not in self.names:
            hint = did_you_mean(node.id, self.names)
            known = listed(sorted(self.names))
            raise _wrong(self.text, self.where, f'"{node.id}" is unknown.{hint} Known: {known}')
        return node.id

    def _check_values(self, name: str, wanted: Collection[str]) -> None:
        known = self.names[name]
        for value in sorted(wanted):
            if known is not None and value not in known:
                hint = did_you_mean(value, known)
                why = f'{name} is never "{value}".{hint} Known: {listed(sorted(known))}'
                raise _wrong(self.text, self.where, why)

    def _string(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        raise self._unexpected(node)

    def _unexpected(self, node: ast.expr) -> ConfigurationError:
        return _wrong(self.text, self.where, f"`{ast.unparse(node)}` is not allowed there")
