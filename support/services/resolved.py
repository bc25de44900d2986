"""What comes of looking for a service: plain values, each with its origin."""

from dataclasses import dataclass, field

from support.foundation.addresses import without_credentials
from support.foundation.network import Network
from support.services.locator import Credentials
from support.services.secret import Secret

MASK = "********"


@dataclass(frozen=True, slots=True)
class Account:
    """A name and what proves it, where the caller is no OAuth client."""

    name: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Origin:
    """One value as people may see it, and where it came from."""

    name: str
    shown: str
    origin: str


@dataclass(frozen=True, slots=True)
class ResolvedService:
    """A service that can be called.

    Attributes:
        endpoint: its address, without a trailing slash.
        network: how it is reached: trust, pins, proxy, pace, patience.
        credentials: of the role; None where the default role needs none.
        origins: where each value came from, in the order of the settings.
    """

    name: str
    role: str
    endpoint: str = field(repr=False)  # an address may hold a password
    network: Network
    credentials: Credentials | Account | None
    origins: tuple[Origin, ...]

    def origin(self, name: str) -> str:
        """Return where a value came from, by the name of its setting; empty where nobody says."""
        return next((entry.origin for entry in self.origins if entry.name == name), "")


def shown(value: str) -> str:
    """Return a value without the name and password that an address in it has."""
    return without_credentials(value) if "@" in value else value
