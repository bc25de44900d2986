from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.foundation import git, process
from support.foundation.errors import (
    CommandTimeoutError,
    ConfigurationError,
    EnvironmentUnfitError,
)
from support.foundation.git import Change, changes_since
from support.foundation.settings import child_environment

AUTHOR = {
    f"GIT_{who}_{what}": "tester@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


@dataclass(frozen=True, slots=True)
class Clone:
    """A repository to change."""

    folder: Path

    def git(self, *arguments: str) -> str:
        record = process.run(
            ("git", "-C", self.folder, *arguments),
            environment=child_environment({**AUTHOR, "HOME": str(self.folder.parent)}),
            time_limit_seconds=20,
        )
        assert record.exit_code == 0, record.stderr
        return record.stdout.strip()

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, *arguments: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "more", *arguments)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "clone")
    made.folder.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    made.write(".gitignore", "build/\n")
    made.write("kept.txt", "kept\n")
    made.write("old name.txt", "moved\n")
    made.write("gone.txt", "gone\n")
    made.write("steps/ümläut.py", "x = 1\n")
    made.commit()
    return made


def test_every_kind_of_change_is_found_with_both_texts(clone: Clone) -> None:
    clone.write("kept.txt", "committed\n")
    clone.git("mv", "old name.txt", "new name.txt")
    first = clone.git("rev-parse", "HEAD")
    clone.commit()
    clone.write("staged.txt", "staged\n")
    clone.git("add", "staged.txt")
    clone.write("steps/ümläut.py", "x = 2\n")
    clone.write("fresh.txt", "fresh\n")
    clone.write("build/ignored.txt", "ignored\n")
    (clone.folder / "gone.txt").unlink()

    changes = changes_since(clone.folder, first[:10])

    assert (changes.reference, changes.commit) == (first[:10], first)
    assert changes.files == (
        Change("fresh.txt", None, "fresh\n"),
        Change("gone.txt", "gone\n", None),
        Change("kept.txt", "kept\n", "committed\n"),
        Change("new name.txt", None, "moved\n"),
        Change("old name.txt", "moved\n", None),
        Change("staged.txt", None, "staged\n"),
        Change("steps/ümläut.py", "x = 1\n", "x = 2\n"),
    )


def test_nothing_changed(clone: Clone) -> None:
    assert changes_since(clone.folder, "main").paths == ()


def test_only_what_is_below_the_folder_counts(clone: Clone) -> None:
    clone.write("kept.txt", "changed\n")
    clone.write("steps/more.py", "y = 1\n")
    clone.write("steps/ümläut.py", "x = 2\n")

    changes = changes_since(clone.folder / "steps", "main")

    assert changes.files == (
        Change("more.py", None, "y = 1\n"),
        Change("ümläut.py", "x = 1\n", "x = 2\n"),
    )


def test_files_that_are_not_text_do_not_mix_up_the_others(clone: Clone) -> None:
    clone.write("a.bin", b"\xff\xfe one")
    clone.write("b.txt", "before\n")
    clone.commit()
    clone.write("a.bin", b"\xff\xfe two")
    clone.write("b.txt", "after\n")

    changes = changes_since(clone.folder, "main")

    assert changes.files == (
        Change("a.bin", "�� one", "�� two"),
        Change("b.txt", "before\n", "after\n"),
    )


def test_many_files_are_read_in_batches(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "BATCH_BYTES", 20)
    for number in range(9):
        clone.write(f"{number}.txt", f"before {number}\n")
    clone.commit()
    for number in range(9):
        clone.write(f"{number}.txt", f"after {number}\n")

    changes = changes_since(clone.folder, "HEAD")

    assert [change.before for change in changes.files] == [f"before {n}\n" for n in range(9)]


def test_a_link_counts_by_where_it_points_to(clone: Clone) -> None:
    (clone.folder / "link").symlink_to("kept.txt")
    clone.commit()
    (clone.folder / "link").unlink()
    (clone.folder / "link").symlink_to("gone.txt")

    assert changes_since(clone.folder, "HEAD").files == (Change("link", "kept.txt", "gone.txt"),)


def test_an_unknown_reference_names_the_nearest_branch(clone: Clone) -> None:
    clone.git("branch", "release-1")

    with pytest.raises(ConfigurationError, match=r'"relase-1" names no commit .*"release-1"\?'):
        changes_since(clone.folder, "relase-1")


@pytest.mark.parametrize("reference", ["--output=stolen", "", "main:kept.txt", "-"])
def test_a_reference_that_is_no_commit_is_refused(clone: Clone, reference: str) -> None:
    with pytest.raises(ConfigurationError, match="names no commit"):
        changes_since(clone.folder, reference)

    assert not (clone.folder / "stolen").exists()


def test_a_shallow_clone_says_how_to_get_the_rest(clone: Clone, tmp_path: Path) -> None:
    first = clone.git("rev-parse", "HEAD")
    clone.write("kept.txt", "more\n")
    clone.commit()
    shallow = Clone(tmp_path / "shallow")
    clone.git("clone", "--quiet", "--depth", "1", f"file://{clone.folder}", str(shallow.folder))

    with pytest.raises(ConfigurationError, match=r"clone is shallow.*git fetch --unshallow"):
        changes_since(shallow.folder, first)


def test_a_folder_outside_of_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"is in no Git repository \(.*not a git repo"):
        changes_since(tmp_path, "main")


def test_a_missing_git_says_what_to_do(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))

    with pytest.raises(EnvironmentUnfitError, match=r"Cannot start `git`.*install it"):
        changes_since(clone.folder, "main")


@pytest.fixture
def fake_git(
    script: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    def install(body: str) -> None:
        program = script("bin/git", body)
        monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")

    return install


def test_a_git_that_fails_is_shown(clone: Clone, fake_git: Callable[[str], None]) -> None:
    fake_git('case "$*" in *rev-parse*) echo true ;; *) exit 3 ;; esac')

    with pytest.raises(EnvironmentUnfitError, match=r"git diff .*exit code 3, without a word"):
        changes_since(clone.folder, "main")


def test_a_git_that_hangs_is_ended(
    clone: Clone, fake_git: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "TIME_LIMIT_SECONDS", 0.2)
    fake_git("exec sleep 30")

    with pytest.raises(CommandTimeoutError, match="did not end within"):
        changes_since(clone.folder, "main")
