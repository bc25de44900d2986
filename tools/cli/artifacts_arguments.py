"""The arguments of `acceptance artifacts`."""

import argparse

_EXAMPLES = """\
examples:
  acceptance artifacts list                        every run, and until when it is kept
  acceptance artifacts show RUN                    the files of a run, by the names evidence has
  acceptance artifacts cat RUN BR-001/…-audit.jsonl
  acceptance artifacts unpack RUN FOLDER           every file, plain
  acceptance artifacts label RUN release-1         keep it for ever; --remove lets it go
  acceptance artifacts gc --dry-run                what would go, and why

RUN is the id of a run in the artifact folder, or the path of its folder.
exit code: 0 done, 1 something failed, 2 wrong use
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `acceptance artifacts`."""
    parser.set_defaults(module="artifacts")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="runs, how large they are and until when they stay")
    show = actions.add_parser("show", help="the files of a run")
    cat = actions.add_parser("cat", help="write the plain content of a file of a run")
    unpack = actions.add_parser("unpack", help="write every file of a run plain into a folder")
    label = actions.add_parser("label", help="keep a run for ever, under a name")
    for action in (show, cat, unpack, label):
        action.add_argument("run", metavar="RUN", help="its id, or the path of its folder")
    cat.add_argument("path", metavar="PATH", help="as evidence and `show` name it")
    unpack.add_argument("folder", metavar="FOLDER", help="that does not exist yet")
    label.add_argument("label", metavar="NAME", help="such as release-1")
    label.add_argument("--remove", action="store_true", help="take the label away")
    collect = actions.add_parser("gc", help="remove runs whose time is over, pack cold ones")
    collect.add_argument("--dry-run", action="store_true", help="only say what would be done")
    for action in (listed, show, collect):
        action.add_argument("--json", action="store_true", help="print JSON")
