"""Small helpers for messages people read."""

import difflib
import re
from collections.abc import Iterable


def did_you_mean(seen: str, known: Iterable[str]) -> str:
    """Return ` Did you mean "x"?` for the nearest known name, or an empty string."""
    match = difflib.get_close_matches(seen, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{match[0]}"?' if match else ""


def listed(values: Iterable[str]) -> str:
    """Return `a, b, c` in the given order, or `none`."""
    return ", ".join(values) or "none"


def slug(text: str) -> str:
    """Return `text` as lower-case words joined by hyphens, safe in ids and paths."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-.") or "unnamed"


LONGEST_LINE = 300


def tail(text: str, lines: int = 15) -> str:
    """Return the last lines of `text`, for messages that show what a process said.

    Very long lines, such as audit records, are cut.
    """
    last = text.rstrip().splitlines()[-lines:]
    return "\n".join(
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …" for line in last
    )
