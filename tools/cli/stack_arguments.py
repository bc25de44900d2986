"""The arguments of `acceptance stack`."""

import argparse

_EXAMPLES = """\
examples:
  acceptance stack up                          the embedded platform, in about a second
  acceptance stack up processes                Keycloak, PostgreSQL, your platform binary, six KAS
  acceptance stack up keycloak --name blue     a second one beside it, by another name
  acceptance stack up processes --option ec-wrapping --name ec
  acceptance stack status                      what is up, and what is wrong with it
  acceptance stack logs processes keycloak     the log of one component
  acceptance stack env --shell                 every value with its origin, for a shell
  acceptance stack adopt https://platform.example.org
  acceptance stack down                        end everything that was started

A run uses the stack of its profile that is up, else it starts its own; its header says which.
exit code: 0 done, 1 something is not up or did not come up, 2 wrong use
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the actions of the command."""
    parser.set_defaults(module="stack")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_up(actions.add_parser("up", help="start it, or what is missing of it"))
    down = actions.add_parser("down", help="end it, and remove what it left", epilog="stack down")
    down.add_argument("name", nargs="?", metavar="STACK", help="default: all that was started")
    status = actions.add_parser("status", help="say what is up, where, and what is wrong with it")
    logs = actions.add_parser("logs", help="show the logs", epilog="stack logs processes keycloak")
    logs.add_argument("name", nargs="?", metavar="STACK", help="default: the one that is up")
    logs.add_argument("component", nargs="?", help="default: all of them")
    logs.add_argument("--lines", "-n", type=_count, default=40, metavar="N", help="default: 40")
    restart = actions.add_parser(
        "restart",
        help="end and start components again, on the same ports and data",
        epilog="stack restart processes keycloak",
    )
    restart.add_argument("name", nargs="?", metavar="STACK", help="default: the one that is up")
    restart.add_argument("components", nargs="*", metavar="COMPONENT", help="default: all of them")
    shown = actions.add_parser("env", help="print every value with its origin, secrets masked")
    shown.add_argument("name", nargs="?", metavar="STACK", help="default: the one that is up")
    machine = shown.add_mutually_exclusive_group()
    machine.add_argument("--shell", action="store_true", help="print it for a shell to read")
    machine.add_argument("--json", action="store_true", help="print JSON, without secrets")
    adopt = actions.add_parser(
        "adopt",
        help="take note of a platform that runs elsewhere, after asking it who it is",
        epilog="credentials come from the environment, files or a vault; see docs/services.md",
    )
    adopt.add_argument("url", metavar="URL", help="address of the platform")
    adopt.add_argument("--name", default="remote", help="what to call it; default: remote")
    for action in (status, restart, adopt):
        action.add_argument("--json", action="store_true", help="print JSON, without secrets")


def _add_up(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "stack",
        nargs="?",
        default="embedded",
        help="embedded (default), keycloak, processes or compose",
    )
    parser.add_argument("--name", help="what to call it; default: as the stack")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME", help="a variant of it (repeat)"
    )
    parser.add_argument("--port", type=_port, default=0, help="of the platform; 0: a free one")
    parser.add_argument("--json", action="store_true", help="print JSON, without secrets")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of lines from 1')
    return int(text)


def _port(text: str) -> int:
    highest = 65535
    if not text.isascii() or not text.isdigit() or int(text) > highest:
        raise argparse.ArgumentTypeError(f'"{text}" is no port: expected 0 to {highest}')
    return int(text)
