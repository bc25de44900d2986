"""The stack descriptor: the JSON file by which a stack says where it is and who may call it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, check
from support.foundation.errors import ConfigurationError
from support.services.locator import Control, Credentials, Services, SignIn
from support.services.secret import Secret


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
    check(Document(path, value, {}), "stack-descriptor")
    content: dict[str, Any] = value
    return content


def services(content: Mapping[str, Any]) -> Services:
    """Return the services that a checked descriptor names.

    People sign in through the client of the role standard, which the embedded platform lets take
    passwords.
    """
    control, standard = content.get("control"), content["roles"].get("standard")
    return Services(
        stack=content["stack"],
        platform_url=content["platform"]["url"],
        platform_version=content["platform"]["version"],
        kas_urls={name: kas["url"] for name, kas in content["kas"].items()},
        issuer=content["idp"]["issuer"],
        token_endpoint=content["idp"]["token_endpoint"],
        roles={
            role: Credentials(entry["client_id"], Secret(entry["client_secret"]))
            for role, entry in content["roles"].items()
        },
        features=tuple(content.get("features", ())),
        faults=tuple(content.get("faults", ())),
        control=Control(control["url"], Secret(control["secret"])) if control else None,
        sign_in=(
            SignIn(standard["client_id"], Secret(standard["client_secret"])) if standard else None
        ),
    )
