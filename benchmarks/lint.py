"""Linting a generated tree of features beside parsing it, the least that any linter has to do.

python benchmarks/lint.py --scenarios 10000
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from support.foundation.settings import ROOT
from support.linting import project as projects
from support.linting.linter import lint
from support.specs import reader

SCENARIOS_IN_A_FEATURE = 50
ROUNDS = 3

_SCENARIO = """
  @cap:encrypt_sdk=any @cap:decrypt_sdk=any @cap:format=any
  Scenario: Reader {number} is refused
    Given a reader who holds "apollo-{number}"
    And a document that needs "apollo, gemini"
    When the reader opens the document
    Then access is refused because the reader is not entitled
"""
_MISTAKES = (("@cap:format=any", "@cap:formt=any @smokee"), ("Given a", "And somewhere a"))


def main() -> None:
    """Print the table: a clean tree, and one in which every scenario has four mistakes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenarios", type=int, default=10_000)
    count = parser.parse_args().scenarios
    print("| tree | scenarios | findings | parsing alone | linting | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    project = projects.load(ROOT)
    for tree, mistakes in (("clean", ()), ("four mistakes a scenario", _MISTAKES)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for number, text in enumerate(features(count, mistakes)):
                (folder / f"{number}.feature").write_text(text)
            parsing = best(partial(parse_all, folder))
            linting = best(partial(lint, [folder], project))
            found = len(lint([folder], project).reported)
        ratio = linting / parsing
        print(
            f"| {tree} | {count:,} | {found:,} | {parsing:.2f} s | {linting:.2f} s | {ratio:.2f} |"
        )


def features(scenarios: int, mistakes: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield the texts of features that hold so many scenarios together."""
    for start in range(0, scenarios, SCENARIOS_IN_A_FEATURE):
        numbers = range(start, min(scenarios, start + SCENARIOS_IN_A_FEATURE))
        text = "".join(_SCENARIO.format(number=number) for number in numbers)
        for right, wrong in mistakes:
            text = text.replace(right, wrong)
        yield f"@req:BR-001 @risk:high\nFeature: Readers from {start}\n{text}"


def parse_all(folder: Path) -> None:
    """Parse every feature."""
    for path in folder.glob("*.feature"):
        reader.parse(str(path), reader.read_text(path))


def best(work: Callable[[], object]) -> float:
    """Return the shortest of several durations, in seconds of this process."""
    durations = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        durations.append(time.process_time() - start)
    return min(durations)


if __name__ == "__main__":
    main()
