"""What `acceptance discover` tells people of a plan."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from support.foundation.text import listed
from support.planning.discovery import Discovery
from support.planning.estimates import told
from support.planning.fragments import DISPOSITIONS, Count

_LABEL_WIDTH = 10
_REASONS_TOLD = 5
_WORDS = {"run": "to run", "error": "error", "skip": "skip", "not_applicable": "not applicable"}


def line(label: str, text: str) -> str:
    """Return a line with a label, as the header of a run has them."""
    return f"{label:<{_LABEL_WIDTH}} {text}"


def overview(discovery: Discovery, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that say how much is planned, for which requirements, and what to know.

    Args:
        discovery: the plan.
        titles: title of each requirement by its id.
    """
    total = discovery.total
    yield line("units", f"{total.all_units} of {total.scenarios} scenarios: {_units(total)}")
    yield line("left out", f"{_scenarios(left_out_count(discovery))} (--left-out lists them)")
    yield line("estimate", _estimate(discovery))
    if discovery.requirements:
        yield ""
        yield from _table(discovery, titles)
        yield ""
    for requirement, reasons in discovery.touched.items():
        yield line("touched", f"{requirement}: {_few(reasons)}")
    for note in discovery.notes:
        yield line("note", note)


def left_out(discovery: Discovery) -> Iterator[str]:
    """Yield a line for each scenario that is left out."""
    for record in discovery.left_out():
        place = f"{record['feature']}:{record['line']}"
        yield line("left out", f"{place} {record['name']}: {record['reason']}")


def left_out_count(discovery: Discovery) -> int:
    """Return how many scenarios are left out."""
    return sum(fragment.left_out_specs for fragment in discovery.fragments)


def why_nothing(discovery: Discovery) -> str:
    """Return why a plan has nothing to run."""
    reasons = Counter(record["reason"] for record in discovery.left_out())
    units = discovery.total.units
    parts = [f"{_scenarios(number)} left out: {why}" for why, number in reasons.most_common()]
    parts += [f"{units[name]} {_WORDS[name]}" for name in DISPOSITIONS if units.get(name)]
    return _few(parts, "; ")


def _units(count: Count) -> str:
    return listed(
        f"{count.units[name]} {_WORDS[name]}" for name in DISPOSITIONS if name in count.units
    )


def _scenarios(number: int) -> str:
    return f"{number} scenario{'' if number == 1 else 's'}"


def _estimate(discovery: Discovery) -> str:
    total = discovery.total
    text = f"{told(discovery.seconds(total))}, one unit after another"
    if not total.unmeasured:
        return f"{text}, by history"
    return f"{text}; {total.unmeasured} never ran before, taken as {told(discovery.usual_seconds)}"


def _table(discovery: Discovery, titles: Mapping[str, str]) -> Iterator[str]:
    heading = ("requirement", "", "scenarios", *_WORDS.values(), "estimate")
    rows = [
        (
            name,
            titles.get(name, ""),
            str(count.scenarios),
            *(str(count.units.get(disposition, "")) for disposition in DISPOSITIONS),
            told(discovery.seconds(count)),
        )
        for name, count in discovery.requirements.items()
    ]
    yield from _aligned([heading, *rows])


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines: the first two columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            f"{cell:<{width}}" if index < 2 else f"{cell:>{width}}"  # noqa: PLR2004 -- see above
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _few(texts: Iterable[str], between: str = ", ") -> str:
    every = list(texts)
    more = f"{between}and {len(every) - _REASONS_TOLD} more" if len(every) > _REASONS_TOLD else ""
    return between.join(every[:_REASONS_TOLD]) + more
