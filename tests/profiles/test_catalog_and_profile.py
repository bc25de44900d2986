from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.model.capability import Capability
from support.planning.preparation import CATALOG, PROFILES
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.catalog import Catalog

FILES = {
    "capabilities": "capabilities:\n  sdk: [go, python]\n  format: [ztdf]\n",
    "config": "config:\n  stack: embedded\n  timeouts: {command: 7}\n",
    "policies": (
        "policies:\n  expected_skips:\n    - condition: missing == 'go'\n"
        "      reason: Go is not there\n"
    ),
}


def write(folder: Path, **changes: str) -> Path:
    for name, text in {**FILES, **changes}.items():
        path = folder / "mine" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_derived_dimensions_take_the_values_of_their_source(catalog: Catalog) -> None:
    assert catalog.dimensions["encrypt_sdk"].values == ("go", "python", "java")
    assert catalog.sdk_dimensions == ("encrypt_sdk", "decrypt_sdk")
    assert catalog.sdk_features == ("hexaflexible", "hexless")


@pytest.mark.parametrize(
    ("dimension", "value", "problem"),
    [
        ("encrypt_sdk", "any", ""),
        ("encrypt_sdk", "go", ""),
        ("encrypt_sdk", "go-v0.36.0", ""),
        ("format", "ztdf", ""),
        ("encrypt_sdk", "goo", 'Did you mean "go"?'),
        ("format", "ztdf-v1", 'Did you mean "ztdf"?'),
        ("formatt", "ztdf", 'Did you mean "format"?'),
    ],
)
def test_tagged_values_are_known_or_told(
    catalog: Catalog, dimension: str, value: str, problem: str
) -> None:
    said = catalog.problem_with(Capability(dimension, value))

    assert (problem in said) if problem else said == ""


def test_a_profile_is_its_three_files(tmp_path: Path, catalog: Catalog) -> None:
    profile = profiles.load(write(tmp_path), "mine", catalog)

    assert profile.capabilities == {"sdk": ("go", "python"), "format": ("ztdf",)}
    assert (profile.stack, profile.allow_writes) == ("embedded", True)
    assert profile.limits.command_seconds == 7
    assert [skip.reason for skip in profile.expected_skips] == ["Go is not there"]


def test_a_remote_profile_does_not_write_unless_it_says_so(
    tmp_path: Path, catalog: Catalog
) -> None:
    silent = profiles.load(write(tmp_path, config="config: {stack: remote}\n"), "mine", catalog)
    saying = "config: {stack: remote, allow_writes: true}\n"
    outspoken = profiles.load(write(tmp_path, config=saying), "mine", catalog)

    assert (silent.allow_writes, outspoken.allow_writes) == (False, True)


def test_an_unknown_profile_is_told_with_the_nearest(tmp_path: Path, catalog: Catalog) -> None:
    with pytest.raises(ConfigurationError, match=r'no profile "mien"\. Did you mean "mine"\?'):
        profiles.load(write(tmp_path), "mien", catalog)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("capabilities", "capabilities:\n  sdk: [go, goo]\n", r"capabilities\.yaml:2: \"goo\" is"),
        (
            "capabilities",
            "capabilities:\n  sdks: [go]\n",
            r":2: \"sdks\" is not a dimension",
        ),
        ("policies", "policies:\n  expected_skips:\n    - condition: x == 'y'\n", "lacks reason"),
        (
            "policies",
            "policies: {expected_skips: [{condition: frmat == 'x', reason: because it is}]}",
            r"policies\.yaml:1: .*\"frmat\" is unknown\. Did you mean \"format\"",
        ),
    ],
)
def test_a_mistake_in_a_file_is_told_by_line(
    tmp_path: Path, catalog: Catalog, file: str, text: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        profiles.load(write(tmp_path, **{file: text}), "mine", catalog)


def test_a_missing_file_is_named(tmp_path: Path, catalog: Catalog) -> None:
    (write(tmp_path) / "mine" / "policies.yaml").unlink()

    with pytest.raises(ConfigurationError, match=r"policies\.yaml: there is no such file"):
        profiles.load(tmp_path, "mine", catalog)


@pytest.mark.parametrize("profile_id", profiles.available(PROFILES))
def test_shipped_profiles_load(profile_id: str) -> None:
    assert profiles.load(PROFILES, profile_id, catalogs.load(CATALOG)).id == profile_id


def test_the_embedded_profile_says_something_of_every_dimension() -> None:
    catalog = catalogs.load(CATALOG)
    profile = profiles.load(PROFILES, "embedded", catalog)

    assert set(profile.capabilities) == {
        d.name for d in catalog.dimensions.values() if d.source == d.name
    }
