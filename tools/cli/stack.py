"""`acceptance stack`: stacks that stay up between runs, and those that run elsewhere."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from support.foundation import settings as foundation_settings
from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.foundation.text import did_you_mean, listed, tail
from support.reporting.terminal import console as new_console
from support.services.locator import Services
from support.stack import adoption, descriptor, manager, options, standing
from support.stack.instance import instances
from support.stack.recipes import book
from support.stack.standing import Standing, Wanted
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED
from tools.cli.stack_progress import Progress


def run(arguments: argparse.Namespace) -> int:
    """Carry out one action and return the exit code."""
    settings = foundation_settings.from_environment()
    actions = {
        "up": _up,
        "down": _down,
        "status": _status,
        "logs": _logs,
        "restart": _restart,
        "env": _env,
        "adopt": _adopt,
    }
    return actions[arguments.action](new_console(), settings, arguments)


def _up(console: Console, settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.stack not in book.RECIPES:
        raise ConfigurationError(
            f'"{arguments.stack}" is no stack to start.'
            f"{did_you_mean(arguments.stack, book.RECIPES)} Known: {listed(book.RECIPES)}; one "
            "that runs elsewhere is adopted (`acceptance stack adopt`)."
        )
    for name in standing.sweep(settings):
        console.print(f"Ended what a killed run left: {name}", markup=False)
    chosen = options.check(arguments.option, "--option")
    served = manager.options_of(arguments.stack, settings)
    lacking = [name for name in chosen if name not in served]
    if lacking:
        raise ConfigurationError(
            f"The stack {arguments.stack} cannot serve {listed(lacking)} here. It serves "
            f"{listed(served)}; docs/stacks.md tells which stack serves what."
        )
    wanted = Wanted(
        arguments.stack,
        arguments.name or arguments.stack,
        chosen,
        port=arguments.port,
    )
    quiet = Console(quiet=True) if arguments.json else console
    with Progress(quiet) as progress:
        content = standing.up(settings, wanted, progress.watch)
    _show(console, content, as_json=arguments.json)
    return EXIT_GREEN


def _down(console: Console, settings: Settings, arguments: argparse.Namespace) -> int:
    ended = standing.down(settings, arguments.name)
    console.print(f"Ended: {listed(ended)}." if ended else "No stack was up.", markup=False)
    return EXIT_GREEN


def _status(console: Console, settings: Settings, arguments: argparse.Namespace) -> int:
    found = list(standing.status(settings))
    if arguments.json:
        print(json.dumps([_told(settings, entry) for entry in found], indent=2))  # noqa: T201 -- machines read this
    elif not found:
        console.print("No stack is up. `acceptance stack up` starts one.")
    else:
        console.print(_table(settings, found))
    return EXIT_GREEN if found and not any(entry.problem for entry in found) else EXIT_RED


def _logs(console: Console, settings: Settings, arguments: argparse.Namespace) -> int:
    instance = standing.instance_named(settings, _chosen(settings, arguments.name))
    files = sorted(instance.log("any").parent.glob("*.log"))
    known = [file.stem for file in files]
    if arguments.component is not None and arguments.component not in known:
        raise ConfigurationError(
            f'There is no log of "{arguments.component}".'
            f"{did_you_mean(arguments.component, known)} There are: {listed(known)}."
        )
    for file in files:
        if arguments.component in {None, file.stem}:
            console.rule(f"{file.stem}  {file}", align="left")
            text = tail(file.read_text(errors="replace"), arguments.lines)
            console.print(text, highlight=False, markup=False, soft_wrap=True)
    return EXIT_GREEN


def _restart(console: Console, settings: Settings, arguments: argparse.Namespace) -> int:
    name = _chosen(settings, arguments.name)
    quiet = Console(quiet=True) if arguments.json else console
    with Progress(quiet) as progress:
        standing.restart(settings, name, arguments.components, progress.watch)
    content = descriptor.read(standing.instance_named(settings, name).descriptor)
    _show(console, content, as_json=arguments.json)
    return EXIT_GREEN


def _env(console: Console, settings: Settings, arguments: argparse.Namespace) -> int:
    values = adoption.values(settings, _chosen(settings, arguments.name))
    if arguments.json:
        rows = [{"name": v.name, "value": v.shown, "origin": v.origin} for v in values]
        print(json.dumps(rows, indent=2))  # noqa: T201 -- machines read this
        return EXIT_GREEN
    if arguments.shell:
        print("\n".join(adoption.shell_lines(values)))  # noqa: T201 -- a shell reads this
        return EXIT_GREEN
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "value", "origin"):
        table.add_column(heading, overflow="fold")
    for value in values:
        table.add_row(value.name, value.shown, value.origin)
    console.print(table)
    return EXIT_GREEN


def _adopt(console: Console, settings: Settings, arguments: argparse.Namespace) -> int:
    services = adoption.adopt(settings, arguments.url, arguments.name)
    lines = _lines(services)
    if arguments.json:
        print(json.dumps({"name": arguments.name, **lines}, indent=2))  # noqa: T201 -- machines read this
        return EXIT_GREEN
    _print(console, lines)
    console.print(
        f"Noted as {arguments.name}; nothing was started or changed there. Runs use it: "
        f"behave --define profile=remote --define stack_instance={arguments.name}",
        markup=False,
        soft_wrap=True,
        highlight=False,
    )
    return EXIT_GREEN


def _chosen(settings: Settings, name: str | None) -> str:
    """Return the name of the instance that is meant.

    Raises:
        ConfigurationError: none is named, and there is not just one.
    """
    known = [instance.name for instance in instances(standing.root(settings))]
    if name is None and len(known) == 1:
        return known[0]
    if name is None or name not in known:
        asked = "Name one" if name is None else f'There is no stack "{name}"'
        nearest = did_you_mean(name or "", known)
        raise ConfigurationError(f"{asked}.{nearest} Up: {listed(known)}.")
    return name


def _table(settings: Settings, found: Sequence[Standing]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "stack", "platform", "components", "state"):
        table.add_column(heading, overflow="fold")
    for entry in found:
        told = _told(settings, entry)
        style = "red" if entry.problem else "green"
        table.add_row(
            told["name"],
            told["stack"],
            told["platform"],
            listed(told["components"]),
            f"[{style}]{'does not serve' if entry.problem else 'up'}[/]",
        )
        if entry.problem:
            table.add_row("", "", "", "", escape(_short(entry)))
    return table


def _short(entry: Standing) -> str:
    """Return what is wrong without the ends of logs, which `stack logs` shows."""
    short = " ".join(part.partition(" Its log ")[0] for part in entry.problem.splitlines()[:1])
    more = (
        f" See `acceptance stack logs {entry.instance.name}`."
        if " Its log " in entry.problem
        else ""
    )
    return f"{short}{more}"


def _told(settings: Settings, entry: Standing) -> dict[str, Any]:
    record = entry.record
    stack = record.stack if record else "unknown"
    chosen = record.options if record else ()
    return {
        "name": entry.instance.name,
        "stack": " ".join((stack, *chosen)),
        "up": not entry.problem,
        "problem": entry.problem,
        "platform": _address(settings, entry.instance.descriptor),
        "components": [p.component for p in record.processes] if record else [],
    }


def _address(settings: Settings, path: Path) -> str:
    if path.is_file():
        return str(descriptor.read(path)["platform"]["url"])
    return adoption.address(settings, path.parent.name)


def _show(console: Console, content: Mapping[str, Any], *, as_json: bool) -> None:
    lines = _lines(descriptor.services(content))
    logs = Path(next(iter(content["components"].values()))["log"]).parent
    if as_json:
        print(json.dumps({"up": True, **lines, "logs": str(logs)}, indent=2))  # noqa: T201 -- machines read this
        return
    _print(console, {**lines, "logs": str(logs)})


def _print(console: Console, lines: Mapping[str, str]) -> None:
    for name, value in lines.items():
        console.print(f"{name:<15} {value}", highlight=False, soft_wrap=True, markup=False)


def _lines(services: Services) -> dict[str, str]:
    return {
        "stack": services.stack,
        "platform": f"{services.platform_url} ({services.platform_version})",
        "kas": ", ".join(f"{name} {url}" for name, url in services.kas_urls.items()),
        "token endpoint": services.token_endpoint,
        "roles": ", ".join(f"{role} ({c.client_id})" for role, c in services.roles.items()),
        "faults": ", ".join(services.faults) or "none",
    }
