"""Effective values: complete, in words, and stronger origins win."""

from pathlib import Path

import pytest

from support.foundation.settings import ROOT, Settings
from support.planning.preparation import CATALOG, PROFILES
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.effective import (
    BY_RISK,
    NOT_SAID,
    differences,
    effective_values,
    positions,
    shown,
)
from support.profiles.profile import DEFAULTS

KNOWN = catalogs.load(CATALOG)


def write(folder: Path, **files: str) -> Path:
    (folder / "mine").mkdir()
    texts = {
        "capabilities": "capabilities: {sdk: [go]}\n",
        "config": "config: {stack: embedded}\n",
        "policies": "policies: {}\n",
        **files,
    }
    for name, text in texts.items():
        (folder / "mine" / f"{name}.yaml").write_text(text)
    return folder


def test_every_position_of_the_schemas_has_a_value_or_a_meaning(tmp_path: Path) -> None:
    values = effective_values(profiles.load(write(tmp_path), "mine", KNOWN))

    names = {value.name for value in values}
    assert {".".join(map(str, position)) for position in positions()} <= names
    assert all(value.text for value in values)
    assert all((value.value is None) is bool(value.meaning) for value in values)


def test_what_is_not_said_is_told_for_each_position_without_a_default() -> None:
    without = {p for p in positions() if p[1] != "severities" and p not in DEFAULTS}

    assert without == {*NOT_SAID, ("config", "allow_writes")}


def test_values_are_told_in_words(tmp_path: Path) -> None:
    config = (
        "config:\n  allow_writes: false\n  roles: {alice: {attributes: [a:b, c:d]}}\n"
        "  selection: {risk: [high, low]}\n  timeouts: {test: 1.5}\n"
    )
    policies = "policies:\n  severities: {audit_gap: low}\n  waivers: []\n"
    profile = profiles.load(write(tmp_path, config=config, policies=policies), "mine", KNOWN)

    told = {value.name: value.text for value in effective_values(profile)}

    assert told["config.allow_writes"] == "no"
    assert told["config.roles.alice"] == "attributes: a:b, c:d"
    assert told["config.selection.risk"] == "high, low"
    assert told["config.timeouts.test"] == "1.5"
    assert told["policies.severities.audit_gap"] == "low"
    assert told["policies.severities.policy_mismatch"] == BY_RISK
    assert told["policies.waivers"] == "none"


@pytest.mark.parametrize(
    ("defines", "environment", "origin"),
    [
        ({"platform_url": "https://d"}, {"ACCEPTANCE_PLATFORM_URL": "https://e"}, "--define"),
        ({}, {"ACCEPTANCE_PLATFORM_URL": "https://e"}, "environment"),
        ({}, {}, "profile"),
    ],
)
def test_the_address_of_a_service_has_its_strongest_origin(
    tmp_path: Path, defines: dict[str, str], environment: dict[str, str], origin: str
) -> None:
    config = "config:\n  services: {platform_url: 'https://p'}\n"
    profile = profiles.load(write(tmp_path, config=config), "mine", KNOWN)
    settings = Settings(defines, environment).with_profile(profile.services, profile.id)

    values = {value.name: value for value in effective_values(profile, settings)}

    value = values["config.services.platform_url"]
    assert (value.text[-1], value.origin.kind) == (origin.lstrip("-")[0], origin)


def test_a_profile_s_own_address_is_told_with_its_line(tmp_path: Path) -> None:
    config = "config:\n  services:\n    platform_url: 'https://p'\n"
    profile = profiles.load(write(tmp_path, config=config), "mine", KNOWN)
    settings = Settings({}, {}).with_profile(profile.services, profile.id)

    values = {value.name: value for value in effective_values(profile, settings)}

    assert values["config.services.platform_url"].origin.place.endswith("config.yaml:3")


def test_places_below_the_project_are_told_from_its_root() -> None:
    assert shown(f"{ROOT}/profiles/a.yaml:3") == "profiles/a.yaml:3"
    assert shown("/elsewhere/a.yaml:3") == "/elsewhere/a.yaml:3"


def test_profiles_differ_in_what_one_of_them_says_otherwise() -> None:
    left, right = (
        effective_values(profiles.load(PROFILES, name, KNOWN)) for name in ("embedded", "smoke")
    )

    found = {change.name for change in differences(left, right)}

    assert found == {
        "config.description",
        "config.selection.strategy",
        "config.selection.tags",
        "config.timeouts.suite",
    }
    assert differences(left, left) == ()
