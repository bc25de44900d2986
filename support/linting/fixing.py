"""Mending what can be mended without changing what a feature means."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.foundation.files import write_atomically
from support.linting.feature_linter import FeatureLinter
from support.linting.project import Project
from support.specs.finding import Edit

# Each round leaves a tag fewer or a tag known; nobody's file needs more.
ROUNDS = 50

_LINE = re.compile(r"(?P<text>[^\r\n]*)(?P<end>\r\n|\n|\r|$)")


@dataclass(frozen=True, slots=True)
class Mended:
    """A file before and after."""

    path: Path
    shown: str
    before: str
    after: str

    def diff(self) -> str:
        """Return the change as a unified diff."""
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(
                self.before.splitlines(keepends=True),
                self.after.splitlines(keepends=True),
                f"a/{self.shown}",
                f"b/{self.shown}",
            )
        )

    def write(self) -> None:
        """Put the text in the place of the old one; mode and links stay."""
        target = self.path.resolve()
        mode = target.stat().st_mode
        write_atomically(target, self.after)
        target.chmod(mode)


def mended(paths: Sequence[Path], project: Project, chosen: Sequence[str]) -> Iterator[Mended]:
    """Yield the feature files that the fixes of the chosen rules would change."""
    linter = FeatureLinter(project, chosen)
    for path in paths:
        try:
            before = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # told when it is linted
        shown = project.shown(path)
        after = mended_text(shown, before, linter, chosen)
        if after != before:
            yield Mended(path, shown, before, after)


def mended_text(path: str, text: str, linter: FeatureLinter, chosen: Sequence[str]) -> str:
    """Return a feature's text after all fixes of the chosen rules; line ends stay as they are."""
    for _ in range(ROUNDS):
        unified = text.replace("\r\n", "\n").replace("\r", "\n")
        found = linter.findings(path, unified)
        edits = [f.fix for f in found if f.fix is not None and f.rule in chosen]
        if not edits:
            break
        text = applied(text, edits)
    return text


def applied(text: str, edits: Sequence[Edit]) -> str:
    """Return a text with the edits made; of two that overlap, only the first one in the text.

    A line that an edit leaves blank goes away as a whole.
    """
    by_line: dict[int, list[Edit]] = {}
    for edit in edits:
        by_line.setdefault(edit.line, []).append(edit)
    result: list[str] = []
    for number, match in enumerate(_LINE.finditer(text), start=1):
        line = match["text"]
        if number in by_line:
            line = _edited(line, by_line[number])
            if not line.strip():
                continue
        result.append(line + match["end"])
    return "".join(result)


def _edited(line: str, edits: Sequence[Edit]) -> str:
    parts: list[str] = []
    position = 0
    for edit in sorted(set(edits), key=lambda e: (e.column, e.length)):
        start = edit.column - 1
        if start < position:
            continue
        parts += [line[position:start], edit.text]
        position = start + edit.length
    return "".join((*parts, line[position:]))
