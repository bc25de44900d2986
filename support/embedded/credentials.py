"""The file with the client that the platform looks people up with at an issuer."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path

from support.foundation.errors import ConfigurationError

EXPECTED = '{"client_id": "…", "client_secret": "…"}'
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An OAuth client of the platform's own."""

    client_id: str
    client_secret: str = field(repr=False)


def read_credentials(path: Path) -> ClientCredentials:
    """Read the file; its content never stands in a message.

    Raises:
        ConfigurationError: It is missing, readable by others, or of another form.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & _FOR_OTHERS:
                raise ConfigurationError(
                    f"{path}: others may read the issuer's credentials: its mode is {mode:04o}, "
                    f"expected 0600. Say: chmod 600 {path}"
                )
            content = json.load(file)
    except OSError as problem:
        raise ConfigurationError(
            f"{path}: the issuer's credentials cannot be read: {problem.strerror}. Expected a "
            f"file of mode 0600 that holds {EXPECTED}."
        ) from problem
    except ValueError:
        # The reason may quote the content, so it is left out.
        raise ConfigurationError(
            f"{path}: the issuer's credentials are not JSON. Expected {EXPECTED}."
        ) from None
    return _checked(path, content)


def _checked(path: Path, content: object) -> ClientCredentials:
    names = ("client_id", "client_secret")
    seen = sorted(content) if isinstance(content, dict) else type(content).__name__
    if isinstance(content, dict) and set(content) == set(names):
        client_id, secret = (content[name] for name in names)
        if isinstance(client_id, str) and isinstance(secret, str) and client_id and secret:
            return ClientCredentials(client_id, secret)
        seen = "values that are empty or no text"
    raise ConfigurationError(
        f"{path}: the issuer's credentials have another form: found {seen}, expected {EXPECTED}."
    )
