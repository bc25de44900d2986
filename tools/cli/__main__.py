"""The `acceptance` command: `acceptance --help` lists what it can do.

Command modules are imported when they are called, so that `--help` answers at once.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from support.foundation.errors import AcceptanceError, ConfigurationError
from support.foundation.interrupts import terminated_like_interrupted
from tools.cli import artifacts_arguments, evidence_arguments, stack_arguments
from tools.cli.exit_codes import EXIT_GREEN, EXIT_INTERRUPTED, EXIT_RED, EXIT_WRONG_USE

_EXAMPLES = """\
examples:
  behave --define profile=embedded       run the specs (this is behave's own command)
  acceptance sdk list                    what is installed and what it can do
  acceptance sdk install rust            build the shim of one more SDK
  acceptance stack up processes          real services, kept up between runs
  acceptance profile show smoke          what a profile says, and where it says so
  acceptance report                      render the last run as HTML
  acceptance lint tags                   check the features before anything runs
  acceptance discover --profile smoke    which scenarios in which variants, and why
  acceptance prove --requirement BR-013  whether scenarios notice when a promise is broken
  acceptance parity --right platform     what differs between two stacks
  acceptance artifacts list              which runs are kept, and how long
  acceptance requirements                what is proved of each requirement, and what is not
  acceptance evidence verify RUN         was anything of a run altered or left out?
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit code."""
    options = _parser().parse_args(arguments)
    module = importlib.import_module(f"tools.cli.{options.module}")
    try:
        with terminated_like_interrupted():
            code: int = module.run(options)
    except ConfigurationError as error:
        sys.stderr.write(f"{_shown(error)}\n")
        return EXIT_WRONG_USE
    except AcceptanceError as error:
        sys.stderr.write(f"{_shown(error)}\n")
        return EXIT_RED
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return EXIT_GREEN
    return code


def _shown(error: AcceptanceError) -> str:
    """Return an error's message without secrets; only errors wait for what that needs."""
    redacting = importlib.import_module("support.services.redacting")
    return str(redacting.shown(str(error)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="acceptance",
        description="OpenTDF Acceptance: executable specs for the platform and its SDKs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_sdk(groups.add_parser("sdk", help="list, build and install SDKs"))
    stack_arguments.add(groups.add_parser("stack", help="start, adopt, watch and end stacks"))
    _add_profile(groups.add_parser("profile", help="show, check, compare and make profiles"))
    _add_report(groups.add_parser("report", help="render a run as HTML, or tell what it cost"))
    _add_lint(groups.add_parser("lint", help="find what is wrong with features and profiles"))
    _add_discover(groups.add_parser("discover", help="plan: which scenarios in which variants"))
    _add_prove(groups.add_parser("prove", help="switch faults on; does a scenario notice?"))
    _add_requirements(groups.add_parser("requirements", help="what is proved of each, and gaps"))
    _add_can_i_ship(groups.add_parser("can-i-ship", help="may a version ship, by what was run?"))
    evidence_arguments.add(groups.add_parser("evidence", help="verify and read what runs left"))
    artifacts_arguments.add(groups.add_parser("artifacts", help="read, keep and clear up runs"))
    _add_parity(groups.add_parser("parity", help="run the same units on two stacks and compare"))
    return parser


def _add_sdk(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="sdk")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    shown = actions.add_parser("list", help="show language, version, origin and capabilities")
    shown.add_argument("--json", action="store_true", help="print JSON instead of a table")
    install = actions.add_parser(
        "install",
        help="build the bundled shims",
        epilog="example: acceptance sdk install go python",
    )
    install.add_argument(
        "languages",
        nargs="*",
        metavar="LANGUAGE",
        help="go, python, rust, or an earlier version such as go@v0.31.0, which comes to "
        "build/sdk-versions; without one, every shim that builds in under a minute",
    )


def _add_profile(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="profile")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="one line for each", epilog="example: profile list")
    show = actions.add_parser(
        "show",
        help="every effective value with its origin, and what it plans here",
        epilog="example: acceptance profile show smoke --define strategy=exhaustive",
    )
    show.add_argument("profile", metavar="ID|PATH", help="a profile's id, or its folder")
    check = actions.add_parser(
        "check",
        help="whether profiles load, and advice on them",
        epilog="example: acceptance profile check --all. Exit code: 0 sound or warnings only, "
        "1 errors, 2 wrong use",
    )
    check.add_argument("profiles", nargs="*", metavar="ID|PATH", help="default: all")
    check.add_argument("--all", action="store_true", help="every profile of profiles/")
    diff = actions.add_parser(
        "diff",
        help="values that differ, and units added and removed",
        epilog="example: acceptance profile diff cross-sdk-basic cross-sdk-exhaustive",
    )
    diff.add_argument("left", metavar="ID|PATH")
    diff.add_argument("right", metavar="ID|PATH")
    for action in (show, diff):
        action.add_argument(
            "--define", "-D", action="append", default=[], metavar="NAME=VALUE", help="as of behave"
        )
    for action in (listed, show, check, diff):
        action.add_argument("--json", action="store_true", help="print JSON")
    new = actions.add_parser(
        "new",
        help="ask a few questions and write a profile",
        epilog="example: acceptance profile new nightly --extends embedded",
    )
    new.add_argument("profile", metavar="ID", help="names its folder, such as cross-sdk-basic")
    new.add_argument("--extends", metavar="ID", help="a base, or none; asked for otherwise")
    new.add_argument("--yes", action="store_true", help="take every default, ask nothing")


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="report")
    parser.add_argument(
        "--run", metavar="FOLDER", help="run folder, such as artifacts/20261123T…; default: last"
    )
    parser.add_argument(
        "--output", metavar="FOLDER", help="folder to write; default: build/allure-report"
    )
    parser.add_argument(
        "--costs", action="store_true", help="print where the time went and the slowest units"
    )
    parser.add_argument("--json", action="store_true", help="with --costs: print JSON, every unit")


def _add_lint(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="lint")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    tags = actions.add_parser(
        "tags",
        help="check tags, Gherkin habits and profiles by the rules of docs/lint-rules.md",
        epilog="exit code: 0 clean or warnings only, 1 findings, 2 wrong use",
    )
    tags.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="feature file, profile folder, or folder of some; default: features/ and profiles/",
    )
    tags.add_argument(
        "--rule", action="append", default=[], metavar="ID", help="judge this rule only (repeat)"
    )
    shown = tags.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print JSON")
    shown.add_argument("--github", action="store_true", help="print annotations for GitHub Actions")
    shown.add_argument("--list-rules", action="store_true", help="print the rules and stop")
    tags.add_argument("--sarif", metavar="FILE", help="write SARIF 2.1.0 as well")
    tags.add_argument("--strict", action="store_true", help="warnings fail, too")
    tags.add_argument("--fix", action="store_true", help="mend what is safe to mend first")
    tags.add_argument("--dry-run", action="store_true", help="with --fix: print the change only")
    artifacts = actions.add_parser(
        "artifacts",
        help="check what a run left: records, files, reports, secrets, attestation",
        epilog="example: acceptance lint artifacts artifacts/RUN --format sarif > artifacts.sarif. "
        "Exit code: 0 nothing found, 1 findings, 2 wrong use",
    )
    artifacts.add_argument("run", metavar="RUN", help="a run's folder, or its id")
    artifacts.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="default: text"
    )
    artifacts.add_argument(
        "--junit", metavar="FOLDER", help="JUnit reports of this run, to compare"
    )
    artifacts.add_argument(
        "--rule", action="append", default=[], metavar="ID", help="judge this rule only (repeat)"
    )
    docs = actions.add_parser("docs", help="write docs/lint-rules.md and docs/faults.md")
    docs.add_argument("--check", action="store_true", help="write nothing, only compare")
    for action in (tags, docs):
        action.add_argument("--root", metavar="FOLDER", help="another project's folder")


_REQUIREMENTS_EXAMPLES = """\
examples:
  acceptance requirements                     scenarios and peers' cases of every requirement
  acceptance requirements --profile embedded  with the units that this machine can run
  acceptance requirements --write             write docs/requirements.md

exit code: 0 told, 1 features/peers.yaml or docs/requirements.md is not up to date, 2 wrong use
"""


def _add_requirements(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="requirements")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _REQUIREMENTS_EXAMPLES
    parser.add_argument("--profile", metavar="ID", help="count the units that it plans here")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print JSON instead of a table")
    shown.add_argument("--write", action="store_true", help="write docs/requirements.md")
    shown.add_argument("--check", action="store_true", help="write nothing, only compare")


_PARITY_EXAMPLES = """\
examples:
  acceptance parity --left embedded --right platform
  acceptance parity --right platform features/authorization --json
  acceptance parity --left-run artifacts/RUN --right platform --right-run artifacts/RUN

exit code: 0 what differs is accepted by docs/parity.md, 1 something else differs, 2 wrong use
"""


def _add_parity(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="parity")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _PARITY_EXAMPLES
    parser.add_argument("paths", nargs="*", metavar="PATH", help="features to run; default: all")
    parser.add_argument("--left", default="embedded", metavar="PROFILE", help="default: embedded")
    parser.add_argument("--right", default="platform", metavar="PROFILE", help="default: platform")
    parser.add_argument(
        "--tags", action="append", default=[], metavar="EXPRESSION", help="as behave takes it"
    )
    parser.add_argument("--left-run", metavar="FOLDER", help="compare this run, and run nothing")
    parser.add_argument("--right-run", metavar="FOLDER", help="likewise, of the right side")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the evidence of both runs there")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


_CAN_I_SHIP_EXAMPLES = """\
examples:
  acceptance can-i-ship --sdk go --version v0.36.0
  acceptance can-i-ship --platform "processes 0.25.0" --json
  acceptance can-i-ship --run artifacts/RUN --write     write docs/versions.md anew

exit code: 0 yes, 1 no or unknown, 2 wrong use, or nothing is recorded of it
"""


def _add_can_i_ship(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="can_i_ship")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _CAN_I_SHIP_EXAMPLES
    parser.add_argument("--sdk", metavar="LANGUAGE", help="default: all")
    parser.add_argument("--version", metavar="VERSION", help="default: every one that was run")
    parser.add_argument("--platform", metavar="TEXT", help="whose name and version begin so")
    parser.add_argument(
        "--run",
        action="append",
        default=[],
        metavar="FOLDER",
        help="judge by this run (repeat); default: what docs/versions.json keeps",
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print JSON instead of a table")
    shown.add_argument("--write", action="store_true", help="write docs/versions.md and its data")
    shown.add_argument("--check", action="store_true", help="write nothing, only compare")


_DISCOVER_EXAMPLES = """\
examples:
  acceptance discover --profile smoke
  acceptance discover --profile embedded --changed-since origin/main --output plan.json
  acceptance discover --profile embedded --matrix 8 --output plan.json
  behave --define plan=plan.json --define shard=3/8

exit code: 0 planned, 1 nothing to run or wrong features, 2 wrong use
"""


def _add_discover(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="discover")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _DISCOVER_EXAMPLES
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="feature file or folder; default: features/"
    )
    parser.add_argument("--profile", metavar="ID", help="what to prove; default: embedded")
    parser.add_argument(
        "--define",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting, as behave takes it (repeat)",
    )
    _add_discover_selection(parser.add_argument_group("which scenarios"))
    _add_discover_output(parser.add_argument_group("what comes out"))


def _add_discover_selection(group: argparse._ArgumentGroup) -> None:
    def several(name: str, metavar: str, meaning: str) -> None:
        group.add_argument(name, action="append", default=[], metavar=metavar, help=meaning)

    several("--tags", "EXPRESSION", "by their tags, as behave's --tags (repeat: all of them)")
    several("--requirement", "BR-nnn", "of a requirement (repeat: one of them)")
    several("--risk", "RISK", "of a risk: high, medium or low (repeat: one of them)")
    several("--name", "REGEX", "by their name (repeat: one of them)")
    several("--capability", "DIM=VALUE", "in variants with a value, * for any text (repeat: all)")
    group.add_argument("--smoke", action="store_true", help="tagged @smoke")
    group.add_argument(
        "--changed-since", metavar="REF", help="which a change since a commit can affect"
    )
    group.add_argument("--product", metavar="NAME", help="with it: an outside product's change")
    group.add_argument("--repository", metavar="PATH", help="with it: the product's clone")
    group.add_argument("--last-failed", action="store_true", help="that were red last (or changed)")


def _add_discover_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--output", metavar="FILE", help="write the plan: plan.json")
    shown = group.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print the plan, and nothing else")
    shown.add_argument(
        "--matrix", type=_positive, metavar="N", help="split into N shards; print a CI matrix"
    )
    group.add_argument("--left-out", action="store_true", help="list what is not in, and why")
    machine = group.add_mutually_exclusive_group()
    machine.add_argument(
        "--inventory", metavar="FILE", help="plan for the machine that this file tells of"
    )
    machine.add_argument("--write-inventory", metavar="FILE", help="write what is installed here")
    group.add_argument("--no-cache", action="store_true", help="plan every feature file anew")


_PROVE_EXAMPLES = """\
examples:
  acceptance prove                                  every fault: about ten minutes on two cores
  acceptance prove --fault ignore-hierarchy         one
  acceptance prove --requirement BR-013 --jobs 1    those of a requirement, one at a time
  acceptance prove --json > docs/faults.json        keep who caught what, for docs/faults.md

exit code: 0 every fault is caught, 1 one is not, or the run without a fault is red, 2 wrong use
"""


def _add_prove(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(module="prove")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _PROVE_EXAMPLES
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help="this (repeat)"
    )
    parser.add_argument(
        "--requirement", action="append", default=[], metavar="BR-nnn", help="of this (repeat)"
    )
    parser.add_argument("--jobs", type=_positive, default=2, metavar="N", help="at a time; 2")
    parser.add_argument("--json", action="store_true", help="print JSON, and progress on stderr")
    parser.add_argument("--profile", default="embedded", metavar="ID", help="default: embedded")
    parser.add_argument(
        "--define", action="append", default=[], metavar="NAME=VALUE", help="as of behave (repeat)"
    )


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number from 1')
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
