"""docs/lint-rules.md, written from the rules themselves."""

from support.linting.rules import ARTIFACTS, GROUPS, Rule

_HEADER = """\
# Rules of the linter

For authors of scenarios and profiles: what `acceptance lint tags` says, and why. Written from
`support/linting/rules.py` by `acceptance lint docs`.

An error fails the lint, a warning only with `--strict`. *Fixable*: `--fix` mends findings that have
one certain answer (`--fix --dry-run` shows the change). A finding can be allowed by a comment
directly above it that gives the reason; not a *refused* one: a run is red for it too.

```gherkin
# lint: allow technical-text because the address is what this scenario is about
```
"""

_ARTIFACTS = """\
## Artifacts of a run

`acceptance lint artifacts RUN` judges what a run left (`--format text|json|sarif`, `--junit FOLDER`
with its JUnit reports, `--rule ID`). No comment can allow what it finds.

| rule | what it asks for | why |
| --- | --- | --- |"""


def render() -> str:
    """Return the page as Markdown."""
    lines = [_HEADER]
    for title, rules in GROUPS.items():
        lines += [f"## {title}", "", "| rule | what it asks for | why |", "| --- | --- | --- |"]
        lines += [_row(rule) for rule in rules]
        lines.append("")
    lines += [_ARTIFACTS, *(_row(rule) for rule in ARTIFACTS), ""]
    return "\n".join(lines)


def _row(rule: Rule) -> str:
    marks = [
        str(rule.severity),
        "refused" if rule.refused else "",
        "fixable" if rule.fixable else "",
    ]
    asks = f"{rule.title} ({', '.join(filter(None, marks))})"
    cells = (f"`{rule.id}`", asks, rule.rationale)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
