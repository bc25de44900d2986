import contextlib
import errno
import itertools
import os
import stat
from pathlib import Path

import pytest

from support.artifacts.encryption import Key, Keys
from support.artifacts.objects import LARGE_BYTES, ObjectStore
from support.artifacts.packs import Pack
from support.artifacts.reading import open_artifact, paths_of, restore
from support.artifacts.settling import is_settled, settle
from support.foundation.errors import ConfigurationError

KEYS = Keys(Key(b"k" * 32))
LARGE = b"a long log, the same line again\n" * (LARGE_BYTES // 32 + 1)
FILES = {
    "BR-001/embedded/v/1-evidence.json": b"{}",
    "BR-001/embedded/v/1-exchanges.jsonl": b'{"url": 1}\n' * 100,
    "BR-001/embedded/v/1-audit.jsonl": b"\xff\xfe binary \0" * 9,
    "BR-002/embedded/v/1-output.txt": LARGE,
    "allure-results/1-result.json": b"{}",
    "messages.ndjson": b"{}\n" * 20,
    "keeping-not.json": b"{}",
}


def make_run(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    for name, content in (files or FILES).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def content_of(run: Path, keys: Keys | None = None) -> dict[str, bytes]:
    found = {}
    for path in paths_of(run, keys):
        with open_artifact(run, path, keys) as content:
            found[path] = content.read()
    return found


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run")


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize("keys", [None, KEYS])
def test_a_settled_run_says_what_it_said(run: Path, keys: Keys | None, *, cold: bool) -> None:
    assert not is_settled(run)

    settled = settle(run, keys, cold=cold)

    assert is_settled(run)
    assert content_of(run, keys) == FILES
    assert settled.files == (5 if cold else 3)
    assert settled.stored_bytes < settled.plain_bytes / 2
    assert (run / "BR-001/embedded/v/1-evidence.json").read_bytes() == b"{}"
    assert (run / "messages.ndjson").exists() is not cold
    assert settle(run, keys, cold=False).files == 0


def test_a_run_gets_colder_without_loss(run: Path) -> None:
    settle(run)
    settle(run, KEYS, cold=True)

    assert not (run / "artifacts.pack").exists()
    assert content_of(run, KEYS) == FILES
    with pytest.raises(ConfigurationError, match="which is not here"):
        open_artifact(run, "messages.ndjson")


def test_everything_is_for_its_owner_alone(run: Path) -> None:
    settle(run)

    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    for path in run.rglob("*"):
        if "allure-results" not in path.as_posix():
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_large_files_of_two_runs_stand_once(tmp_path: Path) -> None:
    runs = [make_run(tmp_path / name) for name in ("one", "two")]

    first, second = (settle(run) for run in runs)

    (stored,) = (tmp_path / "objects").rglob("*.zst")
    assert stored.stat().st_nlink == 3
    assert second.stored_bytes < first.stored_bytes
    assert not list(ObjectStore(tmp_path).unused())


def test_large_files_that_do_not_compress_stay_readable_by_anyone(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", {"BR-001/video.bin": os.urandom(LARGE_BYTES)})

    settle(run)

    assert (run / "BR-001/video.bin").stat().st_nlink == 2
    assert is_settled(run)


def test_without_hard_links_large_files_go_into_the_pack(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    settle(run)

    assert content_of(run) == FILES
    assert is_settled(run)


def test_what_came_later_joins_the_pack(run: Path) -> None:
    settle(run)
    late = run / "BR-001/embedded/v/2-late.txt"
    late.write_bytes(b"late")

    settle(run)

    assert not late.exists()
    assert content_of(run) == {**FILES, "BR-001/embedded/v/2-late.txt": b"late"}


CRASHES = ("os.fsync", "Path.replace", "Path.unlink", "os.link")


@pytest.mark.parametrize("point", CRASHES)
def test_whatever_fails_loses_nothing(
    run: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Fail at the first, second, … call of everything that changes the disk; then go on."""
    owner, name = (os, point[3:]) if point.startswith("os.") else (Path, point[5:])
    original = getattr(owner, name)
    for calls in itertools.count(1):
        left = [calls]

        def fail(*arguments: object, left: list[int] = left, **named: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, "no room")
            return original(*arguments, **named)

        with monkeypatch.context() as patch:
            patch.setattr(owner, name, fail)
            with contextlib.suppress(OSError):
                settle(run)
        assert content_of(run) == FILES, (point, calls)
        if left[0] > 0:
            break
    settle(run)
    assert content_of(run) == FILES
    assert is_settled(run)


def test_a_pack_that_reads_back_wrongly_replaces_nothing(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pack, "members", property(lambda _: {}))

    with pytest.raises(OSError, match="other members"):
        settle(run)
    assert (run / "BR-001/embedded/v/1-audit.jsonl").exists()


def test_a_run_is_restored(run: Path, tmp_path: Path) -> None:
    settle(run, KEYS, cold=True)

    count = restore(run, tmp_path / "plain", KEYS)

    assert count == len(FILES)
    assert {n: (tmp_path / "plain" / n).read_bytes() for n in FILES} == FILES
    with pytest.raises(ConfigurationError, match="exists already"):
        restore(run, tmp_path / "plain", KEYS)
