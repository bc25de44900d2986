"""Running an SDK of an xtest tree with the caller's endpoints and credentials.

The scripts of such a tree look upwards for a `pyproject.toml` that names xtest, and read the
`test.env` beside it, which overwrites what the caller set. They are therefore run through a folder
of links whose `test.env` is empty: the tree stays as it is, and what the caller set holds.
"""

import functools
from pathlib import Path

from support.foundation.settings import ROOT
from support.sdk.model import Sdk

OVERLAYS = ROOT / "build" / "xtest"

_NAMED_XTEST = 'name = "xtest"'  # what the scripts themselves look for


@functools.cache  # asked for every command, and the same for a whole run
def runnable(sdk: Sdk, overlays: Path = OVERLAYS) -> Path:
    """Return the `cli.sh` to run: the SDK's own, or a link to it where a `test.env` would rule."""
    if not any(_is_xtest_root(folder) for folder in sdk.directory.parents):
        return sdk.cli
    overlay = overlays / sdk.id
    version = overlay / "sdk" / sdk.language / "dist" / sdk.version
    version.parent.mkdir(parents=True, exist_ok=True)
    (overlay / "pyproject.toml").write_text(f"[project]\n{_NAMED_XTEST}\n", encoding="utf-8")
    (overlay / "test.env").write_text("# Empty: the environment of the caller holds.\n", "utf-8")
    if not (version.is_symlink() and version.readlink() == sdk.directory):
        version.unlink(missing_ok=True)
        version.symlink_to(sdk.directory)
    return version / sdk.cli.name


def _is_xtest_root(folder: Path) -> bool:
    project = folder / "pyproject.toml"
    return project.is_file() and _NAMED_XTEST in project.read_text(encoding="utf-8")
