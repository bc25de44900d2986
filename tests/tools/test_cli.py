"""The `acceptance` command, in this process and as a process of its own."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.errors import EnvironmentUnfitError
from support.foundation.settings import ROOT, build_environment
from support.sdk.shims import Installed, LeftOut
from tools.cli import __main__ as cli
from tools.cli import sdk, stack


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test starts from an empty SDK root, whatever is installed here."""
    (tmp_path / "sdk").mkdir()
    monkeypatch.setenv("ACCEPTANCE_SDK_ROOTS", str(tmp_path / "sdk"))
    monkeypatch.setenv("ACCEPTANCE_BUILD", str(tmp_path / "build"))


def test_help_lists_the_commands_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])

    text = capsys.readouterr().out
    assert caught.value.code == 0
    for word in ("sdk", "stack", "report", "examples:"):
        assert word in text


def test_wrong_use_is_exit_code_2() -> None:
    record = process.run(
        [sys.executable, "-m", "tools.cli", "sdk", "lst"],
        environment=build_environment(),
        time_limit_seconds=30,
        working_directory=ROOT,
    )

    assert record.exit_code == 2
    assert "invalid choice: 'lst'" in record.stderr
    assert "Traceback" not in record.stderr


def test_an_sdk_list_without_sdks_is_red_and_says_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "sdk" / "go" / "dist").mkdir(parents=True)

    code = cli.main(["sdk", "list"])

    said = capsys.readouterr()
    assert code in {1, 2}
    assert "SDK" in said.out + said.err


def test_the_sdk_list_shows_capabilities_for_people_and_machines(
    script: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    script("sdk/go/dist/v0.36.0/cli.sh", '[ "$2" = ecwrap ] && exit 1; [ "$2" = dpop ] && exit 9')

    assert cli.main(["sdk", "list"]) == 0
    shown = capsys.readouterr().out
    assert cli.main(["sdk", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)

    assert "go-v0.36.0" in shown
    assert "? go-v0.36.0 dpop:" in shown
    assert row["id"] == "go-v0.36.0"
    assert row["capabilities"]["ecwrap"]["verdict"] == "no"
    assert row["capabilities"]["dpop"]["verdict"] == "unknown"


@pytest.mark.parametrize(("languages", "code"), [([], 0), (["go"], 1)])
def test_a_shim_that_cannot_be_built_is_red_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    languages: list[str],
    code: int,
) -> None:
    left_out = LeftOut("go", "`go` is not on the PATH", "Install Go.")
    monkeypatch.setattr(sdk, "install", lambda *_arguments: left_out)
    monkeypatch.setattr(sdk, "QUICK_SHIMS", ("go",))

    assert cli.main(["sdk", "install", *languages]) == code
    assert "go left out: `go` is not on the PATH. Install Go." in capsys.readouterr().out


def test_an_installed_shim_is_told_only_when_it_took_time_or_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: Callable[[str, str], Path],
) -> None:
    from support.sdk.discovery import discover  # noqa: PLC0415 -- after the root exists

    root = script("sdk/go/dist/v0.36.0/cli.sh", "exit 0").parents[3]
    (found,) = discover([root])
    monkeypatch.setattr(sdk, "install", lambda *_arguments: Installed(found, 0.0))
    monkeypatch.setattr(sdk, "QUICK_SHIMS", ("go",))
    monkeypatch.setattr(sdk, "BUILT_SDKS", root)

    assert cli.main(["sdk", "install"]) == 0
    assert capsys.readouterr().out == ""
    assert cli.main(["sdk", "install", "go"]) == 0
    assert "was built already" in capsys.readouterr().out


def test_an_unknown_shim_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sdk", "install", "pyhton"]) == 2
    assert 'Did you mean "python"?' in capsys.readouterr().err


def test_a_report_without_a_run_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["report"]) == 2
    assert "There is no last run" in capsys.readouterr().err
    assert cli.main(["report", "--run", str(tmp_path)]) == 2
    assert "no Allure results" in capsys.readouterr().err


def test_an_interrupt_and_an_unfit_environment_have_exit_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_options: object) -> int:
        raise KeyboardInterrupt

    def unfit(_options: object) -> int:
        raise EnvironmentUnfitError("no moon")

    monkeypatch.setattr(stack, "run", interrupted)
    assert cli.main(["stack", "down"]) == 130
    monkeypatch.setattr(stack, "run", unfit)
    assert cli.main(["stack", "down"]) == 1
    assert "no moon" in capsys.readouterr().err
