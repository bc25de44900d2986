"""All policy services together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.embedded.policy.actions import ActionService
from support.embedded.policy.attributes import AttributeService
from support.embedded.policy.condition_sets import ConditionSetService
from support.embedded.policy.dynamic_mappings import DynamicMappingService
from support.embedded.policy.kas_keys import KasKeyService
from support.embedded.policy.kas_registry import KasRegistryService
from support.embedded.policy.key_life_cycle import KeyLifeCycleService
from support.embedded.policy.namespaces import NamespaceService
from support.embedded.policy.obligation_triggers import ObligationTriggerService
from support.embedded.policy.obligations import ObligationService
from support.embedded.policy.providers import ProviderService
from support.embedded.policy.registered_resources import RegisteredResourceService
from support.embedded.policy.registered_values import RegisteredValueService
from support.embedded.policy.resource_groups import ResourceGroupService
from support.embedded.policy.resource_mappings import ResourceMappingService
from support.embedded.policy.subject_mappings import SubjectMappingService
from support.embedded.policy.unsafe import UnsafeService
from support.embedded.policy.unsafe_keys import UnsafeKeyService
from support.embedded.policy.values import ValueService

if TYPE_CHECKING:
    from support.embedded.calls import Handler
    from support.embedded.policy.render import Renderer

SERVICES = (
    ActionService,
    AttributeService,
    ConditionSetService,
    DynamicMappingService,
    KasKeyService,
    KasRegistryService,
    KeyLifeCycleService,
    NamespaceService,
    ObligationService,
    ObligationTriggerService,
    RegisteredResourceService,
    RegisteredValueService,
    ProviderService,
    ResourceGroupService,
    ResourceMappingService,
    SubjectMappingService,
    UnsafeKeyService,
    UnsafeService,
    ValueService,
)


def handlers(renderer: Renderer) -> dict[str, Handler]:
    """Return the handlers of every policy service by procedure path."""
    return {
        path: handler
        for service in SERVICES
        for path, handler in service(renderer).handlers().items()
    }
