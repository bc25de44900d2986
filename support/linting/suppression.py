"""Comments that allow a finding: `# lint: allow RULE because …`, directly above it."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from support.foundation.text import did_you_mean
from support.linting.rules import RULES
from support.specs.finding import Finding

_MEANT = re.compile(r"\s*#\s*lint\s*:", re.IGNORECASE)
_FORM = re.compile(r"\s*#\s*lint: allow (?P<rule>\S+)(?P<reason> because \S.*)?\s*")
_HOW = "Write `# lint: allow RULE because …`."


@dataclass(frozen=True, slots=True)
class Allowance:
    """One valid comment, and the line of the finding that it speaks about."""

    rule: str
    line: int
    target: int
    column: int
    length: int


def apply(
    path: str,
    lines: Sequence[str],
    findings: Iterable[Finding],
    chosen: Collection[str],
    comment_lines: Iterable[int],
) -> Iterator[Finding]:
    """Yield the findings of one file that no comment allows, and those about the comments.

    Args:
        path: the file, as findings name it.
        lines: its lines.
        findings: what was found in it.
        chosen: the rules that were judged; a comment about another rule may be needed.
        comment_lines: the numbers of the lines that are comments.
    """
    comments = [n for n in comment_lines if _MEANT.match(lines[n - 1])]
    if not comments:
        yield from findings
        return
    allowances: dict[tuple[str, int], Allowance] = {}
    for number in comments:
        read = _read(path, number, lines)
        if isinstance(read, Finding):
            yield read
        else:
            allowances[read.rule, read.target] = read
    needed: set[tuple[str, int]] = set()
    for finding in findings:
        key = (finding.rule, finding.line)
        if key in allowances:
            needed.add(key)
        else:
            yield finding
    for key, unused in allowances.items():
        if key not in needed and unused.rule in chosen:
            message = f"nothing here breaks {unused.rule}. Remove the comment."
            place = (unused.line, unused.column, unused.length)
            yield Finding("suppression-unused", path, *place, message)


def _read(path: str, number: int, lines: Sequence[str]) -> Allowance | Finding:
    text = lines[number - 1]
    column = len(text) - len(text.lstrip()) + 1
    length = len(text.strip())
    match = _FORM.fullmatch(text)
    problem = _problem(match)
    if match is None or problem:
        return Finding("suppression-wrong", path, number, column, length, problem)
    return Allowance(match["rule"], number, _target(number, lines), column, length)


def _problem(match: re.Match[str] | None) -> str:
    if match is None:
        return f"the comment allows nothing as it stands. {_HOW}"
    rule = RULES.get(match["rule"])
    if rule is None:
        return f'"{match["rule"]}" is not a rule.{did_you_mean(match["rule"], RULES)} {_HOW}'
    if rule.refused:
        return f"{rule.id} cannot be allowed: runs refuse it too. Mend what it found."
    if not match["reason"]:
        return f"the reason is missing. {_HOW}"
    return ""


def _target(number: int, lines: Sequence[str]) -> int:
    """Return the first line below a comment that is none itself."""
    while number < len(lines) and lines[number].lstrip().startswith("#"):
        number += 1
    return number + 1
