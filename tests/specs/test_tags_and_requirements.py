import dataclasses
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.specs import requirements
from support.specs.tags import problems_of
from tests.conftest import MakeUnit

KNOWN = ("BR-001", "BR-011")

ENTRY = """\
  - id: {id}
    title: Round trip
    statement: What one client protects, every other opens.
    rationale: Somebody relies on it.
    risk: {risk}
    failure: encryption_failure
    owner: SDK team
    source: specification
"""


@pytest.mark.parametrize(
    "tags",
    [
        ("req:BR-001", "cap:format=any", "risk:high", "needs:browser", "smoke", "wip"),
        ("req:BR-011", "testrail:C12", "jira:ABC-9"),
    ],
)
def test_good_tags_have_no_problem(make_unit: MakeUnit, tags: tuple[str, ...]) -> None:
    assert not list(problems_of(make_unit(tags=tags).spec, KNOWN))


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("req:BR-999", "features/requirements.yaml has no BR-999"),
        ("req:BR-01", '"BR-01" is not a value of it. Write, for example, @req:BR-001'),
        ("req:BR-0O1", '"BR-0O1" is not a value of it'),
        ("req", '"" is not a value of it'),
        ("risk:hi", "@risk:high"),
        ("neds:x", 'Did you mean "needs"?'),
        ("profile:x", "a scenario never chooses its profile"),
        ("profile-smoke", "a scenario never chooses its profile"),
        ("testrail:12", "@testrail:C123"),
        ("cap:Format=x y", "@cap:format=ztdf"),
    ],
)
def test_a_wrong_tag_is_told_with_file_line_and_the_mend(
    make_unit: MakeUnit, tag: str, message: str
) -> None:
    spec = dataclasses.replace(make_unit().spec, tags=(tag, tag))

    (problem,) = problems_of(spec, KNOWN)

    assert problem.startswith(f"features/tdf/round_trip.feature:5: tag @{tag}: ")
    assert message in problem


def write(folder: Path, *entries: str) -> Path:
    path = folder / "requirements.yaml"
    path.write_text("requirements:\n" + "".join(entries))
    return path


def test_the_registry_is_read(tmp_path: Path) -> None:
    (entry,) = requirements.load(write(tmp_path, ENTRY.format(id="BR-001", risk="high")))

    assert (entry.id, entry.title, entry.risk) == ("BR-001", "Round trip", "high")


def test_an_id_listed_twice_is_told_with_both_places(tmp_path: Path) -> None:
    entry = ENTRY.format(id="BR-001", risk="high")

    with pytest.raises(ConfigurationError, match=r":10: BR-001 is listed twice \(first at .*:2\)"):
        requirements.load(write(tmp_path, entry, entry))


def test_a_wrong_risk_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'risk is "hihg".*Did you mean "high"'):
        requirements.load(write(tmp_path, ENTRY.format(id="BR-001", risk="hihg")))


def test_the_shipped_registry_lists_all_42() -> None:
    registry = requirements.load(Path(__file__).parents[2] / "features" / "requirements.yaml")

    assert [entry.id for entry in registry] == [f"BR-{number:03}" for number in range(1, 43)]
