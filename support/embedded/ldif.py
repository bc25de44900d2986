"""People of a directory, read from LDIF (RFC 2849), the form in which a real one is given them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PEOPLE = Path(__file__).with_name("directory.ldif")
"""The people whom a directory of ours knows, whoever serves it."""

Entry: TypeAlias = "Mapping[str, tuple[str, ...]]"


def entries_of(text: str) -> tuple[Entry, ...]:
    """Return the entries of an LDIF text; `dn` is an attribute like others.

    Raises:
        ValueError: A line is none of LDIF.
    """
    entries: list[dict[str, tuple[str, ...]]] = [{}]
    for line in _unfolded(text):
        if not line:
            entries.append({})
            continue
        name, value = _attribute(line)
        entries[-1][name] = (*entries[-1].get(name, ()), value)
    return tuple(entry for entry in entries if entry)


def _unfolded(text: str) -> Iterator[str]:
    """Return the lines without comments; a line that begins with a space goes on with the last."""
    pending: str | None = None
    for line in text.split("\n"):
        if line.startswith(" ") and pending is not None:
            pending += line[1:]
            continue
        if pending is not None and not pending.startswith("#"):
            yield pending
        pending = line
    if pending:
        yield pending


def _attribute(line: str) -> tuple[str, str]:
    name, separator, value = line.partition(":")
    if not separator or not name:
        raise ValueError(f"This is no line of LDIF: {line!r}. Expected a name, a colon, a value.")
    if value.startswith(":"):
        return name, base64.b64decode(value[1:].strip(), validate=True).decode()
    return name, value.removeprefix(" ")
