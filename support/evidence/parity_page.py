"""The tables of docs/parity.md: what may be otherwise than on the embedded platform.

One is of units that end otherwise, the other of units that end alike and are answered otherwise.
People read them, and a machine holds every difference against them; so they are read strictly:
whatever stands in such a section and is no row of its table, or no value that a cell can have, is
an error.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.evidence.observations import FACETS
from support.evidence.outcomes import NEEDS
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.model.outcome import Status
from support.profiles import conditions, profile
from support.profiles.catalog import Catalog
from support.profiles.conditions import Condition

HEADING = "## Units that differ"
COLUMNS = ("profile", "requirement", "units", "embedded", "there", "why")
ANSWERS_HEADING = "## Answers that differ"
ANSWERS_COLUMNS = ("profile", "requirement", "units", "facet", "why")

ABSENT = "absent"  # what a unit is on the side that does not plan it


def word(status: Status) -> str:
    """Return what the table calls a status."""
    return status.value.replace("_", " ")


OUTCOMES = (*map(word, Status), ABSENT)
PLANNED = frozenset({ABSENT, *map(word, set(Status) - {Status.FAILED, Status.WAIVED})})
"""What a plan can expect; it hopes that what is to run will pass."""

_HEAD_LINES = 2  # the columns, and the dashes below them
_PIPE = re.compile(r"(?<!\\)\|")
_DASHES = re.compile(r":?-+:?")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Words:
    """What the cells of the table may name.

    Attributes:
        names: the names that conditions may use, each with its values; None for any.
        aliases: what a value stands for, where it is an alias.
        profiles: ids of profiles.
        requirements: ids of requirements.
    """

    names: conditions.Names
    aliases: conditions.Aliases
    profiles: Collection[str]
    requirements: Collection[str]

    @classmethod
    def of(
        cls, catalog: Catalog, profiles: Collection[str], requirements: Collection[str]
    ) -> "Words":
        """Return the words of a project: conditions name dimensions, and `needs`."""
        of_policies = profile.condition_names(catalog)
        names = {name: of_policies[name] for name in catalog.dimensions}
        aliases = {capability: alias.meaning for capability, alias in catalog.aliases.items()}
        return cls({**names, NEEDS: None}, aliases, profiles, requirements)


@dataclass(frozen=True, slots=True)
class Row:
    """A difference that is accepted.

    Attributes:
        profiles: the profiles on whose stacks it is seen.
        units: which units of the requirements it is about.
        embedded: what they are on the embedded platform.
        there: what they are with such a profile.
        where: file and line.
    """

    profiles: tuple[str, ...]
    requirements: tuple[str, ...]
    units: Condition
    embedded: str
    there: str
    why: str
    where: str

    @property
    def is_planned(self) -> bool:
        """Whether plans alone show the difference, with no platform at all."""
        return {self.embedded, self.there} <= PLANNED

    def __str__(self) -> str:
        return (
            f"{self.where}: {listed(self.requirements)}, `{self.units.text}`, {self.embedded} on "
            f"the embedded platform and {self.there} there"
        )


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """Answers that may differ where units end alike.

    Attributes:
        profiles: the profiles on whose stacks it is seen.
        units: which units of the requirements it is about.
        facet: what of their answers, one of `observations.FACETS`.
        where: file and line.
    """

    profiles: tuple[str, ...]
    requirements: tuple[str, ...]
    units: Condition
    facet: str
    why: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}: {listed(self.requirements)}, `{self.units.text}`, {self.facet}"


def read(path: Path, words: Words) -> tuple[Row, ...]:
    """Read the table of units that differ.

    Raises:
        ConfigurationError: the page cannot be read, or see `parse`.
    """
    return parse(_text(path), str(path), words)


def read_answers(path: Path, words: Words) -> tuple[AnswerRow, ...]:
    """Read the table of answers that differ.

    Raises:
        ConfigurationError: the page cannot be read, or see `parse`.
    """
    return parse_answers(_text(path), str(path), words)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}. Mend the file.") from error


def parse(text: str, name: str, words: Words) -> tuple[Row, ...]:
    """Read the table of units that differ in a page's text.

    Raises:
        ConfigurationError: no such section or table, or a row that is wrong; with file and line.
    """
    rows = _rows(text, name, HEADING, COLUMNS)
    return tuple(_row(cell, where, words) for where, cell in rows)


def parse_answers(text: str, name: str, words: Words) -> tuple[AnswerRow, ...]:
    """Read the table of answers that differ in a page's text.

    Raises:
        ConfigurationError: no such section or table, or a row that is wrong; with file and line.
    """
    rows = _rows(text, name, ANSWERS_HEADING, ANSWERS_COLUMNS)
    return tuple(_answer_row(cell, where, words) for where, cell in rows)


def _rows(
    text: str, name: str, heading: str, columns: tuple[str, ...]
) -> list[tuple[str, Mapping[str, str]]]:
    """Return where each row of a section's table stands, and its cells by column."""
    lines = list(enumerate(text.split("\n"), start=1))
    starts = [number for number, line in lines if line.rstrip() == heading]
    if len(starts) != 1:
        at = listed(f"{name}:{number}" for number in starts[1:]) if starts else f"{name}:1"
        raise ConfigurationError(
            f'{at}: the heading "{heading}" is there {len(starts)} times, but once was expected. '
            "The table of accepted differences stands below it."
        )
    section = list(_until_next_heading(lines[starts[0] :]))
    table = list(_table(section, name, heading))
    if len(table) < _HEAD_LINES:
        raise ConfigurationError(
            f'{name}:{starts[0]}: there is no table below "{heading}". Expected the columns '
            f"{listed(columns)}, a line of dashes, and a row for each difference."
        )
    (head_line, head), (dash_line, dashes) = table[:_HEAD_LINES]
    if head != columns:
        raise _wrong(f"{name}:{head_line}", heading, "the columns are", head, listed(columns))
    if len(dashes) != len(columns) or not all(map(_DASHES.fullmatch, dashes)):
        raise _wrong(f"{name}:{dash_line}", heading, "the second line is", dashes, "dashes only")
    return [
        (f"{name}:{number}", _by_column(cells, columns, f"{name}:{number}"))
        for number, cells in table[_HEAD_LINES:]
    ]


def _by_column(cells: tuple[str, ...], columns: tuple[str, ...], where: str) -> Mapping[str, str]:
    if len(cells) != len(columns):
        raise ConfigurationError(
            f"{where}: the row has {len(cells)} cells, but {len(columns)} were expected: "
            f"{listed(columns)}. A | inside of a cell is written \\|."
        )
    by_column = dict(zip(columns, cells, strict=True))
    for column, content in by_column.items():
        if not content:
            raise ConfigurationError(f'{where}: the cell "{column}" is empty. Fill it in.')
    return by_column


Line = tuple[int, str]


def _until_next_heading(lines: Collection[Line]) -> Iterator[Line]:
    for number, line in lines:
        if line.startswith(("# ", "## ")):
            return
        yield number, line


def _table(
    section: Collection[Line], name: str, heading: str
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the cells of each line of the section's one table.

    Raises:
        ConfigurationError: a line that Markdown would show as part of the table and we would not
            read, or read and Markdown not show.
    """
    before, last = "", 0
    for number, raw in section:
        line = raw.strip()
        if line.startswith("|"):
            if last and last != number - 1:
                raise _wrong(
                    f"{name}:{number}", heading, "here is a second table", line, "one table"
                )
            if not last and before:
                expected = "an empty line before it"
                raise _wrong(f"{name}:{number}", heading, "the table follows", before, expected)
            last = number
            yield number, _cells(line, f"{name}:{number}")
        elif line and last and last == number - 1:
            expected = "an empty line after it"
            raise _wrong(f"{name}:{number}", heading, "the table is followed by", line, expected)
        before = line


def _cells(line: str, where: str) -> tuple[str, ...]:
    parts = _PIPE.split(line)
    if parts[-1] != "":
        raise ConfigurationError(f'{where}: the row does not end with "|": {line}. Add it.')
    return tuple(part.strip().replace("\\|", "|") for part in parts[1:-1])


def _wrong(
    where: str, heading: str, what: str, seen: str | tuple[str, ...], expected: str
) -> ConfigurationError:
    shown = seen if isinstance(seen, str) else listed(seen)
    return ConfigurationError(
        f'{where}: {what} "{shown}", but the section "{heading}" wants {expected}.'
    )


def _answer_row(cell: Mapping[str, str], where: str, words: Words) -> AnswerRow:
    return AnswerRow(
        _names(cell["profile"], words.profiles, f'{where}: "profile"'),
        _names(cell["requirement"], words.requirements, f'{where}: "requirement"'),
        _condition(cell["units"], where, words),
        _known(cell["facet"], FACETS, f'{where}: "facet"'),
        cell["why"],
        where,
    )


def _row(cell: Mapping[str, str], where: str, words: Words) -> Row:
    embedded, there = (
        _known(cell[side], OUTCOMES, f'{where}: "{side}"') for side in ("embedded", "there")
    )
    if embedded == there:
        raise ConfigurationError(
            f'{where}: both sides are "{there}", so there is no difference. Remove the row.'
        )
    return Row(
        _names(cell["profile"], words.profiles, f'{where}: "profile"'),
        _names(cell["requirement"], words.requirements, f'{where}: "requirement"'),
        _condition(cell["units"], where, words),
        embedded,
        there,
        cell["why"],
        where,
    )


def _condition(text: str, where: str, words: Words) -> Condition:
    code = _CODE.fullmatch(text)
    if code is None:
        raise ConfigurationError(
            f'{where}: "units" is "{text}", but a condition between backticks was expected, such '
            "as `needs == 'expired-token'` or `wrapping in ['p-384', 'p-521']`."
        )
    return conditions.parse(code[1], words.names, where, words.aliases)


def _names(text: str, known: Collection[str], where: str) -> tuple[str, ...]:
    return tuple(_known(name.strip(), known, where) for name in text.split(","))


def _known(text: str, known: Collection[str], where: str) -> str:
    if text not in known:
        raise ConfigurationError(
            f'{where} names "{text}", but one of {listed(known)} was expected.'
            f"{did_you_mean(text, known)}"
        )
    return text
