"""Our schema of manifests rejects whatever lacks a part, or has one of another kind."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.world.inspection import KEPT, kept_document
from support.world.manifests import manifest_schema
from tests.world.conftest import manifest

VALIDATOR = jsonschema.Draft202012Validator(dict(manifest_schema()))
PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"

Path = tuple[str | int, ...]


def ec_wrapped() -> dict[str, Any]:
    found = copy.deepcopy(manifest())
    entry = access(found)[0]
    entry.update(type="ec-wrapped", wrappedKey="A" * 80, ephemeralPublicKey=PEM)
    return found


def split() -> dict[str, Any]:
    found = copy.deepcopy(manifest())
    first = access(found)[0]
    access(found).append({**first, "url": "http://another-kas", "sid": "2"})
    first["sid"] = "1"
    return found


def access(content: dict[str, Any]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = content["encryptionInformation"]["keyAccess"]
    return entries


SAMPLES: dict[str, dict[str, Any]] = {
    **{path.stem: kept_document(path.stem).container.manifest for path in KEPT.glob("*.tdf")},
    "with an elliptic-curve key": ec_wrapped(),
    "with a split key": split(),
}

# What a reader can do without, by its name wherever it stands.
OPTIONAL = {
    "schemaVersion",
    "mimeType",
    "kid",
    "iv",
    "segmentSize",
    "encryptedSegmentSize",
    "encryptedMetadata",
    "appliesToState",
    "format",
    "schema",
    "assertions",
}


def places(value: object, at: Path = ()) -> Iterator[Path]:
    """Yield every place of a JSON document but its root."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*at, name)
            yield from places(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*at, index))


def without(content: dict[str, Any], place: Path) -> dict[str, Any]:
    changed = copy.deepcopy(content)
    del holder(changed, place)[place[-1]]
    return changed


def with_value(content: dict[str, Any], place: Path, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(content)
    holder(changed, place)[place[-1]] = value
    return changed


def holder(content: Any, place: Path) -> Any:  # noqa: ANN401 -- any JSON
    for step in place[:-1]:
        content = content[step]
    return content


def value_at(content: Any, place: Path) -> Any:  # noqa: ANN401 -- any JSON
    return holder(content, place)[place[-1]]


REQUIRED = [
    (name, place)
    for name, sample in SAMPLES.items()
    for place in places(sample)
    if place[-1] not in OPTIONAL
]
EVERY = [(name, place) for name, sample in SAMPLES.items() for place in places(sample)]

# `kind` of JSON and one value of it that no member of a manifest may have.
WRONG_KINDS: dict[type, list[Any]] = {
    str: [7, None, [], {}, True],
    bool: ["true", 1, None, {}],
    int: ["12", None, -1, 1.5, {}],
    dict: ["text", [], 3, None],
    list: ["text", {}, 3],
    type(None): [7],
}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_what_sdks_write_conforms(name: str) -> None:
    assert not list(VALIDATOR.iter_errors(SAMPLES[name]))


@given(st.sampled_from(REQUIRED))
@settings(max_examples=len(REQUIRED), deadline=None)
def test_a_document_without_a_required_member_is_rejected(case: tuple[str, Path]) -> None:
    name, place = case

    assert list(VALIDATOR.iter_errors(without(SAMPLES[name], place))), place


@given(st.sampled_from(EVERY), st.data())
@settings(max_examples=300, deadline=None)
def test_a_member_of_another_kind_is_rejected(case: tuple[str, Path], data: st.DataObject) -> None:
    name, place = case
    now = value_at(SAMPLES[name], place)
    kinds = WRONG_KINDS[type(now)]
    if place[-1] == "value":  # of a statement, which may be an object
        kinds = [kind for kind in kinds if not isinstance(kind, dict)]
    wrong = data.draw(st.sampled_from(kinds))

    assert list(VALIDATOR.iter_errors(with_value(SAMPLES[name], place, wrong))), (place, wrong)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("with an elliptic-curve key", ("ephemeralPublicKey",), "no key"),
        ("with a split key", ("sid",), ""),
        ("with a split key", ("type",), "ec-wrapped"),
    ],
)
def test_key_access_objects_have_what_their_kind_needs(name: str, place: Path, value: str) -> None:
    changed = with_value(SAMPLES[name], ("encryptionInformation", "keyAccess", 0, *place), value)

    assert list(VALIDATOR.iter_errors(changed))


def test_what_the_published_schema_lets_pass_is_rejected() -> None:
    assert list(VALIDATOR.iter_errors({"encryptionInformation": {"keyAccess": [{}]}}))
    assert list(VALIDATOR.iter_errors(json.loads('{"keyAccess": [{}]}')))
