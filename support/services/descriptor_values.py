"""What a stack's descriptor says of services, by the names of settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.foundation.setting_names import PROPERTIES
from support.services.secret import Secret

ORIGIN = "stack descriptor"
_NO_SERVICES = frozenset({"kas", "roles", "users", "control"})


@dataclass(frozen=True, slots=True)
class DescriptorValues:
    """Values of a descriptor.

    Attributes:
        values: by the name of the setting that would be stronger.
        secrets: likewise.
        people: passwords of named people.
        origin: where it all comes from, for messages.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    people: Mapping[str, Secret] = field(default_factory=dict)
    origin: str = ORIGIN


def descriptor_values(content: Mapping[str, Any], origin: str = ORIGIN) -> DescriptorValues:
    """Return the values of a checked descriptor (schemas/stack-descriptor.schema.json).

    Every part with a `url`, or with other properties of a service, is a service.
    """
    plain = dict(_services(content))
    roles: Mapping[str, Any] = content.get("roles", {})
    secrets = {
        f"{role}_client_secret": Secret(entry["client_secret"], origin)
        for role, entry in roles.items()
    }
    for name, part in content.items():
        if isinstance(part, Mapping) and name not in _NO_SERVICES:
            proof = part.get("secret", part.get("password"))
            if isinstance(proof, str):
                secrets[f"{_plain(name)}_secret"] = Secret(proof, origin)
    plain |= {f"{role}_client_id": entry["client_id"] for role, entry in roles.items()}
    people = {
        name: Secret(entry["password"], origin) for name, entry in content.get("users", {}).items()
    }
    return DescriptorValues(plain, secrets, people, origin)


def _services(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, part in content.items():
        if isinstance(part, Mapping) and name not in _NO_SERVICES:
            yield from _properties(_plain(name), part)
    for instance, part in content.get("kas", {}).items():
        yield from _properties("kas" if instance == "default" else f"kas_{_plain(instance)}", part)
    token_endpoint = content.get("idp", {}).get("token_endpoint")
    if token_endpoint:
        yield "token_endpoint", token_endpoint


def _properties(prefix: str, part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in (*PROPERTIES, "user"):
        value = part.get(name)
        if value is not None:
            yield f"{prefix}_{name}", str(value).lower() if isinstance(value, bool) else str(value)


def _plain(name: str) -> str:
    return name.replace("-", "_")
