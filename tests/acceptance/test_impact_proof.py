"""No unit whose outcome a change alters is left out: shown by altering modules and running.

Every function of a module raises, in a copy of the project. A unit without an outcome, as when a
run cannot even start, counts as altered.
"""

import json
import random
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.git import Change
from support.foundation.settings import ROOT, child_environment
from support.model.inventory import InstalledSdk, Inventory
from support.model.unit import Unit
from support.model.variant import Variant
from support.planning.impact import Target
from support.planning.project import Project, read_project
from support.sdk.discovery import BUILT_SDKS
from tests.planning import changing
from tests.planning.changing import (
    functions_of,
    impact_of,
    python_files,
    sabotaged,
    shipped_specs,
    text_of,
)

TIME_LIMIT_SECONDS = 600
SEED = 4
NEEDED = (
    "environment.py",
    "pyproject.toml",
    "features",
    "profiles",
    "schemas",
    "steps",
    "support",
)
PROFILE = "smoke" if (ROOT / "profiles" / "smoke").is_dir() else "embedded"
WITH_ONE_SDK = "@smoke and not @variant:*=python* and not @variant:*=rust*"
WITHOUT_SDKS = "@smoke and (@req:BR-015 or @req:BR-027 or @req:BR-039)"

# What the small run may draw from: modules that some of its units reach and others do not.
SMALL = (
    "support/platform/decisions.py",
    "support/platform/discovery.py",
    "support/platform/forgery.py",
    "support/world/envelopes.py",
    "support/world/gate.py",
    "support/world/questions.py",
    "support/world/visitor.py",
)


@dataclass(frozen=True)
class Copy:
    """A copy of the project, in which files may be altered."""

    folder: Path
    tags: str

    def outcomes(self) -> Mapping[str, str]:
        """Run the profile; return the status of each unit that has one."""
        artifacts = self.folder / "artifacts"
        shutil.rmtree(artifacts, ignore_errors=True)
        own = {
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ACCEPTANCE_SDK_ROOTS": str(self.folder / "sdks"),
            "ACCEPTANCE_BUILD": str(self.folder / "build"),
            "ACCEPTANCE_ARTIFACTS": str(artifacts),
        }
        process.run(
            [
                *(sys.executable, "-m", "behave", "-f", "null", "--tags", self.tags),
                *("--define", f"profile={PROFILE}"),
            ],
            environment=child_environment(own),
            time_limit_seconds=TIME_LIMIT_SECONDS,
            working_directory=self.folder,
        )
        records = [json.loads(path.read_text()) for path in artifacts.rglob("*-evidence.json")]
        return {record["unit_id"]: record["status"] for record in records}

    @cached_property
    def baseline(self) -> Mapping[str, str]:
        """The outcomes of the unaltered project, which are red in nothing."""
        found = self.outcomes()
        assert "passed" in found.values()
        assert set(found.values()) <= {"passed", "skipped"}
        return found

    @cached_property
    def project(self) -> Project:
        """The unaltered code."""
        return read_project(self.folder)

    @cached_property
    def target(self) -> Target:
        """The units that the baseline ran."""
        specs = {spec.id: spec for spec in shipped_specs(self.folder)}
        units = []
        for unit_id in self.baseline:
            spec_id, _, variant = unit_id.partition("#")
            pairs = (pair.partition("=") for pair in variant.split(",") if "=" in pair)
            units.append(Unit(specs[spec_id], Variant.of({key: value for key, _, value in pairs})))
        sdks = tuple(
            InstalledSdk(f"{path.parent.parent.name}-{path.name}", path.parent.parent.name, "", "")
            for path in (self.folder / "sdks").glob("*/dist/*")
        )
        return Target(tuple(units), PROFILE, inventory=Inventory(sdks))

    def left_out(self, path: str, function: str = "") -> list[str]:
        """Sabotage a module, or one function of it; return the altered units not selected."""
        place = self.folder / path
        original = place.read_text()
        change = Change(path, original, sabotaged(original, function))
        selected = impact_of(change, target=self.target, project=self.project).selected
        if all(name in selected for name in self.baseline):
            return []  # nothing can be left out, whatever a run would show
        place.write_text(change.now or "")
        try:
            now = self.outcomes()
        finally:
            place.write_text(original)
        different = [name for name, status in self.baseline.items() if now.get(name) != status]
        return [name for name in different if name not in selected]


def copy_of_the_project(folder: Path, tags: str, languages: tuple[str, ...]) -> Copy:
    (folder / "sdks").mkdir(parents=True)
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    for language in languages:
        if (BUILT_SDKS / language).is_dir():
            (folder / "sdks" / language).symlink_to(BUILT_SDKS / language)
    return Copy(folder, tags)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("small") / "project"
    made = copy_of_the_project(folder, WITHOUT_SDKS, ())
    (folder / "sdks" / "none" / "dist").mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    # One SDK that is quick: what its calls reach does not differ from one SDK to the next.
    return copy_of_the_project(tmp_path_factory.mktemp("whole") / "project", WITH_ONE_SDK, ("go",))


@pytest.mark.parametrize("path", random.Random(SEED).sample(SMALL, 3))  # noqa: S311 -- seeded
def test_a_sabotaged_module_alters_no_unit_that_is_left_out(small: Copy, path: str) -> None:
    assert small.left_out(path) == []


def test_the_proof_would_notice_a_unit_that_is_left_out(
    small: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.acceptance.test_impact_proof.impact_of",
        lambda _change, target, project: changing.impact_of(target=target, project=project),
    )

    left_out = small.left_out("support/world/visitor.py")

    assert left_out
    assert {unit.partition(":")[0] for unit in left_out} == {"features/platform/discovery.feature"}


@pytest.mark.soak
@pytest.mark.parametrize(
    "path",
    [
        path
        for folder in ("support", "steps")
        for path in python_files(folder)
        if "def " in text_of(path)
    ],
)
def test_no_sabotaged_module_alters_a_unit_that_is_left_out(whole: Copy, path: str) -> None:
    assert whole.left_out(path) == []


@pytest.mark.soak
@pytest.mark.parametrize("member", functions_of("support/world/world.py"))
def test_no_sabotaged_member_of_the_world_alters_a_unit_that_is_left_out(
    whole: Copy, member: str
) -> None:
    assert whole.left_out("support/world/world.py", member) == []
