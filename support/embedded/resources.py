"""What is asked about: resources of a question, and registered resources that act as entities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.decisions import Action
from support.embedded.faults import Fault
from support.embedded.obligations import Trigger
from support.embedded.policy.obligation_records import obligation_value_fqn
from support.embedded.policy.registered_records import ResourceName, values_for_decisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.embedded.entitlements import EntitlementPolicy
    from support.embedded.policy.registered_records import RegisteredResourceValue
    from support.embedded.protocol import Message

OLD_FORM = "https://reg_res/"


def unexpected() -> ConnectError:
    """Return the error that hides its reason, as the platform's does."""
    return ConnectError(Code.INTERNAL, "an unexpected error occurred")


_CUT_LABELS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One resource of a question.

    Attributes:
        id: Echoed in the decision.
        name: The name of a registered resource; empty for attribute values.
        known: The values that it carries, whatever the action; nothing for an unknown resource.
        needed: Those that the action needs.
        triggering: Those that can require obligations for the action.
    """

    id: str
    name: str
    known: tuple[str, ...] | None
    needed: tuple[str, ...]
    triggering: tuple[str, ...] | None

    def is_open(self, faults: frozenset[Fault]) -> bool:
        """Tell whether a fault opens a registered resource to everybody."""
        if self.known is None:
            return Fault.UNKNOWN_REGISTERED_RESOURCE_PERMITS in faults
        return bool(self.name) and Fault.REGISTERED_RESOURCE_ALWAYS_OPEN in faults


@dataclass(frozen=True, slots=True)
class Resources:
    """Registered resources and triggers of one moment, as decisions see them."""

    policy: EntitlementPolicy
    registered: dict[str, RegisteredResourceValue]
    faults: frozenset[Fault]
    namespaced: bool = False

    @classmethod
    def of(
        cls, policy: EntitlementPolicy, faults: frozenset[Fault], *, namespaced: bool = False
    ) -> Resources:
        """Read them from the policy store; where policy is namespaced, so are all names."""
        known = values_for_decisions(policy.store)
        if namespaced or Fault.REGISTERED_RESOURCE_OLD_NAME_LOST in faults:
            known = {fqn: value for fqn, value in known.items() if not fqn.startswith(OLD_FORM)}
        return cls(policy, known, faults, namespaced)

    def asked(self, resource: Message, index: int, action: Action) -> Asked:
        """Return a resource of a question about an action.

        Raises:
            ConnectError: It is of no kind.
        """
        identifier = resource.ephemeral_id or f"resource-{index}"
        if Fault.RESOURCE_NAMES_REPLACED in self.faults:
            identifier = f"resource-{index}"
        match resource.WhichOneof("resource"):
            case "attribute_values":
                limit = _CUT_LABELS if Fault.LONG_RESOURCE_CUT in self.faults else None
                fqns = resource.attribute_values.fqns[:limit]
                names = tuple(fqn.lower() for fqn in fqns)
                return Asked(identifier, "", names, names, names)
            case "registered_resource_value_fqn":
                fqn = resource.registered_resource_value_fqn
                if Fault.REGISTERED_NAME_CASE_COUNTS not in self.faults:
                    fqn = fqn.lower()
                return self._registered(identifier, fqn, action)
            case _:
                raise unexpected()

    def _registered(self, identifier: str, fqn: str, action: Action) -> Asked:
        self._check_name(fqn)
        record = self.registered.get(fqn)
        if record is None:
            return Asked(identifier, fqn, None, (), None)
        pairs = list(self._pairs(record))
        if Fault.REGISTERED_RESOURCE_FIRST_VALUE in self.faults:
            pairs = pairs[:1]
        if Fault.REGISTERED_RESOURCE_IGNORES_ACTION in self.faults:
            pairs = [(action, value) for _, value in pairs]
        return Asked(
            identifier,
            fqn,
            tuple(dict.fromkeys(value for _, value in pairs)),
            tuple(dict.fromkeys(value for tied, value in pairs if action.is_met_by(tied))),
            tuple(value for tied, value in pairs if tied.name == action.name.lower()),
        )

    def entitlements(self, fqn: str, action: Action | None = None) -> dict[str, list[Action]]:
        """Return what a registered resource may do, all of it or one action, by value.

        Raises:
            ConnectError: The name is malformed, or nothing is registered under it.
        """
        self._check_name(fqn)
        record = self.registered.get(fqn)
        if ResourceName.parse(fqn) is None or record is None:
            raise unexpected()
        entitled: dict[str, list[Action]] = {}
        if action is not None and Fault.REGISTERED_ENTITY_IGNORES_ACTION in self.faults:
            return {value: [action] for _, value in self._pairs(record)}
        for tied, value in self._pairs(record):
            if action is None or action.is_met_by(tied):
                known = entitled.setdefault(value, [])
                if tied not in known:
                    known.append(tied)
        return entitled

    def _check_name(self, fqn: str) -> None:
        """Give up on the whole request where a name lacks the namespace that policy demands."""
        if self.namespaced:
            name = ResourceName.parse(fqn)
            if name is None or not name.namespace:
                raise unexpected()

    def _pairs(self, record: RegisteredResourceValue) -> Iterator[tuple[Action, str]]:
        store = self.policy.store
        for action_id, value_id in record.pairs:
            action = self.policy.action(store.actions[action_id])
            value = store.value_fqn(store.values[value_id])
            if not self.namespaced or action.namespace_fqn == value.partition("/attr/")[0]:
                yield action, value

    def triggers(self) -> list[Trigger]:
        """Return what requires obligations; those of the newest definition come first."""
        store = self.policy.store
        return [
            Trigger(
                store.actions[trigger.action_id].name,
                store.value_fqn(store.values[trigger.attribute_value_id]),
                obligation_value_fqn(store, value),
                trigger.client_id,
            )
            for definition in reversed(store.obligations.definitions.values())
            for value in store.obligations.values_of(definition)
            for trigger in store.obligations.triggers_of(value)
        ]
