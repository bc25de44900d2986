"""The profiles that are shipped, and the design's example, whose files load unchanged."""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.settings import ROOT, Settings, build_environment
from support.model.capability import Answer
from support.model.inventory import InstalledSdk, Inventory
from support.model.severity import FailureClass, Severity
from support.model.spec import Spec
from support.planning.advice import advice
from support.planning.forecast import read_specs
from support.planning.planner import Basis, Plan, plan
from support.planning.preparation import CATALOG, PROFILES, REQUIREMENTS
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.profile import Profile, Role
from support.sdk.features import FEATURES
from support.specs import requirements
from support.stack import manager

DESIGN = ROOT / "tests" / "data" / "design-profile"
SHIPPED = (
    "cross-sdk-basic",
    "cross-sdk-exhaustive",
    "embedded",
    "keycloak",
    "no-kas",
    "platform",
    "policy-core",
    "remote",
    "slow",
    "smoke",
    "version-matrix",
)
KNOWN = catalogs.load(CATALOG)
REGISTRY = {entry.id: entry for entry in requirements.load(REQUIREMENTS)}
SPECS: Sequence[Spec] = read_specs(ROOT / "features")
TODAY = date(2026, 11, 24)

SEALING = {"ecwrap", "autoconfigure", *(name for name in FEATURES if name.startswith("mechanism"))}
PYTHON_LACKS = {
    *("assertions", "assertion_verification", "hexaflexible", "verifies_integrity", "joins_parts"),
    *SEALING,
}
RUST_LACKS = {
    *("encrypt", "assertions", "assertion_verification", "kasallowlist", "reads_4.2.2"),
    *("hexaflexible", "asks_the_next", "joins_parts"),
    *SEALING,
}


def sdk(language: str, lacks: set[str] | frozenset[str] = frozenset()) -> InstalledSdk:
    answers = {name: Answer("no" if name in lacks | {"nano"} else "yes") for name in FEATURES}
    return InstalledSdk(f"{language}-v1", language, "v1", "imagined", answers)


THREE = Inventory(
    (sdk("go"), sdk("python", PYTHON_LACKS), sdk("rust", RUST_LACKS)),
    manager.features("embedded", Settings({}, {}), ["alice", "bob"]),
)


def load(profile_id: str) -> Profile:
    return profiles.load(PROFILES, profile_id, KNOWN)


def planned(profile: Profile, inventory: Inventory = THREE) -> Plan:
    return plan(SPECS, Basis(profile, KNOWN, inventory, REGISTRY, today=TODAY))


def dispositions(made: Plan) -> Counter[str]:
    return Counter(unit.expectation.disposition for unit in made.units)


def languages(made: Plan, dimension: str) -> set[str]:
    return {
        (unit.variant.get(dimension) or "").partition("-v")[0]
        for unit in made.units
        if unit.expectation.disposition == "run"
    } - {""}


def test_these_profiles_are_shipped() -> None:
    assert profiles.available(PROFILES) == SHIPPED


@pytest.mark.parametrize("profile_id", SHIPPED)
def test_a_shipped_profile_says_what_it_is_for_and_has_nothing_wrong(profile_id: str) -> None:
    profile = load(profile_id)

    served = manager.features(profile.stack, Settings({}, {}), [r.name for r in profile.roles])

    basis = Basis(profile, KNOWN, Inventory((), served), REGISTRY, today=TODAY)
    found = advice(basis, SPECS, shipped=True)

    assert profile.merged.value["config"]["description"]
    assert profile.merged.origins["config", "description"].kind == "profile"
    assert [entry for entry in found if entry.severity == "error"] == []


@pytest.mark.parametrize("profile_id", SHIPPED)
def test_a_shipped_profile_runs_something_and_has_no_unit_that_cannot_run(profile_id: str) -> None:
    counts = dispositions(planned(load(profile_id)))

    assert counts["run"] >= 5
    assert counts["error"] == 0


def test_smoke_is_what_is_tagged_so_and_small() -> None:
    made = planned(load("smoke"))

    assert all("smoke" in unit.spec.tags for unit in made.units)
    assert not any("smoke" in left.spec.tags for left in made.left_out)
    assert dispositions(made)["run"] < dispositions(planned(load("embedded")))["run"] / 3


def test_cross_sdk_profiles_run_three_sdks_with_each_other() -> None:
    basic, exhaustive = planned(load("cross-sdk-basic")), planned(load("cross-sdk-exhaustive"))

    assert languages(basic, "decrypt_sdk") == {"go", "python", "rust"}
    assert languages(basic, "encrypt_sdk") == {"go", "python"}
    assert {unit.spec.id for unit in basic.units} <= {unit.spec.id for unit in exhaustive.units}
    assert dispositions(exhaustive)["run"] > dispositions(basic)["run"]
    assert not basic.notes  # nothing is dropped by max_variants
    assert not exhaustive.notes


def test_cross_sdk_basic_is_the_design_with_more_sdks_a_stack_and_without_the_waiver() -> None:
    design, basic = profiles.load(DESIGN.parent, DESIGN.name, KNOWN), load("cross-sdk-basic")

    assert set(design.capabilities["sdk"]) | {"python", "rust"} == set(basic.capabilities["sdk"])
    for dimension in ("format", "encryption", "policy"):
        assert basic.capabilities[dimension] == design.capabilities[dimension]
    assert basic.merged.origins["config", "stack"].kind == "profile"
    assert basic.roles == design.roles
    assert basic.selection.strategy == design.selection.strategy
    assert basic.selection.max_variants == design.selection.max_variants
    assert basic.limits == design.limits
    assert basic.severities == design.severities
    assert design.expected_skips[0].reason == basic.expected_skips[0].reason
    assert (len(design.waivers), len(basic.waivers)) == (1, 0)


def test_policy_core_needs_no_sdk_at_all() -> None:
    counts = dispositions(planned(load("policy-core"), Inventory((), THREE.stack_features)))

    assert counts["run"] > 40
    assert set(counts) <= {"run", "not_applicable"}


def test_the_design_s_files_load_unchanged() -> None:
    profile = profiles.load(DESIGN.parent, DESIGN.name, KNOWN)

    assert profile.capabilities["sdk"] == ("go", "java", "js", "swift")
    assert profile.capabilities["format"] == ("nano", "ztdf")
    assert profile.roles == (
        Role("alice", (("group", "engineering"), ("clearance", "secret"))),
        Role("bob", (("group", "marketing"), ("clearance", "public"))),
    )
    assert (profile.selection.strategy, profile.selection.max_variants) == ("pairwise", 50)
    assert (profile.limits.unit_seconds, profile.limits.suite_seconds) == (60, 600)
    assert profile.waivers[0].reason == "Legacy format deprecated"
    assert profile.severities == {
        FailureClass.ENCRYPTION_FAILURE: Severity.CRITICAL,
        FailureClass.POLICY_MISMATCH: Severity.HIGH,
        FailureClass.PERFORMANCE_DEGRADATION: Severity.MEDIUM,
    }


def test_the_design_s_profile_plans_what_it_says() -> None:
    profile = profiles.load(DESIGN.parent, DESIGN.name, KNOWN)
    ecwrap = [answer for answer in THREE.sdks if answer.language == "go"]
    four = Inventory((*ecwrap, *(sdk(name) for name in ("java", "js", "swift"))))

    made = planned(profile, four)

    travelled = [u for u in made.units if "a-document-that-holds-content-travels" in u.spec.id]
    pairs = {
        (unit.variant.get("encrypt_sdk"), unit.variant.get("decrypt_sdk"))
        for unit in travelled
        if unit.variant.get("format") == "ztdf" and unit.expectation.disposition == "run"
    }
    assert len(pairs) == 16  # each of four SDKs with each
    assert {unit.severity for unit in travelled} == {Severity.CRITICAL}
    nano = [u.expectation for u in travelled if u.variant.get("format") == "nano"]
    assert {expectation.disposition for expectation in nano} == {"error"}  # nobody declared it


def test_the_design_s_waiver_is_a_warning_there_and_an_error_in_a_shipped_profile() -> None:
    profile = profiles.load(DESIGN.parent, DESIGN.name, KNOWN)
    basis = Basis(profile, KNOWN, Inventory(), REGISTRY, today=TODAY)

    there = [a for a in advice(basis, SPECS, shipped=False) if "has no owner" in a.message]
    shipped = [a for a in advice(basis, SPECS, shipped=True) if "has no owner" in a.message]

    assert [entry.severity for entry in there] == ["warning"]
    assert [entry.severity for entry in shipped] == ["error"]
    assert there[0].where.endswith("design-profile/policies.yaml:5")
    assert "no owner, issue, end date" in there[0].message


NO_SOCKETS = """\
import socket


def refuse(*_arguments, **_named):
    raise AssertionError("a connection was made")


for name in ("connect", "connect_ex", "bind", "listen"):
    setattr(socket.socket, name, refuse)
"""


@pytest.mark.parametrize(
    ("profile_id", "ends"),
    [("no-kas", "GREEN: 17 of 17 units passed"), ("policy-core", "a connection was made")],
)
def test_no_kas_starts_nothing_and_makes_no_connection(
    tmp_path: Path, profile_id: str, ends: str
) -> None:
    """With sockets that refuse everything, `no-kas` is green, and a profile with a stack is not."""
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS)
    record = process.run(
        [
            *(sys.executable, "-m", "behave", "--define", f"profile={profile_id}"),
            *("--define", f"artifacts={tmp_path / 'artifacts'}"),
            *("--define", f"build={tmp_path / 'build'}"),
            *("--define", f"history={tmp_path / 'history.sqlite'}"),
        ],
        environment={**build_environment(), "PYTHONPATH": str(tmp_path)},
        time_limit_seconds=100,
        working_directory=ROOT,
    )

    assert ends in record.stdout + record.stderr
    assert (record.exit_code == 0) is (profile_id == "no-kas")
    if profile_id == "no-kas":
        assert not list((tmp_path / "build").glob("stack/*"))
