"""The embedded platform and real ones differ in nothing that docs/parity.md does not list.

What plans differ in is found without any platform; what runs differ in, by running everything on
both (make soak).
"""

import shutil
from pathlib import Path

import pytest

from support.evidence import outcomes, parity, parity_page
from support.evidence.parity import Pair
from support.evidence.parity_page import Row, Words
from support.foundation.errors import AcceptanceError
from support.foundation.files import write_atomically
from support.foundation.settings import ROOT, Settings, from_environment
from support.model.capability import Answer, Verdict
from support.model.inventory import InstalledSdk, Inventory
from support.planning.forecast import read_specs
from support.planning.planner import Basis, plan
from support.planning.preparation import CATALOG, PROFILES, REQUIREMENTS, stack_features
from support.planning.selection import Criteria
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.profile import Profile
from support.specs import requirements
from support.stack import options
from support.stack.components import platform
from support.stack.components.java import find_java
from support.stack.components.postgres_programs import find_postgres
from support.stack.components.unprivileged import service_user
from tools.cli import parity as command

PAGE = ROOT / "docs" / "parity.md"
KNOWN = catalogs.load(CATALOG)
REGISTRY = {entry.id: entry for entry in requirements.load(REQUIREMENTS)}
BASE = "embedded"
OTHERS = ("platform", "keycloak")
SPECS = read_specs(ROOT / "features")
TIME_LIMIT_SECONDS = 1500


def load(profile_id: str) -> Profile:
    return profiles.load(PROFILES, profile_id, KNOWN)


def rows() -> tuple[Row, ...]:
    return parity_page.read(PAGE, Words.of(KNOWN, profiles.available(PROFILES), REGISTRY))


def sdks(verdict: Verdict) -> tuple[InstalledSdk, ...]:
    """An SDK of every language, all of whose answers are the same."""
    features = {name: Answer(verdict) for name in KNOWN.sdk_features}
    return tuple(
        InstalledSdk(f"{language}-v1", language, "v1", "imagined", features)
        for language in KNOWN.dimensions["sdk"].values
    )


MACHINES = {"all": sdks("yes"), "none can do anything": sdks("no"), "no SDK": ()}


def planned(profile: Profile, asked: Criteria, machine: str) -> outcomes.Outcomes:
    """What a profile plans on an imagined machine, of what is asked for."""
    features = stack_features(profile, Settings({}, {}))
    if profile.stack == "processes":  # whether slapd is installed here must not matter
        wanted = filter(lambda name: options.needs_directory([name]), options.OPTIONS)
        features = tuple(dict.fromkeys((*features, *wanted)))
    basis = Basis(profile, KNOWN, Inventory(MACHINES[machine], features), REGISTRY, (asked,))
    return outcomes.of_plan(plan(SPECS, basis).units, KNOWN)


def planned_pairs(other: Profile) -> tuple[Pair, ...]:
    """Every unit that the other profile selects, on both sides, on each machine."""
    asked = Criteria.of_profile(other.selection, other.id)
    return tuple(
        pair
        for machine in MACHINES
        for pair in parity.compare(
            planned(load(BASE), asked, machine), planned(other, asked, machine)
        )
    )


def planned_problems(other: Profile, listed: tuple[Row, ...]) -> tuple[str, ...]:
    base, pairs = load(BASE), planned_pairs(other)
    return (
        *parity.judge(pairs, [row for row in listed if row.is_planned], other.id).problems,
        *parity.unlisted_values(base, other, listed, KNOWN),
        *parity.unseen_skips(base, other, pairs),
    )


@pytest.mark.parametrize("profile_id", OTHERS)
def test_the_page_lists_what_a_profile_plans_otherwise_and_nothing_else(profile_id: str) -> None:
    assert planned_problems(load(profile_id), rows()) == ()


@pytest.mark.parametrize("profile_id", OTHERS)
def test_a_planned_difference_that_is_not_listed_is_found(profile_id: str) -> None:
    problems = planned_problems(load(profile_id), ())

    assert any("a-token-past-its-time" in problem for problem in problems), problems


def test_every_row_is_needed() -> None:
    listed = rows()
    for row in listed:
        for profile_id in row.profiles:
            without = tuple(other for other in listed if other is not row)
            assert planned_problems(load(profile_id), without), str(row)


def policies(*conditions: str) -> str:
    """A policies.yaml that declares skips, each with a reason of its own."""
    skips = "".join(
        f'    - {{condition: "{condition}", reason: reason number {number}}}\n'
        for number, condition in enumerate(conditions)
    )
    return f"policies:\n  expected_skips:\n{skips}"


EXPIRED = "lacking == 'expired-token'"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        pytest.param(
            "policies.yaml",
            policies("lacking == 'people'"),
            "passed on the embedded platform, error there",
            id="a skip is no longer declared",
        ),
        pytest.param(
            "policies.yaml",
            policies(EXPIRED, "policy == 'hierarchy'"),
            "passed on the embedded platform, skipped there (reason number 1)",
            id="a skip of units that run",
        ),
        pytest.param(
            "policies.yaml",
            policies(EXPIRED, "unsupported == 'go:assertions'"),
            "error on the embedded platform, skipped there (reason number 1)",
            id="a skip that only other machines show",
        ),
        pytest.param(
            "policies.yaml",
            policies(EXPIRED, "lacking == 'the moon'"),
            "declares a skip that no unit shows",
            id="a skip of nothing",
        ),
        pytest.param(
            "capabilities.yaml",
            "capabilities:\n  wrapping: [rsa-2048, p-256]\n  storage: [object]\n",
            "leaves out storage=local",
            id="a value that no scenario varies",
        ),
        pytest.param(
            "capabilities.yaml",
            "capabilities:\n  policy: [hierarchy]\n",
            "no unit differs so",
            id="a row that has become stale",
        ),
    ],
)
def test_what_a_profile_adds_or_takes_away_is_seen(
    tmp_path: Path, file: str, text: str, told: str
) -> None:
    for profile_id in (BASE, "platform"):
        shutil.copytree(PROFILES / profile_id, tmp_path / profile_id)
    (tmp_path / "platform" / file).write_text(text)

    problems = planned_problems(profiles.load(tmp_path, "platform", KNOWN), rows())

    assert any(told in problem for problem in problems), problems


def lacking(profile_id: str) -> str:
    """Return what this machine lacks for a profile's stack, or an empty string."""
    try:
        settings = from_environment()
        find_java()
        if load(profile_id).stack == "processes":
            platform.find(settings)
            find_postgres(settings.get("postgres_bin"), service_user("postgres"))
    except AcceptanceError as error:
        return str(error)
    return ""


def run(profile_id: str, tags: str, folder: Path) -> outcomes.Outcomes:
    """Run everything, or what tags ask for, and read what became of it."""
    selection = ("--tags", tags) if tags else ()
    record = command.behave(profile_id, profile_id, folder, selection)
    assert record.exit_code == 0, record.stdout[-4000:] + record.stderr[-2000:]
    return outcomes.of_run(folder / profile_id, KNOWN)


@pytest.mark.soak
@pytest.mark.timeout(2 * TIME_LIMIT_SECONDS)
@pytest.mark.parametrize("profile_id", OTHERS)
def test_a_run_differs_in_nothing_that_the_page_does_not_list(
    profile_id: str, tmp_path: Path
) -> None:
    if reason := lacking(profile_id):
        pytest.skip(reason)
    tags = load(profile_id).selection.tags

    pairs = parity.compare(run(BASE, tags, tmp_path), run(profile_id, tags, tmp_path))

    found = parity.table(pairs, profile_id)  # for the page: build/parity-<profile>.md
    write_atomically(from_environment().build / f"parity-{profile_id}.md", found)
    assert any(pair.embedded == pair.there == "passed" for pair in pairs)
    assert parity.judge(pairs, rows(), profile_id).problems == (), found
