"""Shards: a plan in parts that take about the same time, each for one machine."""

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass

from support.foundation.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of a plan: the `number`-th of `count`, from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def parse(text: str, origin: str) -> Shard:
    """Return the shard that a text such as `3/8` names.

    Raises:
        ConfigurationError: it names none.
    """
    match = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", text, re.ASCII)
    if match is None or int(match[1]) > int(match[2]):
        raise ConfigurationError(
            f'{origin} is "{text}", but NUMBER/COUNT was expected, such as 3/8: the number from 1 '
            "to the count."
        )
    return Shard(int(match[1]), int(match[2]))


def numbers(seconds: Sequence[float], count: int) -> list[int]:
    """Return the shard of each unit, from 1: the longest unit first, to the least busy shard.

    The longest shard takes less than one unit longer than the shortest (Graham, 1969). There are
    no more shards than units. Equal estimates give equal shards on every machine.

    Args:
        seconds: the estimate of each unit, in the order of the plan.
        count: how many shards are wanted, at least 1.
    """
    used = max(1, min(count, len(seconds)))
    # The number of units breaks ties, so that units of no duration are spread as well.
    shards = [(0.0, 0, number) for number in range(1, used + 1)]
    found = [0] * len(seconds)
    for index in sorted(range(len(seconds)), key=lambda i: (-seconds[i], i)):
        busy, units, number = shards[0]
        found[index] = number
        heapq.heapreplace(shards, (busy + seconds[index], units + 1, number))
    return found
