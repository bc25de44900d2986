"""What the stored policy entitles an entity to: the bridge from policy records to decisions."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from support.embedded.conditions import flatten, satisfies
from support.embedded.decisions import Action, Definition, Rule, lower_values
from support.embedded.dynamic_values import resolves
from support.embedded.faults import Fault
from support.embedded.modes import Modes
from support.embedded.policy.store import STANDARD_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.embedded.entities import Representation
    from support.embedded.policy.records import Action as ActionRecord
    from support.embedded.policy.records import (
        Attribute,
        ConditionSet,
        DynamicMapping,
        SubjectMapping,
        Value,
    )
    from support.embedded.policy.store import PolicyStore

NO_MODES = Modes()

_CUT_VALUES = 100


@dataclass(frozen=True, slots=True)
class EntitlementPolicy:
    """The policy store, asked about definitions and entitlements."""

    live_store: PolicyStore
    faults: frozenset[Fault] = frozenset()
    _first_seen: list[PolicyStore] = field(default_factory=list)

    @property
    def store(self) -> PolicyStore:
        """The policy of now; with a fault, that of the first decision."""
        if Fault.STALE_POLICY not in self.faults:
            return self.live_store
        if not self._first_seen:
            self._first_seen.append(copy.deepcopy(self.live_store))
        return self._first_seen[0]

    def definition(self, attribute: Attribute) -> Definition:
        """Return an attribute as decisions see it; values count whether active or not."""
        names = tuple(self.store.value_fqn(value) for value in self.store.values_of(attribute))
        fqn = self.store.attribute_fqn(attribute)
        return Definition(attribute.id, fqn, Rule(attribute.rule), names)

    def definitions_of(
        self, value_fqns: Iterable[str], modes: Modes = NO_MODES
    ) -> dict[str, Definition]:
        """Return the active definition of each known value, by the value's name.

        A value that does not exist is known as well where something else than a subject mapping
        may entitle to it.
        """
        found: dict[str, Definition] = {}
        for fqn in value_fqns:
            attribute = self._attribute_of(fqn, modes)
            if attribute is not None and self._counts(attribute):
                found[fqn] = self.definition(attribute)
        return found

    def _counts(self, attribute: Attribute) -> bool:
        permits = Fault.DEACTIVATED_DEFINITION_PERMITS in self.faults
        return permits or self.store.is_attribute_active(attribute)

    def _attribute_of(self, fqn: str, modes: Modes) -> Attribute | None:
        value = self.store.value_by_fqn(fqn)
        if value is not None:
            return self.store.attributes[value.attribute_id]
        name, separator, text = fqn.partition("/value/")
        attribute = self.store.attribute_by_fqn(name) if separator and text else None
        if attribute is None or modes.direct:
            return attribute
        mapped = modes.dynamic and self.store.dynamic_mappings_of(attribute)
        return attribute if mapped else None

    def add_dynamic(
        self,
        entity: Representation,
        entitlements: dict[str, list[Action]],
        definitions: dict[str, Definition],
    ) -> None:
        """Add what dynamic mappings entitle an entity to, of the values that are asked about."""
        subjects = [flatten(properties) for properties in entity.properties]
        for fqn, definition in definitions.items():
            value = fqn.partition("/value/")[2]
            for mapping in self._dynamic_mappings_of(definition):
                conditions = self.store.condition_sets.get(mapping.condition_set_id)
                gate = conditions.subject_sets if conditions else []
                if any(
                    resolves(mapping, gate, subject, value, self.faults) for subject in subjects
                ):
                    entitlements.setdefault(fqn, []).extend(self.actions_of(mapping))

    def _dynamic_mappings_of(self, definition: Definition) -> Iterable[DynamicMapping]:
        if Fault.DYNAMIC_MAPPING_ANY_DEFINITION in self.faults:
            return self.store.dynamic_mappings.values()
        return self.store.dynamic_mappings_of(self.store.attributes[definition.id])

    def add_direct(
        self,
        entity: Representation,
        entitlements: dict[str, list[Action]],
        definitions: dict[str, Definition],
    ) -> None:
        """Add what an entity brings itself, in the namespace of the value's definition."""
        for item in entity.direct:
            namespace_id, namespace_fqn = "", ""
            if item.value_fqn in definitions:
                attribute = self.store.attributes[definitions[item.value_fqn].id]
                namespace = self.store.namespaces[attribute.namespace_id]
                namespace_id, namespace_fqn = namespace.id, namespace.fqn
            names = item.actions
            if Fault.DIRECT_ENTITLEMENT_ACTION_IGNORED in self.faults:
                names = (*names, *STANDARD_ACTIONS)
            for fqn in self._meant(item.value_fqn, definitions):
                entitlements.setdefault(fqn, []).extend(
                    Action(name, "", namespace_id, namespace_fqn) for name in names
                )

    def _meant(self, fqn: str, definitions: dict[str, Definition]) -> list[str]:
        """Return the values that a direct entitlement is about: the one that it names."""
        if Fault.DIRECT_ENTITLEMENT_ANY_VALUE not in self.faults:
            return [fqn]
        attribute = fqn.partition("/value/")[0]
        return [fqn, *(name for name, entry in definitions.items() if entry.fqn == attribute)]

    def _considered(self, attribute: Attribute) -> list[Value]:
        limit = _CUT_VALUES if Fault.LARGE_DEFINITION_CUT in self.faults else None
        return list(self.store.values_of(attribute))[:limit]

    def values_of(self, definitions: Iterable[Definition]) -> dict[str, Value]:
        """Return the values of definitions by name."""
        return {
            self.store.value_fqn(value): value
            for definition in definitions
            for value in self._considered(self.store.attributes[definition.id])
        }

    def entitled(
        self, entity: Representation, values: dict[str, Value], *, everybody: bool = False
    ) -> dict[str, list[Action]]:
        """Return the actions that an entity has on some values, by the value's name.

        Args:
            entity: Who it is.
            values: The values by name.
            everybody: Whether whoever it is counts as meeting every condition.
        """
        everybody = everybody or Fault.EVERYBODY_IS_ENTITLED in self.faults
        everybody = everybody or self._is_let_through(entity)
        subjects = [flatten(properties) for properties in entity.properties]
        names = {value.id: fqn for fqn, value in values.items()}
        entitlements: dict[str, list[Action]] = {}
        for mapping, condition_set in self._mappings():
            if mapping.value_id not in names:
                continue
            conditions = condition_set.subject_sets
            if everybody or any(
                satisfies(conditions, subject, self.faults) for subject in subjects
            ):
                fqn = names[mapping.value_id]
                granted = entitlements.setdefault(fqn, [])
                granted.extend(
                    action for action in self.actions_of(mapping) if action not in granted
                )
        return entitlements

    def _mappings(self) -> Iterator[tuple[SubjectMapping, ConditionSet]]:
        """Yield what entitles."""
        for mapping in self.store.subject_mappings.values():
            yield mapping, self.store.condition_sets[mapping.condition_set_id]
        yield from self.store.deleted_mappings

    def _is_let_through(self, entity: Representation) -> bool:
        """Tell whether a fault entitles somebody of whom nothing was found out."""
        failed = any("error" in properties for properties in entity.properties)
        return failed and Fault.CLAIMS_FAILURE_PERMITS in self.faults

    def actions_of(self, mapping: SubjectMapping | DynamicMapping) -> list[Action]:
        """Return a mapping's actions as decisions see them."""
        actions = [self.action(self.store.actions[item]) for item in mapping.action_ids]
        return actions[:1] if Fault.FIRST_ACTION_ONLY in self.faults else actions

    def action(self, record: ActionRecord) -> Action:
        """Return an action as decisions see it."""
        namespace = self.store.namespaces.get(record.namespace_id)
        return Action(
            record.name, record.id, record.namespace_id, namespace.fqn if namespace else ""
        )

    def matched_values(self, entities: list[Representation]) -> dict[str, Value]:
        """Return the active values with a mapping that asks for a property of some entity."""
        selectors = {
            path for entity in entities for item in entity.properties for path in flatten(item)
        }
        matched: dict[str, Value] = {}
        for mapping in self.store.subject_mappings.values():
            value = self.store.values[mapping.value_id]
            asked = self.store.condition_sets[mapping.condition_set_id].selectors()
            everything = Fault.ENTITLEMENTS_OF_EVERYTHING in self.faults
            if self.store.is_value_active(value) and (everything or selectors & asked):
                matched[self.store.value_fqn(value)] = value
        return matched

    def with_lower_values(self, entitlements: dict[str, list[Action]]) -> dict[str, list[Action]]:
        """Add to entitlements in hierarchies the values below, with the same actions."""
        complete = {fqn: list(actions) for fqn, actions in entitlements.items()}
        definitions = self.definitions_of(entitlements)
        for fqn, actions in entitlements.items():
            if fqn not in definitions:
                continue
            for lower in lower_values(definitions[fqn], fqn):
                known = complete.setdefault(lower, [])
                known.extend(action for action in actions if action not in known)
        return complete


def of_own_namespace(
    entitlements: dict[str, list[Action]], faults: frozenset[Fault] = frozenset()
) -> dict[str, list[Action]]:
    """Return the entitlements whose actions belong to the namespace of their value."""
    unnamed = {""} if Fault.UNNAMESPACED_MAPPING_ENTITLES in faults else set()
    return {
        fqn: [
            action
            for action in actions
            if action.namespace_fqn in {fqn.partition("/attr/")[0], *unnamed}
        ]
        for fqn, actions in entitlements.items()
    }
