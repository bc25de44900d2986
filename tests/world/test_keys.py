"""Key services and keys of a scenario: made, tried, told, chosen, and taken away again."""

import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.platform.connect import Answer
from support.platform.key_registry import KeyService, encoded, key_pair
from support.services.secret import Secret
from support.world.audit import Heard
from support.world.documents import Document
from support.world.key_attempts import ATTEMPTS, REASONS, attempt, expect_refused
from support.world.key_secrecy import expect_no_private_part
from support.world.keys import KEPT, OWN_KEY
from support.world.world import World
from tests.world.conftest import manifest, tdf

# Where a key service has two keys that nobody holds, and all is tried one after the other.
SUCCEED = {
    *(f"create a key that is {kept}" for kept in KEPT),
    "create a key of the same name at another key service",
    "find the key service by its name",
    "find the key service by its address",
    "find the key service by its number",
    "note who owns the key",
    "take the key from its provider",
    "delete the key",
    "assign the key to the namespace",
    "take the key from the namespace",
}
AFTER_DELETING = "find the key service after deleting it"


@pytest.fixture
def keys_made(world: World) -> World:
    """A world with a key service that has two keys, and an attribute."""
    world.labels.define("project", "any of", "apollo, gemini")
    world.keys.register("records")
    world.keys.create("ledger", "records", "held by nobody")
    world.keys.create("index", "records", "held by nobody")
    return world


def test_every_attempt_has_a_verdict_and_every_refusal_a_reason(keys_made: World) -> None:
    destructive = {AFTER_DELETING, "delete the key"}
    for operation in (*sorted(set(ATTEMPTS) - destructive), "delete the key"):
        answer = attempt(keys_made.keys, operation)

        assert answer.accepted is (operation in SUCCEED), (operation, answer.message)
        assert answer.accepted or any(
            answer.code == code and fragment in answer.message
            for code, fragment in REASONS.values()
        ), operation
    keys_made.close()


def test_a_key_service_is_gone_once_it_is_deleted(world: World) -> None:
    world.keys.register("records")

    expect_refused(attempt(world.keys, AFTER_DELETING), "there is no such thing")


def test_another_key_service_than_the_one_looked_for_is_no_success(keys_made: World) -> None:
    found = keys_made.keys.services["records"]
    keys_made.keys.services["records"] = KeyService(found.id, found.name, "https://elsewhere")

    assert attempt(keys_made.keys, "find the key service by its number").accepted is False


def test_a_refusal_is_for_one_reason(world: World) -> None:
    taken = Answer(409, "already_exists", "resource unique field violation")
    expect_refused(taken, "the name is taken")
    with pytest.raises(AssertionError, match="expected"):
        expect_refused(taken, "there is no such thing")
    with pytest.raises(AssertionError, match="is missing"):
        expect_refused(Answer(400, "invalid_argument", "no"), "it is malformed")
    with pytest.raises(AssertionError, match="no message"):
        expect_refused(Answer(200, "ok"), "it is malformed")
    with pytest.raises(SpecificationError, match="the name is taken"):
        expect_refused(taken, "the name is token")
    with pytest.raises(SpecificationError, match="delete the key"):
        attempt(world.keys, "delete the kay")


def test_keys_are_told_in_the_scenario_s_words(keys_made: World) -> None:
    for level in ("value", "attribute", "namespace"):
        keys_made.keys.assign("ledger", level, "apollo").required("assign")
    assert keys_made.keys.rotate("ledger", "new ledger").accepted

    assert keys_made.keys.told() == [
        {"key": "ledger", "state": "rotated out", "protects": "nothing"},
        {"key": "index", "state": "active", "protects": "nothing"},
        {"key": "new ledger", "state": "active", "protects": "apollo, project, the namespace"},
    ]
    assert keys_made.keys.name_of("https://x", "k") == "k of https://x"
    with pytest.raises(SpecificationError, match="ledger"):
        keys_made.keys.assign("leger", "value", "apollo")
    with pytest.raises(SpecificationError, match="namespace"):
        keys_made.keys.assign("ledger", "name", "apollo")
    with pytest.raises(SpecificationError, match="held by nobody"):
        keys_made.keys.create("x", "records", "held by someone")
    assert keys_made.labels.described("https://elsewhere") == "https://elsewhere"


def test_what_a_scenario_made_is_taken_away(keys_made: World) -> None:
    keys_made.keys.create("remote", "records", "held by a provider")
    uri = keys_made.keys.services["records"].uri
    registry = keys_made.keys.registry

    assert keys_made.keys.remove_all() == ()

    assert registry.find(uri) is None


def test_the_nearest_key_is_told_to_authors(keys_made: World) -> None:
    keys_made.keys.assign("index", "attribute", "apollo").required("assign")
    keys_made.keys.assign("ledger", "value", "apollo").required("assign")
    choice = keys_made.key_choice

    assert choice.names(choice.ask("apollo, gemini")) == ["index", "ledger"]
    assert choice.names(choice.ask("nothing")) == [OWN_KEY]
    unknown = choice.ask("an unknown value")
    assert unknown.code == "not_found"
    with pytest.raises(AssertionError, match="was refused"):
        choice.names(unknown)
    keys_made.labels.let_values_be_missing()
    assert choice.names(choice.ask("an unknown value")) == ["index"]
    assert choice.names(Answer(200, "ok")) == []


def test_a_base_key_is_told_by_its_name(keys_made: World) -> None:
    stored = keys_made.keys.known("ledger").stored
    told = {"base_key": {"kas_uri": stored.uri, "public_key": {"kid": stored.key_id}}}

    names = keys_made.key_choice.names(Answer(200, "ok", body={"configuration": told}))

    assert names == ["ledger"]


def test_a_document_names_the_key_it_is_sealed_for(keys_made: World) -> None:
    stored = keys_made.keys.known("ledger").stored
    content = manifest()
    [access] = content["encryptionInformation"]["keyAccess"]  # type: ignore[index]
    access |= {"url": stored.uri, "kid": stored.key_id}

    assert keys_made.key_choice.sealed_for(Document(b"", tdf(content))) == ["ledger"]


def test_roles_read_keys_by_whatever_names_them(keys_made: World) -> None:
    keys_made.keys.create("polar", "north", "held by nobody")
    for operation in (
        "read the key of the north",
        "read the key of the north by its number",
        "list the keys of the north",
        "list the keys of the north by its number",
        "list the keys of everybody",
    ):
        answer = keys_made.gate.attempt("the admin role", operation)
        assert answer.accepted, operation
        refused = keys_made.gate.attempt("the role of the key service in the south", operation)
        assert refused.code == "permission_denied"
    keys_made.close()


def test_a_private_part_is_found_wherever_it_is_told(keys_made: World) -> None:
    keys_made.keys.create("sealed", "records", "sealed by the platform")
    keys, heard = keys_made.keys, keys_made.audit.hear()
    expect_no_private_part(keys, heard, "")
    private = keys.known("sealed").pair.private
    with pytest.raises(AssertionError, match="log reveals"):
        expect_no_private_part(keys, heard, f"oops: {private}")
    told = Answer(200, "ok", body={"told": encoded(private.encode())})
    keys.registry.answers.append(told)
    with pytest.raises(AssertionError, match="answer of the key registry reveals"):
        expect_no_private_part(keys, heard, "")
    keys.registry.answers.remove(told)
    keys.sealed[:] = [" " * 400 + "policy crud"]
    with pytest.raises(AssertionError, match="audit reveals"):
        expect_no_private_part(keys, heard, "")
    keys.sealed.clear()
    with pytest.raises(AssertionError, match="that it was created"):
        expect_no_private_part(keys, Heard(()), "")


def test_nothing_is_proved_where_there_is_no_key(world: World) -> None:
    with pytest.raises(ValueError, match="at least one"):
        expect_no_private_part(world.keys, Heard(()), "")


def test_a_stack_without_a_known_root_key_says_so(world: World) -> None:
    world.keys.root_key = None
    with pytest.raises(EnvironmentUnfitError, match="root key"):
        world.keys.create("ledger", "the platform", "sealed by the platform")
    assert world.keys.material("sealed by the platform", key_pair(0))["privateKeyCtx"]
    world.keys.root_key = Secret("00" * 32)
    assert world.keys.material("sealed by the platform", key_pair(0))["privateKeyCtx"]
