"""Tag expressions as behave's `--tags` takes them: `and`, `or`, `not`, parentheses, wildcards."""

from collections.abc import Callable, Collection, Iterable
from fnmatch import fnmatchcase

from cucumber_tag_expressions.model import Expression, Literal
from cucumber_tag_expressions.parser import TagExpressionError, TagExpressionParser

from support.foundation.errors import ConfigurationError

Matches = Callable[[Collection[str]], bool]


class _Pattern(Expression):  # type: ignore[misc]  # the library ships no types
    """Matches tags by `*`, `?` and `[…]`, as behave does."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def evaluate(self, values: Iterable[str]) -> bool:
        """Whether one of the tags fits."""
        return any(fnmatchcase(tag, self.pattern) for tag in values)


class _Parser(TagExpressionParser):  # type: ignore[misc]  # the library ships no types
    @classmethod
    def make_operand(cls, text: str) -> Expression:
        name = text.removeprefix("@")
        return _Pattern(name) if set(name) & set("*?[") else Literal(name)


def parse(text: str, where: str) -> Matches:
    """Return whether tags, without `@`, fit an expression; an empty one fits all.

    Raises:
        ConfigurationError: it is not a tag expression.
    """
    try:
        expression = _Parser.parse(text)
    except TagExpressionError as error:
        told = str(error).splitlines()
        raise ConfigurationError(
            f'{where}: "{text}" is not a tag expression: {told[-1].strip() if told else error}. '
            'Write, for example, "@smoke and not @req:BR-0*".'
        ) from None
    return lambda tags: bool(expression.evaluate(tags))
