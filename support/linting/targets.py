"""Which files a call of the linter is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.linting.project import Project, real
from support.specs.finding import Finding

LARGEST_BYTES = 1_000_000


@dataclass(slots=True)
class Targets:
    """What to lint.

    Attributes:
        features: feature files, each once.
        profiles: profile folders, each once.
        findings: what cannot be linted at all.
        whole: all shipped features are among them.
    """

    features: list[Path] = field(default_factory=list)
    profiles: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = False


def collect(paths: Sequence[Path], project: Project) -> Targets:
    """Find the files below the given paths, in order."""
    targets = Targets()
    features: dict[Path, Path] = {}
    profiles: dict[Path, Path] = {}
    for path in paths:
        before = len(features) + len(profiles) + len(targets.findings)
        for found in _below(path):
            if _is_profile(found):
                profiles.setdefault(real(found), found)
            elif problem := _problem(found):
                shown = project.shown(found)
                targets.findings.append(Finding("unreadable-file", shown, 1, 1, 1, problem))
            else:
                features.setdefault(real(found), found)
        resolved = real(path)
        targets.whole = targets.whole or project.features.is_relative_to(resolved)
        again = any(known.is_relative_to(resolved) for known in (*features, *profiles))
        if before == len(features) + len(profiles) + len(targets.findings) and not again:
            message = "no *.feature file and no profile stands below it. Name another folder."
            targets.findings.append(
                Finding("unreadable-file", project.shown(path), 1, 1, 1, message)
            )
    targets.features = list(features.values())
    targets.profiles = list(profiles.values())
    return targets


def _below(path: Path) -> Iterator[Path]:
    if not _is_folder(path) or path.suffix == ".feature":
        yield path
        return
    if _is_profile(path):
        yield path
    for found in sorted(path.rglob("*")):
        if found.suffix == ".feature" or _is_profile(found):
            yield found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # what is wrong with it is told where it is looked at


def _is_profile(path: Path) -> bool:
    """Whether a folder is a profile; one that has only a config.yaml stands beside its base."""
    if not _is_folder(path):
        return False
    if (path / "capabilities.yaml").exists() or (path / "policies.yaml").exists():
        return True
    return (path / "config.yaml").exists() and any(path.parent.glob("*/capabilities.yaml"))


def _problem(path: Path) -> str:
    try:
        return _unfit(path)
    except OSError as error:
        return f"it cannot be looked at: {error.strerror}."


def _unfit(path: Path) -> str:
    if path.is_dir():
        return "it is a folder. Only files may be named *.feature; rename it."
    if not path.exists():
        return "there is no such file or folder. Name one that exists."
    if path.suffix != ".feature" or not path.is_file():
        return "not a feature file. Name *.feature files, or folders that hold some."
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        return f"{size:,} bytes; {LARGEST_BYTES:,} is the most that is read. Split the file."
    return ""
