"""Strict reading of what a service sent: another shape than expected is an error, never a pass."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from support.foundation.errors import EnvironmentUnfitError

JsonObject = Mapping[str, Any]

SHOWN_CHARACTERS = 300


def unexpected(where: str, seen: object, expected: str) -> NoReturn:
    """Raise the error for an answer of unexpected shape.

    Raises:
        EnvironmentUnfitError: always; the message shows the beginning of what was seen.
    """
    raise EnvironmentUnfitError(
        f"{where} answered in an unexpected shape: {str(seen)[:SHOWN_CHARACTERS]!r}. Expected "
        f"{expected}. Check that the address belongs to an OpenTDF platform of a supported version."
    )


def json_object(where: str, value: object) -> JsonObject:
    """Return `value` if it is a JSON object.

    Raises:
        EnvironmentUnfitError: it is something else.
    """
    if not isinstance(value, dict):
        unexpected(where, value, "a JSON object")
    return value


def member(where: str, parent: JsonObject, name: str) -> JsonObject:
    """Return the JSON object `parent[name]`.

    Raises:
        EnvironmentUnfitError: it is missing or something else.
    """
    value = parent.get(name)
    if not isinstance(value, dict):
        unexpected(where, parent, f'a JSON object "{name}"')
    return value


def members(where: str, parent: JsonObject, name: str) -> Sequence[JsonObject]:
    """Return the list of JSON objects `parent[name]`; a missing list is an empty one.

    The platform's JSON leaves out empty lists.

    Raises:
        EnvironmentUnfitError: it is no list of objects.
    """
    value = parent.get(name, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        unexpected(where, parent, f'a list of JSON objects "{name}"')
    return value


def text(where: str, parent: JsonObject, name: str) -> str:
    """Return the text `parent[name]`, which may not be empty.

    Raises:
        EnvironmentUnfitError: it is missing, empty or something else.
    """
    value = parent.get(name)
    if not isinstance(value, str) or not value:
        unexpected(where, parent, f'a text "{name}"')
    return value


def texts(where: str, parent: JsonObject, name: str) -> tuple[str, ...]:
    """Return the list of texts `parent[name]`; a missing list is an empty one.

    Raises:
        EnvironmentUnfitError: it is no list of texts.
    """
    value = parent.get(name, [])
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        unexpected(where, parent, f'a list of texts "{name}"')
    return tuple(value)


def boolean(where: str, parent: JsonObject, name: str) -> bool:
    """Return the truth value `parent[name]`.

    Raises:
        EnvironmentUnfitError: it is missing or something else.
    """
    value = parent.get(name)
    if not isinstance(value, bool):
        unexpected(where, parent, f'true or false as "{name}"')
    return value
