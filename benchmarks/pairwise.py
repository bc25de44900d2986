"""Pairwise covers: rows, time and missed pairs beside other generators on the same models.

    python benchmarks/pairwise.py [--constraints 50] [--seeds 1] [--without NAME] [--pict FILE]

Other generators are measured where they can be imported; they are no dependencies. For example:

    .venv/bin/uv pip install --target build/peers allpairspy covertable
    PYTHONPATH=build/peers .venv/bin/python benchmarks/pairwise.py

PICT (github.com/microsoft/pict) is measured where `--pict` names its program. Covers are checked by
`support.profiles.cover_check`, which shares no code with our generator. Times are ratios to
allpairspy's on the same model in the same run; seconds where allpairspy has none. What is not done
in `--limit` seconds is stopped.
"""

import argparse
import importlib
import importlib.util
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TypeAlias

from support.foundation import process
from support.foundation.settings import build_environment
from support.profiles.cover_check import check
from support.profiles.pairwise import Forbidden, cover

MODELS: dict[str, tuple[int, ...]] = {
    "3^4": (3,) * 4,
    "3^13": (3,) * 13,
    "4^15 3^17 2^29": (4,) * 15 + (3,) * 17 + (2,) * 29,
    "4^1 3^39 2^35": (4,) + (3,) * 39 + (2,) * 35,
    "2^100": (2,) * 100,
    "10^20": (10,) * 20,
}
SMALLEST_SHARE_LEFT = 4  # of a small model's pairs, at most one in so many is forbidden
TIME_LIMIT_SECONDS = 1800.0
Rows: TypeAlias = Sequence[Sequence[int]]
Generator: TypeAlias = Callable[[Sequence[int], Sequence[Forbidden]], Rows]


def main() -> int:
    """Print one table row for each model, without and with constraints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--constraints", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=1, help="sets of constraints for each model")
    parser.add_argument("--without", action="append", default=[], help="a generator to leave out")
    parser.add_argument("--pict", type=Path, help="the program pict")
    parser.add_argument("--limit", type=float, default=100.0, help="seconds for one cover")
    options = parser.parse_args()
    generators = {n: g for n, g in _generators(options.pict).items() if n not in options.without}
    print(f"| model | constraints | legal pairs | {' | '.join(generators)} |")
    print(f"| --- | --- | --- |{' --- |' * len(generators)}")
    complete = True
    for name, sizes in MODELS.items():
        complete &= _compare(name, sizes, (), generators, options.limit)
        for seed in range(1, options.seeds + 1):
            forbidden = random_pairs(sizes, options.constraints, seed)
            complete &= _compare(name, sizes, forbidden, generators, options.limit)
    return 0 if complete else 1


def random_pairs(sizes: Sequence[int], count: int, seed: int) -> tuple[Forbidden, ...]:
    """Return different forbidden pairs of values; fewer for a model with few pairs."""
    random = Random(seed)  # noqa: S311  # a model, not a secret
    pairs = sum(a * b for i, a in enumerate(sizes) for b in sizes[:i])
    result: dict[Forbidden, None] = {}
    while len(result) < min(count, pairs // SMALLEST_SHARE_LEFT):
        first, second = sorted(random.sample(range(len(sizes)), 2))
        one, other = random.randrange(sizes[first]), random.randrange(sizes[second])
        result[(first, frozenset({one})), (second, frozenset({other}))] = None
    return tuple(result)


def _compare(
    name: str,
    sizes: Sequence[int],
    forbidden: Sequence[Forbidden],
    generators: dict[str, Generator],
    limit: float,
) -> bool:
    cells: list[str] = []
    reference = 0.0
    ours_complete = True
    legal = 0
    for generator, make in generators.items():
        answer = _timed(make, sizes, forbidden, limit)
        if answer is None:
            cells.append(f"not in {limit:.0f} s")
            continue
        rows, seconds = answer
        if generator == "allpairspy":
            reference = seconds
        report = check(sizes, forbidden, rows)
        legal = len(report.legal_pairs)
        spent = f"{seconds / reference:.2f}" if reference else f"{seconds:.2f} s"
        missed = f", missed {len(report.uncovered_pairs)}" if report.uncovered_pairs else ""
        illegal = f", illegal {len(report.illegal_rows)}" if report.illegal_rows else ""
        cells.append(f"{len(rows)} ({spent}{missed}{illegal})")
        ours_complete &= report.is_complete or generator != "ours"
    print(f"| {name} | {len(forbidden)} | {legal} | {' | '.join(cells)} |", flush=True)
    return ours_complete


def _timed(
    make: Generator, sizes: Sequence[int], forbidden: Sequence[Forbidden], limit: float
) -> tuple[Rows, float] | None:
    """Generate in a process of its own, so that it can be stopped; None if it had to be."""
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def generate() -> None:
        begun = time.perf_counter()
        rows = make(sizes, forbidden)
        sender.send((rows, time.perf_counter() - begun))

    child = multiprocessing.get_context("fork").Process(target=generate)
    child.start()
    answer: tuple[Rows, float] | None = receiver.recv() if receiver.poll(limit) else None
    child.terminate()
    child.join()
    return answer


def _generators(pict: Path | None) -> dict[str, Generator]:
    """Return what can be measured here; allpairspy first, the others are compared with it."""
    found: dict[str, Generator] = {}
    for name, generator in {"allpairspy": _allpairspy, "covertable": _covertable}.items():
        if importlib.util.find_spec(name):
            found[name] = generator
        else:
            print(f"{name} is not installed; see {Path(__file__).name} --help.", file=sys.stderr)
    if pict:
        found["pict"] = lambda sizes, forbidden: _pict(pict, sizes, forbidden)
    return {**found, "ours": cover}


def _allpairspy(sizes: Sequence[int], forbidden: Sequence[Forbidden]) -> Rows:
    def is_legal(row: Sequence[int]) -> bool:
        return not any(all(f < len(row) and row[f] in v for f, v in rule) for rule in forbidden)

    factory = importlib.import_module("allpairspy").AllPairs
    return list(factory([list(range(size)) for size in sizes], filter_func=is_legal))


def _covertable(sizes: Sequence[int], forbidden: Sequence[Forbidden]) -> Rows:
    constraints = [
        {
            "operator": "not",
            "condition": {
                "operator": "and",
                "conditions": [
                    {"operator": "in", "left": str(f), "values": sorted(v)} for f, v in rule
                ],
            },
        }
        for rule in forbidden
    ]
    factors = {str(f): list(range(size)) for f, size in enumerate(sizes)}
    rows = importlib.import_module("covertable").make(factors, constraints=constraints)
    return [[row[name] for name in factors] for row in rows]


def _pict(program: Path, sizes: Sequence[int], forbidden: Sequence[Forbidden]) -> Rows:
    lines = [f"F{f}: {', '.join(map(str, range(size)))}" for f, size in enumerate(sizes)]
    for rule in forbidden:
        parts = [f"[F{f}] IN {{{', '.join(map(str, sorted(v)))}}}" for f, v in rule]
        lines.append(f"IF {' AND '.join(parts[:-1])} THEN NOT {parts[-1]};")
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model.txt")
        model.write_text("\n".join(lines) + "\n")
        record = process.run(
            [str(program), str(model)],
            environment=build_environment(),
            time_limit_seconds=TIME_LIMIT_SECONDS,
        )
    header, *rows = (line.split("\t") for line in record.stdout.splitlines())
    columns = [header.index(f"F{f}") for f in range(len(sizes))]
    return [[int(row[column]) for column in columns] for row in rows]


if __name__ == "__main__":
    sys.exit(main())
