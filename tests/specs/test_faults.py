from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.specs import faults, requirements
from support.specs.faults import BrokenPromise, Place

LIST = """\
platform:
  BR-011:
    all-for-any: every value is demanded
shim:
  BR-001:
    wrong-byte: another byte
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "faults.yaml"
    path.write_text(text)
    return path


def test_faults_are_told_by_requirement(tmp_path: Path) -> None:
    assert faults.load(write(tmp_path, LIST)) == (
        BrokenPromise("wrong-byte", "BR-001", "another byte", Place.SHIM),
        BrokenPromise("all-for-any", "BR-011", "every value is demanded", Place.PLATFORM),
    )


def test_a_name_given_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    twice = LIST.replace("wrong-byte", "all-for-any")

    with pytest.raises(ConfigurationError, match=r"faults.yaml:6: .*twice \(first at .*yaml:3\)"):
        faults.load(write(tmp_path, twice))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("BR-011", "BR-11", "BR-11"),
        ("all-for-any", "All_For_Any", "All_For_Any"),
        ("another byte", "''", "wrong-byte"),
        ("shim:", "shims:", "shims"),
    ],
)
def test_what_is_no_list_of_faults_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        faults.load(write(tmp_path, LIST.replace(old, new)))


def test_every_requirement_has_a_fault_and_every_fault_a_known_requirement() -> None:
    named = {fault.requirement for fault in faults.load(ROOT / "features" / "faults.yaml")}

    known = {entry.id for entry in requirements.load(ROOT / "features" / "requirements.yaml")}

    assert named == known
