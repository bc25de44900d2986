"""A finding: one thing that is wrong with a file, where exactly, and how to mend it."""

from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `text` in place of `length` characters of a line; line and column count from 1."""

    line: int
    column: int
    length: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one file.

    Attributes:
        rule: id of the rule that it breaks (docs/lint-rules.md).
        line: from 1.
        column: from 1, in characters.
        length: how many characters it concerns, 1 or more.
        message: what is wrong, and what to do.
        fix: the edit that mends it without changing what is meant, if there is one.
        mild: it is a warning here, although its rule is an error.
    """

    rule: str
    path: str
    line: int
    column: int
    length: int
    message: str
    fix: Edit | None = None
    mild: bool = False

    @property
    def text(self) -> str:
        """The finding as runs print it: `file:line: message`."""
        return f"{self.path}:{self.line}: {self.message}"


def at_node(rule: str, path: str, node: Node, message: str) -> Finding:
    """Return a finding about a whole tag, step, table row, or the heading of a block."""
    location = node["location"]
    return Finding(rule, path, location["line"], location["column"], _length(node), message)


def _length(node: Node) -> int:
    if "cells" in node:
        last = node["cells"][-1] if node["cells"] else None
        end = last["location"]["column"] + len(last["value"]) if last else 0
        return max(1, end - int(node["location"]["column"]))
    if "text" in node:
        return len(node["keyword"]) + len(node["text"])
    if "keyword" in node:
        return len(f"{node['keyword']}: {node['name']}".rstrip())
    return len(node.get("name") or "?")
