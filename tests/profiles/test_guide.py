"""docs/profiles.md: what it shows can be loaded, and it speaks of everything there is."""

import re
from pathlib import Path

import pytest
import yaml

from support.foundation.settings import ROOT
from support.model.severity import FailureClass
from support.planning.preparation import CATALOG, PROFILES
from support.profiles import catalog as catalogs
from support.profiles import conditions
from support.profiles import profile as profiles
from support.profiles.effective import NOT_SAID, positions
from support.profiles.profile import DEFAULTS, condition_names
from tools.cli import __main__ as cli

GUIDE = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
KNOWN = catalogs.load(CATALOG)
BASE = {
    "capabilities": "capabilities: {sdk: [go]}",
    "config": "config: {stack: embedded}",
    "policies": "policies: {}",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


@pytest.mark.parametrize("block", blocks("yaml"))
def test_each_sample_of_a_file_loads(block: str, tmp_path: Path) -> None:
    (kind,) = yaml.safe_load(block)
    for name in ("sample", "embedded"):
        (tmp_path / name).mkdir()
        texts = {**BASE, kind: block} if name == "sample" else BASE
        for file, text in texts.items():
            (tmp_path / name / f"{file}.yaml").write_text(text)

    assert profiles.load(tmp_path, "sample", KNOWN).merged.value[kind]


def test_all_three_files_are_shown() -> None:
    assert {next(iter(yaml.safe_load(block))) for block in blocks("yaml")} == set(BASE)


@pytest.mark.parametrize(
    "text", [line for block in blocks("conditions") for line in block.split("\n") if line]
)
def test_each_condition_can_be_read(text: str) -> None:
    aliases = {capability: alias.meaning for capability, alias in KNOWN.aliases.items()}

    assert conditions.parse(text, condition_names(KNOWN), "the guide", aliases).names


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_works(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program, *arguments = command.split()
    if "new" in arguments:
        for path in PROFILES.glob("*/*.yaml"):
            copy = tmp_path / "profiles" / path.parent.name / path.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
        monkeypatch.setenv("ACCEPTANCE_PROFILES", str(tmp_path / "profiles"))

    assert program == "acceptance"
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out


def row_of(key: str) -> list[str]:
    """Return the cells of the row about a key."""
    line = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{key}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_every_key_is_told_with_its_default() -> None:
    told = 0
    for position in positions():
        if position[1] == "severities":
            continue
        key = ".".join(map(str, position[1:]))
        default = row_of(key)[1].strip("`")
        if position in DEFAULTS:
            value = DEFAULTS[position]
            expected = str(value).lower() if isinstance(value, bool) else str(value)
            expected = expected.removesuffix(".0")
        else:
            expected = NOT_SAID.get(position, default)
        assert default == expected, key
        told += 1
    assert told > 15


def test_every_class_of_failure_and_every_shipped_profile_is_told() -> None:
    for name in (*FailureClass, *profiles.available(PROFILES)):
        assert f"`{name}`" in GUIDE
