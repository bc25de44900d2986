"""Every operation of the platform, tried with every kind of access: what is open to whom."""

from collections.abc import Mapping

from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.world.gate import OUTCOMES, Gate
from support.world.memory import Slot
from support.world.words import meaning_of, words_in

AREAS: Mapping[str, str] = {
    "actions": "policy.actions.ActionService",
    "attributes": "policy.attributes.AttributesService",
    "decisions": "authorization.v2.AuthorizationService",
    "decisions, first version": "authorization.AuthorizationService",
    "dynamic mappings": "policy.dynamicvaluemapping.DynamicValueMappingService",
    "entities": "entityresolution.v2.EntityResolutionService",
    "entities, first version": "entityresolution.EntityResolutionService",
    "entitlements": "policy.subjectmapping.SubjectMappingService",
    "health": "grpc.health.v1.Health",
    "irreversible changes": "policy.unsafe.UnsafeService",
    "key managers": "policy.keymanagement.KeyManagementService",
    "keys of documents": "kas.AccessService",
    "namespaces": "policy.namespaces.NamespaceService",
    "obligations": "policy.obligations.Service",
    "registered resources": "policy.registeredresources.RegisteredResourcesService",
    "resource mappings": "policy.resourcemapping.ResourceMappingService",
    "the configuration": "wellknownconfiguration.WellKnownService",
    "the key registry": "policy.kasregistry.KeyAccessServerRegistryService",
}
"""The services of the platform by the words that scenarios use."""

ROLES: Mapping[str, str | None] = {
    "admin": "admin",
    "standard": "standard",
    "no role": "unprivileged",
    "no token": None,
}
"""The kinds of access that are tried, and the role of the stack that each stands for."""

NOT_TRIED = "not tried"
NEVER_TRIED: Mapping[tuple[str, str], str] = {
    (
        "DeleteAllUnmappedSubjectConditionSets",
        "admin",
    ): "it would take away what other scenarios, or other people, have made",
}
"""What whoever may do it should not do on a platform that is shared, and why."""

# Without a sealed key the key service answers that the request is not authentic, whoever asks.
_NEEDS_AN_ENVELOPE = "Rewrap"

Outcomes = dict[str, str]


class Sweep:
    """Tries operations with a request that holds nothing: only who may come in is looked at."""

    def __init__(self, identity: Identity, connect: ConnectClient, gate: Gate) -> None:
        self._identity = identity
        self._connect = connect
        self._gate = gate
        self.outcomes: Slot[Outcomes] = Slot("attempts with every kind of access")

    def attempt(self, area: str, operations: str) -> None:
        """Try operations with every kind of access.

        Raises:
            SpecificationError: no such area.
            EnvironmentUnfitError: the platform does not offer an operation.
        """
        service = meaning_of(area, AREAS, "an area of the platform")
        methods = [method_name(words) for words in words_in(operations)]
        self.outcomes.put(
            {
                role: _summary({name: self._outcome(service, name, role) for name in methods})
                for role in ROLES
            }
        )

    def _outcome(self, service: str, method: str, role: str) -> str:
        if (method, role) in NEVER_TRIED:
            return NOT_TRIED
        acting = ROLES[role]
        token = None if acting is None else self._identity.token(acting)
        if method == _NEEDS_AN_ENVELOPE:
            code = self._gate.open_envelope(token).code
            return _WORDS.get(code, f"{code} (unexpected)")
        # Whatever is said about the empty request is said to somebody who came in.
        code = self._connect.verdict(service, method, {}, token=token)
        return _WORDS.get(code, "allowed")


_WORDS: Mapping[str, str] = {OUTCOMES[word]: word for word in OUTCOMES if " " not in word}


def method_name(words: str) -> str:
    """Return the operation that words stand for: `get obligations by FQNs` is one."""
    return "".join(f"{word[:1].upper()}{word[1:]}" for word in words.split())


def _summary(outcomes: Mapping[str, str]) -> str:
    """Return the one outcome of all operations, or what each of them gave."""
    found = set(outcomes.values())
    if len(found) == 1:
        return found.pop()
    return ", ".join(f"{name}: {outcome}" for name, outcome in outcomes.items())
