"""The stack descriptor: the JSON file by which a stack says where it is and who may call it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, check
from support.foundation.errors import ConfigurationError, FrameworkError
from support.foundation.files import write_private
from support.services.locator import Control, Credentials, Services, SignIn
from support.services.secret import Secret

KAS_PREFIX = "kas-"  # of the components that are further key access services


def read(path: Path) -> dict[str, Any]:
    """Return the content of a descriptor file.

    Raises:
        ConfigurationError: missing, not JSON, or against `schemas/stack-descriptor.schema.json`.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{path}: the stack descriptor cannot be read: {error.strerror}. Start the stack with "
            "`acceptance stack up embedded`, or leave the setting out."
        ) from error
    except ValueError as error:
        raise ConfigurationError(
            f"{path}: the stack descriptor is not JSON ({error}). Was its writer interrupted? "
            "Start the stack again."
        ) from error
    try:
        check(Document(path, value, {}), "stack-descriptor")
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{error} No stack of this version wrote that: end it (`acceptance stack down`) and "
            "start it again."
        ) from error
    content: dict[str, Any] = value
    return content


def versions(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the version of each process that a checked descriptor knows it of."""
    return {
        name: part["version"]
        for name, part in content.get("components", {}).items()
        if "version" in part
    }


def services(content: Mapping[str, Any]) -> Services:
    """Return the services that a checked descriptor names.

    People sign in through the client of the role standard, which the stacks that we start let take
    passwords.

    Raises:
        ConfigurationError: the file that it names as that of the root key cannot be read.
    """
    standard = content["roles"].get("standard")
    return Services(
        stack=content["stack"],
        platform_url=content["platform"]["url"],
        platform_version=content["platform"]["version"],
        kas_urls={name: kas["url"] for name, kas in content["kas"].items()},
        issuer=content["idp"]["issuer"],
        token_endpoint=content["idp"]["token_endpoint"],
        roles={role: _credentials(entry) for role, entry in content["roles"].items()},
        features=tuple(content.get("features", ())),
        faults=tuple(content.get("faults", ())),
        control=_control(content["control"]) if "control" in content else None,
        sign_in=(
            SignIn(standard["client_id"], Secret(standard["client_secret"])) if standard else None
        ),
        root_key=_root_key(Path(content["root_key"])) if "root_key" in content else None,
    )


def logs(content: Mapping[str, Any]) -> dict[str, Path]:
    """Return the logs that a checked descriptor names, by component."""
    components = content.get("components", {})
    return {name: Path(entry["log"]) for name, entry in components.items() if "log" in entry}


def _root_key(path: Path) -> Secret:
    try:
        return Secret(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise ConfigurationError(
            f"{path}: the root key of the stack cannot be read: {error.strerror}. End the stack "
            "(`acceptance stack down`) and start it again."
        ) from error


def audit_logs(logs: Mapping[str, Path]) -> dict[str, Path]:
    """Return the logs with audit records, by the key access service that writes there.

    Args:
        logs: those of a stack, by component.
    """
    default = {"default": logs["platform"]} if "platform" in logs else {}
    return default | {
        name.removeprefix(KAS_PREFIX): path
        for name, path in logs.items()
        if name.startswith(KAS_PREFIX)
    }


def _credentials(entry: Mapping[str, str]) -> Credentials:
    secret = Secret(entry["client_secret"])
    return Credentials(entry["client_id"], secret, entry.get("token_endpoint"))


def _control(entry: Mapping[str, str]) -> Control:
    return Control(
        entry["url"],
        Secret(entry["secret"]),
        entry.get("kind", "embedded"),
        entry.get("token_endpoint", ""),
        entry.get("client_id", ""),
    )


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a descriptor for its owner's eyes only.

    Raises:
        FrameworkError: it breaks its schema.
    """
    try:
        check(Document(path, content, {}), "stack-descriptor")
    except ConfigurationError as error:
        raise FrameworkError(
            f"A descriptor breaks its schema: {error} Please report it."
        ) from error
    write_private(path, json.dumps(content, indent=2) + "\n")


def roles(credentials: Mapping[str, Credentials]) -> dict[str, dict[str, str]]:
    """Return credentials as a descriptor holds them: this is where their secrets are written."""
    return {
        role: {
            "client_id": entry.client_id,
            "client_secret": entry.client_secret.reveal(),
            **({"token_endpoint": entry.token_endpoint} if entry.token_endpoint else {}),
        }
        for role, entry in credentials.items()
    }


def control(entry: Control) -> dict[str, str]:
    """Return where people are added as a descriptor holds it, its secret included."""
    return {
        "kind": entry.kind,
        "url": entry.url,
        "secret": entry.secret.reveal(),
        "token_endpoint": entry.token_endpoint,
        "client_id": entry.client_id,
    }
