"""Garbage collection: which runs go, which get cold, which stay, and why.

Judging is a pure function of what the runs say and of the time; carrying it out looks again at
each run before it touches it. What cannot be understood stays.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from support.artifacts import keeping
from support.artifacts.encryption import Keys
from support.artifacts.keeping import Keeping, Retention, is_running
from support.artifacts.objects import ObjectStore
from support.artifacts.settling import is_settled, settle
from support.artifacts.stored import (
    ALLURE,
    KEEPING,
    MESSAGES,
    OBJECTS,
    RECORD_ENDING,
    files_below,
)
from support.foundation.errors import AcceptanceError, ConfigurationError

Deed = Literal["keep", "pack", "cool", "remove"]
REMOVED = ".removed-"
"""What the name of a run begins with while it is being removed, so that half of one is none."""

_CLOCKS_AGREE_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Found:
    """A run in the artifact folder.

    Attributes:
        keeping: what it says; None where it says nothing or cannot be read.
        began_at: by what it says, or by its folder.
        problem: why it cannot be judged.
    """

    folder: Path
    keeping: Keeping | None
    began_at: datetime
    running: bool = False
    settled: bool = True
    cold: bool = False
    problem: str = ""

    @property
    def id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.folder.name


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a run, and why."""

    run: Found
    deed: Deed
    reason: str


def find_runs(artifacts: Path) -> Iterator[Found]:
    """Yield the runs of an artifact folder, by name; other folders are nobody's to touch."""
    if not artifacts.is_dir():
        return
    for folder in sorted(artifacts.iterdir()):
        is_folder = folder.is_dir() and not folder.is_symlink()
        if not is_folder or folder.name.startswith(".") or folder.name == OBJECTS:
            continue
        if _looks_like_a_run(folder):
            yield _found(folder)


def _looks_like_a_run(folder: Path) -> bool:
    if (folder / KEEPING).exists() or (folder / MESSAGES).exists():
        return True
    return any(name.endswith(RECORD_ENDING) for name, _ in files_below(folder, (ALLURE,)))


def _found(folder: Path) -> Found:
    began_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    try:
        said = keeping.read(folder)
    except ConfigurationError as error:
        return Found(folder, None, began_at, problem=str(error))
    return Found(
        folder,
        said,
        said.began_at if said else began_at,
        running=is_running(folder),
        settled=is_settled(folder),
        cold=not (folder / MESSAGES).exists() and not (folder / ALLURE).exists(),
    )


def judge(
    runs: Sequence[Found], now: datetime, otherwise: Retention = Retention()
) -> tuple[Judgement, ...]:
    """Say what becomes of each run.

    Args:
        runs: all of an artifact folder.
        now: the time; where it is before the beginning of any run, the clock went backwards, and
            nothing is removed.
        otherwise: holds for runs of before runs said anything.
    """
    ahead = max(runs, key=lambda run: run.began_at, default=None)
    backwards = ""
    if ahead is not None and ahead.began_at > now + _CLOCKS_AGREE_WITHIN:
        backwards = f"the clock went backwards: {ahead.id} began {ahead.began_at:%Y-%m-%d %H:%M}"
    first = {run.id: _alone(run, now, otherwise) for run in runs}
    needed: dict[str, str] = {}
    pending = [run for run in runs if first[run.id].deed != "remove"]
    by_id = {run.id: run for run in runs}
    while pending:  # what a kept run needs is kept, and what that needs as well
        run = pending.pop()
        for name in run.keeping.refers_to if run.keeping else ():
            if name in by_id and name not in needed:
                needed[name] = run.id
                pending.append(by_id[name])
    return tuple(_final(first[run.id], needed.get(run.id), backwards) for run in runs)


def _final(judgement: Judgement, needed_by: str | None, backwards: str) -> Judgement:
    if judgement.deed == "keep":
        return judgement
    if backwards:
        return Judgement(judgement.run, "keep", backwards)
    if judgement.deed == "remove" and needed_by:
        return Judgement(judgement.run, "keep", f"{needed_by} refers to it")
    return judgement


def _alone(run: Found, now: datetime, otherwise: Retention) -> Judgement:
    retention = run.keeping.retention if run.keeping else otherwise
    age = now - run.began_at
    over = age > timedelta(days=retention.days)
    days = f"{age.days} days old, kept for {retention.days}"
    if run.problem:
        return Judgement(run, "keep", f"it cannot be judged: {run.problem}")
    if run.running:
        return Judgement(run, "keep", "it is running")
    labels = run.keeping.labels if run.keeping else ()
    if over and not labels:
        return Judgement(run, "remove", days)
    if not run.settled:
        return Judgement(run, "pack", "it ended without packing its files")
    if age > timedelta(days=retention.cold_after_days) and not run.cold:
        return Judgement(run, "cool", f"{age.days} days old, cold after {retention.cold_after_days}")
    return Judgement(run, "keep", f"labelled {', '.join(labels)}" if labels else days)


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done, or would be: to whom, what, why, and how many bytes came free."""

    name: str
    deed: str
    reason: str
    freed_bytes: int


def collect(
    artifacts: Path,
    now: datetime,
    *,
    dry_run: bool,
    keys: Keys | None = None,
    make_whole: Callable[[Path], object] = lambda _: None,
) -> Iterator[Done]:
    """Do what `judge` says, and remove objects that no run has any more; yield each thing.

    A deed that fails is told as such, and the next one is done.

    Args:
        artifacts: the folder that holds the run folders.
        now: the time.
        dry_run: only yield what would be done.
        keys: for encrypted runs.
        make_whole: called with a run that ended badly, before its files are packed: evidence is
            completed from the plain files.
    """
    with keeping.changing(artifacts):
        if not dry_run:
            _finish_removals(artifacts)
        for judgement in judge(tuple(find_runs(artifacts)), now):
            if judgement.deed == "keep" or dry_run:
                yield _planned(judgement)
            else:
                yield _done(judgement, keys, make_whole)
        if not dry_run:
            for path in ObjectStore(artifacts).unused():
                size = path.stat().st_size
                if _is_old(path, now):
                    path.unlink(missing_ok=True)
                    yield Done(path.name[:16], "remove", "no run has this object", size)


def _planned(judgement: Judgement) -> Done:
    run, deed = judgement.run, judgement.deed
    freed = size_of(run.folder) if deed == "remove" else 0
    return Done(run.id, deed, judgement.reason, freed)


def _done(judgement: Judgement, keys: Keys | None, make_whole: Callable[[Path], object]) -> Done:
    run, deed, reason = judgement.run, judgement.deed, judgement.reason
    before = size_of(run.folder)
    try:
        hold = keeping.Hold(run.folder)  # somebody who reads or packs it has it now
    except OSError as error:
        return Done(run.id, "keep", f"somebody holds it ({error.strerror})", 0)
    try:
        if deed == "remove":
            doomed = run.folder.with_name(REMOVED + run.id)
            run.folder.rename(doomed)
            shutil.rmtree(doomed)
            return Done(run.id, deed, reason, before)
        if not run.settled:
            make_whole(run.folder)
        settle(run.folder, keys, cold=deed == "cool")
    except (OSError, AcceptanceError) as error:
        return Done(run.id, "failed", f"{deed}: {error}", 0)
    finally:
        hold.release()
    return Done(run.id, deed, reason, before - size_of(run.folder))


def _finish_removals(artifacts: Path) -> None:
    for folder in artifacts.glob(f"{REMOVED}*"):
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def _is_old(path: Path, now: datetime) -> bool:
    """Whether an object is no draft or object that a run is just about to link."""
    return now.timestamp() - path.stat().st_mtime > timedelta(hours=1).total_seconds()


def size_of(folder: Path) -> int:
    """Return the bytes that the files of a folder take."""
    return sum(entry.stat(follow_symlinks=False).st_size for _, entry in files_below(folder))
