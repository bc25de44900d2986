"""The command line of the embedded platform."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from support.embedded.descriptor import describe, write_ready_file
from support.embedded.faults import DESCRIPTIONS, parse_faults
from support.embedded.platform import EmbeddedPlatform, Settings
from support.embedded.server import Server, bind
from support.foundation.errors import AcceptanceError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_WRONG_USE = 2
_HIGHEST_PORT = 65535
DEFAULT_KAS = "default"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the platform until it is told to stop; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except (AcceptanceError, OSError) as problem:
        _say(f"error: {problem}")
        return EXIT_WRONG_USE
    return 0


def _run(options: argparse.Namespace) -> None:
    faults = parse_faults(options.fault)
    names = _kas_names(options.kas)
    bindings = [bind(options.port), *(bind(0) for _ in names)]
    settings = Settings(
        url=bindings[0].url,
        kas_urls={name: binding.url for name, binding in zip(names, bindings[1:], strict=True)},
        faults=faults,
        random_secrets=options.random_secrets,
    )
    platform = EmbeddedPlatform(settings)
    threading.Thread(target=platform.warm_up, daemon=True).start()
    for fault in sorted(faults):
        _say(f"FAULT switched on: {fault.value}: {fault.description}")
    listeners = [
        platform.main_listener(),
        *(platform.kas_listener(name) for name in names),
    ]

    def when_ready() -> None:
        if options.ready_file:
            write_ready_file(options.ready_file, describe(platform))
        _say(f"ready at {settings.url}")

    server = Server(stop_with_stdin=options.stop_with_stdin)
    asyncio.run(server.run(list(zip(bindings, listeners, strict=True)), when_ready))


def _kas_names(names: Sequence[str]) -> list[str]:
    for name in names:
        if name == DEFAULT_KAS or names.count(name) > 1:
            raise ConfigurationError(
                f"--kas {name}: the name is taken; each KAS needs one of its own, and "
                f"{DEFAULT_KAS!r} is the platform's."
            )
    return list(names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m support.embedded",
        description="A small OpenTDF platform on loopback, for tests.",
        epilog="Faults: "
        + "; ".join(f"{name.value}: {text}" for name, text in DESCRIPTIONS.items()),
    )
    parser.add_argument("--port", type=_port, default=0, help="port; 0 (default) finds a free one")
    parser.add_argument("--ready-file", type=Path, help="write the stack descriptor (JSON) here")
    parser.add_argument("--kas", action="append", default=[], metavar="NAME", help="a further KAS")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="break a rule")
    parser.add_argument(
        "--random-secrets",
        action="store_true",
        help="new client secrets and passwords instead of the documented ones",
    )
    parser.add_argument(
        "--stop-with-stdin", action="store_true", help="stop when standard input ends"
    )
    return parser


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= _HIGHEST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: expected 0 to {_HIGHEST_PORT}")


def _say(message: str) -> None:
    # Standard output belongs to the audit records.
    sys.stderr.write(f"embedded platform: {message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
