"""What is asked of a Keycloak to take somebody in; a real one is asked in tests/stack."""

import json
from urllib.parse import parse_qs

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform.keycloak_directory import KeycloakDirectory
from support.platform.users import User
from support.services.locator import Control
from support.services.secret import Secret
from tests.platform.conftest import ScriptedHttp, answer

ADMIN = "http://idp/admin/realms/opentdf"
CONTROL = Control(ADMIN, Secret("hidden-value"), "keycloak", "http://idp/token", "directory")
ALICE = User("alice", "alice@people.example", {"group": ("engineering", "support")})
PASSWORD = Secret("a password")

TOKEN = answer(200, '{"access_token": "T"}')
RENEWED = answer(200, '{"access_token": "T2"}')
CREATED = answer(201, "")
FOUND = answer(200, '[{"id": "u-1", "username": "alice"}]')
ROLES = answer(200, '[{"id": "r-0", "name": "other"}, {"id": "r-1", "name": "opentdf-standard"}]')
DONE = answer(204, "")
EXPIRED = answer(401, "expired")


def test_a_user_is_taken_in_with_everything_that_signing_in_needs() -> None:
    http = ScriptedHttp(TOKEN, CREATED, FOUND, ROLES, DONE)

    KeycloakDirectory(http, CONTROL).add(ALICE, PASSWORD)

    sign_in, create, find, available, grant = http.requests
    assert sign_in[:2] == ("POST", "http://idp/token")
    assert parse_qs(sign_in[3]) == {
        "grant_type": ["client_credentials"],
        "client_id": ["directory"],
        "client_secret": ["hidden-value"],
    }
    assert create[:2] == ("POST", f"{ADMIN}/users")
    assert create[2]["Authorization"] == "Bearer T"
    made = json.loads(create[3])
    assert made["attributes"] == {"group": ["engineering", "support"]}
    assert made["credentials"] == [{"type": "password", "value": "a password", "temporary": False}]
    assert (made["enabled"], made["emailVerified"], made["requiredActions"]) == (True, True, [])
    assert made["firstName"]
    assert made["lastName"]
    assert find[:2] == ("GET", f"{ADMIN}/users?exact=true&username=alice")
    assert available[1] == f"{ADMIN}/users/u-1/role-mappings/realm/available"
    assert grant[:2] == ("POST", f"{ADMIN}/users/u-1/role-mappings/realm")
    assert json.loads(grant[3]) == [{"id": "r-1", "name": "opentdf-standard"}]


def test_a_user_is_removed_and_a_token_that_expired_meanwhile_renewed_once() -> None:
    http = ScriptedHttp(TOKEN, CREATED, FOUND, ROLES, DONE, EXPIRED, RENEWED, FOUND, DONE)
    directory = KeycloakDirectory(http, CONTROL)
    directory.add(ALICE, PASSWORD)

    assert directory.remove("alice") == ""

    assert http.requests[-1][:2] == ("DELETE", f"{ADMIN}/users/u-1")
    assert http.requests[-1][2]["Authorization"] == "Bearer T2"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([answer(401, "no such client")], "let the client directory sign in: HTTP 401"),
        ([TOKEN, answer(403, "forbidden")], "take in the user alice: HTTP 403 forbidden"),
        ([TOKEN, answer(409, "User exists")], "take in the user alice: HTTP 409 User exists"),
        ([TOKEN, EXPIRED], "take in the user alice: HTTP 401"),
        ([TOKEN, CREATED, answer(200, "[]")], "has 0 users of the name alice"),
        ([TOKEN, CREATED, answer(200, "no JSON")], "answer /users"),
        ([TOKEN, CREATED, FOUND, answer(200, "[]")], "has no role opentdf-standard"),
        ([TOKEN, CREATED, FOUND, ROLES, answer(403, "no")], "give alice the role opentdf-standard"),
    ],
)
def test_a_refusal_names_the_user_and_no_secret(answers: list[object], told: str) -> None:
    directory = KeycloakDirectory(ScriptedHttp(*answers), CONTROL)  # type: ignore[arg-type]

    with pytest.raises(EnvironmentUnfitError, match=told) as error:
        directory.add(ALICE, PASSWORD)

    assert "hidden-value" not in str(error.value)
    assert "a password" not in str(error.value)


def test_what_cannot_be_removed_is_told() -> None:
    gone = KeycloakDirectory(ScriptedHttp(TOKEN, answer(200, "[]")), CONTROL)
    refused = KeycloakDirectory(ScriptedHttp(TOKEN, FOUND, answer(403, "forbidden")), CONTROL)

    assert "has 0 users of the name alice" in gone.remove("alice")
    assert refused.remove("alice") == "HTTP 403: forbidden"
