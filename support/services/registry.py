"""The registry of services: what there is, who may call it, how it is reached by default.

`profiles/services.yaml` holds our own; extensions add theirs in files of the same form, which the
setting `extra_services` names, or by `register_service`.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.foundation.documents import Document, Position, check, load_yaml
from support.foundation.errors import ConfigurationError
from support.foundation.setting_names import BY_NAME, EXTENSION, PROPERTIES, ROLES, SERVICES
from support.foundation.settings import ROOT, Setting, Settings
from support.foundation.text import did_you_mean, listed

BUILT_IN = ROOT / "profiles" / "services.yaml"
SCHEMA = "service-registry"
DEFAULT_INSTANCE = "default"  # `kas-default` is `kas`

CLIENT, ACCOUNT = "client", "account"


@dataclass(frozen=True, slots=True)
class Role:
    """Who may call a service: an OAuth client, or an account with a name and a secret.

    Attributes:
        kind: `client` or `account`.
        name_setting: the setting that says what it is called.
        secret_setting: the setting that says what proves it.
    """

    kind: str
    description: str
    name_setting: str
    secret_setting: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One service of the registry.

    Attributes:
        name: as people write it, such as `kas-alpha`.
        prefix: what the names of its settings begin with, such as `kas_alpha`.
        roles: who may call it, by role.
        values: by property, with origin.
        stacks: values that hold on one stack, by stack and property.
        parent: of an instance, the service that speaks where it says nothing; else empty.
        people: whether named people may call it, too.
        below: the service and the path below it where it is if nobody says.
        addresses: settings with further addresses of it.
    """

    name: str
    prefix: str
    description: str = ""
    kind: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    values: Mapping[str, Setting] = field(default_factory=dict)
    stacks: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    parent: str = ""
    people: bool = False
    below: tuple[str, str] | None = None
    addresses: tuple[str, ...] = ()

    def settings(self) -> Iterator[str]:
        """Yield the names of all its settings."""
        for name in PROPERTIES:
            yield f"{self.prefix}_{name}"
        for role in self.roles.values():
            yield from (role.name_setting, role.secret_setting, f"{role.secret_setting}_file")
        yield from self.addresses


@dataclass(frozen=True, slots=True)
class Registry:
    """All services by name, in the order in which they were registered."""

    services: Mapping[str, Definition]

    def require(self, name: str) -> Definition:
        """Return a service.

        Raises:
            ConfigurationError: there is none of that name.
        """
        found = self.services.get(name.removesuffix(f"-{DEFAULT_INSTANCE}"))
        if found is None:
            raise ConfigurationError(
                f'There is no service "{name}".{did_you_mean(name, self.services)} Known: '
                f"{listed(self.services)}. An extension registers more by `extra_services`."
            )
        return found

    def register_service(
        self, name: str, definition: Mapping[str, Any], origin: str = "register_service"
    ) -> "Registry":
        """Return a registry with one more service.

        Args:
            name: of the service.
            definition: of the form of an entry in `profiles/services.yaml`; with `overrides: true`
                its keys replace those of a service of the same name.
            origin: who says so, for messages and origins.

        Raises:
            ConfigurationError: the definition breaks the schema, or the name is taken.
        """
        document = Document(Path(origin), {"services": {name: definition}}, {})
        check(document, SCHEMA)
        return _added(self, document, name, origin_of_lines=False)

    def speaker(self, service: Definition) -> Definition:
        """Return the service that says who may call it: of an instance, what it is one of."""
        return self.services[service.parent] if service.parent else service

    def check(self, settings: Settings) -> None:
        """Refuse settings of extensions' services that nobody has registered.

        Raises:
            ConfigurationError: the first such name, with the nearest one that there is.
        """
        known = [
            name
            for service in self.services.values()
            for name in service.settings()
            if name.startswith(EXTENSION)
        ]
        for name, origin in settings.of_extensions():
            if name not in known:
                raise ConfigurationError(
                    f"{origin} is set, but no registered service has it.{did_you_mean(name, known)}"
                    f" Known: {listed(known)}. Name the file with the service in `extra_services`, "
                    "or leave the setting out."
                )


def load(path: Path, registry: Registry | None = None) -> Registry:
    """Return a registry with the services of a file, added to those of another one.

    Raises:
        ConfigurationError: the file cannot be read or breaks the schema, or a name is taken.
    """
    document = load_yaml(path, SCHEMA)
    result = registry or Registry({})
    for name in document.value["services"]:
        result = _added(result, document, name)
    return result


def of_settings(settings: Settings) -> Registry:
    """Return our services and those of the files that `extra_services` names.

    Raises:
        ConfigurationError: a file cannot be used, or a setting is of a service that is not there.
    """
    registry = load(BUILT_IN)
    for path in filter(None, (settings.value("extra_services") or "").split(":")):
        registry = load(Path(path), registry)
    registry.check(settings)
    return registry


def _added(
    registry: Registry, document: Document, name: str, *, origin_of_lines: bool = True
) -> Registry:
    reader = _Reader(document, name, origin_of_lines=origin_of_lines)
    known = registry.services.get(name)
    if known is not None and not reader.given.get("overrides", False):
        raise ConfigurationError(
            f'{document.where(reader.position)}: there is a service "{name}" already '
            f"({known.description}). Choose another name, or say `overrides: true` to change it."
        )
    if known is None and reader.given.get("overrides", False):
        raise ConfigurationError(
            f'{document.where(reader.position)}: there is no service "{name}" to override.'
            f"{did_you_mean(name, registry.services)} Known: {listed(registry.services)}."
        )
    definitions = {entry.name: entry for entry in reader.definitions(known, registry)}
    taken = [entry for entry in definitions if entry != name and entry in registry.services]
    if known is None and taken:
        raise ConfigurationError(
            f'{document.where(reader.position)}: the instance "{taken[0]}" has the name of '
            "another service. Choose another name."
        )
    return Registry({**registry.services, **definitions})


class _Reader:
    """Reads one service of a checked document."""

    def __init__(self, document: Document, name: str, *, origin_of_lines: bool) -> None:
        self._document = document
        self._name = name
        self._lines = origin_of_lines
        self.position: Position = ("services", name)
        self.given: Mapping[str, Any] = document.value["services"][name]

    def definitions(self, known: Definition | None, registry: Registry) -> Iterator[Definition]:
        """Yield the service and its instances."""
        prefix = known.prefix if known else _prefix(self._name)
        base = known or Definition(self._name, prefix)
        fields: dict[str, Any] = {
            key: self.given[key] for key in ("description", "kind", "people") if key in self.given
        }
        if "roles" in self.given:
            fields["roles"] = {**base.roles, **self._roles(prefix)}
        if "below" in self.given:
            below = self.given["below"]
            _require_below(self._document.where((*self.position, "below")), below, registry)
            fields["below"] = (below["service"], below["path"])
        if "addresses" in self.given:
            fields["addresses"] = tuple(self.given["addresses"])
        service = self._with_values(dataclasses.replace(base, **fields), self.position, self.given)
        yield service
        for name, given in self.given.get("instances", {}).items():
            yield self._instance(service, name, given, registry)

    def _instance(
        self, service: Definition, name: str, given: Mapping[str, Any], registry: Registry
    ) -> Definition:
        full = f"{service.name}-{name}"
        known = registry.services.get(full)
        instance = dataclasses.replace(
            known or Definition(full, _prefix(full)),
            description=given["description"],
            kind=service.kind,
            parent=service.name,
        )
        return self._with_values(instance, (*self.position, "instances", name), given)

    def _with_values(
        self, base: Definition, position: Position, given: Mapping[str, Any]
    ) -> Definition:
        stacks = dict(base.stacks)
        for stack, values in given.get("stacks", {}).items():
            at = (*position, "stacks", stack)
            stacks[stack] = {**stacks.get(stack, {}), **self._values(at, values)}
        own = self._values((*position, "network"), given.get("network", {}))
        return dataclasses.replace(base, values={**base.values, **own}, stacks=stacks)

    def _values(self, position: Position, values: Mapping[str, object]) -> dict[str, Setting]:
        return {
            name: Setting(_text(value), self._origin((*position, name)))
            for name, value in values.items()
        }

    def _origin(self, position: Position) -> str:
        if not self._lines:
            return f"registry {self._document.path}"
        return f"registry {self._document.where(position).removeprefix(f'{ROOT}/')}"

    def _roles(self, prefix: str) -> dict[str, Role]:
        return {name: _role(prefix, name, given) for name, given in self.given["roles"].items()}


def _prefix(service: str) -> str:
    plain = service.replace("-", "_")
    return plain if plain in SERVICES else f"{EXTENSION}{plain}"


def _role(prefix: str, name: str, given: Mapping[str, Any]) -> Role:
    """Return a role and the settings that it is known by.

    Our own OAuth clients are the same at every service; all else is named after its service.
    """
    kind = given["as"]
    name_part, secret_part = (
        ("client_id", "client_secret") if kind == CLIENT else ("user", "secret")
    )
    begin = prefix if name == "default" else f"{prefix}_{name}"
    ours = not prefix.startswith(EXTENSION)
    if ours and kind == CLIENT and name in ROLES:
        begin = name
    elif ours and f"{begin}_{name_part}" not in BY_NAME:  # an extension added the role
        begin = f"{EXTENSION}{begin}"
    return Role(kind, given["description"], f"{begin}_{name_part}", f"{begin}_{secret_part}")


def _require_below(where: str, below: Mapping[str, str], registry: Registry) -> None:
    name = below["service"]
    if name not in registry.services:
        raise ConfigurationError(
            f'{where}: "{name}" is not a service that comes before this one.'
            f"{did_you_mean(name, registry.services)} Known here: {listed(registry.services)}."
        )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
