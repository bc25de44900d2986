"""Addresses of services: how two are compared, and how one is shown."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an address leads: what is compared to tell whose it is."""

    scheme: str
    host: str
    port: int
    path: tuple[str, ...] = ()

    @staticmethod
    def of(url: str) -> "Address":
        """Return the parts of an address.

        Raises:
            ValueError: it is none of http or https with a host and, if any, a port.
        """
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("expected http:// or https:// and a host")
        try:
            port = parts.port
        except ValueError:
            # Not chained: Python quotes what stands there, which may be a password.
            raise ValueError("expected a port from 0 to 65535 after the host") from None
        segments = tuple(segment for segment in parts.path.split("/") if segment)
        known = _DEFAULT_PORTS[parts.scheme] if port is None else port
        return Address(parts.scheme, parts.hostname, known, segments)

    def holds(self, other: "Address") -> bool:
        """Whether `other` is this address or lies below it."""
        place = (self.scheme, self.host, self.port)
        begins = other.path[: len(self.path)] == self.path
        return place == (other.scheme, other.host, other.port) and begins

    @property
    def authority(self) -> str:
        """Host and port, as addresses write them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def without_password(url: str) -> str:
    """Return an address without user and password."""
    before, slashes, rest = url.partition("://")
    if not slashes:
        return url.rpartition("@")[2]
    end = next((index for index, letter in enumerate(rest) if letter in "/?#"), len(rest))
    authority, path = rest[:end], rest[end:]
    user, at, _ = authority.rpartition("@")
    port = authority.rpartition(":")[2]
    password_begins = ":" in user if at else ":" in authority and not port.isdigit()
    if "@" in path and password_begins:
        # A password with a slash in it, which had to be written %2F. Where an "@" stands on both
        # sides of the slash nobody can tell, so that rather too much is left out than too little.
        authority, path = path, ""
    return f"{before}{slashes}{authority.rpartition('@')[2]}{path}"


def without_credentials(url: str) -> str:
    """Return an address for messages: without user, password, and what a query holds."""
    shown, question, _ = without_password(url).partition("#")[0].partition("?")
    return f"{shown}{question and '?…'}"
