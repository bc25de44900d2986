"""The ready file: what a started platform offers, for whoever started it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.embedded import control
from support.embedded.directory import (
    EXPIRED_CLIENT,
    FOREIGN_AUDIENCE_CLIENT,
    FOREIGN_ISSUER_CLIENT,
)

if TYPE_CHECKING:
    from support.embedded.platform import BuiltIn, EmbeddedPlatform

DESCRIPTOR_VERSION = 1
DISTRIBUTION = "opentdf-acceptance"
ROLE_CLIENTS = {
    "admin": "opentdf",
    "standard": "opentdf-sdk",
    "unprivileged": "tdf-authorization-svc",
    "expired": EXPIRED_CLIENT,
    "foreign_audience": FOREIGN_AUDIENCE_CLIENT,
    "foreign_issuer": FOREIGN_ISSUER_CLIENT,
    "north": "acceptance-kas-north",
    "south": "acceptance-kas-south",
}
ROOT_KEY_FILE = "root.key"
FEATURES = ("dpop", "ec_tdf_enabled")


def version() -> str:
    """Return the platform version that a report shows: ``embedded-<project version>``."""
    try:
        return f"embedded-{importlib.metadata.version(DISTRIBUTION)}"
    except importlib.metadata.PackageNotFoundError:
        return "embedded-unknown"


def describe(platform: EmbeddedPlatform) -> dict[str, Any]:
    """Return the stack descriptor (``schemas/stack-descriptor.schema.json``)."""
    issuer = platform.trust.issuer
    return {
        "descriptor_version": DESCRIPTOR_VERSION,
        "stack": "embedded",
        "pid": os.getpid(),
        "started_at": platform.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "platform": {"url": platform.settings.url, "version": version()},
        "kas": {name: {"url": uri} for name, uri in platform.kas_uris.items()},
        "idp": {"issuer": issuer.issuer, "token_endpoint": issuer.token_endpoint},
        "roles": {},
        **(_accounts(platform.built_in, platform.settings.url) if platform.built_in else {}),
        "features": list(FEATURES),
        "faults": sorted(fault.value for fault in platform.settings.faults),
        "options": sorted(platform.settings.options),
    }


def _accounts(built_in: BuiltIn, url: str) -> dict[str, Any]:
    """Return who may call: known to the platform only where it is the identity provider."""
    clients = built_in.directory.clients
    return {
        "control": {"url": f"{url}{control.PATH}", "secret": built_in.control.secret},
        "roles": {
            role: {"client_id": client_id, "client_secret": clients[client_id].secret}
            for role, client_id in ROLE_CLIENTS.items()
        },
        "users": {
            user.username: {"password": user.password} for user in built_in.directory.users.values()
        },
    }


def write_root_key(folder: Path, root_key: bytes) -> Path:
    """Write the root key of managed keys, in hexadecimal, for its owner's eyes only.

    Raises:
        OSError: The directory is missing or not writable.
    """
    path = folder / ROOT_KEY_FILE
    _write_private(path, root_key.hex())
    return path


def write_ready_file(path: Path, descriptor: dict[str, Any]) -> None:
    """Write a descriptor so that a reader sees it whole, and only its owner may read it.

    Raises:
        OSError: The directory is missing or not writable.
    """
    _write_private(path, json.dumps(descriptor, indent=2) + "\n")


def _write_private(path: Path, content: str) -> None:
    # mkstemp makes files of mode 0600, which the rename keeps.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
