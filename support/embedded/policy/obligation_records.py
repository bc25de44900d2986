"""What the policy store holds of obligations: definitions, their values, and what triggers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.embedded.policy.records import Record

if TYPE_CHECKING:
    from support.embedded.policy.store import PolicyStore


@dataclass(slots=True, kw_only=True)
class Obligation(Record):
    """An obligation definition; ``name`` is lower case and free in its namespace."""

    namespace_id: str
    name: str


@dataclass(slots=True, kw_only=True)
class ObligationValue(Record):
    """A value of an obligation: what a client has to fulfil."""

    obligation_id: str
    value: str


@dataclass(slots=True, kw_only=True)
class ObligationTrigger(Record):
    """Requires a value for an action on an attribute value, through one client or through all."""

    value_id: str
    action_id: str
    attribute_value_id: str
    client_id: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What two triggers may not share."""
        return self.value_id, self.action_id, self.attribute_value_id, self.client_id


@dataclass(slots=True)
class ObligationTables:
    """All obligations by id; insertion order is creation order."""

    definitions: dict[str, Obligation] = field(default_factory=dict)
    values: dict[str, ObligationValue] = field(default_factory=dict)
    triggers: dict[str, ObligationTrigger] = field(default_factory=dict)

    def values_of(self, definition: Obligation) -> list[ObligationValue]:
        """Return the values of a definition."""
        return [item for item in self.values.values() if item.obligation_id == definition.id]

    def triggers_of(self, value: ObligationValue) -> list[ObligationTrigger]:
        """Return the triggers of a value."""
        return [item for item in self.triggers.values() if item.value_id == value.id]

    def forget_orphans(self, store: PolicyStore) -> None:
        """Remove what refers to something that is gone."""
        self.definitions = {
            item.id: item
            for item in self.definitions.values()
            if item.namespace_id in store.namespaces
        }
        self.values = {
            item.id: item for item in self.values.values() if item.obligation_id in self.definitions
        }
        self.triggers = {
            item.id: item
            for item in self.triggers.values()
            if item.value_id in self.values
            and item.action_id in store.actions
            and item.attribute_value_id in store.values
        }


def obligation_fqn(store: PolicyStore, record: Obligation) -> str:
    """Return the fully qualified name of a definition."""
    return f"{store.namespaces[record.namespace_id].fqn}/obl/{record.name}"


def obligation_value_fqn(store: PolicyStore, record: ObligationValue) -> str:
    """Return the fully qualified name of a value."""
    definition = store.obligations.definitions[record.obligation_id]
    return f"{obligation_fqn(store, definition)}/value/{record.value}"


def definition_by_fqn(store: PolicyStore, fqn: str) -> Obligation | None:
    """Return the definition of a name; the case of its namespace counts, that of the rest not.

    Of a name in another form the platform takes what stands before ``/obl/`` and after the last
    slash (lib/identifier, BreakOblFQN).
    """
    wanted = (fqn.split("/obl/", maxsplit=1)[0], fqn.rpartition("/")[2].lower())
    return next(
        (
            item
            for item in store.obligations.definitions.values()
            if (store.namespaces[item.namespace_id].fqn, item.name) == wanted
        ),
        None,
    )


def value_by_fqn(store: PolicyStore, fqn: str) -> ObligationValue | None:
    """Return the value of a name; the case of its namespace counts, that of the rest not."""
    parts = fqn.split("/value/")
    definition = definition_by_fqn(store, parts[0])
    if definition is None:
        return None
    values = store.obligations.values_of(definition)
    return next((item for item in values if item.value == parts[-1].lower()), None)
