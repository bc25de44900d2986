"""Writes docs/steps.md: every phrase that a scenario may use, from the step modules themselves.

`python -m tools.steps_catalogue` writes it; with `--check` it says whether it is up to date.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from support.foundation.settings import ROOT
from support.specs import reader
from support.specs.phrases import Phrase, Use, phrases, uses

HEADER = """\
# Steps

For authors of scenarios: every phrase, what it does, one example and where it is used. Words in
braces are yours to choose. Generated from `steps/` by `python -m tools.steps_catalogue`.
"""


def render(used: dict[Phrase, list[Use]]) -> str:
    """Return the catalogue as Markdown."""
    lines = [HEADER]
    titles = {phrase.module: phrase.module_title for phrase in used}
    for module, title in titles.items():
        lines += [f"## {title.rstrip('.')}", "", f"`steps/{module}.py`", ""]
        lines += ["| phrase | what it does | example | used in |", "| --- | --- | --- | --- |"]
        lines += [_row(phrase, found) for phrase, found in used.items() if phrase.module == module]
        lines.append("")
    return "\n".join(lines)


def _row(phrase: Phrase, found: Sequence[Use]) -> str:
    keyword = phrase.keyword.capitalize()
    example = f"{keyword} {found[0].text}" if found else "(not used)"
    features = sorted({use.spec.feature_path.removeprefix("features/") for use in found})
    cells = (f"**{keyword}** {phrase.pattern}", phrase.meaning, example, ", ".join(features))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def catalogue(root: Path) -> str:
    """Return the catalogue of a project's steps and features."""
    specs = [
        spec
        for path in sorted((root / "features").rglob("*.feature"))
        for spec in reader.specs_of(
            reader.parse(path.relative_to(root).as_posix(), reader.read_text(path))
        )
    ]
    return render(uses(specs, phrases(root / "steps")))


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write or check docs/steps.md, and return the exit code: 1 when a check finds it stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.steps_catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    wants_check = parser.parse_args(arguments).check
    target = root / "docs" / "steps.md"
    text = catalogue(root)
    if not wants_check:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(
        f"{target} does not tell what steps/ and features/ hold now. Run "
        "`python -m tools.steps_catalogue` and commit the result.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
