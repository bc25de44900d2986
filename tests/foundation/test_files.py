from pathlib import Path

from support.foundation.files import locked, remove_unheld, write_atomically


def test_a_file_is_replaced_whole_in_a_folder_that_is_made(tmp_path: Path) -> None:
    target = tmp_path / "new" / "record.json"

    write_atomically(target, "first")
    write_atomically(target, "second")

    assert target.read_text() == "second"
    assert [path.name for path in target.parent.iterdir()] == ["record.json"]


def test_the_draft_of_another_process_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "record.json.1.part"
    other.write_text("half of")

    write_atomically(tmp_path / "record.json", "mine")

    assert other.read_text() == "half of"


def test_a_lock_is_removed_unless_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    with locked(path):
        remove_unheld(path)
        assert path.exists()
    remove_unheld(path)

    assert not path.exists()
