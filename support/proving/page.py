"""docs/faults.md, written from the list of faults and the last proof that was kept."""

from collections.abc import Iterable

from support.proving.proof import Catch
from support.specs.faults import BrokenPromise, Place

NOT_CAUGHT = "**not caught**"

_HEADER = """\
# Which scenario catches which fault

A scenario that cannot fail proves nothing. Each fault below is one promise that is broken while it
is switched on, by the embedded platform or by a faulty SDK shim. `acceptance prove` switches on one
after the other, runs the scenarios of its requirement, and is red unless one of them fails. A unit
without a verdict (error) catches nothing.

```sh
acceptance prove                                              # all of them
acceptance prove --fault ignore-hierarchy                     # one
behave --define fault=ignore-hierarchy --tags @req:BR-013     # look at one
```

Faults are off unless they are named, and a run with one carries a watermark in its summary, its
evidence and its report. Written by `acceptance lint docs` from `features/faults.yaml`, and from
`docs/faults.json` for who caught them: the output of the last `acceptance prove --json` that was
kept.
"""

_WHERE = {Place.PLATFORM: "platform", Place.SHIM: "SDK shim"}


def render(faults: Iterable[BrokenPromise], catches: Iterable[Catch]) -> str:
    """Return the page as Markdown."""
    by_name = {catch.name: catch for catch in catches}
    rows = [_row(fault, by_name.get(fault.name)) for fault in faults]
    caught = sum(not row.endswith(f"{NOT_CAUGHT} |") for row in rows)
    lines = [
        _HEADER,
        f"{caught} of {len(rows)} faults are caught.",
        "",
        "| fault | what breaks | requirement | where | caught first by |",
        "| --- | --- | --- | --- | --- |",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _row(fault: BrokenPromise, catch: Catch | None) -> str:
    units = catch.caught_by if catch is not None else ()
    caught = " · ".join(_short(unit) for unit in units) or NOT_CAUGHT
    cells = (fault.name, fault.breaks, fault.requirement, _WHERE[fault.place], caught)
    return f"| {' | '.join(cells)} |"


def _short(unit: str) -> str:
    """Return a unit's id without the folder that all share and without its variant."""
    return unit.removeprefix("features/").partition("#")[0]
