"""The Merkle tree hash of RFC 6962, section 2.1: one digest for a list, in which each entry counts.

Leaves and inner nodes are hashed with different prefixes, so that neither can pass for the other.
"""

import hashlib
from collections.abc import Iterable

_LEAF, _NODE = b"\x00", b"\x01"


def root(entries: Iterable[bytes]) -> str:
    """Return the tree hash of a list of entries, in hexadecimal.

    Whole subtrees are joined as soon as there are two of one size, so that memory is logarithmic.
    """
    subtrees: list[tuple[int, bytes]] = []
    for entry in entries:
        size, digest = 1, hashlib.sha256(_LEAF + entry).digest()
        while subtrees and subtrees[-1][0] == size:
            digest = _node(subtrees.pop()[1], digest)
            size *= 2
        subtrees.append((size, digest))
    if not subtrees:
        return hashlib.sha256().hexdigest()
    _, digest = subtrees.pop()
    while subtrees:
        digest = _node(subtrees.pop()[1], digest)
    return digest.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
