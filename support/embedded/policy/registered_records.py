"""What the policy store holds of registered resources: resources, their values, and their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.embedded.policy.records import Record

if TYPE_CHECKING:
    from support.embedded.policy.store import PolicyStore

# lib/identifier: a name of the store's own form, and the older one without a namespace.
_PART = r"[a-z0-9](?:[a-z0-9_-]{0,251}[a-z0-9])?"
_NAMESPACE = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}"
_NAME = re.compile(rf"https://(?:({_NAMESPACE})/)?reg_res/({_PART})/value/({_PART})")


@dataclass(frozen=True, slots=True)
class ResourceName:
    """The parts of a registered resource value's name; the older form has no namespace."""

    namespace: str
    resource: str
    value: str

    @classmethod
    def parse(cls, fqn: str) -> ResourceName | None:
        """Return the parts of a name in any case, or nothing if it is in another form."""
        found = _NAME.fullmatch(fqn.lower())
        return cls(found[1] or "", found[2], found[3]) if found else None

    @property
    def fqn(self) -> str:
        """The whole name."""
        namespace = f"{self.namespace}/" if self.namespace else ""
        return f"https://{namespace}reg_res/{self.resource}/value/{self.value}"


@dataclass(slots=True, kw_only=True)
class RegisteredResource(Record):
    """A registered resource; older ones stand in no namespace."""

    name: str
    namespace_id: str = ""


@dataclass(slots=True, kw_only=True)
class RegisteredResourceValue(Record):
    """A value of a resource, with pairs of an action's and an attribute value's id."""

    resource_id: str
    value: str
    pairs: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class RegisteredTables:
    """All registered resources by id; insertion order is creation order."""

    resources: dict[str, RegisteredResource] = field(default_factory=dict)
    values: dict[str, RegisteredResourceValue] = field(default_factory=dict)

    def values_of(self, resource: RegisteredResource) -> list[RegisteredResourceValue]:
        """Return the values of a resource."""
        return [item for item in self.values.values() if item.resource_id == resource.id]

    def forget_orphans(self, store: PolicyStore) -> None:
        """Remove what refers to something that is gone."""
        self.resources = {
            item.id: item
            for item in self.resources.values()
            if not item.namespace_id or item.namespace_id in store.namespaces
        }
        self.values = {
            item.id: item for item in self.values.values() if item.resource_id in self.resources
        }
        for value in self.values.values():
            value.pairs = [
                (action, attribute_value)
                for action, attribute_value in value.pairs
                if action in store.actions and attribute_value in store.values
            ]


def name_of(store: PolicyStore, record: RegisteredResourceValue) -> ResourceName:
    """Return the name of a value."""
    resource = store.registered.resources[record.resource_id]
    namespace = store.namespaces.get(resource.namespace_id)
    return ResourceName(namespace.name if namespace else "", resource.name, record.value)


def find_by_name(store: PolicyStore, name: ResourceName) -> RegisteredResourceValue | None:
    """Return the value of a name; without a namespace, the first of any."""
    for record in store.registered.values.values():
        own = name_of(store, record)
        same = (own.resource, own.value) == (name.resource, name.value)
        if same and name.namespace in {"", own.namespace}:
            return record
    return None


def values_for_decisions(store: PolicyStore) -> dict[str, RegisteredResourceValue]:
    """Return values by every name that decisions know them under.

    Each also goes by the older form of its name; of several, the one made first does.
    """
    known: dict[str, RegisteredResourceValue] = {}
    for resource in reversed(store.registered.resources.values()):
        for record in store.registered.values_of(resource):
            own = name_of(store, record)
            known[own.fqn] = record
            known[ResourceName("", own.resource, own.value).fqn] = record
    return known
