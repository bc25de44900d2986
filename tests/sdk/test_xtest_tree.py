"""An SDK of an xtest tree, whose scripts read a `test.env` that overwrites the caller's values."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.settings import child_environment
from support.sdk.model import Sdk
from support.sdk.xtest_tree import runnable

# The shape of the scripts in such a tree: look upwards for the project, then read its settings.
CLI = """\
folder=$(cd -- "$(dirname -- "$0")" && pwd)
while [ "$folder" != / ]; do
  grep -qs 'name = "xtest"' "$folder/pyproject.toml" && break
  folder=$(dirname "$folder")
done
. "$folder/test.env"
echo "$PLATFORMURL" > "$3"
"""


@pytest.fixture
def sdk(script: Callable[[str, str], Path], tmp_path: Path) -> Sdk:
    folder = script("xtest/sdk/go/dist/v0.36.0/cli.sh", CLI).parent
    (tmp_path / "xtest" / "pyproject.toml").write_text('[project]\nname = "xtest"\n')
    (tmp_path / "xtest" / "test.env").write_text("PLATFORMURL=http://somebody-elses:8080\n")
    return Sdk("go", "v0.36.0", folder, str(tmp_path))


def run(cli: Path, output: Path) -> str:
    process.run(
        [cli, "encrypt", "-", output, "ztdf"],
        environment=child_environment({"PLATFORMURL": "http://ours:1"}),
        time_limit_seconds=20,
    )
    return output.read_text().strip()


def test_the_callers_environment_holds_and_the_tree_stays_as_it_is(
    sdk: Sdk, tmp_path: Path
) -> None:
    assert run(sdk.cli, tmp_path / "out") == "http://somebody-elses:8080"

    for _ in range(2):  # the second time everything is there already
        runnable.cache_clear()
        assert run(runnable(sdk, tmp_path / "overlays"), tmp_path / "out") == "http://ours:1"

    assert "somebody-elses" in (tmp_path / "xtest" / "test.env").read_text()


def test_a_tree_that_moved_is_followed(sdk: Sdk, tmp_path: Path) -> None:
    stale = tmp_path / "overlays" / sdk.id / "sdk" / "go" / "dist"
    stale.mkdir(parents=True)
    (stale / "v0.36.0").symlink_to(tmp_path / "gone")

    assert run(runnable(sdk, tmp_path / "overlays"), tmp_path / "out") == "http://ours:1"


def test_other_sdks_run_as_they_are(script: Callable[[str, str], Path], tmp_path: Path) -> None:
    folder = script("sdk/go/dist/v0.36.0/cli.sh", "exit 0").parent
    sdk = Sdk("go", "v0.36.0", folder, str(tmp_path))

    assert runnable(sdk, tmp_path / "overlays") == sdk.cli
    assert not (tmp_path / "overlays").exists()
