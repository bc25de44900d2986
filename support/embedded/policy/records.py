"""What the policy store holds: plain records that refer to each other by id."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from support.embedded.protocol import Message


def new_id() -> str:
    """Return a fresh random identifier."""
    return str(uuid.uuid4())


@dataclass(slots=True, kw_only=True)
class Record:
    """What every stored thing has."""

    id: str = field(default_factory=new_id)
    created: datetime
    updated: datetime
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Namespace(Record):
    """A namespace; ``name`` is lower case."""

    name: str
    active: bool = True
    key_ids: list[str] = field(default_factory=list)

    @property
    def fqn(self) -> str:
        """The namespace's fully qualified name."""
        return f"https://{self.name}"


@dataclass(slots=True, kw_only=True)
class Attribute(Record):
    """An attribute definition; ``rule`` is a number of ``policy.AttributeRuleTypeEnum``."""

    namespace_id: str
    name: str
    rule: int
    allow_traversal: bool = False
    active: bool = True
    value_ids: list[str] = field(default_factory=list)
    key_ids: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Value(Record):
    """A value of an attribute."""

    attribute_id: str
    value: str
    active: bool = True
    key_ids: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Action(Record):
    """An action; the standard ones belong to no namespace."""

    name: str
    is_standard: bool = False
    namespace_id: str = ""


@dataclass(slots=True, kw_only=True)
class ConditionSet(Record):
    """A subject condition set; ``subject_sets`` are ``policy.SubjectSet`` messages."""

    subject_sets: list[Message]
    namespace_id: str = ""

    def selectors(self) -> set[str]:
        """Return the properties of a subject that the conditions ask for."""
        return {
            condition.subject_external_selector_value
            for subject_set in self.subject_sets
            for group in subject_set.condition_groups
            for condition in group.conditions
        }


@dataclass(slots=True, kw_only=True)
class SubjectMapping(Record):
    """Entitles the subjects of a condition set to actions on a value."""

    value_id: str
    condition_set_id: str
    action_ids: list[str]
    namespace_id: str = ""


@dataclass(slots=True, kw_only=True)
class ResourceGroup(Record):
    """A group of resource mappings; ``name`` is lower case and unique in its namespace."""

    namespace_id: str
    name: str


@dataclass(slots=True, kw_only=True)
class ResourceMapping(Record):
    """Terms that stand for a value; of a group, a namespace, or neither."""

    value_id: str
    terms: list[str]
    group_id: str = ""
    namespace_id: str = ""


@dataclass(slots=True, kw_only=True)
class DynamicMapping(Record):
    """Entitles to actions on whichever value of an attribute a property of the subject names.

    ``operator`` is a number of ``policy.SubjectMappingOperatorEnum``; a condition set, where there
    is one, has to hold as well.
    """

    attribute_id: str
    selector: str
    operator: int
    action_ids: list[str]
    condition_set_id: str = ""
    namespace_id: str = ""


@dataclass(slots=True, kw_only=True)
class KeyAccessServer(Record):
    """A registered KAS; ``public_key`` is a ``policy.PublicKey`` message or ``None``."""

    uri: str
    name: str = ""
    source_type: int = 0
    public_key: Message | None = None


@dataclass(slots=True, kw_only=True)
class KasKey(Record):
    """A key registered for a KAS; the numbers are those of the ``policy`` enumerations."""

    kas_id: str
    kid: str
    algorithm: int
    mode: int
    status: int
    pem: str
    legacy: bool = False
    private_key: Message | None = None
    provider_config_id: str = ""


@dataclass(slots=True, kw_only=True)
class ProviderConfig(Record):
    """Where a manager outside of the platform keeps keys; ``config`` is JSON."""

    name: str
    manager: str
    config: bytes
