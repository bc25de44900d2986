"""Which role may call which procedure: the platform's built-in policy, version 1.

The rules are those of the platform's ``casbin_policy.csv``; a trailing ``*`` matches any rest, as
casbin's ``keyMatch`` does. Whoever has no known role is ``role:unknown``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.embedded.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ADMIN = "role:admin"
STANDARD = "role:standard"
UNKNOWN = "role:unknown"
ROLE_OF_GROUP = {"opentdf-admin": ADMIN, "opentdf-standard": STANDARD}
_ACTION_BY_PREFIX = (
    ("read", ("List", "Get")),
    ("write", ("Create", "Update", "Assign")),
    ("delete", ("Delete", "Remove", "Deactivate")),
    ("unsafe", ("Unsafe",)),
)
_ACTION_BY_HTTP_METHOD = {
    "GET": "read",
    "POST": "write",
    "PUT": "write",
    "PATCH": "write",
    "DELETE": "delete",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Allows a role an action on a resource."""

    role: str
    resource: str
    action: str


RULES = (
    Rule(ADMIN, "*", "*"),
    Rule(STANDARD, "policy.*", "read"),
    Rule(STANDARD, "kasregistry.*", "read"),
    Rule(STANDARD, "kas.AccessService/Rewrap", "*"),
    Rule(STANDARD, "authorization.AuthorizationService/GetDecisions", "read"),
    Rule(STANDARD, "authorization.AuthorizationService/GetDecisionsByToken", "read"),
    Rule(STANDARD, "authorization.v2.AuthorizationService/GetDecision", "read"),
    Rule(STANDARD, "authorization.v2.AuthorizationService/GetDecisionMultiResource", "read"),
    Rule(STANDARD, "authorization.v2.AuthorizationService/GetDecisionBulk", "read"),
    Rule(UNKNOWN, "kas.AccessService/Rewrap", "*"),
)


_FAULTY_RULES = {
    Fault.STANDARD_ROLE_WRITES: Rule(STANDARD, "policy.*", "write"),
    Fault.UNKNOWN_ROLE_READS: Rule(UNKNOWN, "policy.*", "read"),
    Fault.UNKNOWN_ROLE_DECIDES: Rule(UNKNOWN, "authorization.v2.*", "read"),
}
_FAULTY_REFUSALS = {
    Fault.ADMINISTRATOR_REFUSED: Rule(ADMIN, "policy.*", "write"),
    Fault.STANDARD_ROLE_REFUSED: Rule(STANDARD, "policy.*", "read"),
}


def action_of_procedure(name: str) -> str:
    """Return the kind of action of a procedure, told by the beginning of its name."""
    for action, prefixes in _ACTION_BY_PREFIX:
        if name.startswith(prefixes):
            return action
    return "other"


def action_of_http_method(method: str) -> str:
    """Return the kind of action of a plain HTTP request."""
    return _ACTION_BY_HTTP_METHOD.get(method, "unsafe")


def roles_of(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the roles that a token's ``realm_access.roles`` give."""
    access = claims.get("realm_access")
    names = access.get("roles") if isinstance(access, dict) else None
    roles = {ROLE_OF_GROUP[name] for name in names or () if name in ROLE_OF_GROUP}
    return frozenset(roles or {UNKNOWN})


def allows(
    claims: Mapping[str, Any], procedure: str, _request: object, faults: frozenset[Fault]
) -> bool:
    """Tell whether the bearer of a token may call a procedure; its request does not matter."""
    action = action_of_procedure(procedure.rpartition("/")[2])
    return is_allowed(roles_of(claims), procedure.removeprefix("/"), action, faults)


def is_allowed(
    roles: frozenset[str], resource: str, action: str, faults: frozenset[Fault] = frozenset()
) -> bool:
    """Tell whether a role may act on a resource: ``package.Service/Method``, or a path."""
    refusals = [rule for fault, rule in _FAULTY_REFUSALS.items() if fault in faults]
    if _one_fits(refusals, roles, resource, action):
        return False
    added = [rule for fault, rule in _FAULTY_RULES.items() if fault in faults]
    return _one_fits([*RULES, *added], roles, resource, action)


def _one_fits(rules: Iterable[Rule], roles: frozenset[str], resource: str, action: str) -> bool:
    return any(
        rule.role in roles and _matches(resource, rule.resource) and _matches(action, rule.action)
        for rule in rules
    )


def _matches(value: str, pattern: str) -> bool:
    prefix, star, _ = pattern.partition("*")
    return value.startswith(prefix) if star else value == pattern
