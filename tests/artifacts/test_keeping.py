import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.artifacts import keeping
from support.artifacts.keeping import Hold, Keeping, Retention, is_running
from support.foundation.errors import ConfigurationError

KEEPING = Keeping("run", "embedded", datetime(2026, 1, 2, tzinfo=UTC), Retention(14, 3))


def test_what_a_run_says_is_read_back(tmp_path: Path) -> None:
    said = KEEPING.labelled("release").labelled("audit").labelled("release").without("audit")

    keeping.write(tmp_path, said)

    assert keeping.read(tmp_path) == said
    assert said.labels == ("release",)


def test_a_run_of_before_says_nothing(tmp_path: Path) -> None:
    assert keeping.read(tmp_path) is None


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "keeping.json").write_text(json.dumps({"keep_days": 0}))

    with pytest.raises(ConfigurationError, match=r"keeping\.json"):
        keeping.read(tmp_path)


def test_a_run_is_running_while_it_is_held(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    hold = Hold(tmp_path)
    assert is_running(tmp_path)
    hold.release()
    assert not is_running(tmp_path)


def test_a_run_whose_folder_is_gone_lets_go(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    hold = Hold(folder)
    (folder / ".running").unlink()
    folder.rmdir()
    folder.write_text("a file stands there now")

    hold.release()


def test_a_lock_that_a_killed_run_left_holds_nobody(tmp_path: Path) -> None:
    (tmp_path / ".running").touch()

    assert not is_running(tmp_path)
