from pathlib import Path

import pytest

from support.foundation import peak


@pytest.mark.parametrize(("program", "code"), [("exit 3", 3), ("kill -9 $$", 137), (":", 0)])
def test_the_exit_code_is_that_of_the_command(tmp_path: Path, program: str, code: int) -> None:
    notes = tmp_path / "notes"

    assert peak.main([str(notes), "/bin/sh", "-c", program]) == code
    assert peak.main([str(notes), "/bin/sh", "-c", program]) == code

    assert len([int(line) for line in notes.read_text().split()]) == 2
