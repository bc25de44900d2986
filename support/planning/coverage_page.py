"""docs/requirements.md: every requirement, what proves it, and what peers have beside it."""

from collections.abc import Iterable, Sequence

from support.planning.coverage import Coverage
from support.specs.peers import Peer, PeerCase

_HEADER = """\
# Requirements and what proves them

For product owners and release managers: what OpenTDF promises, why it matters, and which scenarios
prove it, beside what peers have. Written from `features/` by `acceptance requirements --write`; a
check compares it.

An *example* is a scenario or a row of an outline. How many units come of it depends on the SDKs
that are installed (`acceptance requirements --profile embedded`); how they ended on the embedded
and on the real platform stands in [parity.md](parity.md), and which faults they catch in
[faults.md](faults.md).
"""


def render(found: Sequence[Coverage], peers: Sequence[Peer]) -> str:
    """Return the page as Markdown."""
    lines = [_HEADER, "## All of them", ""]
    heads = (
        "requirement",
        "",
        "risk",
        "scenarios",
        "examples",
        *(peer.id for peer in peers),
        "gap",
    )
    lines += [_row(heads), _row("---" for _ in heads)]
    lines += [_row(_summary(entry, peers)) for entry in found]
    lines += ["", "## Peers", ""]
    lines += ["| peer | version | cases | proved by ours | not, with a reason |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for peer in peers:
        proved = sum(bool(case.proved_by) for case in peer.cases)
        cells = (peer.title, f"`{peer.version[:8]}`", len(peer.cases), proved)
        lines.append(_row((*cells, len(peer.cases) - proved)))
    lines += ["", "What no scenario of ours proves, and why:", ""]
    lines += ["| peer | case | why |", "| --- | --- | --- |"]
    lines += [
        _row((case.peer, case.name, case.reason))
        for peer in peers
        for case in peer.cases
        if case.reason
    ]
    for entry in found:
        lines += ["", *_details(entry)]
    return "\n".join(lines) + "\n"


def _summary(entry: Coverage, peers: Sequence[Peer]) -> Sequence[object]:
    counts = [sum(case.peer == peer.id for case in entry.peers) or "" for peer in peers]
    requirement = entry.requirement
    link = f"[{requirement.id}](#{requirement.id.lower()})"
    cells = (link, requirement.title, requirement.risk, entry.count or "", entry.examples or "")
    return (*cells, *counts, entry.gap)


def _details(entry: Coverage) -> list[str]:
    requirement = entry.requirement
    lines = [
        f"### {requirement.id}",
        "",
        f"**{requirement.title}** ({requirement.risk} risk, {requirement.owner})",
        "",
        requirement.statement,
        "",
        f"*Why*: {requirement.rationale} *Source*: {requirement.source}.",
    ]
    if entry.scenarios:
        lines += ["", "| feature | scenarios |", "| --- | --- |"]
        lines += [
            _row((f"[{path.removeprefix('features/')}](../{path})", len(names)))
            for path, names in entry.scenarios.items()
        ]
    if entry.peers:
        lines += ["", "| peers | ours |", "| --- | --- |"]
        lines += [_row((f"{case.peer}: {case.name}", _ours(case))) for case in entry.peers]
    return lines


def _ours(case: PeerCase) -> str:
    return " · ".join(case.proved_by) or f"none: {case.reason}"


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
