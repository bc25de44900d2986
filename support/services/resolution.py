"""Where a service is, how it is reached and who calls it: each value from its strongest origin.

Order, strongest first: `--define`, environment, profile, the stack's descriptor, the registry (what
it says of the stack before what it says of all). Secrets: environment, files, Vault, descriptor.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from support.foundation.errors import ConfigurationError
from support.foundation.network import Network, Networks, network_of
from support.foundation.setting_names import PROPERTIES, holds_password
from support.foundation.settings import PREFIX, Setting, Settings
from support.foundation.text import did_you_mean, listed
from support.services.descriptor_values import DescriptorValues
from support.services.locator import Credentials
from support.services.registry import CLIENT, Definition, Registry, Role
from support.services.resolved import MASK, Account, Origin, ResolvedService, shown
from support.services.secret import REVEALED, Secret
from support.services.secret_store import SecretStore
from support.services.vault import secret_store

DEFAULT_ROLE = "default"
_OF_PEOPLE = ("people", "people_client_id")
_SECRETS_OF_PEOPLE = ("people_client_secret", "people_password")


class Locator:
    """Resolves services for one run.

    Args:
        registry: what there is.
        settings: of the run, its profile's included.
        descriptor: what the stack says of itself.
        stack: its kind, such as `embedded`; the registry may say other things of each.
        secrets: where secrets come from; by default what the settings name.

    Raises:
        ConfigurationError: a setting is of a service that nobody registered.
    """

    def __init__(
        self,
        registry: Registry,
        settings: Settings,
        descriptor: DescriptorValues | None = None,
        stack: str = "none",
        secrets: SecretStore | None = None,
    ) -> None:
        registry.check(settings)
        self._registry = registry
        self._settings = settings
        self._descriptor = descriptor or DescriptorValues()
        self._stack = stack
        self.secrets = secrets or self._providers()

    def _providers(self) -> SecretStore:
        if "vault" not in self._registry.services:
            return secret_store(self._settings, None, Network())
        return secret_store(self._settings, self.endpoint("vault"), self.network("vault"))

    def resolve(self, service: str, role: str = DEFAULT_ROLE) -> ResolvedService:
        """Return where a service is, how it is reached, and who a role is there.

        Raises:
            ConfigurationError: service or role is not known, has no address or no credentials, or
                a value is wrong.
            EnvironmentUnfitError: a provider of secrets does not answer, or refuses us.
        """
        definition = self._registry.require(service)
        endpoint = self.endpoint(service)
        if endpoint is None:
            variable = f"{PREFIX}{definition.prefix}_url".upper()
            raise ConfigurationError(
                f'The service "{definition.name}" ({definition.description}) has no address. Set '
                f"{variable}, or --define {definition.prefix}_url=…"
            )
        credentials = self._credentials(definition, role)
        origins = (*self._origins(definition), *self._role_origins(definition, role, credentials))
        address = endpoint.value.rstrip("/")
        return ResolvedService(
            definition.name, role, address, self.network(service), credentials, origins
        )

    def endpoint(self, service: str) -> Setting | None:
        """Return the address of a service with its origin, or None where it has none.

        Raises:
            ConfigurationError: the service is not known.
        """
        definition = self._registry.require(service)
        found = self._value(definition, "url")
        if found is None and definition.below is not None:
            other, path = definition.below
            above = self.endpoint(other)
            if above is not None:
                return Setting(above.value.rstrip("/") + path, f"below {other}: {above.origin}")
        return found

    def network(self, service: str) -> Network:
        """Return how a service is reached.

        Raises:
            ConfigurationError: the service is not known, or a value is wrong.
        """
        definition = self._registry.require(service)
        found = {name: self._value(definition, name) for name in PROPERTIES if name != "url"}
        values = {name: value for name, value in found.items() if value is not None}
        return network_of(values, service=definition.prefix)

    def networks(self) -> Networks:
        """Return which network holds for which address, for sessions of the whole run.

        Where two services have one address, the first in the registry says how it is reached.

        Raises:
            ConfigurationError: a value is wrong.
        """
        found: dict[str, Network] = {}
        for name, definition in self._registry.services.items():
            addresses = [self.endpoint(name)]
            addresses += [self._said((setting,)) for setting in definition.addresses]
            for address in filter(None, addresses):
                if address.value.startswith(("http://", "https://")):
                    found.setdefault(address.value.rstrip("/"), self.network(name))
        return Networks(found)

    def origins(self) -> tuple[Origin, ...]:
        """Return every value that any origin has, in the order of the registry, secrets masked.

        What an instance only has from its service is not repeated.

        Raises:
            ConfigurationError: a provider of secrets is set wrongly.
            EnvironmentUnfitError: a provider of secrets does not answer, or refuses us.
        """
        rows: dict[str, Origin] = {}
        for definition in self._registry.services.values():
            entries = list(self._origins(definition, repeated=False))
            for role in definition.roles.values():
                name, secret = self._of_role(role)
                if name is not None:
                    entries.append(Origin(role.name_setting, name.value, name.origin))
                if secret is not None:
                    entries.append(Origin(role.secret_setting, MASK, secret.origin))
            rows |= {entry.name: entry for entry in entries if entry.name not in rows}
        return (*rows.values(), *self._people_origins())

    def people(self) -> Mapping[str, Secret]:
        """Return the named people who can sign in, each with the password.

        Raises:
            ConfigurationError: people are set, but not the password that they share.
        """
        named = self._settings.value("people") or ""
        names = [name.strip() for name in named.split(",") if name.strip()]
        shared = self.secrets.get("people_password") if names else None
        if shared is None:
            return self._descriptor.people
        return {**self._descriptor.people, **dict.fromkeys(names, shared)}

    def _value(self, definition: Definition, name: str) -> Setting | None:
        """Return a property of a service from its strongest origin.

        An instance that says nothing has what the service says that it is one of; its address is
        its own. Within one origin what is said of the instance is stronger.
        """
        owners = [definition]
        if definition.parent and name != "url":
            owners.append(self._registry.services[definition.parent])
        names = [f"{owner.prefix}_{name}" for owner in owners]
        return self._said(names) or next(
            (values[name] for values in self._registered(owners) if name in values), None
        )

    def _said(self, names: Sequence[str]) -> Setting | None:
        """Return what settings, else the descriptor, say of the first name that they speak of."""
        found = self._settings.strongest(names)
        if found is None:
            told = next((name for name in names if name in self._descriptor.values), None)
            if told is not None:
                found = Setting(self._descriptor.values[told], self._descriptor.origin)
        if found is not None and holds_password(found.value):
            REVEALED.add(unquote(urlsplit(found.value).password or ""))
        return found

    def _registered(self, owners: Sequence[Definition]) -> Iterator[Mapping[str, Setting]]:
        for owner in owners:
            yield owner.stacks.get(self._stack, {})
        for owner in owners:
            yield owner.values

    def _people_origins(self) -> Iterator[Origin]:
        for name in _OF_PEOPLE:
            said = self._settings.strongest((name,))
            if said is not None:
                yield Origin(name, said.value, said.origin)
        for name in _SECRETS_OF_PEOPLE:
            secret = self.secrets.get(name)
            if secret is not None:
                yield Origin(name, MASK, secret.origin)

    def _origins(self, definition: Definition, *, repeated: bool = True) -> Iterator[Origin]:
        speaker = self._registry.speaker(definition)
        for name in PROPERTIES:
            is_url = name == "url"
            found = self.endpoint(definition.name) if is_url else self._value(definition, name)
            own = repeated or speaker is definition or found != self._value(speaker, name)
            if found is not None and own:
                yield Origin(f"{definition.prefix}_{name}", shown(found.value), found.origin)
        for setting in definition.addresses:
            further = self._said((setting,))
            if further is not None:
                yield Origin(setting, shown(further.value), further.origin)

    def _of_role(self, role: Role) -> tuple[Setting | None, Secret | None]:
        name = self._said((role.name_setting,))
        secret: Secret | None = self.secrets.get(role.secret_setting)
        return name, secret or self._descriptor.secrets.get(role.secret_setting)

    def _credentials(self, definition: Definition, name: str) -> Credentials | Account | None:
        owner = self._registry.speaker(definition)
        role = owner.roles.get(name)
        if role is None:
            return None if name == DEFAULT_ROLE else self._person(owner, name)
        who, secret = self._of_role(role)
        if name == DEFAULT_ROLE and who is None and secret is None:
            return None
        if who is None or secret is None:
            raise ConfigurationError(_lacking(owner, name, role, lacks_name=who is None))
        if role.kind == CLIENT:
            return Credentials(who.value, secret)
        return Account(who.value, secret)

    def _person(self, owner: Definition, name: str) -> Account:
        people = self.people() if owner.people else {}
        if name not in people:
            known = [DEFAULT_ROLE, *(role for role in owner.roles if role != DEFAULT_ROLE), *people]
            raise ConfigurationError(
                f'The service "{owner.name}" knows no role "{name}".{did_you_mean(name, known)} '
                f"Known: {listed(known)}."
            )
        return Account(name, people[name])

    def _role_origins(
        self, definition: Definition, name: str, credentials: Credentials | Account | None
    ) -> Iterator[Origin]:
        role = self._registry.speaker(definition).roles.get(name)
        if credentials is None:
            return
        if role is None:
            if isinstance(credentials, Account):
                yield Origin("people_password", MASK, credentials.secret.origin)
            return
        who, secret = self._of_role(role)
        if who is not None:
            yield Origin(role.name_setting, who.value, who.origin)
        if secret is not None:
            yield Origin(role.secret_setting, MASK, secret.origin)


def _lacking(owner: Definition, name: str, role: Role, *, lacks_name: bool) -> str:
    variable = (PREFIX + (role.name_setting if lacks_name else role.secret_setting)).upper()
    what = "name" if lacks_name else "secret"
    return (
        f'The role "{name}" of the service "{owner.name}" ({role.description}) has no {what}. Set '
        f"{variable}"
        + (
            "."
            if lacks_name
            else f"; or keep it in a file that {variable}_FILE names, in the file "
            f"{role.secret_setting} of the folder {PREFIX}SECRETS_FOLDER, or in the field "
            f"{role.secret_setting} of {PREFIX}VAULT_PATH."
        )
    )
