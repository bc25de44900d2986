"""Finding SDKs: each `<root>/<language>/dist/<version>/` with an executable `cli.sh` is one SDK.

That is xtest's layout, so its SDK tree works as it is. Nothing is skipped in silence: a version
folder that cannot be run is an error, and an SDK hidden by an earlier root is reported.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.sdk.model import CLI_NAME, Sdk, is_tag_safe

BUILT_SDKS = ROOT / "build" / "sdk"
"""Where the bundled shims are installed: the one root that may not exist yet."""

VERSIONS = ROOT / "build" / "sdk-versions"
"""Where earlier versions are installed: a root of its own, for runs of all of them take long."""

ANY_VERSION = "*"


class SdkFolderError(ConfigurationError):
    """A search root, or a version folder below it, is not what the contract asks for."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the search roots hold; `hidden` are SDKs whose id an earlier root already has."""

    sdks: tuple[Sdk, ...]
    hidden: tuple[Sdk, ...] = ()


@dataclass(frozen=True, slots=True)
class SdkSpec:
    """A choice of SDKs in xtest's spec syntax: one version of a language, or any."""

    language: str
    version: str = ANY_VERSION

    def matches(self, sdk: Sdk) -> bool:
        """Tell whether this spec chooses `sdk`."""
        return self.language == sdk.language and self.version in {ANY_VERSION, sdk.version}


def discover(roots: Sequence[Path]) -> tuple[Sdk, ...]:
    """Return every SDK below the roots, sorted by language and version.

    Raises:
        SdkFolderError: see `survey`.
    """
    return survey(roots).sdks


def survey(roots: Sequence[Path]) -> Survey:
    """Return every SDK below the roots, and those that an earlier root hides.

    Raises:
        SdkFolderError: a root does not exist or holds no SDK, a version folder has no executable
            `cli.sh`, or a name cannot stand in a tag.
    """
    chosen: dict[str, Sdk] = {}
    hidden: list[Sdk] = []
    for root in roots:
        for sdk in _below(root):
            if sdk.id in chosen:
                hidden.append(sdk)
            else:
                chosen[sdk.id] = sdk
    return Survey(tuple(sorted(chosen.values(), key=_order)), tuple(sorted(hidden, key=_order)))


def parse_spec(text: str) -> SdkSpec:
    """Parse `go`, `go@*` or `go@v0.36.0`, as xtest writes the SDKs to use.

    Raises:
        ConfigurationError: the text has another form.
    """
    language, at, version = text.partition("@")
    if not at:
        version = ANY_VERSION
    if not is_tag_safe(language) or not (version == ANY_VERSION or is_tag_safe(version)):
        raise ConfigurationError(
            f'"{text}" does not name an SDK. Expected a language, such as `go`, or a language and '
            "a version, such as `go@v0.36.0` or `go@*`."
        )
    return SdkSpec(language, version)


def _below(root: Path) -> Iterable[Sdk]:
    if not root.is_dir():
        if root == BUILT_SDKS:
            return
        raise SdkFolderError(
            f"The SDK search root {root} is not a folder. Expected one that holds "
            f"<language>/dist/<version>/{CLI_NAME}; correct ACCEPTANCE_SDK_ROOTS."
        )
    dists = [folder / "dist" for folder in _folders(root) if (folder / "dist").is_dir()]
    if not dists and root != BUILT_SDKS:
        raise SdkFolderError(
            f"The SDK search root {root} holds no <language>/dist folder. Expected "
            f"<language>/dist/<version>/{CLI_NAME} below it; of xtest, name `xtest/sdk`."
        )
    for dist in dists:
        for directory in _folders(dist):
            yield _checked(Sdk(dist.parent.name, directory.name, directory, str(root)))


def _checked(sdk: Sdk) -> Sdk:
    for name in (sdk.language, sdk.version):
        if not is_tag_safe(name):
            raise SdkFolderError(
                f'{sdk.directory}: "{name}" cannot stand in a tag. Rename the folder so that it '
                "has only letters, digits, dots, hyphens and underscores."
            )
    if not sdk.cli.is_file():
        raise SdkFolderError(
            f"{sdk.directory} has no {CLI_NAME}, so this SDK cannot be run. Build it, or remove "
            "the folder."
        )
    if not os.access(sdk.cli, os.X_OK):
        raise SdkFolderError(f"{sdk.cli} is not executable. Run: chmod +x {sdk.cli}")
    return sdk


def _folders(parent: Path) -> list[Path]:
    """Return the visible folders below `parent`; hidden ones are builds under way."""
    return sorted(
        entry for entry in parent.iterdir() if entry.is_dir() and not entry.name.startswith(".")
    )


def _order(sdk: Sdk) -> tuple[str, list[tuple[int, int, str]], str]:
    """Order versions as people count them: v0.9.0 before v0.10.0."""
    parts = re.findall(r"\d+|\D+", sdk.version)
    natural = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
    return sdk.language, natural, sdk.origin
