"""`acceptance profile check`: whether profiles load, and advice on what they say."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from support.foundation import settings as foundation_settings
from support.foundation.errors import AcceptanceError, ConfigurationError
from support.model.inventory import Inventory
from support.model.spec import Spec
from support.planning import forecast
from support.planning.advice import Advice, advice
from support.planning.preparation import basis_of
from support.profiles import profile as profiles
from support.profiles.effective import shown
from support.reporting.terminal import console as new_console
from support.stack import manager
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED
from tools.cli.profile_loading import FEATURES, Target, configure, target


def run(options: argparse.Namespace) -> int:
    """Check the profiles named, or all; red when one of them has an error."""
    folder = foundation_settings.from_environment().profiles
    known = profiles.available(folder)
    named = [target(name) for name in options.profiles]
    for meant in named:
        profiles.require(meant.folder, meant.profile_id)
    if options.all or not named:
        named = [Target(folder, name) for name in known]
    if not named:
        raise ConfigurationError(f"{folder}: no profile stands there. Name another folder.")
    specs = forecast.read_specs(FEATURES)
    found = {_name(meant): check(meant, specs) for meant in named}
    if options.json:
        print(  # noqa: T201 -- for machines
            json.dumps({name: [asdict(a) for a in advices] for name, advices in found.items()})
        )
    else:
        _print(found)
    wrong = any(entry.severity == "error" for entries in found.values() for entry in entries)
    return EXIT_RED if wrong else EXIT_GREEN


def check(meant: Target, specs: Sequence[Spec]) -> tuple[Advice, ...]:
    """Return what is wrong with a profile, and what is to be looked at."""
    try:
        configuration = configure(meant, {})
        profile = configuration.profile
        served = manager.features(
            profile.stack, configuration.settings, [role.name for role in profile.roles]
        )
        basis = basis_of(configuration, Inventory((), served))
        found = advice(basis, specs, shipped=meant.is_shipped)
    except AcceptanceError as error:
        return (Advice("error", "", str(error)),)
    return tuple(replace(entry, where=shown(entry.where)) for entry in found)


def _name(meant: Target) -> str:
    return meant.profile_id if meant.is_shipped else shown(str(meant.folder / meant.profile_id))


def _print(found: dict[str, tuple[Advice, ...]]) -> None:
    console = new_console()

    def told(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    for name, entries in found.items():
        errors = sum(entry.severity == "error" for entry in entries)
        told(f"{name}: {_counted(errors, len(entries) - errors)}")
        for entry in entries:
            where = f"{entry.where}: " if entry.where else ""
            told(f"  {entry.severity}: {where}{entry.message}")


def _counted(errors: int, warnings: int) -> str:
    if not errors and not warnings:
        return "sound"
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
