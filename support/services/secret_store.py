"""Where secrets come from: the first of several providers that has one.

Order: environment, files, Vault or OpenBao. What a provider gave is read again when it is refused.
"""

from collections.abc import Sequence
from typing import Protocol

from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.services.secret import REVEALED, LiveSecret, Revealed, Secret


class SecretProvider(Protocol):
    """A place that keeps secrets under the names of their settings."""

    def get(self, name: str, *, fresh: bool = False) -> Secret | None:
        """Return a secret that says where it came from, or None where there is none.

        Args:
            name: of the setting, such as `admin_client_secret`.
            fresh: read it again, whatever is remembered.

        Raises:
            ConfigurationError: the place is set wrongly, or what it holds may not be used.
            EnvironmentUnfitError: the place does not answer, or refuses us.
        """

    def keep_alive(self) -> None:
        """Renew, where it is time to, what allows us to read; never raises."""


class EnvironmentSecrets:
    """Secrets in environment variables, such as ACCEPTANCE_ADMIN_CLIENT_SECRET."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def get(self, name: str, *, fresh: bool = False) -> Secret | None:  # noqa: ARG002 -- always is
        """Return the secret that a variable holds now."""
        setting = self._settings.get(name)
        return None if setting is None else Secret(setting.value, setting.origin)

    def keep_alive(self) -> None:
        """Do nothing: nobody has to allow us to read the environment."""


class SecretStore:
    """Gives live secrets: each can be refreshed while a run goes on."""

    def __init__(self, providers: Sequence[SecretProvider], revealed: Revealed = REVEALED) -> None:
        self._providers = tuple(providers)
        self._revealed = revealed
        self._known: dict[str, LiveSecret] = {}

    def get(self, name: str) -> LiveSecret | None:
        """Return the secret of a setting, the same object each time, or None.

        Raises:
            ConfigurationError: a provider is set wrongly.
            EnvironmentUnfitError: a provider does not answer, or refuses us.
        """
        if name not in self._known:
            found = self._find(name, fresh=False)
            if found is None:
                return None
            firsts = [found]
            self._known[name] = LiveSecret(
                lambda: firsts.pop() if firsts else self._read_again(name), self._revealed
            )
        return self._known[name]

    def keep_alive(self) -> None:
        """Renew what allows us to read secrets; call it now and then while a run goes on."""
        for provider in self._providers:
            provider.keep_alive()

    def _find(self, name: str, *, fresh: bool) -> Secret | None:
        for provider in self._providers:
            found = provider.get(name, fresh=fresh)
            if found is not None:
                return found
        return None

    def _read_again(self, name: str) -> Secret:
        found = self._find(name, fresh=True)
        if found is None:
            raise ConfigurationError(
                f'The secret "{name}" came from {self._known[name].origin}, which has it no more. '
                "It was read again because it was refused. Put the new one there."
            )
        return found
