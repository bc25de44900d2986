"""Keeping SDKs loaded: who is, until when, and that a call does not depend on it."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.errors import CommandTimeoutError
from support.foundation.process import BackgroundProcess
from support.foundation.settings import ROOT, child_environment
from support.foundation.waiting import wait_until
from support.model.records import CommandRecord
from support.sdk.client import EncryptRequest, SdkClient
from support.sdk.model import Sdk
from support.sdk.warm import FEWEST_UNITS, WARM, WarmSdks
from support.services.locator import Services

SOURCES = ROOT / "tools" / "sdk" / "python"
SERVER = """\
import os, sys, time
from pathlib import Path
sys.path.append({sources!r})
import warm

def answer(arguments, environment):
    word = arguments[0]
    if word == "fail":
        sys.stderr.write("no")
        return 3
    if word == "break":
        raise ValueError("broken")
    if word == "die":
        os.kill(os.getpid(), 9)
    if word == "wait":
        Path(arguments[1]).write_text(str(os.getpid()))
        time.sleep(60)
    print(arguments, environment["GIVEN"], "PATH" in environment, os.getcwd())
    return 0

warm.Server({address!r}, answer).serve()
"""

Ask = Callable[..., CommandRecord]


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("s") / "socket"


@pytest.fixture
def server(tmp_path: Path, address: Path) -> Iterator[BackgroundProcess]:
    """The warm process of the Python shim, with an answer of the test's own."""
    program = tmp_path / "server.py"
    program.write_text(SERVER.format(sources=str(SOURCES), address=str(address)))
    running = process.start(
        "warm",
        (sys.executable, "-I", program),
        environment=child_environment(),
        log=tmp_path / "log",
    )
    wait_until(address.exists, what="the socket", time_limit_seconds=20)
    yield running
    running.stop()


@pytest.fixture
def ask(tmp_path: Path, address: Path) -> Ask:
    """Make a call, in a folder whose own cli.py only says that it was asked."""
    shutil.copy2(SOURCES / "ask.py", tmp_path / "ask.py")
    (tmp_path / "cli.py").write_text("import sys; print('by itself', sys.argv[1:])")

    def call(*arguments: str | Path, time_limit_seconds: float = 20) -> CommandRecord:
        return process.run(
            (sys.executable, "-I", "-S", tmp_path / "ask.py", address, *arguments),
            environment={"GIVEN": "this=that"},
            time_limit_seconds=time_limit_seconds,
            working_directory=tmp_path,
        )

    return call


@pytest.mark.usefixtures("server")
def test_a_call_has_its_own_arguments_environment_folder_and_streams(
    ask: Ask, tmp_path: Path
) -> None:
    first, second = ask("a", "b c"), ask("fail", "")

    assert first.stdout == f"['a', 'b c'] this=that False {tmp_path}\n"
    assert (first.exit_code, first.stderr) == (0, "")
    assert (second.exit_code, second.stdout, second.stderr) == (3, "", "no")


@pytest.mark.usefixtures("server")
def test_a_call_that_breaks_ends_as_it_would_by_itself(ask: Ask) -> None:
    broken, killed = ask("break"), ask("die")

    assert broken.exit_code == 1
    assert broken.stderr.startswith("Traceback (most recent call last)")
    assert killed.exit_code == -signal.SIGKILL
    assert ask("again").exit_code == 0


@pytest.mark.usefixtures("server")
def test_a_call_ends_with_its_caller(ask: Ask, tmp_path: Path) -> None:
    note = tmp_path / "process"
    with pytest.raises(CommandTimeoutError):
        ask("wait", note, time_limit_seconds=1.5)

    gone = Path("/proc") / note.read_text()
    wait_until(lambda: not gone.exists(), what="the end of the call", time_limit_seconds=10)


def test_where_nobody_answers_the_call_is_made_by_itself(
    server: BackgroundProcess, ask: Ask
) -> None:
    server.stop()

    assert ask("encrypt", "x").stdout == "by itself ['encrypt', 'x']\n"


def test_an_end_in_the_midst_of_a_call_is_no_refusal(
    server: BackgroundProcess, ask: Ask, tmp_path: Path
) -> None:
    note = tmp_path / "process"
    script = f"while [ ! -s {note} ]; do sleep 0.05; done; kill -9 {server.process_id}"
    ender = process.start(
        "ender",
        ("/bin/sh", "-c", script),
        environment=child_environment(),
        log=tmp_path / "ender.log",
    )
    record = ask("wait", note)
    ender.stop()
    os.kill(int(note.read_text()), signal.SIGKILL)

    assert record.exit_code == 126
    assert "ended during a call" in record.stderr


@pytest.fixture
def sdk(tmp_path: Path) -> Sdk:
    """An SDK that says where it is kept warm, and whose server runs until its input ends."""
    directory = tmp_path / "toy" / "dist" / "v1"
    directory.mkdir(parents=True)
    for name, script in {
        "cli.sh": f'echo "warm: ${WARM}" >&2; exit 1',
        "serve.sh": 'echo "$1"; cat',
    }.items():
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
    return Sdk("toy", "v1", directory, str(tmp_path))


def test_an_sdk_is_kept_warm_from_the_first_unit_that_uses_it_to_the_end(
    sdk: Sdk, tmp_path: Path
) -> None:
    warm = WarmSdks([sdk], {sdk.id: FEWEST_UNITS}, tmp_path / "logs")

    (before,) = warm.of(["other"])
    (used,) = warm.of([sdk.id])
    (after,) = warm.of(["other"])
    log = tmp_path / "logs" / "toy-v1.log"
    wait_until(lambda: log.exists() and log.read_text(), what="its log", time_limit_seconds=10)
    warm.close()

    assert before.warm == ""
    assert used == after
    assert log.read_text().strip() == used.warm
    assert not Path(used.warm).parent.exists()
    warm.close()  # harmless


def test_what_few_units_use_or_cannot_serve_is_not_kept_warm(sdk: Sdk, tmp_path: Path) -> None:
    seldom = WarmSdks([sdk], {sdk.id: FEWEST_UNITS - 1}, tmp_path)
    assert seldom.of([sdk.id]) == (sdk,)

    (sdk.directory / "serve.sh").unlink()
    unable = WarmSdks([sdk], {sdk.id: 99}, tmp_path)
    assert unable.of([sdk.id]) == (sdk,)


@pytest.mark.parametrize(
    ("known_at", "launcher"),
    [("/x", ()), ("", ()), ("/x", ("/usr/bin/env",))],
    ids=["warm", "cold", "measured"],
)
def test_the_client_says_where_unless_a_launcher_measures_the_call(
    sdk: Sdk,
    services: Services,
    tmp_path: Path,
    known_at: str,
    launcher: tuple[str, ...],
) -> None:
    warm = Sdk(sdk.language, sdk.version, sdk.directory, sdk.origin, known_at)
    client = SdkClient(warm, services, None, time_limit_seconds=20, launcher=launcher)

    refusal = client.encrypt(EncryptRequest(tmp_path / "a", tmp_path / "b"))

    assert getattr(refusal, "detail", "") == ("warm: /x" if known_at and not launcher else "warm:")
