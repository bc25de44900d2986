import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.sdk import shims
from support.sdk.capabilities import probe
from support.sdk.discovery import discover
from support.sdk.features import FEATURES
from support.sdk.shims import BUNDLED, Installed, LeftOut, install

PlaceProgram = Callable[[str, str], None]

FAKE_GO = """
echo go >> {log}
while [ "$1" != -o ]; do shift; done
printf built > "$2"
"""
FAKE_CARGO = """
echo cargo >> {log}
mkdir -p "$CARGO_TARGET_DIR/release"
printf built > "$CARGO_TARGET_DIR/release/opentdf-rust-shim"
"""


@pytest.fixture
def place_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlaceProgram:
    """Make a PATH that holds the system's tools and stand-ins for compilers, no real compiler."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("nice", "mkdir", "sleep"):
        (programs / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(programs))

    def place(name: str, body: str) -> None:
        program = programs / name
        program.write_text(f"#!/bin/sh\n{body.format(log=tmp_path / 'log')}\n")
        program.chmod(0o755)

    return place


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shims' sources that a test may change."""
    copy = tmp_path / "sources"
    shutil.copytree(shims.SOURCES, copy, ignore=shutil.ignore_patterns("target", "__pycache__"))
    monkeypatch.setattr(shims, "SOURCES", copy)
    monkeypatch.setattr(shims, "CARGO_TARGET", tmp_path / "cargo")
    return copy


def compilations(tmp_path: Path) -> int:
    log = tmp_path / "log"
    return len(log.read_text().split()) if log.exists() else 0


def test_the_python_shim_answers_for_itself(tmp_path: Path) -> None:
    result = install("python", tmp_path)

    assert isinstance(result, Installed)
    assert discover([tmp_path]) == (result.sdk,)
    assert (result.sdk.directory / "interpreter").read_text().strip() == sys.executable
    for feature in FEATURES:
        assert probe(result.sdk, feature).verdict in {"yes", "no"}, feature


@pytest.mark.parametrize("source", ["go/features.go", "rust/src/features.rs"])
def test_the_compiled_shims_answer_for_every_feature(source: str) -> None:
    answered = set(re.findall(r'^\s+"([^"]+)"', (shims.SOURCES / source).read_text(), re.MULTILINE))

    assert answered == set(FEATURES)


@pytest.mark.parametrize(("language", "compiler"), [("go", FAKE_GO), ("rust", FAKE_CARGO)])
def test_a_shim_is_built_once_and_again_when_its_sources_change(
    sources: Path, place_program: PlaceProgram, tmp_path: Path, language: str, compiler: str
) -> None:
    place_program("go" if language == "go" else "cargo", compiler)
    root = tmp_path / "root"

    first = install(language, root)
    again = install(language, root)

    assert isinstance(first, Installed)
    assert isinstance(again, Installed)
    assert first.sdk == again.sdk
    assert again.seconds == 0
    assert compilations(tmp_path) == 1
    assert first.sdk.cli.is_file()
    (sources / language / "README").write_text("changed")
    assert isinstance(install(language, root), Installed)
    assert compilations(tmp_path) == 2
    assert [folder.name for folder in first.sdk.directory.parent.iterdir()] == [first.sdk.version]


@pytest.mark.parametrize(("language", "program"), [("go", "go"), ("rust", "cargo")])
def test_without_its_compiler_a_shim_is_left_out_with_the_remedy(
    sources: Path, place_program: PlaceProgram, tmp_path: Path, language: str, program: str
) -> None:
    place_program("unrelated", "exit 0")
    assert sources.is_dir()

    result = install(language, tmp_path / "root")

    assert isinstance(result, LeftOut)
    assert result.reason == f"`{program}` is not on the PATH"
    assert f"acceptance sdk install {language}" in result.remedy
    assert not (tmp_path / "root").exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo 'dial tcp: lookup proxy: no such host' >&2; exit 1", "could not download"),
        ("echo './main.go:1: syntax error' >&2; exit 1", "failed with exit code 1.*syntax error"),
    ],
)
def test_a_failed_build_leaves_the_shim_out_and_half_of_it_nowhere(
    sources: Path, place_program: PlaceProgram, tmp_path: Path, body: str, reason: str
) -> None:
    place_program("go", body)
    assert sources.is_dir()

    result = install("go", tmp_path / "root")

    assert isinstance(result, LeftOut)
    assert re.search(reason, result.reason)
    assert discover([tmp_path / "root"]) == ()


def test_a_failed_build_does_not_take_away_the_build_before(
    sources: Path, place_program: PlaceProgram, tmp_path: Path
) -> None:
    place_program("go", FAKE_GO)
    before = install("go", tmp_path / "root")
    (sources / "go" / "main.go").write_text("broken")
    place_program("go", "exit 1")

    assert isinstance(install("go", tmp_path / "root"), LeftOut)
    assert isinstance(before, Installed)
    assert discover([tmp_path / "root"]) == (before.sdk,)


def test_a_compiler_that_hangs_is_stopped(
    sources: Path, place_program: PlaceProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shims, "BUILD_TIME_LIMIT_SECONDS", 0.3)
    place_program("go", "sleep 60")
    assert sources.is_dir()

    result = install("go", tmp_path / "root")

    assert isinstance(result, LeftOut)
    assert "did not end within 0.3 s" in result.reason


def test_a_long_build_says_that_it_goes_on(
    sources: Path, place_program: PlaceProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shims, "PROGRESS_SECONDS", 0.05)
    place_program("go", "sleep 0.4" + FAKE_GO)
    lines: list[str] = []
    assert sources.is_dir()

    install("go", tmp_path / "root", lines.append)

    assert lines[0] == "Building the Go SDK shim (about a minute the first time) …"
    assert lines[1].startswith("… still building the Go SDK shim")
    assert all("still building" in line for line in lines[1:])


def test_sources_that_do_not_name_a_version_are_an_error(sources: Path, tmp_path: Path) -> None:
    (sources / "go" / "go.mod").write_text("module x\n")

    with pytest.raises(ConfigurationError, match=r"go\.mod does not name the SDK's version"):
        install("go", tmp_path)


def test_a_language_without_a_bundled_shim_is_an_error_that_says_where_to_get_one(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigurationError, match=r'Did you mean "python"\?.*ACCEPTANCE_SDK_ROOTS'):
        install("pyton", tmp_path)
    assert BUNDLED == ("python", "go", "rust")


def test_earlier_versions_have_modules_of_their_own_and_come_beside_the_current_one(
    sources: Path, place_program: PlaceProgram, tmp_path: Path
) -> None:
    place_program("go", 'echo "$*" >> {log}\nwhile [ "$1" != -o ]; do shift; done\nprintf x > "$2"')
    root = tmp_path / "root"

    found = [install(f"go@{version}", root) for version in shims.earlier_versions()]

    assert sources.is_dir()
    assert "v0.4.7" in shims.earlier_versions()
    assert [one.sdk.version for one in found if isinstance(one, Installed)] == list(
        shims.earlier_versions()
    )
    commands = (tmp_path / "log").read_text().splitlines()
    assert ["-tags=sdk0_4" in command for command in commands] == [
        version.startswith("v0.4.") for version in shims.earlier_versions()
    ]
    for version in shims.earlier_versions():
        module = (shims.SOURCES / "go" / "versions" / version / "go.mod").read_text()
        assert f"github.com/opentdf/platform/sdk {version}" in module


@pytest.mark.parametrize("name", ["go@v0.1.0", "python@v0.1.0", "go@"])
def test_a_version_that_cannot_be_built_names_those_that_can(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"go@v0\.31\.0"):
        install(name)


def test_the_current_version_may_be_named(
    sources: Path, place_program: PlaceProgram, tmp_path: Path
) -> None:
    place_program("go", FAKE_GO)
    assert sources.is_dir()

    named = install("go@v0.36.0", tmp_path / "root")

    assert isinstance(named, Installed)
    assert install("go", tmp_path / "root") == Installed(named.sdk)
