"""Rendering Allure results with the npm command line `allure` 3 (Node, no Java).

The command line is pinned by `package-lock.json` beside this file and installed into `build/`.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.foundation import process, settings
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.foundation.text import tail

INSTALL_TIME_LIMIT_SECONDS = 300.0
RENDER_TIME_LIMIT_SECONDS = 300.0

# Allure 3 hard-codes an analytics script into its page; a report must not call anybody.
_ANALYTICS = re.compile(
    r"<script[^>]*\bsrc=\"[^\"]*googletagmanager[^\"]*\"[^>]*>\s*</script>"
    r"|<script\b[^>]*>(?:(?!</script>).)*?\bdataLayer\b(?:(?!</script>).)*?</script>",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why there is no report, and what to do for one."""

    reason: str
    remedy: str


def render(results: Path, output: Path, build: Path, say: Callable[[str], None]) -> Path | LeftOut:
    """Render a folder of Allure results to one self-contained page.

    Args:
        results: the `allure-results` folder of a run.
        output: folder to write; what it held before is replaced.
        build: where the command line is installed.
        say: gets a line of progress before anything that takes seconds.

    Returns:
        The page, or why it was left out.

    Raises:
        ConfigurationError: there are no results.
        EnvironmentUnfitError: Node is there, but installing or rendering failed.
    """
    if not any(results.glob("*-result.json")):
        raise ConfigurationError(f"{results}: there are no Allure results. Name a run folder.")
    npm = process.find_program("npm", settings.search_path())
    node = process.find_program("node", settings.search_path())
    if npm is None or node is None:
        return LeftOut(
            "Node with npm is not installed.",
            f"Install Node 20 or newer for the HTML report; the results are in {results}.",
        )
    command = _installed(npm, build / "allure-cli", say)
    shutil.rmtree(output, ignore_errors=True)  # into an existing folder Allure writes a sub-folder
    name = f"OpenTDF Acceptance {results.parent.name}"
    _run(
        [node, command, "awesome", "--single-file", "--name", name, "-o", output, results],
        RENDER_TIME_LIMIT_SECONDS,
    )
    page = output / "index.html"
    page.write_text(_ANALYTICS.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
    return page


def _installed(npm: Path, folder: Path, say: Callable[[str], None]) -> Path:
    """Install the pinned command line once, and return its entry point."""
    pinned = Path(__file__).with_name("package-lock.json")
    stamp = folder / "package-lock.json"
    command = folder / "node_modules" / "allure" / "cli.js"
    if command.is_file() and stamp.is_file() and stamp.read_bytes() == pinned.read_bytes():
        return command
    say("Installing the Allure command line (once, about 10 s) …")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(pinned.with_name("package.json"), folder)
    shutil.copy(pinned, folder)
    _run(
        [npm, "ci", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error"],
        INSTALL_TIME_LIMIT_SECONDS,
    )
    return command


def _run(arguments: list[str | Path], time_limit_seconds: float) -> None:
    record = process.run(
        arguments,
        environment=settings.build_environment(),
        time_limit_seconds=time_limit_seconds,
    )
    if record.exit_code != 0:
        raise EnvironmentUnfitError(
            f"`{' '.join(record.arguments)}` ended with {record.exit_code}: "
            f"{tail(record.stderr + record.stdout)}"
        )
