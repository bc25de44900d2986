"""Which role may call which procedure about which KAS: the platform's built-in policy, version 2.

A rule may name the address of the KAS that a call is about; what the call is about is found out by
looking the keys up, so that no other way to name them gets around it. Sources:
service/internal/auth/authz/casbin/v2 and service/policy/kasregistry/authz_resolver.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.directory import SCOPED_CLIENTS
from support.embedded.faults import Fault
from support.embedded.policy.kas_keys import KasKeyService, key_of
from support.embedded.policy.kas_registry import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.embedded.policy.render import Renderer
    from support.embedded.protocol import Message

_GET_KEY, _LIST_KEYS = f"{SERVICE}/GetKey", f"{SERVICE}/ListKeys"
_READ_BY_STANDARD = (
    "actions.ActionService",
    "attributes.AttributesService",
    "kasregistry.KeyAccessServerRegistryService",
    "keymanagement.KeyManagementService",
    "namespaces.NamespaceService",
    "obligations.Service",
    "registeredresources.RegisteredResourcesService",
    "subjectmapping.SubjectMappingService",
    "resourcemapping.ResourceMappingService",
)
ANY = "*"


@dataclass(frozen=True, slots=True)
class ScopedRule:
    """Allows a subject some procedures about what a scope names, such as ``kas_uri=…``."""

    subject: str
    procedure: str
    scope: str = ANY


RULES = (
    ScopedRule("role:opentdf-admin", ANY),
    *(
        ScopedRule("role:opentdf-standard", f"/policy.{service}/{verb}*")
        for service in _READ_BY_STANDARD
        for verb in ("Get", "List")
    ),
    ScopedRule("role:opentdf-standard", "/policy.subjectmapping.SubjectMappingService/Match*"),
    ScopedRule("role:opentdf-standard", "/wellknownconfiguration.WellKnownService/*"),
    ScopedRule("role:opentdf-standard", "/grpc.health.v1.Health/*"),
    ScopedRule("role:opentdf-standard", "/kas.AccessService/*"),
    ScopedRule("role:opentdf-standard", "/authorization.AuthorizationService/*"),
    ScopedRule("role:opentdf-standard", "/authorization.v2.AuthorizationService/*"),
    ScopedRule("role:unknown", "/kas.AccessService/Rewrap"),
    *(
        ScopedRule(f"client:{client}", procedure, f"kas_uri={uri}")
        for client, uri in SCOPED_CLIENTS.items()
        for procedure in (_GET_KEY, _LIST_KEYS)
    ),
)


@dataclass(frozen=True, slots=True)
class ScopedRoles:
    """Decides about calls by who calls and what the call is about."""

    renderer: Renderer

    def allows(
        self,
        claims: Mapping[str, Any],
        procedure: str,
        request: Message,
        _faults: frozenset[Fault] = frozenset(),
    ) -> bool:
        """Tell whether the bearer of a token may make a call."""
        subjects = _subjects(claims)
        try:
            scopes = self._scopes(procedure, request)
        except ConnectError as problem:
            if problem.code is Code.INTERNAL:
                raise
            return False  # what cannot be looked up is in nobody's scope
        return all(self._is_allowed(subjects, procedure, scope) for scope in scopes)

    def _is_allowed(self, subjects: frozenset[str], procedure: str, scope: str) -> bool:
        return any(
            rule.subject in subjects
            and matches(procedure, rule.procedure)
            and self._is_within(scope, rule.scope)
            for rule in RULES
        )

    def _is_within(self, scope: str, allowed: str) -> bool:
        faults = self.renderer.store.faults
        if Fault.KEY_SCOPE_IGNORED in faults:
            return True
        if Fault.KEY_SCOPE_BY_PREFIX in faults:
            return scope.startswith(allowed) or is_within(scope, allowed)
        return is_within(scope, allowed)

    def _scopes(self, procedure: str, request: Message) -> list[str]:
        """Return what a call is about: each KAS whose keys it would return."""
        faults = self.renderer.store.faults
        if procedure == _GET_KEY:
            if request.id and Fault.KEY_BY_ID_UNSCOPED in faults:
                return []
            return [self._scope_of(self._address(request))]
        if procedure == _LIST_KEYS:
            if request.WhichOneof("kas_filter") is None and Fault.KEY_LIST_UNFILTERED in faults:
                return []
            answer = KasKeyService(self.renderer).page_of(request)
            addresses = dict.fromkeys(key.kas_uri for key in answer.kas_keys)
            return [self._scope_of(uri) for uri in addresses] or [ANY]
        return [ANY]

    def _address(self, request: Message) -> str:
        if request.WhichOneof("identifier") == "key" and request.key.uri:
            return str(request.key.uri)
        wanted = request.key if request.WhichOneof("identifier") == "key" else request.id
        store = self.renderer.store
        return store.servers[key_of(store, wanted).kas_id].uri

    def _scope_of(self, uri: str) -> str:
        if Fault.KEY_SCOPE_INJECTION in self.renderer.store.faults:
            return f"kas_uri={uri}"
        return f"kas_uri={escaped(uri)}"


def escaped(value: str) -> str:
    """Return a value so that it can hold neither a second scope nor a wildcard."""
    for character in "%&*":
        value = value.replace(character, f"%{ord(character):02X}")
    return value


def matches(text: str, pattern: str) -> bool:
    """Tell whether a procedure fits a pattern; after a star, anything may follow."""
    prefix, star, _ = pattern.partition("*")
    return text.startswith(prefix) if star else text == pattern


def is_within(scope: str, allowed: str) -> bool:
    """Tell whether a call's scope has everything that a rule's scope asks for."""
    if allowed == ANY:
        return True
    known = dict(_parts(scope))
    return all(known.get(name) == value for name, value in _parts(allowed))


def _parts(scope: str) -> Iterator[tuple[str, str]]:
    for part in scope.split("&") if scope != ANY else ():
        name, _, value = part.partition("=")
        yield name, unquote(value)


def _subjects(claims: Mapping[str, Any]) -> frozenset[str]:
    access = claims.get("realm_access")
    names = access.get("roles") if isinstance(access, dict) else None
    roles = {f"role:{name}" for name in names or () if isinstance(name, str)}
    client = claims.get("azp")
    return frozenset({*roles, *({f"client:{client}"} if client else ()), "role:unknown"})
