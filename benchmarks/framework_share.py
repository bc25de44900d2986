"""How much of a run's wall time is the framework's own.

Runs a profile once, then adds up what evidence says was spent in the systems under test: SDK
commands and platform requests, one after another. The rest is ours: planning, behave, evidence,
reports.

    python benchmarks/framework_share.py [--profile embedded] [--tags EXPRESSION]
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from support.artifacts.reading import open_artifact, paths_of
from support.foundation import process
from support.foundation.settings import ROOT, build_environment

TIME_LIMIT_SECONDS = 1800.0


def main() -> int:
    """Run, add up, print one row; the exit code is the run's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", default="embedded")
    parser.add_argument("--tags")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["-D", f"profile={options.profile}", "-D", f"artifacts={folder}"]
        if options.tags:
            arguments += ["--tags", options.tags]
        begun = time.monotonic()
        record = process.run(
            [sys.executable, "-m", "behave", "-f", "null", *arguments],
            environment=build_environment(),
            time_limit_seconds=TIME_LIMIT_SECONDS,
            working_directory=ROOT,
        )
        wall = time.monotonic() - begun
        commands, count = _spent(Path(folder), "commands")
        requests, exchanged = _spent(Path(folder), "exchanges")
    share = (wall - commands - requests) / wall
    print("| profile | wall | SDK commands | platform requests | framework share |")
    print("| --- | --- | --- | --- | --- |")
    print(
        f"| {options.profile} | {wall:.1f} s | {commands:.1f} s ({count}) "
        f"| {requests:.1f} s ({exchanged}) | {share:.1%} |"
    )
    if record.exit_code:
        print(record.stdout[-2000:])
    return record.exit_code


def _spent(folder: Path, kind: str) -> tuple[float, int]:
    lines = [
        json.loads(line)
        for run in folder.iterdir()
        if run.is_dir()
        for path in paths_of(run)
        if path.endswith(f"-{kind}.jsonl")
        for line in open_artifact(run, path).read().splitlines()
    ]
    return sum(line["duration_seconds"] for line in lines), len(lines)


if __name__ == "__main__":
    sys.exit(main())
