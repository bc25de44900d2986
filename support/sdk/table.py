"""The table that `acceptance sdk list` prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.model.capability import Answer
from support.sdk.capabilities import probe_all
from support.sdk.discovery import survey


@dataclass(frozen=True, slots=True)
class SdkRow:
    """One SDK; `hidden` means that a root named earlier has the same id, so this one is unused."""

    id: str
    language: str
    version: str
    origin: str
    capabilities: Mapping[str, Answer]
    hidden: bool = False


def sdk_table(roots: Sequence[Path]) -> tuple[SdkRow, ...]:
    """Return a row for each SDK below the roots, then one for each that is hidden.

    Raises:
        SdkFolderError: a root or a version folder is not what the contract asks for.
    """
    found = survey(roots)
    used = tuple(
        SdkRow(sdk.id, sdk.language, sdk.version, sdk.origin, probe_all(sdk)) for sdk in found.sdks
    )
    unused = tuple(
        SdkRow(sdk.id, sdk.language, sdk.version, sdk.origin, {}, hidden=True)
        for sdk in found.hidden
    )
    return used + unused
