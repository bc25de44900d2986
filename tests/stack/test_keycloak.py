"""A real Keycloak with our realms: its tokens, its people, its data after a restart, its faults."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from support.foundation import living
from support.foundation.errors import AcceptanceError, EnvironmentUnfitError, StackError
from support.foundation.http import HttpSession, Response
from support.foundation.settings import from_environment
from support.platform.identity import Identity
from support.platform.keycloak_directory import KeycloakDirectory
from support.platform.users import User
from support.services.locator import Services
from support.services.secret import Secret
from support.stack import ports
from support.stack.components import (
    java,
    keycloak_distribution,
    keycloak_rehearsal,
    realm,
    realm_data,
)
from support.stack.components.component import Component
from support.stack.components.keycloak import advise, keycloak_component
from support.stack.components.keycloak_launch import Rehearsed
from support.stack.components.keycloak_readiness import unready
from support.stack.components.keycloak_server import KeycloakServer, keycloak_server, seed_of
from support.stack.components.realm_completion import client_id
from support.stack.instance import Instance
from support.stack.supervisor import Supervisor
from tests.stack.started import listening, new_instance, shown

AUDIENCE = "http://localhost:8080"
NOBODY = "http://127.0.0.1:1/auth"
PASSWORD = Secret("a password of a test")

pytestmark = pytest.mark.timeout(600)  # the first one may fetch and build a Keycloak


class Running(NamedTuple):
    """A Keycloak that is up, and what keeps it so."""

    instance: Instance
    server: KeycloakServer
    component: Component

    @property
    def process(self) -> living.ProcessIdentity:
        identity = self.instance.required().process_of("keycloak")
        assert identity is not None
        return identity


@pytest.fixture(scope="session")
def distribution() -> keycloak_distribution.Distribution:
    """A real distribution, with Java."""
    try:
        return keycloak_distribution.ensure(from_environment())
    except AcceptanceError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def rehearsed(distribution: keycloak_distribution.Distribution) -> Rehearsed:
    """What a rehearsal leaves."""
    found = keycloak_rehearsal.ensure(distribution)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def running(rehearsed: Rehearsed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One Keycloak for all tests here, with secrets of its own."""
    assert rehearsed.classes.is_file()
    instance = new_instance(tmp_path_factory.mktemp("keycloak"))
    folder = instance.folder / "keycloak"
    folder.mkdir()
    server = keycloak_server(folder, ports.free())
    component = keycloak_component(server, from_environment(), ports.free((server.port,)))
    try:
        Supervisor(instance, {component.name: component}).start()
        yield Running(instance, server, component)
    finally:
        assert instance.end() == ()


@pytest.fixture
def server(running: Running) -> KeycloakServer:
    return running.server


@pytest.fixture
def http() -> Iterator[HttpSession]:
    session = HttpSession()
    yield session
    session.close()


@pytest.fixture
def identity(http: HttpSession, server: KeycloakServer) -> Identity:
    roles = realm_data.roles(server)
    services = Services("test", "", "", {}, server.issuer, server.token_endpoint, roles)
    return Identity(http, services)


def claims(token: str) -> dict[str, Any]:
    return part(token, 1)


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return content


def post(http: HttpSession, server: KeycloakServer, **form: str) -> Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return http.request("POST", server.token_endpoint, headers=headers, body=urlencode(form))


def as_client(server: KeycloakServer, client: str) -> dict[str, str]:
    secret = realm_data.client_secret(server, client).reveal()
    return {"client_id": client, "client_secret": secret}


def client_token(http: HttpSession, server: KeycloakServer, client: str) -> str:
    answer = post(http, server, grant_type="client_credentials", **as_client(server, client))
    assert answer.ok, answer.text
    return str(answer.json()["access_token"])


def sign_in(http: HttpSession, server: KeycloakServer, name: str, password: Secret) -> Response:
    person = {"username": name, "password": password.reveal()}
    return post(http, server, grant_type="password", **as_client(server, "opentdf-sdk"), **person)


def audiences(token: str) -> set[str]:
    found = claims(token).get("aud", [])
    return {found} if isinstance(found, str) else set(found)


def admin_get(http: HttpSession, server: KeycloakServer, token: str, path: str) -> Response:
    return http.request(
        "GET", f"{server.admin_url}{path}", headers={"Authorization": f"Bearer {token}"}
    )


@pytest.mark.parametrize(
    ("role", "client", "granted", "for_platform"),
    [
        ("admin", "opentdf", "opentdf-admin", True),
        ("standard", "opentdf-sdk", "opentdf-standard", True),
        ("unprivileged", "tdf-authorization-svc", None, True),
        ("foreign_audience", "opentdf-foreign-audience", "opentdf-standard", False),
        ("foreign_issuer", "opentdf-foreign-issuer", "opentdf-standard", True),
    ],
)
def test_each_role_gets_the_tokens_that_it_should(
    identity: Identity,
    server: KeycloakServer,
    role: str,
    client: str,
    granted: str | None,
    *,
    for_platform: bool,
) -> None:
    token = identity.token(role)

    content = claims(token)
    roles = {r for r in content["realm_access"]["roles"] if r.startswith("opentdf-")}
    assert roles == ({granted} if granted else set())
    assert (AUDIENCE in audiences(token)) is for_platform
    expected = server.issuer_of("opentdf-foreign") if "issuer" in role else server.issuer
    assert content["iss"] == expected
    assert content["client_id"] == content["azp"] == client
    assert part(token, 0)["alg"] == "RS256"


def test_copies_of_clients_and_people_are_there(http: HttpSession, server: KeycloakServer) -> None:
    copies = {claims(client_token(http, server, f"opentdf-{n}"))["azp"] for n in range(10)}
    passwords = {
        name: realm_data.password(server, name) for name in ("sample-user", "sample-user-9")
    }

    people = [
        claims(sign_in(http, server, *each).json()["access_token"]) for each in passwords.items()
    ]

    assert copies == {f"opentdf-{number}" for number in range(10)}
    assert [p["preferred_username"] for p in people] == list(passwords)
    assert [p["email"] for p in people] == ["sampleuser@sample.com", "9-sampleuser@sample.com"]
    assert all("opentdf-admin" in p["realm_access"]["roles"] for p in people)
    assert len({secret.reveal() for secret in passwords.values()}) == 2


def test_the_platform_looks_people_up_with_their_attributes(
    http: HttpSession, server: KeycloakServer
) -> None:
    token = client_token(http, server, realm_data.resolver(server).client_id)

    (user,) = admin_get(http, server, token, "/users?exact=true&username=sample-user").json()
    (client,) = admin_get(http, server, token, "/clients?clientId=opentdf-sdk").json()

    assert user["attributes"] == {"superhero_name": ["thor"], "superhero_group": ["avengers"]}
    assert client["clientId"] == "opentdf-sdk"
    (group,) = admin_get(http, server, token, f"/users/{user['id']}/groups").json()
    assert group["name"] == "mygroup"


def test_tokens_of_the_bound_client_need_a_proof(http: HttpSession, server: KeycloakServer) -> None:
    client = as_client(server, "opentdf-dpop")

    answer = post(http, server, grant_type="client_credentials", **client)

    assert answer.status == 400
    assert "DPoP" in answer.text


def test_tokens_are_exchanged_for_the_other_client(
    http: HttpSession, server: KeycloakServer
) -> None:
    subject = client_token(http, server, "opentdf")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": subject,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }

    exchanged = post(http, server, **form, audience="opentdf-sdk", **as_client(server, "opentdf"))
    refused = post(http, server, **form, audience="opentdf-sdk", **as_client(server, "opentdf-0"))

    assert exchanged.ok, exchanged.text
    assert audiences(exchanged.json()["access_token"]) == {"opentdf-sdk"}
    assert not refused.ok


def test_people_are_taken_in_for_a_run_and_removed_again(
    http: HttpSession, server: KeycloakServer
) -> None:
    directory = KeycloakDirectory(http, realm_data.control(server))
    attributes = {"group": ("engineering", "support"), "clearance": ("secret",)}
    resolver = client_token(http, server, realm_data.resolver(server).client_id)

    directory.add(User("alice-1f", "alice-1f@people.example", attributes), PASSWORD)
    answer = sign_in(http, server, "alice-1f", PASSWORD)
    (known,) = admin_get(http, server, resolver, "/users?exact=true&username=alice-1f").json()
    with pytest.raises(EnvironmentUnfitError, match="take in the user alice-1f: HTTP 409"):
        directory.add(User("alice-1f", "other@people.example", {}), PASSWORD)

    token = claims(answer.json()["access_token"])
    assert token["email"] == "alice-1f@people.example"
    assert "opentdf-standard" in token["realm_access"]["roles"]
    assert {name: tuple(values) for name, values in known["attributes"].items()} == attributes
    assert known["requiredActions"] == []
    assert directory.remove("alice-1f") == ""
    assert not sign_in(http, server, "alice-1f", PASSWORD).ok
    assert "0 users of the name alice-1f" in directory.remove("alice-1f")


def test_who_takes_people_in_may_do_nothing_else(http: HttpSession, server: KeycloakServer) -> None:
    token = client_token(http, server, realm_data.control(server).client_id)

    paths = ["/clients", "/keys", "/roles/opentdf-admin", "/components", "/users"]
    codes = [admin_get(http, server, token, path).status for path in paths]

    assert codes == [403, 403, 403, 403, 200]
    assert AUDIENCE not in audiences(token)


def test_it_listens_on_loopback_and_keeps_secrets_from_others(running: Running) -> None:
    server, process = running.server, running.process

    assert {address for address, _ in listening(process)} <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert (server.folder.stat().st_mode & 0o777) == 0o700
    assert (server.folder / "seed").stat().st_mode & 0o777 == 0o600
    arguments = Path(f"/proc/{process.process_id}/cmdline").read_text()
    log = running.instance.log("keycloak").read_text()
    assert server.seed is not None
    client = realm_data.client_secret(server, "opentdf")
    for secret in (server.admin_password, client, server.seed):
        assert secret.reveal() not in arguments
        assert secret.reveal() not in log
    assert server.admin_password.reveal() in shown(process)  # where it is: the environment


def everything(server: KeycloakServer) -> dict[str, Any]:
    """All that provisioning could change, ids included."""
    with realm._administration(server) as admin:
        admin.change_current_realm(server.realm)
        found = {
            "realm": admin.get_realm(server.realm),
            "clients": admin.get_clients(),
            "users": admin.get_users(),
            "roles": admin.get_realm_roles(),
            "keys": admin.get_keys(),
        }
    content: dict[str, Any] = ordered(found)
    return content


def ordered(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Order what Keycloak lists in no order."""
    if isinstance(value, dict):
        return {key: ordered(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((ordered(each) for each in value), key=json.dumps)
    return value


def test_provisioning_again_changes_nothing(server: KeycloakServer) -> None:
    before = everything(server)

    realm.provision(server)

    assert everything(server) == before


def test_a_realm_that_is_not_whole_is_completed(
    http: HttpSession, server: KeycloakServer, identity: Identity
) -> None:
    with realm._administration(server) as admin:
        admin.change_current_realm(server.realm)
        admin.delete_client(client_id(admin, "opentdf-sdk"))
        admin.delete_user(str(admin.get_user_id("sample-user-3")))
        admin.delete_realm_role("opentdf-standard")
        copy = client_id(admin, "opentdf-0")
        for mapper in admin.get_mappers_from_client(copy):
            admin.remove_client_mapper(copy, mapper["id"])
        account = admin.get_client_service_account_user(client_id(admin, "opentdf"))
        role = admin.get_realm_role("opentdf-admin")
        admin.delete_realm_roles_of_user(account["id"], [role])

    realm.provision(server)

    assert "opentdf-standard" in claims(identity.token("standard"))["realm_access"]["roles"]
    assert "opentdf-admin" in claims(identity.token("admin"))["realm_access"]["roles"]
    assert AUDIENCE in audiences(identity.token("standard"))
    assert AUDIENCE in audiences(client_token(http, server, "opentdf-0"))
    password = realm_data.password(server, "sample-user-3")
    assert sign_in(http, server, "sample-user-3", password).ok
    before = everything(server)
    realm.provision(server)
    assert everything(server) == before


def test_keys_rotate_and_the_earlier_ones_stay_published(
    http: HttpSession, server: KeycloakServer
) -> None:
    before = part(client_token(http, server, "opentdf"), 0)["kid"]

    kids = [realm.rotate_keys(server), realm.rotate_keys(server)]

    assert part(client_token(http, server, "opentdf"), 0)["kid"] == kids[-1]
    answer = http.request("GET", f"{server.issuer}/protocol/openid-connect/certs")
    assert {before, *kids} <= {key["kid"] for key in answer.json()["keys"]}
    assert len({before, *kids}) == 3


def test_it_comes_up_again_with_its_data_after_it_was_killed(
    http: HttpSession, running: Running
) -> None:
    server, before = running.server, everything(running.server)
    first = running.process
    living.end([first], grace_seconds=0)

    Supervisor(running.instance, {"keycloak": running.component}).start()

    assert running.process != first
    assert everything(server) == before
    assert client_token(http, server, "opentdf")


def test_another_with_its_data_or_its_port_is_told_the_remedy(
    running: Running, tmp_path: Path
) -> None:
    """Two that cannot be: on the same data, and on the same port."""
    other = keycloak_server(running.server.folder, ports.free())
    same_data = failure(tmp_path / "data", other)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    same_port = failure(
        tmp_path / "port", keycloak_server(fresh, running.server.port), checked=False
    )

    assert "Another process has its database open" in same_data
    assert "`acceptance stack down` ends it" in same_data
    assert "The port is taken" in same_port


def failure(folder: Path, server: KeycloakServer, *, checked: bool = True) -> str:
    """Why a server does not come up; unchecked, nobody looks whether its port is free."""
    instance = new_instance(folder)
    made = keycloak_component(server, from_environment(), ports.free((server.port,)))
    component = made if checked else replaced(made)
    try:
        with pytest.raises(StackError) as error:
            Supervisor(instance, {component.name: component}).start()
    finally:
        assert instance.end() == ()
    return str(error.value)


def replaced(made: Component) -> Component:
    return Component(
        name=made.name, launch=made.launch, unready=lambda: "its end", advise=made.advise
    )


def test_a_server_of_other_secrets_is_told(server: KeycloakServer, tmp_path: Path) -> None:
    stranger = KeycloakServer(
        base_url=server.base_url, admin_password=PASSWORD, folder=tmp_path, seed=None
    )

    assert "a token for its administrator: HTTP 40" in unready(stranger)
    with pytest.raises(StackError, match="made with other secrets"):
        realm.provision(stranger)


def test_a_server_that_is_away_or_names_itself_otherwise_is_not_ready(
    server: KeycloakServer, tmp_path: Path
) -> None:
    away = KeycloakServer(base_url=NOBODY, admin_password=PASSWORD, folder=tmp_path)
    otherwise = KeycloakServer(
        base_url=server.base_url.replace("localhost", "127.0.0.1"),
        admin_password=server.admin_password,
        folder=tmp_path,
    )

    assert "No answer from GET http://127.0.0.1:1/auth/realms/master" in unready(away)
    assert f"it names {server.issuer_of('master')}" in unready(otherwise)
    with pytest.raises(StackError, match="could not be provisioned"):
        realm.provision(away)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("ERROR: Port(s) already bound: 8080: Address already in use", "The port is taken"),
        ("java.lang.UnsupportedClassVersionError: org/x has been compiled by", "Java 17 or newer"),
        ("Unrecognized option: --enable-native-access", "Java 17 or newer"),
        ("java.io.IOException: No space left on device", "The disk is full"),
        ("Database may be already in use: null. [90020-240]", "`acceptance stack down` ends it"),
        ("OpenJDK VM warning: There is insufficient memory for the Java", "about 0.5 GB"),
        ("MVStoreException: File corrupted in chunk 4 [2.4.240/6]", "database is damaged"),
        ("Keycloak 26.7.3 on JVM started in 6.1s. Listening on", ""),
    ],
)
def test_what_a_log_tells_is_answered_with_its_remedy(log: str, expected: str) -> None:
    advice = advise(f"2026-01-01 INFO something\n{log}\n")

    assert expected in advice
    assert bool(advice) is bool(expected)


def test_secrets_are_the_same_at_every_start_and_another_for_each(tmp_path: Path) -> None:
    first, again = (keycloak_server(tmp_path / "a", 1) for _ in range(2))
    other, documented = (
        keycloak_server(tmp_path / "b", 1),
        keycloak_server(tmp_path / "c", 1, random_secrets=False),
    )

    assert first == again
    found = [realm_data.client_secret(s, "opentdf").reveal() for s in (first, other, documented)]
    assert len(set(found)) == 3
    assert found[-1] == "secret"
    assert documented.admin_password == Secret("changeme")
    assert not (tmp_path / "c").exists()


def test_a_seed_that_was_cut_off_or_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "seed").write_text("abc")
    with pytest.raises(StackError, match="holds 3 characters, expected 32 or more"):
        seed_of(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="cannot be used"):
        seed_of(tmp_path / "file")


def test_a_rehearsal_that_fails_is_told_and_done_without(
    tmp_path: Path, script: Callable[[str, str], Path]
) -> None:
    home = tmp_path / "place" / "server"
    (home / "lib").mkdir(parents=True)
    program = script("java", "echo 'no such option' >&2; exit 1")
    made = keycloak_distribution.Distribution(home, "26.7.3", java.Java(program, 17, "17"))
    told: list[str] = []

    assert keycloak_rehearsal.ensure(made, told.append) is None
    assert "start more slowly" in told[-1]
    assert "no such option" in told[-1]
    with suppress(FileNotFoundError):
        assert [p.name for p in home.parent.iterdir() if p.is_dir()] == ["server"]
