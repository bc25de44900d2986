"""Reading YAML and JSON documents that people write, with errors that point at the line.

One loader and one renderer of schema errors for every file format that enters (JSON Schema 2020-12,
in `schemas/`).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from support.foundation.errors import ConfigurationError, FrameworkError
from support.foundation.text import did_you_mean, listed

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"

SHOWN_CHARACTERS = 120
LARGEST_BYTES = 2 * 1024 * 1024  # what people write by hand is far smaller

Position = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A loaded document: its value, and the line on which each key or item stands."""

    path: Path
    value: Any
    lines: Mapping[Position, int]

    def where(self, position: Position = ()) -> str:
        """Return `file:line` of the nearest known place at or above `position`."""
        while position and position not in self.lines:
            position = position[:-1]
        return f"{self.path}:{self.lines.get(position, 1)}"


def load_yaml(path: Path, schema: str) -> Document:
    """Load a YAML file and check it against `schemas/<schema>.schema.json`.

    Raises:
        ConfigurationError: missing, unreadable, not YAML, a key given twice, an alias, or against
            the schema; the message has file, line, key, value seen and what was expected.
    """
    text = _read(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        builder = _Builder(path)
        value = builder.value(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ConfigurationError(
            f"{at}: not valid YAML: {error.problem or error.context}. Mend the file."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not valid YAML: {error}. Mend the file.") from error
    except RecursionError:
        raise ConfigurationError(f"{path}: nested too deeply to be meant. Mend the file.") from None
    document = Document(path, value, builder.lines)
    check(document, schema)
    return document


def load_json(path: Path, schema: str, command: str) -> Document:
    """Load a JSON file that a command of ours wrote, and check it against its schema.

    Args:
        path: the file, which may be as large as need be.
        schema: name of the schema in `schemas/`.
        command: the command that writes such a file.

    Raises:
        ConfigurationError: missing, unreadable, not JSON, or against the schema.
    """
    document = Document(path, parsed(path, command), {})
    check(document, schema)
    return document


def parsed(path: Path, command: str) -> Any:  # noqa: ANN401 -- any tree
    """Return what a JSON file that a command of ours wrote holds, unchecked.

    Raises:
        ConfigurationError: missing, unreadable, or not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: there is no such file. Write one: {command} {path}"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{path}: cannot be read as JSON: {error}. Write it anew: {command} {path}"
        ) from error


def check(document: Document, schema: str) -> None:
    """Check a document against a schema of ours.

    Raises:
        ConfigurationError: the first and most telling breach of the schema.
    """
    error = best_match(validator(schema).iter_errors(document.value))
    if error is not None:
        raise ConfigurationError(_rendered(document, error))


@cache
def validator(schema: str) -> Draft202012Validator:
    """Return the validator of `schemas/<schema>.schema.json`."""
    path = SCHEMAS / f"{schema}.schema.json"
    if not path.is_file():
        raise FrameworkError(f"There is no schema {path}.")
    return Draft202012Validator(json.loads(path.read_text()))


def _read(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise ConfigurationError(
                f"{path}: {size} bytes, where at most {LARGEST_BYTES} are read. "
                "Is it the right file?"
            )
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file.") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path}: not UTF-8 text (byte {error.start}: {error.reason}). Save it as UTF-8."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}.") from error


# Dates stay the text that they were: schemas say which dates they want.
_TEXTS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"}


class _Builder:
    """Builds plain values from a node graph, remembers lines, and refuses what hides mistakes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._built: set[int] = set()
        self.lines: dict[Position, int] = {}

    def value(self, node: yaml.Node, position: Position = ()) -> Any:  # noqa: ANN401 -- any tree
        """Return the value of a node.

        Raises:
            ConfigurationError: a key is given twice, or an alias refers to another node.
        """
        line = node.start_mark.line + 1
        if id(node) in self._built:
            raise ConfigurationError(
                f"{self._path}:{line}: what is anchored here (&) is used again by an alias (*), "
                "which is not allowed. Write it out in both places."
            )
        self._built.add(id(node))
        self.lines.setdefault(position, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, position)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*position, index)) for index, item in enumerate(node.value)]
        return _plain(node)

    def _mapping(self, node: yaml.MappingNode, position: Position) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in result:
                raise ConfigurationError(
                    f'{self._path}:{line}: the key "{key}" is given twice (first on line '
                    f"{self.lines[(*position, key)]}). Keep one of them."
                )
            self.lines[(*position, key)] = line
            result[key] = self.value(value_node, (*position, key))
        return result


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401 -- a scalar of any YAML type
    if node.tag in _TEXTS:
        return node.value
    loader = yaml.SafeLoader("")
    try:
        return _usable(loader.construct_object(node))
    except ValueError as error:
        raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error
    finally:
        loader.dispose()


def _usable(value: Any) -> Any:  # noqa: ANN401 -- a scalar of any YAML type
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f".{value} is not a number that can be used")
    return value


def _rendered(document: Document, error: ValidationError) -> str:
    position = tuple(error.absolute_path)
    at = ".".join(map(str, position)) or "the document"
    seen = json.dumps(error.instance, default=str)
    shown = seen if len(seen) <= SHOWN_CHARACTERS else seen[:SHOWN_CHARACTERS] + "…"
    return f"{document.where(position)}: {at} is {shown}, but {_expected(error)}."


def _expected(error: ValidationError) -> str:
    rule, wanted = error.validator, cast("Any", error.validator_value)
    if rule == "additionalProperties" and isinstance(error.instance, Mapping):
        return _unknown_key(error, error.instance)
    if rule == "required" and isinstance(error.instance, Mapping):
        missing = [name for name in wanted if name not in error.instance]
        return f"it lacks {listed(missing)}"
    if rule == "enum" and isinstance(wanted, Sequence):
        names = [str(name) for name in wanted]
        return f"one of {listed(names)} was expected.{did_you_mean(str(error.instance), names)}"
    return _plainly(rule, wanted) or error.message


def _plainly(rule: object, wanted: Any) -> str:  # noqa: ANN401 -- a part of a schema
    """Return what rules of the shorter kind expect, or an empty string."""
    if rule in {"minProperties", "minItems"}:
        return "something was expected in it"
    if rule == "type":
        return f"a value of type {wanted} was expected"
    if rule == "anyOf" and all(set(part) == {"required"} for part in wanted):
        return f"it lacks {' or '.join(listed(part['required']) for part in wanted)}"
    if rule == "pattern":
        return f"text of the form {wanted} was expected"
    return ""


def _unknown_key(error: ValidationError, instance: Mapping[str, Any]) -> str:
    known = list(cast("Mapping[str, Any]", error.schema).get("properties", {}))
    unknown = [name for name in instance if name not in known]
    return (
        f"{listed(unknown)} is not a known key.{did_you_mean(unknown[0], known)} "
        f"Known: {listed(known)}"
    )
