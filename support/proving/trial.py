"""One trial: units run in a behave of their own until one fails, with a fault or without."""

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from support.evidence.reading import PATTERN
from support.foundation import process
from support.foundation.errors import CommandTimeoutError, FrameworkError
from support.foundation.settings import ROOT, build_environment
from support.foundation.text import tail
from support.model.unit import Unit

TIME_LIMIT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the units of a trial ended: status and reason by the unit's id.

    Attributes:
        said: the end of what behave printed.
    """

    outcomes: Mapping[str, tuple[str, str]]
    said: str

    def with_status(self, status: str) -> list[str]:
        """Return the ids of the units that ended so."""
        return [unit_id for unit_id, (seen, _) in self.outcomes.items() if seen == status]


def attempt(units: Sequence[Unit], defines: Mapping[str, str], fault: str) -> Verdict:
    """Run units in their order until one fails, and return how those that ran ended.

    Args:
        units: in the order to try them.
        defines: the `--define` values of the proof, such as the profile.
        fault: is switched on; empty for a control run.

    Raises:
        FrameworkError: behave ran longer than any trial should.
    """
    with tempfile.TemporaryDirectory(prefix="acceptance-prove-") as name:
        folder = Path(name)
        wanted = folder / "units"
        wanted.write_text("\n".join(unit.id for unit in units) + "\n", encoding="utf-8")
        given = {
            **defines,
            "until_failure": str(wanted),
            "artifacts": str(folder / "artifacts"),
            "build": str(folder / "build"),
            **({"fault": fault} if fault else {}),
        }
        command = [sys.executable, "-m", "behave", "-f", "null"]
        command += [part for item in given.items() for part in ("--define", "=".join(item))]
        command += sorted({unit.spec.feature_path for unit in units})
        try:
            record = process.run(
                command,
                environment=build_environment(),
                time_limit_seconds=TIME_LIMIT_SECONDS,
                working_directory=ROOT,
            )
        except CommandTimeoutError as error:
            raise FrameworkError(f"A trial with the fault {fault or '(none)'}: {error}") from error
        said = tail(record.stdout + record.stderr)
        return Verdict(_outcomes((folder / "artifacts").rglob(PATTERN)), said)


def end_all() -> None:
    """End the trials that run: each ends its stack by itself when it is told to end."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            child.terminate()


def _outcomes(records: Iterable[Path]) -> dict[str, tuple[str, str]]:
    read = [json.loads(path.read_text(encoding="utf-8")) for path in records]
    read.sort(key=lambda record: str(record["start_timestamp"]))
    return {
        record["unit_id"]: (record["status"], record["reason"])
        for record in read
        if record.get("begun", True)
    }
