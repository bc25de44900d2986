from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError
from support.sdk.discovery import (
    BUILT_SDKS,
    SdkFolderError,
    SdkSpec,
    discover,
    parse_spec,
    survey,
)
from support.sdk.model import Sdk, is_tag_safe
from tests.sdk.conftest import MakeSdk

NAMES = st.from_regex(r"[A-Za-z0-9._-]+", fullmatch=True)


def test_an_xtest_tree_is_found_in_the_order_people_count_versions(
    make_sdk: MakeSdk, tmp_path: Path
) -> None:
    for language, version in (("js", "main"), ("go", "v0.10.0"), ("go", "v0.9.0")):
        make_sdk(language=language, version=version)

    found = discover([tmp_path / "sdks"])

    assert [sdk.id for sdk in found] == ["go-v0.9.0", "go-v0.10.0", "js-main"]
    assert found[0].cli.is_file()
    assert found[0].origin == str(tmp_path / "sdks")


def test_the_first_root_wins_and_what_it_hides_is_told(make_sdk: MakeSdk, tmp_path: Path) -> None:
    first = make_sdk(root="first")
    second = make_sdk(root="second")

    found = survey([tmp_path / "first", tmp_path / "second"])

    assert found.sdks == (first,)
    assert found.hidden == (second,)


def test_a_version_folder_without_cli_sh_is_named_and_not_skipped(
    make_sdk: MakeSdk, tmp_path: Path
) -> None:
    broken = make_sdk(version="v2.0.0")
    broken.cli.unlink()

    with pytest.raises(SdkFolderError, match=r"go/dist/v2\.0\.0 has no cli\.sh"):
        discover([tmp_path / "sdks"])


def test_a_cli_sh_that_is_not_executable_is_an_error_with_the_remedy(
    make_sdk: MakeSdk, tmp_path: Path
) -> None:
    make_sdk().cli.chmod(0o644)

    with pytest.raises(SdkFolderError, match=r"not executable\. Run: chmod \+x"):
        discover([tmp_path / "sdks"])


def test_a_name_that_no_tag_can_hold_is_an_error(make_sdk: MakeSdk, tmp_path: Path) -> None:
    make_sdk(version="v1@2")

    with pytest.raises(SdkFolderError, match='"v1@2" cannot stand in a tag'):
        discover([tmp_path / "sdks"])


def test_builds_under_way_and_stray_files_are_no_versions(
    make_sdk: MakeSdk, tmp_path: Path
) -> None:
    sdk = make_sdk()
    (sdk.directory.parent / ".v1.0.0.new").mkdir()
    (sdk.directory.parent / "notes.txt").write_text("x")
    (tmp_path / "sdks" / "scripts").mkdir()

    assert discover([tmp_path / "sdks"]) == (sdk,)


def test_a_root_that_does_not_exist_is_an_error_but_not_the_one_that_builds_fill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SdkFolderError, match="is not a folder"):
        discover([tmp_path / "nowhere"])

    monkeypatch.setattr("support.sdk.discovery.BUILT_SDKS", tmp_path / "build")
    assert discover([tmp_path / "build"]) == ()
    assert BUILT_SDKS.name == "sdk"


def test_a_root_without_any_sdk_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "xtest").mkdir()

    with pytest.raises(SdkFolderError, match="name `xtest/sdk`"):
        discover([tmp_path / "xtest"])


@pytest.mark.parametrize(("text", "spec"), [("go", SdkSpec("go")), ("go@*", SdkSpec("go", "*"))])
def test_a_language_alone_means_any_version(text: str, spec: SdkSpec) -> None:
    assert parse_spec(text) == spec
    assert spec.matches(Sdk("go", "v1", Path(), ""))
    assert not spec.matches(Sdk("js", "v1", Path(), ""))


@given(language=NAMES, version=NAMES)
def test_a_spec_chooses_the_version_it_names_and_no_other(language: str, version: str) -> None:
    spec = parse_spec(f"{language}@{version}")

    assert spec.matches(Sdk(language, version, Path(), ""))
    assert not spec.matches(Sdk(language, f"{version}x", Path(), ""))


@given(st.text())
def test_whatever_is_parsed_is_safe_in_tags_and_the_rest_is_refused(text: str) -> None:
    try:
        spec = parse_spec(text)
    except ConfigurationError as error:
        assert "Expected a language" in str(error)  # noqa: PT017 - hypothesis gives both kinds
    else:
        assert is_tag_safe(spec.language)
        assert spec.version == "*" or is_tag_safe(spec.version)
