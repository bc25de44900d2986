"""Administering policy: every kind of thing that can be created, changed and deleted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from support.platform.connect import Answer, ConnectClient
from support.platform.policy import ATTRIBUTES, NAMESPACES, SUBJECT_MAPPINGS, UNSAFE
from support.platform.shape import JsonObject, member, members, text

ACTIONS = "policy.actions.ActionService"
RESOURCE_MAPPINGS = "policy.resourcemapping.ResourceMappingService"
EXTEND_LABELS = "METADATA_UPDATE_ENUM_EXTEND"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of policy object.

    Attributes:
        service: where it is administered.
        noun: what its methods are called after, such as `Namespace` in `CreateNamespace`.
        key: what it is called in answers.
        lists: what lists of it are called in answers.
        name: where in it the name stands that people know it by.
        is_activatable: whether it can be deactivated, and is deleted by an unsafe change only.
    """

    service: str
    noun: str
    key: str
    lists: tuple[str, ...]
    name: tuple[str | int, ...]
    is_activatable: bool = False


NAMESPACE = Kind(
    NAMESPACES, "Namespace", "namespace", ("namespaces",), ("name",), is_activatable=True
)
ATTRIBUTE = Kind(
    ATTRIBUTES, "Attribute", "attribute", ("attributes",), ("name",), is_activatable=True
)
VALUE = Kind(ATTRIBUTES, "AttributeValue", "value", ("values",), ("value",), is_activatable=True)
ACTION = Kind(ACTIONS, "Action", "action", ("actionsCustom", "actionsStandard"), ("name",))
CONDITION_SET = Kind(
    SUBJECT_MAPPINGS,
    "SubjectConditionSet",
    "subjectConditionSet",
    ("subjectConditionSets",),
    ("subjectSets", 0, "conditionGroups", 0, "conditions", 0, "subjectExternalValues", 0),
)
SUBJECT_MAPPING = Kind(
    SUBJECT_MAPPINGS,
    "SubjectMapping",
    "subjectMapping",
    ("subjectMappings",),
    ("attributeValue", "value"),
)
RESOURCE_MAPPING = Kind(
    RESOURCE_MAPPINGS, "ResourceMapping", "resourceMapping", ("resourceMappings",), ("terms", 0)
)
RESOURCE_GROUP = Kind(
    RESOURCE_MAPPINGS,
    "ResourceMappingGroup",
    "resourceMappingGroup",
    ("resourceMappingGroups",),
    ("name",),
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A policy object as the platform stored it."""

    kind: Kind
    id: str
    name: str
    fqn: str
    is_active: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)


def thing(kind: Kind, where: str, found: JsonObject) -> Thing:
    """Return the policy object in an answer.

    Raises:
        EnvironmentUnfitError: it has no id, or no name.
    """
    place: Any = found
    for step in kind.name[:-1]:
        place = place[step] if isinstance(step, int) else place.get(step, {})
    last = kind.name[-1]
    name = str(place[last]) if isinstance(last, int) else text(where, place, last)
    metadata = found.get("metadata", {})
    return Thing(
        kind,
        text(where, found, "id"),
        name,
        str(found.get("fqn", "")),
        bool(found.get("active", True)),
        dict(metadata.get("labels", {})),
    )


class Administrator:
    """Calls the administrative methods with the token of a role."""

    def __init__(self, connect: ConnectClient, token: str) -> None:
        self._connect = connect
        self._token = token

    def create(self, kind: Kind, message: Mapping[str, Any]) -> tuple[Answer, Thing | None]:
        """Create something; return the answer, and what was created if it was."""
        where = f"Create{kind.noun}"
        answer = self._call(kind.service, where, message)
        if not answer.accepted:
            return answer, None
        return answer, thing(kind, where, member(where, answer.body, kind.key))

    def read(self, kind: Kind, identifier: str) -> Thing | None:
        """Return what has an id, or None where the platform knows nothing by it.

        Raises:
            EnvironmentUnfitError: the platform refuses for another reason.
        """
        where = f"Get{kind.noun}"
        answer = self._call(kind.service, where, {"id": identifier})
        if answer.code == "not_found":
            return None
        body = answer.required(f"read {kind.key} {identifier}")
        return thing(kind, where, member(where, body, kind.key))

    def listed(self, kind: Kind, message: Mapping[str, Any]) -> frozenset[str]:
        """Return the ids in a list of active things.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        where = f"List{kind.noun}s"
        body = self._call(kind.service, where, message).required(f"list {kind.noun}")
        return frozenset(
            text(where, entry, "id") for name in kind.lists for entry in members(where, body, name)
        )

    def values_of(self, attribute_id: str) -> frozenset[str]:
        """Return the ids of the active values of an attribute.

        Raises:
            EnvironmentUnfitError: the platform refuses.
        """
        where = "GetAttribute"
        answer = self._call(ATTRIBUTES, where, {"id": attribute_id})
        if answer.code == "not_found":
            return frozenset()
        found = member(where, answer.required("read the attribute"), "attribute")
        values = members(where, found, "values")
        return frozenset(text(where, entry, "id") for entry in values if entry.get("active", True))

    def action_id(self, name: str, namespace_id: str) -> str:
        """Return the id of the action of a name in a namespace, or nothing.

        Raises:
            EnvironmentUnfitError: the platform refuses for another reason.
        """
        where = "GetAction"
        answer = self._call(ACTIONS, where, {"name": name, "namespaceId": namespace_id})
        if answer.code in {"not_found", "invalid_argument"}:
            return ""
        return text(where, member(where, answer.required("read an action"), "action"), "id")

    def conditions_of(self, created: Answer) -> str:
        """Return the id of the condition set that came with a subject mapping."""
        where = "CreateSubjectMapping"
        mapping = member(where, created.body, "subjectMapping")
        return text(where, member(where, mapping, "subjectConditionSet"), "id")

    def label(self, kind: Kind, identifier: str, labels: Mapping[str, str]) -> Answer:
        """Add labels to something."""
        message = {
            "id": identifier,
            "metadata": {"labels": dict(labels)},
            "metadataUpdateBehavior": EXTEND_LABELS,
        }
        return self._call(kind.service, f"Update{kind.noun}", message)

    def deactivate(self, kind: Kind, identifier: str) -> Answer:
        """Deactivate something with all below it."""
        return self._call(kind.service, f"Deactivate{kind.noun}", {"id": identifier})

    def reactivate(self, kind: Kind, identifier: str) -> Answer:
        """Reactivate something alone."""
        return self._call(UNSAFE, f"UnsafeReactivate{kind.noun}", {"id": identifier})

    def rename(self, kind: Kind, identifier: str, name: str) -> Answer:
        """Give something another name."""
        service = UNSAFE if kind.is_activatable else kind.service
        method = f"UnsafeUpdate{kind.noun}" if kind.is_activatable else f"Update{kind.noun}"
        return self._call(service, method, {"id": identifier, kind.name[-1]: name})

    def delete(self, kind: Kind, identifier: str, confirmation: str) -> Answer:
        """Delete something; what can be deactivated only with its full name as confirmation."""
        if kind.is_activatable:
            message = {"id": identifier, "fqn": confirmation}
            return self._call(UNSAFE, f"UnsafeDelete{kind.noun}", message)
        return self._call(kind.service, f"Delete{kind.noun}", {"id": identifier})

    def _call(self, service: str, method: str, message: Mapping[Any, Any]) -> Answer:
        return self._connect.call(service, method, message, token=self._token)
