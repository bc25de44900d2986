"""A second search for secrets in artifacts, by detectors that other people wrote (detect-secrets).

It shares nothing with redaction, so that a fault of one is found by the other.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import BasePlugin

LEFT_OUT = {
    "Base64 High Entropy String": "most of evidence is digests, ciphertexts and public keys",
    "Hex High Entropy String": "likewise",
    "Public IP (ipv4)": "an address is no secret",
    "Secret Keyword": "judges names, not values; redaction hides fields by their names",
}
"""Detectors that are not used, and why."""

MARK = "[redacted: "

LONGEST_LINE = 1_000_000
"""A longer line is searched in pieces that overlap."""

_OVERLAP = 5_000


def secrets_in(file: BinaryIO) -> Iterator[tuple[int, int, int, str]]:
    """Yield line, column, length and kind of whatever looks like a secret; never the secret."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        text = line.decode(errors="replace")
        number += 1
        for kind, found in _secrets_of(text):
            yield number, max(0, text.find(found)) + 1, max(1, len(found)), kind
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            number -= 1
            file.seek(-_OVERLAP, 1)


def _secrets_of(text: str) -> Iterator[tuple[str, str]]:
    for detector in _detectors():
        for found in detector.analyze_string(text):
            if found and not _is_allowed(found, text):
                yield detector.secret_type, found


def _is_allowed(found: str, text: str) -> bool:
    """Tell whether a finding is none: what was found is a mark, or was cut off one.

    The only rule that allows anything; docs/redaction.md tells of it.
    """
    return MARK in found or f"{MARK}{found}" in text or found.startswith("[redacted:")


@functools.cache
def _detectors() -> tuple[BasePlugin, ...]:
    known: Mapping[str, type[BasePlugin]] = get_mapping_from_secret_type_to_class()
    return tuple(known[name]() for name in sorted(known) if name not in LEFT_OUT)
