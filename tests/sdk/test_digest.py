import os
import shutil
from pathlib import Path

import pytest

from support.sdk.digest import digest_of, folder_digest
from support.sdk.model import Sdk
from tests.sdk.conftest import MakeSdk


@pytest.fixture
def sdk(make_sdk: MakeSdk) -> Sdk:
    return make_sdk()


def test_the_same_files_have_the_same_digest_in_any_place_and_at_any_time(
    sdk: Sdk, tmp_path: Path
) -> None:
    copy = shutil.copytree(sdk.directory, tmp_path / "elsewhere")
    os.utime(copy / "cli.sh", (1, 1))

    assert folder_digest(copy) == folder_digest(sdk.directory)


@pytest.mark.parametrize("change", ["content", "name", "mode", "more", "link"])
def test_every_change_of_what_is_run_gives_another_digest(sdk: Sdk, change: str) -> None:
    (sdk.directory / "link").symlink_to("cli.sh")
    before = folder_digest(sdk.directory)

    if change == "content":
        sdk.cli.write_text("#!/bin/sh\nexit 1\n")
    elif change == "name":
        sdk.cli.rename(sdk.directory / "other.sh")
    elif change == "mode":
        sdk.cli.chmod(0o644)
    elif change == "more":
        (sdk.directory / "interpreter").write_text("part of this SDK")
    else:
        (sdk.directory / "link").unlink()
        (sdk.directory / "link").symlink_to("/bin/true")

    assert folder_digest(sdk.directory) != before


def test_what_belongs_to_one_machine_does_not_count_in_a_bundled_shim(sdk: Sdk) -> None:
    (sdk.directory / ".made-of").write_text("one")
    (sdk.directory / "interpreter").write_text("/one/python")
    before = folder_digest(sdk.directory)

    (sdk.directory / ".made-of").write_text("two")
    (sdk.directory / "interpreter").write_text("/two/python")
    (sdk.directory / "__pycache__").mkdir()
    (sdk.directory / "__pycache__" / "cli.pyc").write_text("compiled")

    assert folder_digest(sdk.directory) == before


def test_a_digest_is_kept_until_the_folder_changes(sdk: Sdk, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = digest_of(sdk, cache)
    (kept,) = cache.iterdir()
    assert kept.read_text() == first

    kept.write_text("f" * 64)
    assert digest_of(sdk, cache) == "f" * 64
    kept.write_text("damaged")
    assert digest_of(sdk, cache) == first

    sdk.cli.write_text("#!/bin/sh\nexit 2\n")
    assert digest_of(sdk, cache) not in {first, "f" * 64}


def test_a_cache_that_cannot_be_written_costs_time_only(sdk: Sdk, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")

    assert digest_of(sdk, tmp_path / "cache") == folder_digest(sdk.directory)
