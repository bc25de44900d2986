"""What the tests of the policy services share: procedures, usual refusals, and how to see one."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

ACTIONS = "policy.actions.ActionService"
UNSAFE = "policy.unsafe.UnsafeService"
REGISTRY = "policy.kasregistry.KeyAccessServerRegistryService"
NOBODY = "00000000-0000-4000-8000-000000000001"
MISSING = (404, "not_found", "resource not found")
TAKEN = (409, "already_exists", "resource unique field violation")
RELATION = (400, "invalid_argument", "resource relation invalid")
PEM = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K"


def refusal(bench: "Bench", procedure: str, body: dict[str, Any]) -> tuple[int, str, str]:
    reply = bench.call(procedure, body)
    return reply.status, reply.code, reply.message


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]
