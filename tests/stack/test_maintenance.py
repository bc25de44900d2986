"""An embedded platform that is restarted as a process, with what it keeps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.foundation.errors import StackError
from support.foundation.http import HttpSession
from support.stack.embedded import STATE_FILE, start_for_run
from support.stack.maintenance import ControlClient
from support.stack.running import RunningStack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("maintained")


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[RunningStack]:
    running = start_for_run(folder, options=["maintenance"])
    yield running
    running.stop()


def key(stack: RunningStack) -> object:
    url = f"{stack.services.platform_url}/kas.AccessService/PublicKey"
    return HttpSession().post_json(url, {"algorithm": "rsa:2048"}, {}).json()


def test_another_process_serves_at_the_same_address_with_the_same_key(
    stack: RunningStack, folder: Path
) -> None:
    before = key(stack)
    assert stack.maintenance is not None

    stack.maintenance.restart()

    assert key(stack) == before
    assert stack.problem() == ""
    log = (folder / "platform.log").read_text()
    assert log.count("ready at") == 2
    assert [path.name for path in folder.iterdir()] == ["platform.log"]


def test_what_may_not_be_restarted_is_not_maintained(tmp_path: Path) -> None:
    running = start_for_run(tmp_path)
    control = running.services.control
    assert control is not None
    try:
        assert running.maintenance is None
        with pytest.raises(StackError, match=r"\(database\): HTTP 404: .*--option maintenance"):
            ControlClient(control, HttpSession()).database_away()
    finally:
        running.stop()
    assert not (tmp_path / STATE_FILE).exists()
