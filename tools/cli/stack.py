"""`acceptance stack up|down|status`: an embedded platform that stays up between runs."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from support.reporting.terminal import console as new_console
from support.services.locator import Services
from support.stack import descriptor, standing
from support.stack.manager import STANDING_FOLDER
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED


def run(options: argparse.Namespace) -> int:
    """Carry out one action and return the exit code."""
    console = new_console()
    if options.action == "up":
        content = standing.up(STANDING_FOLDER, options.port)
        _show(console, content, as_json=options.json)
        return EXIT_GREEN
    if options.action == "down":
        ended = standing.down(STANDING_FOLDER)
        console.print("The embedded platform is down." if ended else "No platform was up.")
        return EXIT_GREEN
    if standing.find(STANDING_FOLDER) is None:
        console.print(json.dumps({"up": False}) if options.json else "No platform is up.")
        return EXIT_RED
    _show(console, standing.describe(STANDING_FOLDER), as_json=options.json)
    return EXIT_GREEN


def _show(console: Console, content: Mapping[str, Any], *, as_json: bool) -> None:
    services = descriptor.services(content)
    lines = _lines(services)
    if as_json:
        print(json.dumps({"up": True, **lines}, indent=2))  # noqa: T201 -- machines read this
        return
    for name, value in lines.items():
        console.print(f"{name:<15} {value}", highlight=False, soft_wrap=True, markup=False)


def _lines(services: Services) -> dict[str, str]:
    return {
        "stack": services.stack,
        "platform": services.platform_url,
        "kas": ", ".join(f"{name} {url}" for name, url in services.kas_urls.items()),
        "token endpoint": services.token_endpoint,
        "roles": ", ".join(f"{role} ({c.client_id})" for role, c in services.roles.items()),
        "faults": ", ".join(services.faults) or "none",
    }
