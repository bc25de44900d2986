"""Opening the files of a run under their logical names, however they are kept."""

from pathlib import Path, PurePosixPath
from typing import BinaryIO

from support.foundation.errors import ConfigurationError


def open_artifact(run_folder: Path, relative_path: str) -> BinaryIO:
    """Open the plain content of one file of a run.

    Args:
        run_folder: the run's folder, `artifacts/<run>`.
        relative_path: as evidence names it, with `/` between parts.

    Raises:
        ConfigurationError: the name leads out of the run's folder, or over a symbolic link.
        OSError: there is no such file, or it cannot be read.
    """
    parts = PurePosixPath(relative_path).parts
    path = run_folder
    for part in parts:
        path /= part
        if part in {"..", "/"} or path.is_symlink():
            raise ConfigurationError(
                f"{relative_path!r} leads out of {run_folder}, or over a symbolic link. Files of a "
                "run are named from its folder on, and stand in it."
            )
    return path.open("rb")
