"""What the files of runs say, whichever form they are kept in."""

from pathlib import Path

from support.artifacts.reading import open_artifact, paths_of
from support.artifacts.stored import OBJECTS


def contents(artifacts: Path, ending: str = "") -> dict[str, str]:
    """Every file of every run below a folder whose name ends so, as text, by its path."""
    found = {}
    for run in artifacts.iterdir():
        if run.is_dir() and run.name != OBJECTS:
            for path in paths_of(run):
                if path.endswith(ending):
                    with open_artifact(run, path) as content:
                        found[f"{run.name}/{path}"] = content.read().decode(errors="replace")
    return found
