"""The table of docs/parity.md: which units may end otherwise than on the embedded platform.

People read it, and a machine holds every difference against it; so it is read strictly: whatever
stands in that section and is no row of the table, or no value that a cell can have, is an error.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.evidence.outcomes import NEEDS
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed
from support.model.outcome import Status
from support.profiles import conditions, profile
from support.profiles.catalog import Catalog
from support.profiles.conditions import Condition

HEADING = "## Units that differ"
COLUMNS = ("profile", "requirement", "units", "embedded", "there", "why")

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


def read(path: Path, words: Words) -> tuple[Row, ...]:
    """Read the table of the page.

    Raises:
        ConfigurationError: the page cannot be read, or see `parse`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}. Mend the file.") from error
    return parse(text, str(path), words)


def parse(text: str, name: str, words: Words) -> tuple[Row, ...]:
    """Read the table of a page's text.

    Raises:
        ConfigurationError: no such section or table, or a row that is wrong; with file and line.
    """
    lines = list(enumerate(text.split("\n"), start=1))
    starts = [number for number, line in lines if line.rstrip() == HEADING]
    if len(starts) != 1:
        at = listed(f"{name}:{number}" for number in starts[1:]) if starts else f"{name}:1"
        raise ConfigurationError(
            f'{at}: the heading "{HEADING}" is there {len(starts)} times, but once was expected. '
            "The table of accepted differences stands below it."
        )
    section = list(_until_next_heading(lines[starts[0] :]))
    table = list(_table(section, name))
    if len(table) < _HEAD_LINES:
        raise ConfigurationError(
            f'{name}:{starts[0]}: there is no table below "{HEADING}". Expected the columns '
            f"{listed(COLUMNS)}, a line of dashes, and a row for each difference."
        )
    (head_line, head), (dash_line, dashes) = table[:_HEAD_LINES]
    if head != COLUMNS:
        raise _wrong(name, head_line, "the columns are", listed(head), f"{listed(COLUMNS)}")
    if len(dashes) != len(COLUMNS) or not all(map(_DASHES.fullmatch, dashes)):
        raise _wrong(name, dash_line, "the second line is", listed(dashes), "dashes only")
    return tuple(_row(cells, f"{name}:{number}", words) for number, cells in table[_HEAD_LINES:])


Line = tuple[int, str]


def _until_next_heading(lines: Collection[Line]) -> Iterator[Line]:
    for number, line in lines:
        if line.startswith(("# ", "## ")):
            return
        yield number, line


def _table(section: Collection[Line], name: str) -> Iterator[tuple[int, tuple[str, ...]]]:
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
                raise _wrong(name, number, "here is a second table", line, "one table")
            if not last and before:
                raise _wrong(name, number, "the table follows", before, "an empty line before it")
            last = number
            yield number, _cells(line, f"{name}:{number}")
        elif line and last and last == number - 1:
            raise _wrong(name, number, "the table is followed by", line, "an empty line after it")
        before = line


def _cells(line: str, where: str) -> tuple[str, ...]:
    parts = _PIPE.split(line)
    if parts[-1] != "":
        raise ConfigurationError(f'{where}: the row does not end with "|": {line}. Add it.')
    return tuple(part.strip().replace("\\|", "|") for part in parts[1:-1])


def _wrong(name: str, number: int, what: str, seen: str, expected: str) -> ConfigurationError:
    return ConfigurationError(
        f'{name}:{number}: {what} "{seen}", but the section "{HEADING}" wants {expected}.'
    )


def _row(cells: tuple[str, ...], where: str, words: Words) -> Row:
    if len(cells) != len(COLUMNS):
        raise ConfigurationError(
            f"{where}: the row has {len(cells)} cells, but {len(COLUMNS)} were expected: "
            f"{listed(COLUMNS)}. A | inside of a cell is written \\|."
        )
    cell: Mapping[str, str] = dict(zip(COLUMNS, cells, strict=True))
    for column, text in cell.items():
        if not text:
            raise ConfigurationError(f'{where}: the cell "{column}" is empty. Fill it in.')
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
