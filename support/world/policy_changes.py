"""Changes of policy of every kind, as its owner makes them, and their audit records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.determinism.streams import FreshNames
from support.foundation.errors import EnvironmentUnfitError
from support.platform.administration import ACTIONS
from support.platform.audit import POLICY_CHANGE, AuditRecord
from support.platform.connect import ACCEPTED, Answer, ConnectClient
from support.platform.key_registry import REGISTRY
from support.platform.obligations import OBLIGATIONS
from support.platform.policy import (
    ATTRIBUTES,
    NAMESPACES,
    SUBJECT_MAPPINGS,
    UNSAFE,
    condition_set,
)
from support.platform.registered import REGISTERED
from support.platform.shape import JsonObject, member, text
from support.world.audit import Heard, expect_heard
from support.world.expectations import expect_equal, fail
from support.world.labels import Labels
from support.world.memory import Slot
from support.world.words import meaning_of

UNKNOWN = " that nobody made"
TAKEN = " that is there already"
LABEL = ("changed-by", "an acceptance scenario")
_ATTRIBUTE = "project"

Call = tuple[str, str, Mapping[str, Any]]
"""Service, method and request."""


@dataclass(frozen=True, slots=True)
class Made:
    """An object that an owner made."""

    id: str
    content: JsonObject


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object of the policy.

    Attributes:
        audited_as: what audit records call it.
        service: that makes, changes and reads it.
        name: of its methods, as in `CreateNamespace`.
        member: of an answer, which holds it.
        request: returns the request that makes one, always a new one where names count.
        removal: service and method that remove it.
        goes_with_namespace: whether it is removed with the scenario's namespace.
    """

    audited_as: str
    service: str
    name: str
    member: str
    request: Callable[[Labels], Mapping[str, Any]]
    removal: tuple[str, str]
    goes_with_namespace: bool = True

    def create(self, labels: Labels) -> Call:
        """Return the call that makes one."""
        return self.service, f"Create{self.name}", self.request(labels)

    def change(self, made: Made) -> Call:
        """Return the call that labels it."""
        message = {
            "id": made.id,
            "metadata": {"labels": dict([LABEL])},
            "metadataUpdateBehavior": "METADATA_UPDATE_ENUM_EXTEND",
        }
        return self.service, f"Update{self.name}", message

    def remove(self, made: Made) -> Call:
        """Return the call that removes it."""
        confirmed = {"fqn": made.content.get("fqn", "")} if self.removal[0] == UNSAFE else {}
        return *self.removal, {"id": made.id, **confirmed}

    def read(self, made: Made) -> Call:
        """Return the call that reads it."""
        return self.service, f"Get{self.name}", {"id": made.id}


def _condition() -> dict[str, object]:
    return condition_set(".clientId", "nobody")


def _new_attribute(labels: Labels) -> Mapping[str, Any]:
    return {
        "namespaceId": labels.namespace.id,
        "name": _ATTRIBUTE,
        "rule": "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF",
        "values": ["apollo", "gemini"],
    }


def _new_value(labels: Labels) -> Mapping[str, Any]:
    attribute = labels.attribute(_ATTRIBUTE)
    return {"attributeId": attribute.id if attribute else "", "value": "mercury"}


def _new_entitlement(labels: Labels) -> Mapping[str, Any]:
    return {
        "attributeValueId": labels.find("apollo")[0].id,
        "actions": [{"name": "read"}],
        "newSubjectConditionSet": _condition(),
    }


KINDS: Mapping[str, Kind] = {
    "a namespace": Kind(
        audited_as="namespace",
        service=NAMESPACES,
        name="Namespace",
        member="namespace",
        request=lambda labels: {"name": labels.fresh_name()},
        removal=(UNSAFE, "UnsafeDeleteNamespace"),
        goes_with_namespace=False,
    ),
    "an attribute": Kind(
        audited_as="attribute_definition",
        service=ATTRIBUTES,
        name="Attribute",
        member="attribute",
        request=_new_attribute,
        removal=(UNSAFE, "UnsafeDeleteAttribute"),
    ),
    "a value of an attribute": Kind(
        audited_as="attribute_value",
        service=ATTRIBUTES,
        name="AttributeValue",
        member="value",
        request=_new_value,
        removal=(UNSAFE, "UnsafeDeleteAttributeValue"),
    ),
    "a condition": Kind(
        audited_as="condition_set",
        service=SUBJECT_MAPPINGS,
        name="SubjectConditionSet",
        member="subjectConditionSet",
        request=lambda _: {"subjectConditionSet": _condition()},
        removal=(SUBJECT_MAPPINGS, "DeleteSubjectConditionSet"),
        goes_with_namespace=False,
    ),
    "an entitlement": Kind(
        audited_as="subject_mapping",
        service=SUBJECT_MAPPINGS,
        name="SubjectMapping",
        member="subjectMapping",
        request=_new_entitlement,
        removal=(SUBJECT_MAPPINGS, "DeleteSubjectMapping"),
    ),
    "an action": Kind(
        audited_as="action",
        service=ACTIONS,
        name="Action",
        member="action",
        request=lambda labels: {"name": f"act-{labels.fresh.token('made')}"},
        removal=(ACTIONS, "DeleteAction"),
        goes_with_namespace=False,
    ),
    "a key service": Kind(
        audited_as="kas_registry",
        service=REGISTRY,
        name="KeyAccessServer",
        member="keyAccessServer",
        request=lambda labels: {"uri": f"https://kas-{labels.fresh.token('made')}.example"},
        removal=(REGISTRY, "DeleteKeyAccessServer"),
        goes_with_namespace=False,
    ),
    "an obligation": Kind(
        audited_as="obligation_definition",
        service=OBLIGATIONS,
        name="Obligation",
        member="obligation",
        request=lambda labels: {
            "namespaceId": labels.namespace.id,
            "name": "drm",
            "values": ["watermark"],
        },
        removal=(OBLIGATIONS, "DeleteObligation"),
    ),
    "a registered resource": Kind(
        audited_as="registered_resource",
        service=REGISTERED,
        name="RegisteredResource",
        member="resource",
        request=lambda labels: {"name": f"resource-{labels.fresh.token('made')}"},
        removal=(REGISTERED, "DeleteRegisteredResource"),
        goes_with_namespace=False,
    ),
}
"""Kinds of objects, by the words that scenarios use."""

CREATES = "creates"
DEEDS: Mapping[str, Callable[[Kind, Call, Made], Call]] = {
    CREATES: lambda _kind, creation, _made: creation,
    "changes": lambda kind, _creation, made: kind.change(made),
    "removes": lambda kind, _creation, made: kind.remove(made),
    "reads": lambda kind, _creation, made: kind.read(made),
}
"""What administrators do, and the call that does it, given that which made the object."""

CHANGES: Mapping[str, tuple[str, str]] = {
    "created": ("create", "success"),
    "changed": ("update", "success"),
    "removed": ("delete", "success"),
    "not created": ("create", "error"),
    "not changed": ("update", "error"),
    "not removed": ("delete", "error"),
}
"""What became of an object, and action and result of the record of it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What an owner did last.

    Attributes:
        made: the object; None where there is none.
        request_id: of the call.
    """

    kind: Kind
    made: Made | None
    request_id: str

    def records(self, heard: Heard) -> list[AuditRecord]:
        """Return the records of it."""
        return [r for r in heard.of(POLICY_CHANGE) if r.request_id == self.request_id]


def _nobody_made(fresh: FreshNames) -> Made:
    fqn = f"https://never-made-{fresh.token('never made')}.example"
    return Made(fresh.identifier("never made"), {"fqn": fqn})


@dataclass(slots=True)
class PolicyOwner:
    """Makes, changes, removes and reads objects of the policy; the last deed is "it"."""

    connect: ConnectClient
    token: str
    labels: Labels
    done: Slot[Deed] = field(default_factory=lambda: Slot("a deed of the owner"))

    def act(self, deed: str, what: str) -> None:
        """Do something with an object, which is made first where it has to be there.

        Args:
            deed: one of `DEEDS`.
            what: one of `KINDS`; ` that nobody made` and ` that is there already` make deeds fail.

        Raises:
            SpecificationError: no such deed, or no such kind.
            EnvironmentUnfitError: the platform refuses what it should do, or the other way round.
        """
        name = what.removesuffix(UNKNOWN).removesuffix(TAKEN)
        kind = meaning_of(name, KINDS, "a kind of object of the policy")
        call = meaning_of(deed, DEEDS, "a deed of an owner")
        self._prepare(name)
        creation = kind.create(self.labels)
        made = None
        if what.endswith(TAKEN) or (deed != CREATES and not what.endswith(UNKNOWN)):
            made = self._keep(kind, self._send(creation))
        answer = self._send(call(kind, creation, made or _nobody_made(self.labels.fresh)))
        expected = "already_exists" if what.endswith(TAKEN) else "not_found"
        if answer.code != (ACCEPTED if name == what else expected):
            raise EnvironmentUnfitError(
                f'The platform answered "{answer.code}: {answer.message}" when the owner '
                f"{deed} {what}, which is not what the scenario is about."
            )
        request_id = self.connect.sent[-1].request_id
        if deed == CREATES and answer.accepted:
            made = self._keep(kind, answer)
        self.done.put(Deed(kind, made, request_id))

    def _prepare(self, name: str) -> None:
        """Make the attribute that some kinds of objects belong to."""
        if name in {"a value of an attribute", "an entitlement"}:
            self.labels.define(_ATTRIBUTE, "any of", "apollo, gemini")

    def _keep(self, kind: Kind, answer: Answer) -> Made:
        """Return what was made; what does not go with the namespace is removed at the end."""
        where = f"Create{kind.name}"
        body = answer.required(f"make what the audit calls {kind.audited_as}")
        content = member(where, body, kind.member)
        made = Made(text(where, content, "id"), content)
        if not kind.goes_with_namespace:
            self.labels.also_remove(lambda: self._send(kind.remove(made)))
        if "subjectConditionSet" in content:
            condition = Made(text(where, content["subjectConditionSet"], "id"), {})
            removal = KINDS["a condition"].remove(condition)
            self.labels.also_remove(lambda: self._send(removal))
        return made

    def _send(self, call: Call) -> Answer:
        service, method, message = call
        return self.connect.call(service, method, message, token=self.token)


def expect_change(heard: Heard, deed: Deed, change: str) -> None:
    """Expect exactly one record of a change, of that object.

    Raises:
        SpecificationError: the words say nothing of a change.
    """
    action, result = meaning_of(change, CHANGES, "what becomes of an object")
    expected = [{"object": deed.kind.audited_as, "action": action, "result": result}]
    records = deed.records(heard)
    told = [{"object": r.object_type, "action": r.action, "result": r.result} for r in records]
    expect_heard("What the audit says about the change", heard, told, expected)
    if deed.made is not None and result == "success":
        expect_equal("The object in the record", records[0].object_id, deed.made.id)


def expect_states(heard: Heard, deed: Deed) -> None:
    """Expect the record of a change to show the object before and after it.

    Raises:
        AssertionError: it shows another object, or another state.
    """
    records = deed.records(heard)
    if len(records) != 1 or deed.made is None:
        fail(f"Expected one record of a change of something that is there, got {len(records)}.")
    (record,) = records
    before = {"id": deed.made.id, "label": ""}
    if record.action == "create":
        expect_equal("The object in the record", record.original, _without_times(deed.made.content))
    else:
        after = {"id": deed.made.id, "label": LABEL[1]}
        shown = {"before": _state(record.original), "after": _state(record.updated)}
        expect_equal("The object in the record", shown, {"before": before, "after": after})


def expect_silence(heard: Heard, deed: Deed) -> None:
    """Expect no record at all of what the owner did last."""
    told = [f"{r.action} {r.object_type}: {r.result}" for r in deed.records(heard)]
    expect_heard("What the audit says about it", heard, told, [])


def _state(content: JsonObject | None) -> dict[str, str] | None:
    if content is None:
        return None
    labels = (content.get("metadata") or {}).get("labels") or {}
    return {"id": str(content.get("id", "")), "label": str(labels.get(LABEL[0], ""))}


def _without_times(content: JsonObject) -> JsonObject:
    """Return an object as records show it: without when it was made and changed."""
    rest = {k: v for k, v in (content.get("metadata") or {}).items() if not k.endswith("At")}
    plain = {k: v for k, v in content.items() if k != "metadata"}
    return {**plain, **({"metadata": rest} if rest else {})}
