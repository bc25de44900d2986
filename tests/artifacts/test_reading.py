from pathlib import Path

import pytest

from support.artifacts.reading import open_artifact
from support.foundation.errors import ConfigurationError


def test_a_file_of_a_run_is_opened_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "BR-001").mkdir()
    (tmp_path / "BR-001" / "a.txt").write_bytes(b"\xff content")

    with open_artifact(tmp_path, "BR-001/a.txt") as file:
        assert file.read() == b"\xff content"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "BR-001/../../secret", "link"])
def test_no_name_leads_out_of_a_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x")
    run = tmp_path / "run"
    (run / "BR-001").mkdir(parents=True)
    (run / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(ConfigurationError, match="leads out"):
        open_artifact(run, name)
