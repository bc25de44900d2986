"""How long stacks take until they serve, beside starting their components one after the other.

    python benchmarks/stacks.py embedded keycloak
    OPENTDF_PLATFORM_BIN=… python benchmarks/stacks.py processes --times 3

Each round brings every stack up twice from nothing: as it is, and with each component waiting for
the one before it, which is what start scripts do. Nothing is left up afterwards.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace

from support.foundation import settings as foundation_settings
from support.foundation.settings import Settings
from support.stack import standing
from support.stack.instance import Record
from support.stack.recipes import book
from support.stack.standing import Wanted
from support.stack.supervisor import Supervisor


def main() -> None:
    """Measure, and print a table for benchmarks/README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stacks", nargs="*", default=["embedded", "keycloak"])
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    binary = foundation_settings.from_environment().value("platform_bin")
    print("| stack | components | side by side, s | one after the other, s | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for stack in options.stacks:
        pairs = []
        for _ in range(options.times):
            with tempfile.TemporaryDirectory(prefix="acceptance-benchmark-") as folder:
                named = {"platform_bin": binary} if binary else {}
                settings = Settings({"build": folder, **named}, {})
                beside, count = together(settings, stack)
                pairs.append((beside, in_turn(settings, stack), count))
        sides, turns, counts = zip(*pairs, strict=True)
        ratio = statistics.median(turn / side for side, turn, _ in pairs)
        print(
            f"| {stack} | {counts[0]} | {statistics.median(sides):.1f} | "
            f"{statistics.median(turns):.1f} | {ratio:.2f} |"
        )


def together(settings: Settings, stack: str) -> tuple[float, int]:
    """Return the seconds until a stack serves, and how many components it has."""
    begun = time.monotonic()
    content = standing.up(settings, Wanted(stack, stack))
    seconds = time.monotonic() - begun
    standing.down(settings, stack)
    return seconds, len(content["components"])


def in_turn(settings: Settings, stack: str) -> float:
    """Return the seconds that the same components take one after the other."""
    instance = standing.instance_named(settings, f"{stack}-in-turn")
    record = Record(instance.name, stack)
    instance.create(record)
    begun = time.monotonic()
    recipe = book.build(settings, instance, record)
    before: tuple[str, ...] = ()
    chained = {}
    for name, component in recipe.components.items():
        chained[name] = replace(component, needs=before)
        before = (name,)
    try:
        Supervisor(instance, chained).start()
        return time.monotonic() - begun
    finally:
        instance.remove()


if __name__ == "__main__":
    main()
