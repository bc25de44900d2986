import pytest

from support.embedded import roles
from support.embedded.protocol import load_protocol

READS = "policy.namespaces.NamespaceService/ListNamespaces"
REWRAP = "kas.AccessService/Rewrap"
DECIDE = "authorization.v2.AuthorizationService/GetDecision"
ENTITLEMENTS = "authorization.v2.AuthorizationService/GetEntitlements"


@pytest.mark.parametrize(
    ("procedure", "admin", "standard", "unknown"),
    [
        (READS, True, True, False),
        ("policy.attributes.AttributesService/GetAttributeValuesByFqns", True, True, False),
        ("policy.namespaces.NamespaceService/CreateNamespace", True, False, False),
        ("policy.namespaces.NamespaceService/UpdateNamespace", True, False, False),
        ("policy.namespaces.NamespaceService/DeactivateNamespace", True, False, False),
        ("policy.attributes.AttributesService/AssignPublicKeyToValue", True, False, False),
        ("policy.attributes.AttributesService/RemovePublicKeyFromValue", True, False, False),
        ("policy.subjectmapping.SubjectMappingService/MatchSubjectMappings", True, False, False),
        ("policy.unsafe.UnsafeService/UnsafeDeleteNamespace", True, False, False),
        (REWRAP, True, True, True),
        (DECIDE, True, True, False),
        (f"{DECIDE}MultiResource", True, True, False),
        (f"{DECIDE}Bulk", True, True, False),
        (ENTITLEMENTS, True, False, False),
        ("authorization.AuthorizationService/GetDecisions", True, True, False),
        ("authorization.AuthorizationService/GetEntitlements", True, False, False),
        ("entityresolution.v2.EntityResolutionService/ResolveEntities", True, False, False),
    ],
)
def test_who_may_call_what(procedure: str, *, admin: bool, standard: bool, unknown: bool) -> None:
    action = roles.action_of_procedure(procedure.rpartition("/")[2])
    allowed = [
        roles.is_allowed(frozenset({role}), procedure, action)
        for role in (roles.ADMIN, roles.STANDARD, roles.UNKNOWN)
    ]
    assert allowed == [admin, standard, unknown]


def test_admin_may_do_everything() -> None:
    for method in load_protocol().methods.values():
        action = roles.action_of_procedure(method.name)
        assert roles.is_allowed(frozenset({roles.ADMIN}), method.path[1:], action)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"realm_access": {"roles": ["opentdf-admin"]}}, {roles.ADMIN}),
        (
            {"realm_access": {"roles": ["opentdf-admin", "opentdf-standard", "x"]}},
            {roles.ADMIN, roles.STANDARD},
        ),
        ({"realm_access": {"roles": ["x"]}}, {roles.UNKNOWN}),
        ({"realm_access": {}}, {roles.UNKNOWN}),
        ({"realm_access": "opentdf-admin"}, {roles.UNKNOWN}),
        ({}, {roles.UNKNOWN}),
    ],
)
def test_roles_come_from_realm_access_alone(claims: dict[str, object], expected: set[str]) -> None:
    assert roles.roles_of(claims) == expected


@pytest.mark.parametrize(
    ("method", "action"),
    [("GET", "read"), ("POST", "write"), ("DELETE", "delete"), ("TRACE", "unsafe")],
)
def test_plain_http_methods_are_actions_too(method: str, action: str) -> None:
    assert roles.action_of_http_method(method) == action
