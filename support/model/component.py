"""A part of a stack: what it is called, its version, and the digest of what runs."""

from dataclasses import dataclass

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a stack.

    Attributes:
        version: as the part itself or its distribution tells it.
        digest: `sha256:…` of its program or sources, or `unknown` where we do not have them.
    """

    name: str
    version: str
    digest: str = UNKNOWN
