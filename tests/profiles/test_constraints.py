from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError
from support.model.capability import Capability
from support.profiles import catalog as catalogs
from support.profiles.catalog import Catalog
from support.profiles.constraints import completion, exclusions_of, violated

DIMENSIONS = """\
dimensions:
  sdk:
    title: SDK
    derives: [encrypt_sdk, decrypt_sdk]
    values: {go: {title: Go}, swift: {title: Swift}}
  format:
    title: Container format
    values: {ztdf: {title: ZTDF}, nano: {title: NanoTDF}}
    aliases:
      ec: {title: EC, means: {format: ztdf, wrapping: p-256}}
  wrapping:
    title: Key
    default: rsa
    values: {p-256: {title: P-256}, rsa: {title: RSA}}
"""


def load(folder: Path, constraints: str) -> Catalog:
    path = folder / "catalog.yaml"
    path.write_text(DIMENSIONS + constraints)
    return catalogs.load(path)


def constraint(rule: str, title: str = "Rule") -> str:
    return f"  - {{title: {title}, reason: because it is so, {rule}}}\n"


def test_a_default_comes_first_and_an_alias_stands_for_several_values(tmp_path: Path) -> None:
    catalog = load(tmp_path, "")

    assert catalog.domains["wrapping"] == ("rsa", "p-256")
    assert catalog.meaning(Capability("format", "ec")) == (
        Capability("format", "ztdf"),
        Capability("wrapping", "p-256"),
    )
    assert catalog.meaning(Capability("format", "nano")) == (Capability("format", "nano"),)
    assert catalog.problem_with(Capability("format", "ec")) == ""


def test_what_a_constraint_requires_or_forbids_is_excluded(tmp_path: Path) -> None:
    catalog = load(
        tmp_path,
        "constraints:\n"
        + constraint("when: {format: nano}, require: {wrapping: p-256}")
        + constraint("when: {sdk: swift}, forbid: {format: [nano]}"),
    )

    assert catalog.exclusions == (
        {"format": frozenset({"nano"}), "wrapping": frozenset({"rsa"})},
        {"encrypt_sdk": frozenset({"swift"}), "format": frozenset({"nano"})},
        {"decrypt_sdk": frozenset({"swift"}), "format": frozenset({"nano"})},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            constraint("when: {formt: nano}, forbid: {wrapping: rsa}"),
            r':16: .*Did you mean "format"',
        ),
        (constraint("when: {format: nanno}, forbid: {wrapping: rsa}"), 'Did you mean "nano"'),
        (constraint("when: {format: nano}, require: {wrapping: rsb}"), 'Did you mean "rsa"'),
        (constraint("when: {format: nano}"), "lacks require or forbid"),
        (constraint("forbid: {format: nano}"), "lacks when"),
        (
            constraint("when: {format: nano}, require: {wrapping: rsa}", "One")
            + constraint("when: {format: nano}, forbid: {wrapping: rsa}", "Two")
            + constraint("when: {format: nano}, forbid: {sdk: swift}", "Three"),
            r'no variant can have format=nano: .*:16: "One"; .*:17: "Two"\. Mend',
        ),
        (
            constraint("when: {format: [ztdf, nano]}, forbid: {encrypt_sdk: [go, swift]}", "All"),
            r'no variant can have format=ztdf: .*"All"',
        ),
    ],
)
def test_a_wrong_constraint_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, "constraints:\n" + text)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("default: rsa", "default: rsb", r':13: the default "rsb" is not a value of wrapping'),
        ("means: {format: ztdf,", "means: {formt: ztdf,", 'the alias ec: "formt" is not a dimen'),
        ("      ec: {title", "      nano: {title", 'the alias "nano" is a value of format too'),
    ],
)
def test_a_wrong_default_or_alias_is_told(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(DIMENSIONS.replace(before, after))

    with pytest.raises(ConfigurationError, match=message):
        catalogs.load(path)


VALUES = ("a", "b", "c")
DOMAINS = {"x": VALUES, "y": VALUES, "z": VALUES}
named = st.dictionaries(
    st.sampled_from(sorted(DOMAINS)),
    st.frozensets(st.sampled_from(VALUES), min_size=1),
    min_size=1,
    max_size=2,
)


@given(named, named, named)
def test_exclusions_say_what_the_constraint_says(
    when: dict[str, frozenset[str]],
    require: dict[str, frozenset[str]],
    forbid: dict[str, frozenset[str]],
) -> None:
    excluded = exclusions_of(when, require, forbid, DOMAINS)

    for values in product(VALUES, repeat=3):
        row = dict(zip(DOMAINS, values, strict=True))
        asked = all(row[name] in wanted for name, wanted in when.items())
        kept = all(row[name] in wanted for name, wanted in require.items()) and not any(
            row[name] in wanted for name, wanted in forbid.items()
        )
        assert any(violated(e, row) for e in excluded) == (asked and not kept)


@given(
    st.lists(named, max_size=6), st.dictionaries(st.sampled_from("xyz"), st.sampled_from(VALUES))
)
def test_a_completion_is_found_whenever_there_is_one(
    exclusions: list[dict[str, frozenset[str]]], fixed: dict[str, str]
) -> None:
    found = completion(fixed, DOMAINS, exclusions)

    rows = [dict(zip(DOMAINS, values, strict=True)) for values in product(VALUES, repeat=3)]
    legal = [
        row
        for row in rows
        if fixed.items() <= row.items() and not any(violated(e, row) for e in exclusions)
    ]
    assert (found is not None) == bool(legal)
    if found is not None:
        assert fixed.items() <= found.items()
        assert not any(violated(e, found) for e in exclusions)
