"""The services of one stack: resolved once per run, read by name afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.text import did_you_mean, listed
from support.services.secret import Secret


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth 2.0 client: what it calls itself and what proves it."""

    client_id: str
    client_secret: Secret


@dataclass(frozen=True, slots=True)
class Services:
    """Endpoints and credentials of a stack.

    Attributes:
        stack: `embedded` or `remote`.
        platform_url: base address of the platform, without a trailing slash.
        kas_urls: address of each key access service by instance name; `default` is always there.
        issuer: the identity provider's issuer, as tokens name it.
        roles: credentials by role: admin, standard, unprivileged; expired, foreign_audience and
            foreign_issuer are clients whose tokens nobody should accept.
        faults: faults switched on in the embedded platform; reports carry them as a watermark.
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

    def credentials(self, role: str) -> Credentials:
        """Return the credentials of a role.

        Raises:
            EnvironmentUnfitError: the stack has no such role.
        """
        found = self.roles.get(role)
        if found is None:
            raise EnvironmentUnfitError(
                f'The stack "{self.stack}" has no credentials for the role "{role}".'
                f"{did_you_mean(role, self.roles)} It has: {listed(sorted(self.roles))}. For a "
                f"remote stack set ACCEPTANCE_{role.upper()}_CLIENT_ID and …_CLIENT_SECRET."
            )
        return found

    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, for redaction."""
        return tuple(c.client_secret.reveal() for c in self.roles.values())
