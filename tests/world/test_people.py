"""The people of a profile on an embedded platform, made for a run or found there."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from support.determinism.streams import FreshNames
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.foundation.http import HttpSession
from support.model.unit import Unit
from support.platform.connect import ConnectClient
from support.platform.decisions import Verdict
from support.platform.identity import Identity
from support.platform.policy import NAMESPACES
from support.platform.users import Directory, User, known_user
from support.profiles.profile import Role
from support.services.locator import Control, Services, SignIn
from support.services.secret import Secret
from support.world.machine import Machine, Shared
from support.world.people import People
from support.world.world import World

ALICE = Role("alice", (("group", "engineering"), ("group", "support"), ("clearance", "secret")))
BOB = Role("bob", (("group", "marketing"),))
KNOWN = "group/engineering, group/support, clearance/secret"
NOBODY = "http://127.0.0.1:1"
PASSWORD = Secret("the password of all of them")


def platform(services: Services) -> tuple[ConnectClient, str]:
    http = HttpSession()
    token = Identity(http, services).token("admin")
    return ConnectClient(http, services.platform_url), token


def namespaces(services: Services) -> set[str]:
    connect, token = platform(services)
    body = connect.call(NAMESPACES, "ListNamespaces", {}, token=token).required("list")
    return {entry["name"] for entry in body.get("namespaces", [])}


@pytest.fixture
def people(services: Services) -> Iterator[People]:
    made = People((ALICE, BOB), services, "test")
    yield made
    made.remove()
    made.close()


@pytest.fixture
def make_world(
    make_unit: Callable[..., Unit], services: Services, machine: Machine
) -> Callable[[People], World]:
    def make(people: People) -> World:
        return World(make_unit(), services, (), machine, Shared(people))

    return make


@pytest.fixture
def world(make_world: Callable[[People], World], people: People) -> Iterator[World]:
    made = make_world(people)
    made.persons.introduce("alice", KNOWN)
    yield made
    made.close()


def test_nobody_is_made_before_somebody_is_named(services: Services) -> None:
    before = namespaces(services)
    people = People((ALICE, BOB), services, "test")

    assert namespaces(services) == before
    assert people.remove() == ()
    people.close()


def test_people_are_made_once_and_removed_with_their_policy(services: Services) -> None:
    before = namespaces(services)
    people = People((ALICE, BOB), services, "test")

    alice, again = people.named("alice").user, people.named("alice").user
    bob = people.named("bob").user

    connect, token = platform(services)
    assert alice == again == known_user(connect, token, alice.username)
    assert alice.attributes == {"group": ("engineering", "support"), "clearance": ("secret",)}
    assert list(people.attributes["group"].values) == ["engineering", "support", "marketing"]
    (made,) = namespaces(services) - before
    assert made.startswith("test-people-")
    assert people.remove() == ()
    people.close()
    assert namespaces(services) == before
    assert known_user(connect, token, alice.username) is None
    assert known_user(connect, token, bob.username) is None


def test_two_runs_on_one_platform_do_not_meet(services: Services, people: People) -> None:
    other = People((ALICE,), services, "test")

    assert other.named("alice").user.username != people.named("alice").user.username
    assert not set(other.secrets()) & set(people.secrets())
    assert other.remove() == ()
    assert people.named("alice").user.email
    other.close()


def test_an_unknown_name_is_answered_with_the_nearest(people: People) -> None:
    with pytest.raises(SpecificationError, match=r'"alcie" is not a person.*mean "alice"'):
        people.named("alcie")


def test_another_introduction_than_the_profile_says_fails(world: World) -> None:
    with pytest.raises(AssertionError, match="What the profile says of bob"):
        world.persons.introduce("bob", "group/engineering")


@pytest.mark.parametrize(
    ("name", "way", "needs", "expected"),
    [
        ("alice", "name", "group/engineering, clearance/secret", Verdict.PERMIT),
        ("alice", "name in capitals", "group/support", Verdict.PERMIT),
        ("alice", "e-mail address", "group/engineering", Verdict.PERMIT),
        ("alice", "e-mail address in capitals", "group/engineering", Verdict.PERMIT),
        ("alice", "access token", "group/engineering", Verdict.PERMIT),
        ("alice", "a request of their own", "group/engineering", Verdict.PERMIT),
        ("alice", "name", "group/marketing", Verdict.DENY),
        ("bob", "name", "group/engineering", Verdict.DENY),
        ("bob", "access token", "group/engineering", Verdict.DENY),
        ("bob", "a request of their own", "group/engineering", Verdict.DENY),
        ("somebody unknown", "name", "group/engineering", Verdict.DENY),
        ("somebody unknown", "e-mail address", "group/engineering", Verdict.DENY),
    ],
)
def test_a_decision_is_about_the_person_named(
    world: World, name: str, way: str, needs: str, expected: Verdict
) -> None:
    world.persons.ask(name, way, "read", needs)

    assert world.questions.decision.value.verdict is expected


def test_a_client_acts_in_the_name_of_a_person_by_one_token(world: World) -> None:
    setup = world.persons.set_up("alice")

    assert setup == world.persons.set_up("alice")
    assert setup.services == world.services
    assert setup.secrets == (world.persons.token("alice"),)
    assert setup != world.persons.set_up("bob")


def test_entitlements_of_a_scenario_hold_for_people_by_property(world: World) -> None:
    world.labels.define("project", "any of", "apollo, gemini")
    world.persons.entitle("group", "support", "apollo")
    world.persons.entitle_like("e-mail address", "bob", "apollo, gemini")

    def verdict(needs: str) -> str:
        world.persons.ask_together("alice, bob", "read", needs)
        return world.questions.decision.value.verdict.value

    assert [verdict("apollo"), verdict("gemini")] == ["permit", "deny"]
    world.persons.ask_with_client("bob", "read", "gemini")
    assert world.questions.decision.value.verdict is Verdict.PERMIT


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w: w.persons.ask("alice", "nickname", "read", "group/engineering"),
        lambda w: w.persons.entitle_like("shoe size", "alice", "group/engineering"),
    ],
)
def test_unknown_words_name_the_known(world: World, wrong: Callable[[World], None]) -> None:
    with pytest.raises(SpecificationError, match="Known: name, name in capitals, e-mail address"):
        wrong(world)


@pytest.fixture
def adopted(services: Services) -> Iterator[Services]:
    """Services of a platform that takes nobody in, but knows an alice and a carol already."""
    assert services.control is not None
    http = HttpSession()
    directory = Directory(http, services.control)
    attributes = {"group": ("support", "engineering"), "clearance": ("secret",), "team": ("a",)}
    directory.add(User("alice", "alice@people.example", attributes), PASSWORD)
    assert services.sign_in is not None
    sign_in = replace(services.sign_in, password=PASSWORD)
    yield replace(services, stack="remote", control=None, sign_in=sign_in)
    assert directory.remove("alice") == ""
    http.close()


def test_people_of_an_adopted_platform_are_found_and_left_there(adopted: Services) -> None:
    people = People((ALICE,), adopted, "test")

    found = people.named("alice")

    assert (found.user.username, found.user.email) == ("alice", "alice@people.example")
    assert found.password == PASSWORD
    assert people.remove() == ()
    connect, token = platform(adopted)
    assert known_user(connect, token, "alice") == found.user
    people.close()


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (Role("dave", (("group", "support"),)), "knows nobody of that name"),
        (Role("alice", (("group", "support"),)), "knows alice with group support, group engi"),
        (
            Role("alice", (("rank", "a"),)),
            "knows alice with no attribute that the profile speaks of",
        ),
    ],
)
def test_others_than_the_profile_says_are_told(adopted: Services, role: Role, told: str) -> None:
    people = People((role,), adopted, "test")

    with pytest.raises(EnvironmentUnfitError, match=told):
        people.named(role.name)
    people.close()


def test_an_embedded_platform_that_takes_nobody_in_is_told(services: Services) -> None:
    people = People((ALICE,), replace(services, control=None), "test")

    with pytest.raises(EnvironmentUnfitError, match=r"takes nobody in.*acceptance stack down"):
        people.named("alice")
    people.close()


def test_nobody_signs_in_without_a_password(
    make_world: Callable[[People], World], adopted: Services
) -> None:
    people = People((ALICE,), replace(adopted, sign_in=None), "test")
    world = make_world(people)

    with pytest.raises(EnvironmentUnfitError, match="ACCEPTANCE_PEOPLE_PASSWORD"):
        world.persons.token("alice")
    with pytest.raises(EnvironmentUnfitError, match="has no client that people sign in with"):
        Identity(world.machine.http, people.services).person_token("alice", PASSWORD)
    people.remove()
    people.close()


def test_a_person_without_address_cannot_be_named_by_it(
    world: World, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = people.named("alice")
    without = replace(alice, user=replace(alice.user, email=""))
    monkeypatch.setattr(people, "named", lambda _: without)

    with pytest.raises(EnvironmentUnfitError, match="knows no e-mail address"):
        world.persons.ask("alice", "e-mail address", "read", "group/engineering")


def test_what_was_begun_is_removed_when_the_rest_fails(services: Services) -> None:
    before = namespaces(services)
    people = People((ALICE, Role("bob", (("group", "no such value"),))), services, "test")

    with pytest.raises(EnvironmentUnfitError, match="create attribute group"):
        people.named("alice")

    assert namespaces(services) == before
    assert people.remove() == ()
    people.close()


def test_what_cannot_be_removed_is_told_by_name(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = People((ALICE,), services, "test")
    username = people.named("alice").user.username
    assert services.control is not None
    http = HttpSession()
    assert Directory(http, services.control).remove(username) == ""
    http.close()

    (left,) = people.remove()

    assert left == f'user {username}: HTTP 404: {{"error": "Nobody added {username}."}}'
    _ = people.named("alice")
    gone = replace(services, platform_url=NOBODY, token_endpoint=f"{NOBODY}/token")
    monkeypatch.setattr(people, "services", gone)
    (left,) = people.remove()
    assert "test-people-" in left
    assert username in left
    assert "No answer from" in left
    monkeypatch.setattr(people, "services", services)
    people.close()


def test_a_platform_without_policy_rights_is_told(services: Services) -> None:
    roles = {**services.roles, "admin": services.credentials("standard")}
    people = People((ALICE,), replace(services, roles=roles), "test")

    with pytest.raises(EnvironmentUnfitError, match="permission_denied"):
        people.named("alice")
    people.close()


class RealmHandler(BaseHTTPRequestHandler):
    """As much of a Keycloak as takes people in; `server.users` are those it has."""

    server: "Realm"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/token":
            self.answer(200, {"access_token": "T"})
        elif self.path == "/admin/users":
            user = json.loads(body)
            if user["username"] in self.server.refused:
                return self.answer(409, {"errorMessage": "User exists"})
            self.server.users[user["username"]] = user
            self.answer(201, {})
        else:
            self.server.granted.append(self.path)
            self.answer(204, None)
        return None

    def do_GET(self) -> None:
        if self.path.endswith("/available"):
            return self.answer(200, [{"id": "r-1", "name": "opentdf-standard"}])
        name = self.path.partition("username=")[2]
        return self.answer(200, [{"id": name}] if name in self.server.users else [])

    def do_DELETE(self) -> None:
        del self.server.users[self.path.rpartition("/")[2]]
        self.answer(204, None)

    def answer(self, status: int, content: object) -> None:
        text = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Realm(ThreadingHTTPServer):
    """A realm on loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RealmHandler)
        self.users: dict[str, dict[str, Any]] = {}
        self.granted: list[str] = []
        self.refused: set[str] = set()


@pytest.fixture
def realm() -> Iterator[Realm]:
    with Realm() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def on_keycloak(realm: Realm, services: Services) -> Services:
    """A platform whose people are those of a Keycloak of ours."""
    url = f"http://127.0.0.1:{realm.server_port}"
    control = Control(f"{url}/admin", Secret("s"), "keycloak", f"{url}/token", "directory")
    return replace(services, stack="keycloak", control=control)


def test_people_of_a_keycloak_are_made_for_a_run_and_removed_after_it(
    realm: Realm, on_keycloak: Services
) -> None:
    people = People((ALICE, BOB), on_keycloak, "test")

    alice, bob = people.named("alice"), people.named("bob")

    made = realm.users[alice.user.username]
    assert made["attributes"] == {"group": ["engineering", "support"], "clearance": ["secret"]}
    assert alice.password is not None
    assert made["credentials"][0]["value"] == alice.password.reveal()
    assert set(realm.users) == {alice.user.username, bob.user.username}
    assert len(realm.granted) == 2
    assert people.remove() == ()
    assert realm.users == {}
    people.close()


def test_what_a_keycloak_refuses_leaves_nobody_there(
    realm: Realm, on_keycloak: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FreshNames, "token", lambda *_: "taken")
    realm.refused.add("bob-taken")
    people = People((ALICE, BOB), on_keycloak, "test")

    with pytest.raises(EnvironmentUnfitError, match="take in the user bob-taken: HTTP 409"):
        people.named("alice")

    assert realm.users == {}
    people.close()


def test_passwords_are_not_shown(people: People) -> None:
    shown = repr(people.named("alice"))

    assert not [secret for secret in people.secrets() if secret in shown]
    assert len(set(people.secrets())) == 2


def test_a_sign_in_that_is_refused_names_the_person(services: Services) -> None:
    http = HttpSession()
    identity = Identity(http, replace(services, sign_in=SignIn("cli-client")))
    name = f"nobody-{secrets.token_hex(4)}"

    with pytest.raises(EnvironmentUnfitError, match=f'refused "{name}" through.*"cli-client"'):
        identity.person_token(name, PASSWORD)
    http.close()


def test_nobody_is_made_and_nothing_written_where_the_profile_does_not_allow_it(
    services: Services,
) -> None:
    before = namespaces(services)
    people = People((ALICE,), services, "test", allow_writes=False)

    with pytest.raises(EnvironmentUnfitError, match=r"does not allow.*allow_writes: true"):
        people.named("alice")

    assert people.remove() == ()
    assert namespaces(services) == before
    people.close()
