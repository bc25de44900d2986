"""`acceptance discover`: which units a profile means, why, and how long they take."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from support.foundation.errors import ConfigurationError
from support.foundation.files import write_pieces_atomically
from support.foundation.settings import ROOT
from support.planning import other_tests, plan_file, plan_text, shards
from support.planning.discovery import Discovery, Request, discover
from support.planning.plan_file import LEFT_OUT
from support.planning.selection import Criteria
from support.planning.shards import Shard
from support.planning.touched import Asked
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED

_OF_RUNS = ("plan", "shard")


def run(options: argparse.Namespace) -> int:
    """Plan, and tell or write the plan; return the exit code."""
    machine = options.json or options.matrix
    people = sys.stderr if machine else sys.stdout

    def say(label: str, text: str) -> None:
        print(plan_text.line(label, text), file=people)

    found = discover(_request(options), say)
    registry = found.configuration.registry
    _print(
        plan_text.overview(found, {name: entry.title for name, entry in registry.items()}), people
    )
    if options.left_out:
        _print(plan_text.left_out(found), people)
    if not _runnable(found) and not _unreached(found):
        profile = found.configuration.profile.id
        sys.stderr.write(
            f"Nothing to run with profile {profile}: {plan_text.why_nothing(found)}. A plan that "
            "proves nothing is not green; check the profile and what was asked for.\n"
        )
        return EXIT_RED
    seconds = found.unit_seconds() if options.matrix else []
    tail = _tail(found, options, seconds)
    plan_file.check_sample(Path(options.output or "the plan"), found.head, found.fragments, tail)
    if options.output:
        _write(Path(options.output), plan_file.content(found.head, found.fragments, tail))
        say("plan", f"{options.output} ({found.total.all_units} units)")
    if options.json:
        sys.stdout.flush()
        sys.stdout.buffer.writelines(plan_file.content(found.head, found.fragments, tail))
    if options.matrix:
        print(json.dumps(_matrix(tail["shards"], seconds)))  # noqa: T201 -- for CI
    if not _runnable(found):
        say("nothing", f"to run: nothing of {found.wish} reaches a scenario that can run")
    return EXIT_GREEN


def _request(options: argparse.Namespace) -> Request:
    default = Path("features")
    paths = [Path(path) for path in options.paths]
    return Request(
        defines=_defines(options.profile, options.define),
        paths=tuple(paths or [default if default.is_dir() else ROOT / default]),
        criteria=Criteria(
            tags=" and ".join(f"({part})" for part in _tags(options)),
            requirements=tuple(options.requirement),
            risks=tuple(options.risk),
            names=tuple(options.name),
            capabilities=tuple(options.capability),
        ),
        asked=Asked(
            options.changed_since or "",
            options.product or "",
            Path(options.repository) if options.repository else None,
            options.last_failed,
        ),
        inventory=Path(options.inventory) if options.inventory else None,
        write_inventory=Path(options.write_inventory) if options.write_inventory else None,
        use_cache=not options.no_cache,
    )


def _tags(options: argparse.Namespace) -> list[str]:
    return [*options.tags, *(["@smoke"] if options.smoke else [])]


def _defines(profile: str | None, defined: Sequence[str]) -> dict[str, str]:
    """Return the settings.

    Raises:
        ConfigurationError: one has no value, is given twice, or has no meaning for a plan.
    """
    defines: dict[str, str] = {}
    for text in (*defined, *([f"profile={profile}"] if profile else [])):
        name, separator, value = text.partition("=")
        if not separator:
            raise ConfigurationError(f'--define "{text}" has no value. Write --define name=value.')
        if defines.get(name, value) != value:
            raise ConfigurationError(
                f"{name} is given twice: {defines[name]} and {value}. Keep one of them."
            )
        if name in _OF_RUNS:
            raise ConfigurationError(
                f"--define {text}: plans and shards are run, by behave, and made here. Leave it "
                "out; --output and --matrix write them."
            )
        defines[name] = value
    return defines


def _runnable(found: Discovery) -> int:
    """Return how many units a run would have a verdict of."""
    return found.total.units.get("run", 0) + found.total.units.get("error", 0)


def _unreached(found: Discovery) -> bool:
    """Tell whether it is only by what changed or failed that there is nothing to run.

    That is an answer, unlike criteria which nothing meets.
    """
    return bool(found.wish) and any(found.wish in record["reason"] for record in found.left_out())


def _tail(
    found: Discovery, options: argparse.Namespace, seconds: Sequence[float]
) -> dict[str, Any]:
    """Return what stands behind the units in the plan file."""
    configuration = found.configuration
    reasons: dict[str, dict[str, None]] = {name: {} for name in found.requirements}
    for fragment in found.fragments:
        for name, told in fragment.reasons.items():
            reasons[name].update(dict.fromkeys(told))
    tests = other_tests.tests_of(reasons, configuration.registry, configuration.profile)
    tail: dict[str, Any] = {"notes": list(found.notes)}
    if options.left_out:
        tail[LEFT_OUT] = []
    if options.changed_since:
        tail["requirements"] = {name: list(told) for name, told in found.touched.items()}
    if tests:
        tail["tests"] = tests
    if options.matrix:
        numbers = shards.numbers(seconds, options.matrix)
        tail["shards"] = {"count": max(numbers, default=1), "numbers": numbers}
    return tail


def _matrix(split: Mapping[str, Any], seconds: Sequence[float]) -> dict[str, Any]:
    """Return the shards in the form of a matrix of GitHub Actions."""
    units: dict[int, int] = {}
    busy: dict[int, float] = {}
    for number, took in zip(split["numbers"], seconds, strict=True):
        units[number] = units.get(number, 0) + 1
        busy[number] = busy.get(number, 0.0) + took
    return {
        "include": [
            {
                "shard": str(Shard(number, split["count"])),
                "units": units[number],
                "estimate_seconds": round(busy[number], 3),
            }
            for number in sorted(units)
        ]
    }


def _write(path: Path, content: Iterable[bytes]) -> None:
    try:
        write_pieces_atomically(path, content)
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written: {error.strerror}. Name another file with --output."
        ) from error


def _print(lines: Iterable[str], file: TextIO) -> None:
    file.writelines(f"{line}\n" for line in lines)
