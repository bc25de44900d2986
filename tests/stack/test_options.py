"""Named variants of the platform's configuration."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.embedded.options import (
    BASE_KEY,
    DIRECTORY,
    DIRECTORY_FAIL_FAST,
    KEY_MANAGEMENT,
    MAINTENANCE,
    OWN_CLOCK,
    SEVERAL_KAS,
)
from support.foundation.errors import ConfigurationError
from support.stack import options
from support.stack.options import OPTIONS, PATCHES

TREES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from("abc"), st.integers() | inner.filter(bool), max_size=3
    ),
    max_leaves=8,
)


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    found: dict[tuple[str, ...], object] = {}
    for key, value in tree.items():
        inner = leaves(value, (*path, key)) if isinstance(value, dict) else None
        found |= inner if inner is not None else {(*path, key): value}
    return found


@given(base=TREES, patch=TREES)
def test_a_patch_is_on_top_and_leaves_the_rest(base: dict[str, Any], patch: dict[str, Any]) -> None:
    before = repr(base)

    result = leaves(options.merged(base, [patch]))

    wanted = leaves(patch)
    assert wanted.items() <= result.items()
    untouched = {
        path: value
        for path, value in leaves(base).items()
        if not any(path[: len(p)] == p or p[: len(path)] == path for p in wanted)
    }
    assert untouched.items() <= result.items()
    assert repr(base) == before


def test_every_option_changes_the_configuration_or_is_made_with_it() -> None:
    made_elsewhere = {DIRECTORY, DIRECTORY_FAIL_FAST, SEVERAL_KAS, KEY_MANAGEMENT, BASE_KEY}
    never = {OWN_CLOCK, MAINTENANCE}  # by the configuration of a real platform

    unchanged = set(OPTIONS) - {name for name, patch in PATCHES.items() if patch}
    assert unchanged == made_elsewhere | never


def test_options_have_one_order_however_they_are_asked_for() -> None:
    assert options.check(["dpop-nonce", "several-kas"], "x") == ("several-kas", "dpop-nonce")
    assert options.of_tags(["needs:dpop-nonce", "smoke", "needs:people", "needs:several-kas"]) == (
        "several-kas",
        "dpop-nonce",
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["dpop-nonse"], r'--option: "dpop-nonse".*mean "dpop-nonce".*Known: several-kas'),
        (["claims-identity", "direct-entitlements"], "exclude each other"),
        (["directory", "claims-identity"], "exclude each other"),
        (["directory", "directory-fail-fast"], "exclude each other"),
    ],
)
def test_what_cannot_be_is_refused(names: list[str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        options.check(names, "--option")


def test_only_what_asks_people_up_needs_a_directory() -> None:
    assert options.needs_directory([DIRECTORY_FAIL_FAST, "dpop-nonce"])
    assert not options.needs_directory(["claims-identity", "dpop-nonce"])
