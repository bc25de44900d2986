"""`acceptance report`: a run as HTML, by npm `allure` 3 where Node is there, or what it cost."""

import argparse
import json
from pathlib import Path

from support.foundation import settings
from support.foundation.errors import ConfigurationError
from support.reporting import costs
from support.reporting.terminal import console as new_console
from tools.cli.exit_codes import EXIT_GREEN
from tools.report.allure import LeftOut, render

SLOWEST_UNITS = 20


def run(options: argparse.Namespace) -> int:
    """Render the report, or say why it was left out; neither makes a green run red."""
    console = new_console()
    build = settings.from_environment().build
    folder = Path(options.run) if options.run else _last_run(build)
    if options.costs:
        return _costs(folder, as_json=options.json)
    if options.json:
        raise ConfigurationError("--json goes with --costs: the report itself is HTML.")
    output = Path(options.output) if options.output else build / "allure-report"
    done = render(folder / "allure-results", output, build, console.print)
    if isinstance(done, LeftOut):
        text = f"{'report':<10} left out: {done.reason.rstrip('.')}. {done.remedy}"
    else:
        text = f"{'report':<10} {done}"
    console.print(text, highlight=False, soft_wrap=True, markup=False)
    return EXIT_GREEN


def _costs(folder: Path, *, as_json: bool) -> int:
    """Print where the time of a run went."""
    report = costs.read(folder)
    console = new_console()
    shown = [json.dumps(report, indent=2)] if as_json else costs.lines(report, SLOWEST_UNITS)
    for line in shown:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    return EXIT_GREEN


def _last_run(build: Path) -> Path:
    record = build / "last-run.json"
    try:
        return Path(json.loads(record.read_text())["folder"])
    except FileNotFoundError:
        raise ConfigurationError(
            "There is no last run. Run `behave` first, or name a run folder with --run."
        ) from None
