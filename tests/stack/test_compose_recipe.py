"""The stack `compose` as an instance; the Docker client is a script that keeps what it is asked.

There is no engine in CI. What is proved is everything up to the engine: configuration that fits
the containers, the steps, the descriptor, and that all is ended again.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from support.foundation.errors import StackError
from support.foundation.settings import Settings
from support.stack import descriptor, standing
from support.stack.components import realm
from support.stack.components.keycloak_server import KeycloakServer
from support.stack.compose_file import KAS_INSTANCES
from support.stack.recipes import compose
from support.stack.standing import Wanted
from tests.stack.test_compose import DOCKER

WANTED = Wanted("compose", "blue.one")
STATES = "\n".join(
    f'{{"Service": "{name}", "State": "running", "Health": "healthy", "ExitCode": 0}}'
    for name in ("keycloak", "postgres", "platform")
)


@pytest.fixture
def calls(
    tmp_path: Path, script: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[str]]:
    """Put the script in the client's place; return what it was asked so far."""
    kept = tmp_path / "docker"
    kept.mkdir()
    (kept / "states").write_text(STATES)
    program = script("docker-client", DOCKER.format(folder=kept))
    monkeypatch.setattr(compose, "find_docker", lambda: program)
    return lambda: (kept / "calls").read_text().splitlines()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings({"build": str(tmp_path / "build")}, {})


@pytest.fixture
def realms(monkeypatch: pytest.MonkeyPatch) -> list[KeycloakServer]:
    """The Keycloaks that were filled; nobody listens where they would be."""
    filled: list[KeycloakServer] = []
    monkeypatch.setattr(realm, "provision", filled.append)
    return filled


def test_it_comes_up_is_described_and_ends(
    settings: Settings, calls: Callable[[], list[str]], realms: list[KeycloakServer]
) -> None:
    content = standing.up(settings, WANTED)
    services = descriptor.services(content)
    instance = standing.instance_named(settings, WANTED.name)

    assert content["instance"] == "blue.one"
    assert set(services.kas_urls) == {"default", *KAS_INSTANCES}
    assert services.control is not None
    assert services.control.kind == "keycloak"
    assert [server.base_url for server in realms] == [services.issuer.partition("/realms")[0]]
    assert all("-p acceptance-blue-one" in call for call in calls() if " -p " in call)

    assert standing.down(settings, WANTED.name) == (WANTED.name,)
    assert " down " in f"{calls()[-1]} "
    assert not instance.folder.exists()


def test_every_container_finds_what_its_configuration_names(
    settings: Settings, calls: Callable[[], list[str]], realms: list[KeycloakServer]
) -> None:
    standing.up(settings, WANTED)
    folder = standing.instance_named(settings, WANTED.name).folder / "compose" / "configuration"
    assert realms
    assert calls()

    for name in ("platform", *(f"kas-{kas}" for kas in KAS_INSTANCES)):
        text = (folder / f"{name}.yaml").read_text()
        configuration = yaml.safe_load(text)
        keys = configuration["server"]["cryptoProvider"]["standard"]["keys"]
        for path in (Path(key[part]) for key in keys for part in ("private", "cert")):
            assert path.parent == compose.IN_CONTAINERS
            assert (folder / path.name).is_file()
        assert str(folder) not in text
        assert configuration["server"]["host"] == ""
        assert ("db" in configuration) == (name == "platform")
    standing.down(settings)


def test_a_container_that_is_ill_is_told_by_status(
    settings: Settings,
    calls: Callable[[], list[str]],
    realms: list[KeycloakServer],
    tmp_path: Path,
) -> None:
    standing.up(settings, WANTED)
    (tmp_path / "docker" / "states").write_text(STATES.replace("healthy", "unhealthy", 1))

    (found,) = standing.status(settings)

    assert found.problem == "keycloak is unhealthy"
    assert calls()
    assert realms
    standing.down(settings)


def test_what_fails_on_the_way_up_leaves_nothing(
    settings: Settings, calls: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_server: KeycloakServer) -> None:
        raise StackError("the realm is refused")

    monkeypatch.setattr(realm, "provision", refuse)

    with pytest.raises(StackError, match="the realm is refused"):
        standing.up(settings, WANTED)

    assert " down " in f"{calls()[-1]} "
    assert list(standing.status(settings)) == []
