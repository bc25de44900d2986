"""How a person's client is set up: who it says it is and where it goes, mistakes included."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from support.sdk.client import Caller
from support.services.locator import Credentials, Services
from support.services.secret import Secret
from support.world.words import meaning_of

# Port 1 of the loopback interface is reserved (tcpmux) and served by nobody.
NOBODY_LISTENS = "http://127.0.0.1:1"
SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class Setup:
    """The services that a client talks to and the caller that it acts for.

    Attributes:
        authorities: file with the certificates of the authorities that the client trusts; None for
            those of the machine.
    """

    services: Services
    caller: Caller
    authorities: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets that the client was given."""
        if isinstance(self.caller, Credentials):
            return (self.caller.client_secret.reveal(),)
        return (self.caller.reveal(),) if self.caller is not None else ()


def of_role(services: Services, role: str) -> Setup:
    """Return the set-up of a client that acts in a role, without any mistake."""
    return Setup(services, services.credentials(role))


def with_token(setup: Setup, token: str | None) -> Setup:
    """Return the set-up of a client that acts by a token which it was handed, or by none."""
    return replace(setup, caller=None if token is None else Secret(token))


def with_mistake(setup: Setup, mistake: str) -> Setup:
    """Return the set-up with one mistake in it.

    Raises:
        SpecificationError: no such mistake.
    """
    return meaning_of(mistake, MISTAKES, "a mistake in a set-up")(setup)


def _unique_secret() -> Secret:
    return Secret(secrets.token_hex(SECRET_BYTES))


def _client_id(setup: Setup) -> str:
    return setup.caller.client_id if isinstance(setup.caller, Credentials) else "nobody"


def _wrong_secret(setup: Setup) -> Setup:
    return replace(setup, caller=Credentials(_client_id(setup), _unique_secret()))


def _unknown_client(setup: Setup) -> Setup:
    name = f"nobody-{secrets.token_hex(4)}"
    return replace(setup, caller=Credentials(name, _unique_secret()))


def _no_credentials(setup: Setup) -> Setup:
    return replace(setup, caller=None)


def _nobody_listens(setup: Setup) -> Setup:
    # The secret is unique, so that finding it anywhere means that this call printed it.
    services = replace(
        setup.services,
        platform_url=NOBODY_LISTENS,
        kas_urls={**setup.services.kas_urls, "default": f"{NOBODY_LISTENS}/kas"},
        token_endpoint=f"{NOBODY_LISTENS}/token",
    )
    return Setup(services, Credentials(_client_id(setup), _unique_secret()))


MISTAKES: Mapping[str, Callable[[Setup], Setup]] = {
    "a wrong secret": _wrong_secret,
    "the name of a client nobody knows": _unknown_client,
    "no credentials": _no_credentials,
    "an address where nobody listens": _nobody_listens,
}
"""Mistakes in a set-up, by the words that scenarios use."""
