"""What changed in a Git repository: the one place that asks Git."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.foundation import process
from support.foundation.errors import CommandTimeoutError, ConfigurationError, EnvironmentUnfitError
from support.foundation.settings import child_environment
from support.foundation.text import did_you_mean, listed
from support.model.records import CommandRecord

TIME_LIMIT_SECONDS = 60.0
BATCH_BYTES = 4 * 1024 * 1024
SHOWN_BRANCHES = 10


@dataclass(frozen=True, slots=True)
class Change:
    """One file that differs. A renamed file is one that was removed and one that was added.

    Attributes:
        path: below the folder that was asked about, with `/`.
        before: its text at the reference; None when it did not exist.
        now: its text in the working tree; None when it does not exist.
    """

    path: str
    before: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Every file that differs between a reference and the working tree, by path.

    Attributes:
        reference: as it was given.
        commit: the commit that it names.
    """

    reference: str
    commit: str
    files: tuple[Change, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all changed files."""
        return tuple(change.path for change in self.files)


def changes_since(root: Path, reference: str) -> Changes:
    """Return what differs between a commit and the working tree of the repository around `root`.

    Counted are committed, staged and unstaged changes, and new files that Git does not ignore; only
    files below `root`.

    Raises:
        ConfigurationError: `root` is in no repository, or the reference names no commit.
        EnvironmentUnfitError: Git is not installed, or fails.
    """
    repository = _Repository(root)
    commit = repository.commit(reference)
    gone_or_changed = repository.names("diff", "--name-only", "--no-renames", "--relative", commit)
    fresh = repository.names("ls-files", "--others", "--exclude-standard")
    paths = sorted({*gone_or_changed, *fresh})
    before = repository.texts(commit, paths)
    compared = tuple(Change(path, before.get(path), _text(root / path)) for path in paths)
    return Changes(reference, commit, compared)


@dataclass(frozen=True, slots=True)
class _Repository:
    root: Path

    def commit(self, reference: str) -> str:
        inside = self._git("rev-parse", "--is-inside-work-tree")
        if inside.exit_code != 0 or inside.stdout.strip() != "true":
            raise ConfigurationError(
                f"{self.root} is in no Git repository ({_said(inside)}), so nothing is known of "
                "what changed there. Name the folder of a clone."
            )
        found = self._git("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
        if found.exit_code == 0 and not reference.startswith("-"):
            return found.stdout.strip()
        raise ConfigurationError(self._unknown(reference))

    def _unknown(self, reference: str) -> str:
        listing = self._git("for-each-ref", "--sort=-committerdate", "--format=%(refname:short)")
        known = listing.stdout.split()
        more = ", …" if len(known) > SHOWN_BRANCHES else ""
        shallow = self._git("rev-parse", "--is-shallow-repository").stdout.strip() == "true"
        advice = (
            " The clone is shallow, so earlier commits are missing: run `git fetch --unshallow`, "
            "or let the CI check out the whole history."
            if shallow
            else " Name a branch, a tag or a commit."
        )
        return (
            f'"{reference}" names no commit in {self.root}.{did_you_mean(reference, known)}'
            f"{advice} Known branches and tags: {listed(known[:SHOWN_BRANCHES])}{more}."
        )

    def names(self, *arguments: str) -> tuple[str, ...]:
        record = self._checked(arguments[0], "-z", *arguments[1:])
        return tuple(name for name in record.stdout.split("\0") if name)

    def texts(self, commit: str, paths: Sequence[str]) -> Mapping[str, str]:
        """Return the text of each of the paths that existed at a commit."""
        sizes = self._sizes(commit, paths)
        found: dict[str, str] = {}
        for batch in _batches(sizes):
            joined = self._checked("show", *(f"{commit}:./{path}" for path in batch)).stdout
            content = joined.encode()
            if len(content) == sum(sizes[path] for path in batch):
                found.update(_split(content, batch, sizes))
            else:  # some file is not UTF-8, so that sizes do not tell where each one ends
                for path in batch:
                    found[path] = self._checked("show", f"{commit}:./{path}").stdout
        return found

    def _sizes(self, commit: str, paths: Sequence[str]) -> dict[str, int]:
        if not paths:
            return {}
        wanted = frozenset(paths)
        entries = self._checked("ls-tree", "-r", "-z", "-l", commit).stdout.split("\0")
        sizes: dict[str, int] = {}
        for entry in filter(None, entries):
            facts, _, path = entry.partition("\t")
            kind, size = facts.split()[1], facts.split()[3]
            if path in wanted and kind == "blob":
                sizes[path] = int(size)
        return sizes

    def _checked(self, *arguments: str) -> CommandRecord:
        record = self._git(*arguments)
        if record.exit_code != 0:
            raise EnvironmentUnfitError(
                f"`git {' '.join(arguments[:4])} …` failed in {self.root}: {_said(record)}. Check "
                "the repository with `git fsck`."
            )
        return record

    def _git(self, *arguments: str) -> CommandRecord:
        try:
            return process.run(
                ("git", "-C", self.root, *arguments),
                environment=child_environment({"GIT_OPTIONAL_LOCKS": "0"}),
                time_limit_seconds=TIME_LIMIT_SECONDS,
            )
        except CommandTimeoutError:
            raise
        except EnvironmentUnfitError as error:
            raise EnvironmentUnfitError(
                f"{error} Git tells what changed: install it, or select without changed files."
            ) from error


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield paths in groups that fit into the output that is kept of one command."""
    batch: list[str] = []
    total = 0
    for path, size in sizes.items():
        if batch and total + size > BATCH_BYTES:
            yield batch
            batch, total = [], 0
        batch.append(path)
        total += size
    if batch:
        yield batch


def _split(
    content: bytes, batch: Sequence[str], sizes: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    begin = 0
    for path in batch:
        end = begin + sizes[path]
        yield path, content[begin:end].decode(errors="replace")
        begin = end


def _text(path: Path) -> str | None:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_text("utf-8", errors="replace") if path.is_file() else None


def _said(record: CommandRecord) -> str:
    lines = (record.stderr or record.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit code {record.exit_code}, without a word"
