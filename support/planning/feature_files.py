"""Which feature files are planned, and what they say."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import ConfigurationError, SpecificationError
from support.planning.plan_file import digest
from support.planning.preparation import spec_path
from support.specs import reader

EXTENSION = ".feature"


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """A feature file: the path that its units carry, its text, and the digest of that."""

    path: str
    text: str
    digest: str


def collect(paths: Iterable[Path]) -> list[Path]:
    """Return the feature files that paths name or hold, in the order in which behave runs them.

    Raises:
        ConfigurationError: a path is neither a feature file nor a folder with one.
    """
    found: dict[Path, None] = {}
    for path in paths:
        inside = [path] if path.is_file() and path.suffix == EXTENSION else list(_inside(path))
        if not inside:
            there = "holds no" if path.is_dir() else "is no folder and no"
            raise ConfigurationError(
                f"{path}: {there} {EXTENSION} file. Name feature files, or folders with some."
            )
        found.update(dict.fromkeys(inside))
    return list(found)


def _inside(folder: Path) -> Iterator[Path]:
    """Yield what behave would: of each folder its own files first, sorted by name."""
    for at, folders, files in os.walk(folder):
        folders.sort()
        here = Path(at)
        yield from (here / name for name in sorted(files) if name.endswith(EXTENSION))


def read(paths: Iterable[Path], root: Path) -> list[FeatureFile]:
    """Read feature files.

    Args:
        paths: the files.
        root: the project's folder, from which the paths of files inside of it are told.

    Raises:
        SpecificationError: one problem for each file that cannot be read.
    """
    found: list[FeatureFile] = []
    problems: list[str] = []
    folders: dict[Path, str] = {}
    for path in paths:
        try:
            text = reader.read_text(path)
        except SpecificationError as error:
            problems += error.problems
            continue
        found.append(FeatureFile(_shown(path, root, folders), text, digest(text.encode())))
    if problems:
        raise SpecificationError(tuple(problems))
    return found


def _shown(path: Path, root: Path, folders: dict[Path, str]) -> str:
    """Return `spec_path`, asking the file system once for each folder."""
    if path.is_symlink():
        return spec_path(path, root)
    folder = folders.get(path.parent)
    if folder is None:
        folder = folders[path.parent] = spec_path(path, root).removesuffix(path.name)
    return folder + path.name
