"""What a stack consists of, for evidence: its parts with their versions and digests."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from support.foundation.settings import ROOT, Settings
from support.model.component import UNKNOWN, Component
from support.stack.running import RunningStack

EMBEDDED_SOURCES = ROOT / "support" / "embedded"
PLATFORM = "platform"
_OWN_PLATFORM = frozenset({"embedded", "keycloak"})


def parts_of(stack: RunningStack, settings: Settings) -> tuple[Component, ...]:
    """Return the parts of a running stack, the platform first; nothing without a stack."""
    services = stack.services
    if services.stack == "none":
        return ()
    digest = _platform_digest(services.stack, settings)
    main = Component(PLATFORM, services.platform_version, digest)
    return (main, *_others(stack))


def _others(stack: RunningStack) -> Iterator[Component]:
    for name, version in sorted(stack.versions.items()):
        if name not in {PLATFORM, "embedded"} and not name.startswith("kas-"):
            yield Component(name, version)


def _sources_digest(folder: Path) -> str:
    """Return the digest of the names and contents of all sources below a folder."""
    content = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(folder).as_posix()
            content.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"sha256:{content.hexdigest()}"


def _platform_digest(stack: str, settings: Settings) -> str:
    """Return the digest of the platform: of its sources where it is ours, else of its program."""
    if stack in _OWN_PLATFORM:
        return _sources_digest(EMBEDDED_SOURCES)
    program = settings.value("platform_bin")
    if stack != "processes" or program is None:
        return UNKNOWN
    try:
        with Path(program).open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError:
        return UNKNOWN
