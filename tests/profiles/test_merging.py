"""Merging by `extends`: what wins, what adds up, and that origins are true."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from support.foundation.documents import Position
from support.profiles import profile_files
from support.profiles.profile_files import Merged

Layer = dict[str, dict[str, Any]]

VALUES = st.lists(st.sampled_from(["go", "java", "js", "rust"]), min_size=1, unique=True)
CAPABILITIES = st.dictionaries(
    st.sampled_from(["sdk", "format", "policy"]), VALUES, min_size=1, max_size=3
)
REASONS = st.sampled_from(["because it is so", "somebody else said so", "nobody knows why"])
SKIPS = st.lists(st.fixed_dictionaries({"condition": st.just("x"), "reason": REASONS}), max_size=3)
WAIVERS = st.lists(st.fixed_dictionaries({"test": st.just("x"), "reason": REASONS}), max_size=3)
CONFIG = st.fixed_dictionaries(
    {},
    optional={
        "stack": st.sampled_from(["embedded", "remote"]),
        "description": st.sampled_from(["one", "two"]),
        "selection": st.fixed_dictionaries(
            {},
            optional={
                "strategy": st.sampled_from(["each", "pairwise"]),
                "max_variants": st.integers(1, 9),
                "risk": st.lists(st.sampled_from(["high", "low"]), min_size=1, unique=True),
            },
        ),
        "roles": st.dictionaries(
            st.sampled_from(["alice", "bob"]),
            st.fixed_dictionaries(
                {"attributes": st.lists(st.sampled_from(["a:b", "c:d"]), unique=True)}
            ),
        ),
    },
)
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "expected_skips": SKIPS,
        "waivers": WAIVERS,
        "severities": st.dictionaries(
            st.sampled_from(["audit_gap", "policy_mismatch"]), st.sampled_from(["high", "low"])
        ),
    },
)
LAYERS = st.fixed_dictionaries(
    {"capabilities": CAPABILITIES, "config": CONFIG, "policies": POLICIES}
)


def write(folder: Path, name: str, layer: Layer, extends: str = "") -> None:
    (folder / name).mkdir()
    config = {**layer["config"], **({"extends": extends} if extends else {})}
    config.setdefault("namespace_prefix", "acceptance")  # a config is never empty
    for file, content in {**layer, "config": config}.items():
        text = yaml.safe_dump({file: content}, sort_keys=False)
        (folder / name / f"{file}.yaml").write_text(text)


def read_chain(folder: Path, layers: Sequence[Layer]) -> Merged:
    """Write a chain of profiles, the first layer being the root, and read the last one."""
    names = [f"level-{index}" for index in range(len(layers))]
    for index, layer in enumerate(layers):
        write(folder, names[index], layer, names[index - 1] if index else "")
    return profile_files.read(folder, names[-1])


def without_extends(merged: Merged) -> Mapping[str, Any]:
    value: dict[str, Any] = json.loads(json.dumps(merged.value))
    value["config"].pop("extends", None)
    return value


def at(value: Any, position: Position) -> Any:  # noqa: ANN401 -- any part of a profile
    for key in position:
        value = value[key]
    return value


@settings(max_examples=60, deadline=None)
@given(LAYERS, LAYERS, LAYERS)
def test_extending_in_two_steps_is_extending_what_was_merged(
    root: Layer, middle: Layer, own: Layer
) -> None:
    """(own over middle) over root = own over (middle over root)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chain = without_extends(read_chain(folder, [root, middle, own]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = without_extends(read_chain(folder, [root, middle]))
        (folder / "again").mkdir()
        again = without_extends(read_chain(folder / "again", [dict(base), own]))
    assert chain == again


@settings(max_examples=60, deadline=None)
@given(LAYERS, LAYERS)
def test_an_origin_names_a_place_that_holds_the_value(root: Layer, own: Layer) -> None:
    with tempfile.TemporaryDirectory() as name:
        merged = read_chain(Path(name), [root, own])
        for position, origin in merged.origins.items():
            path, _, line = origin.place.rpartition(":")
            assert origin.kind == ("profile" if "level-1" in path else "base profile level-0")
            assert Path(path).stem == position[0]
            text = Path(path).read_text().splitlines()[int(line) - 1]
            key, value = position[-1], at(merged.value, position)
            if isinstance(key, str):
                assert text.strip().removeprefix("- ").startswith(f"{key}:")
            if not isinstance(value, list | dict):
                assert text.endswith(str(value))
            elif isinstance(key, int):  # a waiver or a skip: its first member stands there
                assert text.strip().startswith("- ")


@settings(max_examples=60, deadline=None)
@given(LAYERS, LAYERS)
def test_own_values_win_key_by_key_and_lists_of_policies_add_up(root: Layer, own: Layer) -> None:
    with tempfile.TemporaryDirectory() as name:
        value = read_chain(Path(name), [root, own]).value
    assert value["capabilities"] == {**root["capabilities"], **own["capabilities"]}
    for name in ("selection", "roles"):
        expected = {**root["config"].get(name, {}), **own["config"].get(name, {})}
        assert value["config"].get(name, {}) == expected
    for name in ("expected_skips", "waivers"):
        both = [*root["policies"].get(name, []), *own["policies"].get(name, [])]
        assert value["policies"].get(name, []) == both
