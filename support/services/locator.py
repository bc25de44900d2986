"""The services of one stack: resolved once per run, read by name afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.network import Networks
from support.foundation.text import did_you_mean, listed
from support.services.secret import Secret

BAD_TOKEN_ROLES = frozenset({"expired", "foreign_audience", "foreign_issuer"})
"""Roles whose tokens nobody should accept."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth 2.0 client: what it calls itself and what proves it.

    Attributes:
        token_endpoint: where it gets its tokens; None for the token endpoint of the stack.
    """

    client_id: str
    client_secret: Secret
    token_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """Where people are taken into the directory for a run, and what allows it.

    Attributes:
        url: of the embedded platform's control interface, or of a Keycloak realm's admin REST API.
        secret: of this start of the embedded platform, or of the client at the Keycloak.
        kind: `embedded` or `keycloak`.
        token_endpoint: where the client gets its token; of a Keycloak only.
        client_id: the client that may make and remove users; of a Keycloak only.
    """

    url: str
    secret: Secret
    kind: str = "embedded"
    token_endpoint: str = ""
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in (RFC 6749, password grant).

    Attributes:
        client_id: the client that takes their passwords; a public one has no secret.
        password: that of every person whom an adopted identity provider knows; None where each
            has one of their own.
    """

    client_id: str
    client_secret: Secret | None = None
    password: Secret | None = None


def _nothing_to_keep() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Services:
    """Endpoints and credentials of a stack.

    Attributes:
        stack: `embedded`, `remote` or `none`.
        platform_url: base address of the platform, without a trailing slash; empty without one.
        kas_urls: address of each key access service by instance name; `default` is always there.
        issuer: the identity provider's issuer, as tokens name it.
        roles: credentials by role: admin, standard, unprivileged; expired, foreign_audience and
            foreign_issuer are clients whose tokens nobody should accept.
        faults: faults switched on in the embedded platform; reports carry them as a watermark.
        control: where people are added for a run; None where they have to be there already.
        sign_in: how people sign in; None where nobody can.
        root_key: what the private parts of managed keys are sealed under, in hexadecimal; None
            where we do not know it.
        networks: how each address is reached.
        keep_alive: renews, where it is time to, what allows us to read secrets.
    """

    stack: str
    platform_url: str
    platform_version: str
    kas_urls: Mapping[str, str]
    issuer: str
    token_endpoint: str
    roles: Mapping[str, Credentials]
    features: tuple[str, ...] = ()
    faults: tuple[str, ...] = field(default=())
    control: Control | None = None
    sign_in: SignIn | None = None
    root_key: Secret | None = None
    networks: Networks = field(default_factory=Networks, compare=False, repr=False)
    keep_alive: Callable[[], None] = field(default=_nothing_to_keep, compare=False, repr=False)

    @classmethod
    def none(cls) -> "Services":
        """Return no service at all: nobody can sign in and no address answers."""
        return cls("none", "", "", {}, "", "", {})

    def credentials(self, role: str) -> Credentials:
        """Return the credentials of a role.

        Raises:
            EnvironmentUnfitError: the stack has no such role.
        """
        found = self.roles.get(role)
        if found is None and self.stack == "none":
            raise EnvironmentUnfitError(
                f'A step needs the role "{role}", but the profile runs without a stack '
                "(`stack: none` in its config.yaml). Choose a profile with a stack for it."
            )
        if found is None:
            raise EnvironmentUnfitError(
                f'The stack "{self.stack}" has no credentials for the role "{role}".'
                f"{did_you_mean(role, self.roles)} It has: {listed(sorted(self.roles))}. For a "
                f"remote stack set ACCEPTANCE_{role.upper()}_CLIENT_ID and …_CLIENT_SECRET."
            )
        return found

    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, for redaction."""
        found: list[Secret | None] = [c.client_secret for c in self.roles.values()]
        if self.control is not None:
            found.append(self.control.secret)
        found.append(self.root_key)
        if self.sign_in is not None:
            found += [self.sign_in.client_secret, self.sign_in.password]
        return tuple(dict.fromkeys(secret.reveal() for secret in found if secret is not None))
