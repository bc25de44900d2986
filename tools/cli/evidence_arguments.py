"""The arguments of `acceptance evidence`."""

import argparse

_EXAMPLES = """\
examples:
  acceptance evidence verify artifacts/<run>               was anything altered or left out?
  acceptance evidence verify artifacts/<run> --key key.pem and was it signed by whom I trust?
  acceptance evidence show artifacts/<run> --unit round_trip
  acceptance evidence diff artifacts/<run> artifacts/<other run>
  acceptance evidence open artifacts/<run> BR-001/embedded/…-output.txt
  acceptance evidence recover artifacts/<run>              make one whole that was cut short

exit code: 0 nothing is wrong or differs, 1 something is, 2 wrong use
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add what `acceptance evidence` takes."""
    parser.set_defaults(module="evidence")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    verify = actions.add_parser(
        "verify",
        help="check signature, completeness and every digest, offline",
        epilog="example: acceptance evidence verify artifacts/<run> --key key.pem",
    )
    _run(verify)
    verify.add_argument("--key", metavar="PEM", help="the public key that has to have signed it")
    verify.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    show = actions.add_parser(
        "show",
        help="a run, or units of it, to read",
        epilog="example: acceptance evidence show artifacts/<run> --unit round_trip",
    )
    _run(show)
    show.add_argument("--unit", metavar="TEXT", help="units whose id contains this, in full")
    diff = actions.add_parser(
        "diff",
        help="what differs between two runs, beyond times, ports and ciphertext",
        epilog="example: acceptance evidence diff artifacts/<run> artifacts/<other run>",
    )
    _run(diff)
    diff.add_argument("other", metavar="OTHER", help="the other run's folder")
    opened = actions.add_parser(
        "open",
        help="print a file of a run, or keep it elsewhere",
        epilog="example: acceptance evidence open artifacts/<run> BR-001/…-page.png --to page.png",
    )
    _run(opened)
    opened.add_argument("file", metavar="FILE", help="as evidence names it, or the end of that")
    opened.add_argument("--to", metavar="PATH", help="write it to this file")
    _run(
        actions.add_parser(
            "recover",
            help="make the evidence of a run whole whose process is gone, and seal it",
            epilog="example: acceptance evidence recover artifacts/<run>",
        )
    )


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the run's folder, artifacts/<run>")
