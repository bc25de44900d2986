"""`acceptance profile`, in this process and as a process of its own."""

import json
import re
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from support.foundation import process
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT, build_environment
from support.planning.preparation import PROFILES
from support.profiles.wizard import Question
from tools.cli import __main__ as cli
from tools.cli import profile_new

DESIGN = "tests/data/design-profile"
Told = Callable[[], str]


@pytest.fixture(autouse=True)
def no_sdk_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test starts from one SDK that can do nothing, whatever is installed here."""
    cli_script = tmp_path / "sdk" / "go" / "dist" / "v1" / "cli.sh"
    cli_script.parent.mkdir(parents=True)
    cli_script.write_text("#!/bin/sh\n[ $1 = supports ] && exit 1\nexit 2\n")
    cli_script.chmod(0o755)
    monkeypatch.setenv("ACCEPTANCE_SDK_ROOTS", str(tmp_path / "sdk"))
    monkeypatch.chdir(ROOT)


@pytest.fixture
def profiles_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the shipped profiles, to write into."""
    folder = tmp_path / "profiles"
    for path in PROFILES.glob("*/*.yaml"):
        copy = folder / path.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setenv("ACCEPTANCE_PROFILES", str(folder))
    return folder


def run(*arguments: str) -> int:
    return cli.main(["profile", *arguments])


def values(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run("show", *arguments, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    return {entry["name"]: (entry["value"], entry["origin"]) for entry in shown["values"]}


def test_help_of_each_action_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for action in ("list", "show", "check", "diff", "new"):
        with pytest.raises(SystemExit) as caught:
            run(action, "--help")
        assert caught.value.code == 0
        assert "example: " in capsys.readouterr().out


def test_list_has_a_line_for_each_profile(
    capsys: pytest.CaptureFixture[str], profiles_folder: Path
) -> None:
    (profiles_folder / "smoke" / "config.yaml").write_text("config: {stak: embedded}\n")

    assert run("list") == 0
    lines = {
        line.split("\t")[0]: line.split("\t")[1:] for line in capsys.readouterr().out.split("\n")
    }
    assert lines["no-kas"][:2] == ["none", "-"]
    assert lines["remote"][:2] == ["remote", "embedded"]
    assert "cannot be loaded" in lines["smoke"][2]
    assert run("list", "--json") == 0
    assert {entry["id"] for entry in json.loads(capsys.readouterr().out)} >= {"embedded", "smoke"}


def test_show_tells_every_value_with_its_origin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCEPTANCE_SEED", "7")
    monkeypatch.setenv("ACCEPTANCE_PLATFORM_URL", "https://platform.example")

    shown = values(capsys, "smoke", "--define", "strategy=exhaustive", "-D", "max_variants=3")

    config = "config."
    assert shown[f"{config}selection.strategy"] == (
        "exhaustive",
        {"kind": "--define", "place": "strategy"},
    )
    assert shown[f"{config}selection.max_variants"][0] == 3
    assert shown[f"{config}determinism.seed"] == (
        7,
        {"kind": "environment", "place": "ACCEPTANCE_SEED"},
    )
    assert shown[f"{config}services.platform_url"][1]["kind"] == "environment"
    assert shown[f"{config}services.kas_url"][1]["kind"] == "default"
    assert shown[f"{config}retries.attempts"] == (1, {"kind": "default", "place": ""})
    for name, kind, file in (
        ("config.selection.tags", "profile", "profiles/smoke/config.yaml"),
        ("config.stack", "base profile embedded", "profiles/embedded/config.yaml"),
        ("capabilities.format", "base profile embedded", "profiles/embedded/capabilities.yaml"),
        ("policies.expected_skips.0", "base profile embedded", "profiles/embedded/policies.yaml"),
    ):
        origin = shown[name][1]
        path, _, line = origin["place"].rpartition(":")
        assert (origin["kind"], path) == (kind, file)
        words = (ROOT / path).read_text().splitlines()[int(line) - 1]
        assert name.rpartition(".")[2] in words or "condition" in words


def test_show_is_lines_with_tabs_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "no-kas") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "profile no-kas"
    assert "config.stack\tnone\tprofile (profiles/no-kas/config.yaml:3)" in lines
    assert "config.timeouts.test\tno limit\tdefault" in lines
    assert re.search(r" (\d+) units: \1 run$", lines[-1])
    assert not any("\x1b" in line for line in lines)


def test_show_and_list_are_tables_in_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")

    assert run("show", DESIGN) == 0

    text = capsys.readouterr().out
    assert "\t" not in text
    assert "\x1b[1m" in text  # bold headings
    assert "config.selection.max_variants" in text
    assert "Legacy format" in text


def test_show_tells_what_max_variants_takes_away(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", DESIGN, "-D", "max_variants=1") == 0

    assert "note: features/" in (told := capsys.readouterr().out)
    assert "max_variants keeps" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "smok"), 'no profile "smok". Did you mean "smoke"?'),
        (("check", "smok"), 'no profile "smok". Did you mean "smoke"?'),
        (("diff", "smoke", "embeded"), 'no profile "embeded". Did you mean "embedded"?'),
        (("show", "./nowhere"), "./nowhere: there is no such folder"),
        (("show", "docs/decisions"), 'no profile "decisions"'),
        (("show", "smoke", "-D", "strategy"), '--define strategy: "name=value" was expected'),
        (("show", "smoke", "-D", "strategi=each"), 'Did you mean "strategy"?'),
        (("show", "smoke", "-D", "strategy=eech"), 'Did you mean "each"?'),
        (("show", "smoke", "-D", "profile=remote"), "names the profile itself"),
        (("new", "Smoke", "--yes"), '"Smoke" cannot be the id'),
        (("new", "../x", "--yes"), '"../x" cannot be the id'),
        (("new", "smoke", "--yes"), "exists already and is never overwritten"),
        (("new", "other", "--yes", "--extends", "smok"), 'no profile "smok". Did you mean'),
    ],
)
def test_wrong_use_is_told_in_words_and_with_2(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err
    assert not (PROFILES / "other").exists()


def test_check_is_green_for_what_is_shipped_and_for_the_design(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("check") == run("check", "--all") == 0
    shipped = capsys.readouterr().out
    assert "embedded: sound" in shipped
    assert "error:" not in shipped
    assert run("check", DESIGN) == 0
    told = capsys.readouterr().out
    assert f"{DESIGN}: 0 errors, 3 warnings" in told or f"{DESIGN}: 0 errors," in told
    assert f"warning: {DESIGN}/policies.yaml:5: the waiver has no owner, issue, end date" in told


def test_check_of_a_shipped_profile_is_red_for_a_waiver_without_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, profiles_folder: Path
) -> None:
    monkeypatch.setattr("tools.cli.profile_loading.PROFILES", profiles_folder)
    (profiles_folder / "smoke" / "policies.yaml").write_text(
        "policies:\n  waivers:\n    - {requirement: BR-001, reason: because it is so, owner: me}\n"
    )

    assert run("check", "smoke") == 1
    told = capsys.readouterr().out
    assert "smoke: 1 error, 0 warnings" in told
    assert "policies.yaml:3: the waiver has no issue, end date" in told
    assert run("check", "smoke", "--json") == 1
    (found,) = json.loads(capsys.readouterr().out)["smoke"]
    assert found["severity"] == "error"


def test_check_without_any_profile_is_wrong_use(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ACCEPTANCE_PROFILES", str(tmp_path))

    assert run("check") == 2
    assert "no profile stands there" in capsys.readouterr().err


def test_diff_tells_values_with_origins_and_units(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("diff", "cross-sdk-basic", "cross-sdk-exhaustive", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    names = {entry["name"]: entry for entry in found["values"]}
    assert names["config.selection.strategy"]["left"]["value"] == "pairwise"
    assert names["config.selection.strategy"]["right"]["value"] == "exhaustive"
    assert names["capabilities.target_version"]["left"] is None
    assert "config.stack" not in names
    assert found["units"]["added"]
    assert found["units"]["removed"]

    assert run("diff", "cross-sdk-basic", "cross-sdk-exhaustive") == 0
    text = capsys.readouterr().out
    assert "config.selection.strategy\tpairwise [profile (profiles/cross-sdk-basic/config" in text
    assert f"units: +{len(found['units']['added'])} -{len(found['units']['removed'])} ~0" in text
    assert "  + and " in text


def test_diff_of_a_profile_with_itself_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("diff", "smoke", "profiles/smoke") == 0

    assert capsys.readouterr().out == (
        "Every effective value is the same.\nunits: +0 -0 ~0 (added, removed, expected otherwise)\n"
    )


def test_diff_tells_units_of_which_something_else_is_expected(
    capsys: pytest.CaptureFixture[str], profiles_folder: Path
) -> None:
    policies = "policies:\n  expected_skips:\n"
    skip = "    - {condition: \"operation_mode == 'offline'\", reason: because it is so}\n"
    (profiles_folder / "no-kas-2").mkdir()
    (profiles_folder / "no-kas-2" / "config.yaml").write_text("config: {extends: no-kas}\n")
    (profiles_folder / "no-kas-2" / "policies.yaml").write_text(policies + skip)

    assert run("diff", "no-kas", "no-kas-2") == 0
    assert "  ~ features/tdf/inspection.feature:" in (told := capsys.readouterr().out)
    assert ": run -> skip" in told


def test_new_writes_a_valid_profile_with_comments(
    capsys: pytest.CaptureFixture[str], profiles_folder: Path
) -> None:
    assert run("new", "nightly", "--yes") == 0

    told = capsys.readouterr().out
    assert "behave --define profile=nightly" in told
    assert "nightly: sound" in told
    for name in ("capabilities", "config", "policies"):
        assert (profiles_folder / "nightly" / f"{name}.yaml").read_text().startswith("# ")
    assert values(capsys, "nightly")["config.stack"][0] == "embedded"
    assert not list(profiles_folder.glob(".*"))


ANSWERS = """\
none
Only "tags": yes, and a # sign
remote
sdk, format
go, rust
ztdf
each
7
@smoke and not @cap:format=nano
high, medium
30
none
"""


def test_new_takes_its_answers_from_a_pipe(profiles_folder: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text(ANSWERS)
    record = process.run(
        ["sh", "-c", '"$0" -m tools.cli profile new asked <"$1"', sys.executable, answers],
        environment={**build_environment(), "ACCEPTANCE_PROFILES": str(profiles_folder)},
        time_limit_seconds=60,
        working_directory=ROOT,
    )

    assert record.exit_code in {0, 1}, record.stderr  # some scenarios need more than a stack has
    assert "[embedded]" in record.stdout  # defaults are shown
    text = (profiles_folder / "asked" / "config.yaml").read_text()
    assert 'description: "Only \\"tags\\": yes, and a # sign"' in text


def answered(monkeypatch: pytest.MonkeyPatch, text: str, *, terminal: bool = False) -> None:
    stdin = StringIO(text)
    monkeypatch.setattr(stdin, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(sys, "stdin", stdin)


def test_new_writes_what_was_answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, profiles_folder: Path
) -> None:
    answered(monkeypatch, ANSWERS)

    assert run("new", "asked") in {0, 1}  # the stack lacks what some scenarios need

    capsys.readouterr()
    shown = {name: value for name, (value, _) in values(capsys, "asked").items()}
    assert shown["config.description"] == 'Only "tags": yes, and a # sign'
    assert shown["config.stack"] == "remote"
    assert shown["capabilities.sdk"] == ["go", "rust"]
    assert shown["capabilities.format"] == ["ztdf"]
    assert shown["config.selection.strategy"] == "each"
    assert shown["config.selection.max_variants"] == 7
    assert shown["config.selection.tags"] == "@smoke and not @cap:format=nano"
    assert shown["config.selection.risk"] == ["high", "medium"]
    assert shown["config.timeouts.test"] == 30
    assert shown["config.timeouts.suite"] is None
    assert (profiles_folder / "asked").is_dir()


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("", 'The answers end before "Which profile does it extend?"'),
        ("none\n\n\n", 'The answers end before "Which dimensions'),
        ("embeded\n", '"embeded" is none of them. Did you mean "embedded"?'),
        ("none\n\nembedded\nsdk\ngoo\n", '"goo" is none of them. Did you mean "go"?'),
        ("none\n\nembedded\n,\n", "something has to be answered"),
        ("none\n\nembedded\nsdk\n\n\n0\n", '"0" is no whole number from 1 on'),
        ("none\n\nembedded\nsdk\n\n\n\nand and\n", "is not a tag expression"),
    ],
)
def test_a_wrong_answer_from_a_pipe_writes_nothing(
    answers: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    profiles_folder: Path,
) -> None:
    answered(monkeypatch, answers)

    assert run("new", "asked") == 2
    assert message in (told := capsys.readouterr().err)
    assert "Nothing was written" in told
    assert not (profiles_folder / "asked").exists()


def test_a_wrong_answer_on_a_terminal_is_asked_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, "eech\neach\n", terminal=True)

    assert profile_new._asked(Question("Which?", "pairwise", ("each", "pairwise"))) == "each"
    assert 'Did you mean "each"?' in capsys.readouterr().out


def test_all_files_are_written_or_none(profiles_folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be written: File name too long"):
        profile_new._write(profiles_folder, "asked", {"config": "x\n", "x" * 300: "y\n"})

    assert not (profiles_folder / "asked").exists()
    assert not list(profiles_folder.glob(".*"))
