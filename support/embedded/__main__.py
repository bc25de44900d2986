"""The command line of the embedded platform."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from support.embedded import state
from support.embedded.credentials import read_credentials
from support.embedded.descriptor import describe, write_ready_file, write_root_key
from support.embedded.faults import parse_faults
from support.embedded.issuer import discover, parse_issuer
from support.embedded.key_sources import PublishedKeys
from support.embedded.keycloak import KeycloakPeople
from support.embedded.options import KAS_NAMES, OPTIONS, SEVERAL_KAS, parse_options
from support.embedded.outbound import Outbound
from support.embedded.platform import AUDIENCE, EmbeddedPlatform, Settings, Trust
from support.embedded.server import Server, bind
from support.foundation.errors import AcceptanceError, ConfigurationError
from support.foundation.network import Network, Networks

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
    if options.ready_file:
        # That of an earlier start would say "ready" to whoever waits for this one.
        options.ready_file.unlink(missing_ok=True)
    faults, variants = parse_faults(options.fault), parse_options(options.option)
    names = _kas_names(options.kas or (KAS_NAMES if SEVERAL_KAS in variants else ()))
    trust = trust_in(options.issuer, options.issuer_credentials, options.issuer_ca)
    bindings = [bind(options.port), *(bind(0) for _ in names)]
    settings = Settings(
        url=bindings[0].url,
        kas_urls={name: binding.url for name, binding in zip(names, bindings[1:], strict=True)},
        faults=faults,
        random_secrets=options.random_secrets,
        audience=options.audience,
        options=variants,
        golden_keys=options.golden_keys,
    )
    platform = EmbeddedPlatform(settings, trust)
    if options.state:
        keep_state(platform, options.state)
    threading.Thread(target=platform.warm_up, daemon=True).start()
    for fault in sorted(faults):
        _say(f"FAULT switched on: {fault.value}")
    for name in sorted(variants):
        _say(f"option: {name}: {OPTIONS[name]}")
    listeners = [
        platform.main_listener(),
        *(platform.kas_listener(name) for name in names),
    ]

    def when_ready() -> None:
        if options.ready_file:
            root_key = write_root_key(options.ready_file.parent, platform.root_key)
            described = {**describe(platform), "root_key": str(root_key)}
            write_ready_file(options.ready_file, described)
        _say(f"ready at {settings.url}")

    server = Server(stop_with_stdin=options.stop_with_stdin)
    asyncio.run(server.run(list(zip(bindings, listeners, strict=True)), when_ready))


def keep_state(platform: EmbeddedPlatform, path: Path) -> None:
    """Take up the state that an earlier start left, and leave one when it is asked for.

    Raises:
        ConfigurationError: The file holds something else.
    """
    if path.exists():
        state.read(platform, path)
    if platform.built_in is not None:
        platform.built_in.control.write_state = lambda: state.write(platform, path)


def trust_in(
    url: str | None, credentials: Path | None, authorities: Path | None = None
) -> Trust | None:
    """Return the trust in an issuer outside, once it has answered; nothing where none is named.

    Raises:
        ConfigurationError: The URL or the file is wrong.
        EnvironmentUnfitError: The issuer is away, or refuses.
    """
    if url is None and credentials is None and authorities is None:
        return None
    if url is None or credentials is None:
        lacking = "--issuer" if url is None else "--issuer-credentials"
        raise ConfigurationError(
            f"{lacking} is missing: --issuer and --issuer-credentials belong together."
        )
    address = parse_issuer(url)
    outbound = Outbound(Networks(default=Network(ca_bundle=authorities, service="idp")))
    people = KeycloakPeople(address, credentials, outbound)
    read_credentials(credentials)
    issuer = discover(address, outbound)
    keys = PublishedKeys(issuer.jwks_uri, outbound)
    keys.load()
    people.check()
    if issuer.issuer != address.url:
        _say(f"the issuer {address.url} calls itself {issuer.issuer}, which its tokens must name")
    return Trust(issuer, keys, people)


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
        epilog="Faults: docs/faults.md. Options: "
        + "; ".join(f"{name}: {text}" for name, text in OPTIONS.items()),
    )
    parser.add_argument("--port", type=_port, default=0, help="port; 0 (default) finds a free one")
    parser.add_argument("--ready-file", type=Path, help="write the stack descriptor (JSON) here")
    parser.add_argument("--kas", action="append", default=[], metavar="NAME", help="a further KAS")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="break a rule")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME", help="vary the configuration"
    )
    parser.add_argument(
        "--state",
        type=Path,
        metavar="FILE",
        help="take up the state of an earlier start from here, and leave it here when asked to",
    )
    _add_issuer_arguments(parser)
    parser.add_argument(
        "--random-secrets",
        action="store_true",
        help="new client secrets and passwords instead of the documented ones",
    )
    parser.add_argument(
        "--golden-keys",
        action="store_true",
        help="publish the golden keys, which anybody has, to make golden documents with",
    )
    parser.add_argument(
        "--stop-with-stdin", action="store_true", help="stop when standard input ends"
    )
    return parser


def _add_issuer_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--issuer",
        metavar="URL",
        help="trust the tokens of this Keycloak realm, such as "
        "http://localhost:8888/auth/realms/opentdf, and be no identity provider",
    )
    parser.add_argument(
        "--issuer-credentials",
        type=Path,
        metavar="FILE",
        help="JSON of mode 0600 with client_id and client_secret, to look people up there",
    )
    parser.add_argument(
        "--issuer-ca",
        type=Path,
        metavar="FILE",
        help="PEM of the authorities to trust for it, instead of the public ones",
    )
    parser.add_argument(
        "--audience", default=AUDIENCE, help=f"what tokens must be for; {AUDIENCE} by default"
    )


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
