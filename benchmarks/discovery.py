"""How fast `acceptance discover` plans large trees, beside peers that read the same tree.

Every figure is of a whole process, started anew: wall time, processor time,
and the most memory that it held. The ratio is that of processor times, which other work on the
machine disturbs least.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.foundation.settings import build_environment

SEED = 42
SCENARIOS_PER_FILE = 10
FILES_PER_FOLDER = 50
VARIANTS = 5
MIB = 1024

CAPABILITIES = "capabilities:\n  sdk: [go]\n"
CONFIG = "config:\n  description: one SDK in five versions\n  stack: none\n"
POLICIES = "policies: {}\n"
STEPS = """\
from behave import given, then, when

@given("a platform that knows project {number:d}")
@given("a document labelled project/{number:d}")
@when("the reader opens it")
@then("its content is what the author wrote")
def anything(context, number=0):
    pass
"""
PARSE_WITH_GHERKIN = """\
import sys
from pathlib import Path
from gherkin.parser import Parser
for path in sorted(Path(sys.argv[1]).rglob("*.feature")):
    Parser().parse(path.read_text())
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took: wall time, processor time, and the most memory that it held at once."""

    seconds: float
    busy_seconds: float
    mebibytes: float


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder with many features, a profile, and an inventory."""

    folder: Path

    @property
    def features(self) -> Path:
        """The folder of the features."""
        return self.folder / "features"

    def grow(self, files: int) -> None:
        """Write feature files, and what planning needs beside them."""
        chance = random.Random(SEED)  # noqa: S311 -- a sample, not a secret
        for number in range(files):
            path = self.file(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_feature(number, chance))
        profile = self.folder / "profiles" / "wide"
        profile.mkdir(parents=True)
        for name, text in (
            ("capabilities", CAPABILITIES),
            ("config", CONFIG),
            ("policies", POLICIES),
        ):
            (profile / f"{name}.yaml").write_text(text)
        sdks = [
            {
                "id": f"go-v0.{number}.0",
                "language": "go",
                "version": f"v0.{number}.0",
                "origin": "nowhere",
                "digest": "",
                "features": {},
            }
            for number in range(VARIANTS)
        ]
        inventory = {"sdks": sdks, "stack_features": []}
        (self.folder / "inventory.json").write_text(json.dumps(inventory))
        (self.folder / "steps").mkdir()
        (self.folder / "steps" / "all.py").write_text(STEPS)

    def file(self, number: int) -> Path:
        """Return the path of a feature."""
        folder = self.features / f"area{number // FILES_PER_FOLDER:03d}"
        return folder / f"topic{number:05d}.feature"

    def forget(self) -> None:
        """Remove what was planned before."""
        for path in (self.folder / "build").rglob("*.sqlite"):
            path.unlink()

    def edit(self, turn: int) -> None:
        """Change one feature."""
        path = self.file(turn)
        path.write_text(path.read_text().replace("Statement", f"Changed {turn}", 1))

    def discover(self) -> Measured:
        """Plan it all."""
        program = str(Path(sys.executable).with_name("acceptance"))
        defines = ("profiles=profiles", "build=build", "history=none.sqlite")
        return run(
            [
                program,
                "discover",
                *("--profile", "wide", "--inventory", "inventory.json", "--output", "plan.json"),
                *(part for define in defines for part in ("--define", define)),
            ],
            self.folder,
        )

    def units(self) -> int:
        """Return how many units the written plan has."""
        return (self.folder / "plan.json").read_bytes().count(b'\n{"id": ')


def _feature(number: int, chance: random.Random) -> str:
    lines = [
        f"@req:BR-{chance.randrange(1, 43):03d} @cap:encrypt_sdk=any",
        f"Feature: Topic {number} holds",
        "",
        "  Background:",
        f"    Given a platform that knows project {number}",
        "",
    ]
    for scenario in range(SCENARIOS_PER_FILE):
        lines += [
            f"  @risk:{chance.choice(['high', 'medium', 'low'])}",
            f"  Scenario: Statement {scenario} of topic {number}",
            f"    Given a document labelled project/{chance.randrange(1000)}",
            "    When the reader opens it",
            "    Then its content is what the author wrote",
            "",
        ]
    return "\n".join(lines)


def run(command: list[str], folder: Path) -> Measured:
    """Run a command and return what it took.

    Raises:
        SystemExit: it failed.
    """
    said = folder / "said.txt"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    begin = time.perf_counter()
    process = os.posix_spawn(
        "/usr/bin/env",
        ["env", "-C", str(folder), *command],
        build_environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(said), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begin
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command} failed:\n{said.read_text()}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MIB)


def median(measure: Callable[[int], Measured], times: int) -> Measured:
    """Return the median of several measurements; `measure` gets the number of each."""
    found = [measure(turn) for turn in range(times)]
    return Measured(
        statistics.median(m.seconds for m in found),
        statistics.median(m.busy_seconds for m in found),
        max(m.mebibytes for m in found),
    )


def measure(files: int, times: int, *, with_behave: bool) -> dict[str, Measured]:
    """Grow a tree, plan it in each state of the cache, and let the peers read it."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder))
        tree.grow(files)

        def cold(_turn: int) -> Measured:
            tree.forget()
            return tree.discover()

        def changed(turn: int) -> Measured:
            tree.edit(turn)
            return tree.discover()

        found = {"cold": median(cold, times), "warm": median(lambda _: tree.discover(), times)}
        found["one file changed"] = median(changed, times)
        units = tree.units()
        wanted = files * SCENARIOS_PER_FILE * VARIANTS
        if units != wanted:
            raise SystemExit(f"{units} units were planned, and not {wanted}.")
        parse = [sys.executable, "-c", PARSE_WITH_GHERKIN, "features"]
        found["gherkin-official parses"] = median(lambda _: run(parse, tree.folder), times)
        if with_behave:
            dry = [sys.executable, "-m", "behave", "--dry-run", "--format=null", "features"]
            found["behave --dry-run"] = run(dry, tree.folder)
        return found


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000, help="feature files of 10 scenarios")
    parser.add_argument("--times", type=int, default=5, help="measurements, of which the median")
    options = parser.parse_args()
    print("| scenarios | units | what | wall | processor | ratio to parsing | peak memory |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for files in (options.files, 2 * options.files):
        found = measure(files, options.times, with_behave=files == options.files)
        peer = found["gherkin-official parses"]
        scenarios = files * SCENARIOS_PER_FILE
        for what, each in found.items():
            ratio = each.busy_seconds / peer.busy_seconds
            print(
                f"| {scenarios:,} | {scenarios * VARIANTS:,} | {what} | {each.seconds:.2f} s "
                f"| {each.busy_seconds:.2f} s | {ratio:.2f} | {each.mebibytes:.0f} MiB |"
            )


if __name__ == "__main__":
    main()
