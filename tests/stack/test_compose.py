"""The compose stack: our file by schema and client; commands against a `docker` that is a script.

The script is a real child process that keeps its arguments and its environment.
"""

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError, StackError
from support.services.secret import Secret
from support.stack import compose
from support.stack.components import keycloak_archive
from support.stack.compose_file import (
    COMPOSE_FILE,
    IMAGES,
    KAS_INSTANCES,
    LISTENERS,
    client_environment,
    validate,
)
from support.stack.compose_project import ComposeStack, configure
from support.stack.docker_client import ServiceState, find_docker, parse_status

Script = Callable[[str, str], Path]
PASSWORDS = ("keycloak-hidden-value", "postgres-hidden-value")

# A command fails if there is a file named after it; what is in it goes to standard error.
DOCKER = """
kept={folder}
echo "$*" >> "$kept/calls"
env > "$kept/environment"
case " $* " in
  *" version --format "*) command=version; said=28.2.2 ;;
  *" compose version "*) command=compose-version; said="Docker Compose version v2.40.3" ;;
  *" config "*) command=config; said= ;;
  *" pull "*) command=pull; said= ;;
  *" up "*" keycloak "*) command=up-foundation; said= ;;
  *" up "*) command=up-all; said= ;;
  *" ps "*) command=ps; said=$(cat "$kept/states") ;;
  *" logs "*) command=logs; for service in "$@"; do :; done; said="last words of $service" ;;
  *" down "*) command=down; said= ;;
  *) echo "unknown: $*" >&2; exit 99 ;;
esac
if [ -f "$kept/$command" ]; then cat "$kept/$command" >&2; exit 1; fi
echo "$said"
"""


@dataclass(frozen=True)
class Docker:
    """The script, and what it was asked."""

    program: Path
    folder: Path

    @property
    def programs(self) -> str:
        return str(self.program.parent)

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def commands(self) -> list[str]:
        """The part of each call that follows the name of the file."""
        return [call.partition(f"{COMPOSE_FILE} ")[2] for call in self.calls]

    def fails(self, command: str, message: str) -> None:
        (self.folder / command).write_text(message)

    def states(self, *states: tuple[str, str, str, int]) -> None:
        lines = [
            json.dumps({"Service": name, "State": state, "Health": health, "ExitCode": code})
            for name, state, health, code in states
        ]
        (self.folder / "states").write_text("\n".join(lines))


@pytest.fixture
def docker(tmp_path: Path, script: Script) -> Docker:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "states").write_text("")
    return Docker(script("bin/docker", DOCKER.format(folder=folder)), folder)


@pytest.fixture
def stack(tmp_path: Path, docker: Docker) -> ComposeStack:
    return ComposeStack(
        project="opentdf-acceptance-test",
        folder=tmp_path / "stack",
        ports={name: 21000 + index for index, name in enumerate(LISTENERS)},
        keycloak_password=Secret(PASSWORDS[0]),
        postgres_password=Secret(PASSWORDS[1]),
        docker=docker.program,
    )


def test_our_file_is_sound_by_schema_and_by_the_client_where_it_is_there() -> None:
    assert validate(programs="") == ()
    assert validate() == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"127.0.0.1:${KEYCLOAK_PORT:?}', '"0.0.0.0:${KEYCLOAK_PORT:?}', "services.pod.ports.0"),
        ('"127.0.0.1:${KEYCLOAK_PORT:?}', '"${KEYCLOAK_PORT:?}', "services.pod.ports.0"),
        ("${PLATFORM_PORT:?}:${PLATFORM_PORT:?}", "${PLATFORM_PORT:?}:8080", "text of the form"),
        ("POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?}", "POSTGRES_PASSWORD: x", 'is "x", but text'),
        (":/etc/opentdf:ro", ":/etc/opentdf", "volumes.0"),
        ("image: ${POSTGRES_IMAGE:?}", "image: postgres:latest", "image is"),
        ("init: true", "privileged: true", "privileged is not a known key"),
        ("      postgres: {condition", "      postgress: {condition", 'Did you mean "postgres"?'),
        ("network_mode: service:pod", "network_mode: service:pot", 'the service "pot"'),
        ("${KEYCLOAK_IMAGE:?}", "${KEYKLOAK_IMAGE:?}", 'Did you mean "KEYCLOAK_IMAGE"?'),
        ("{condition: service_started}", "{condition: started}", "one of service_started"),
        ("platform-watch: {condition", "platform: {condition", "which has no healthcheck"),
        ("services:\n", "services:\n  pod: {image: x}\n", 'the key "pod" is given twice'),
        ("services:\n", "servces:\n", "servces"),
    ],
)
def test_what_is_unsound_in_a_file_is_one_line_each(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    text = COMPOSE_FILE.read_text()
    assert old in text
    path = tmp_path / "compose.yaml"
    path.write_text(text.replace(old, new, 1))

    problems = validate(path, programs="")

    assert problems
    assert problem in problems[0]
    assert str(path) in problems[0]


def test_the_clients_own_refusal_is_a_problem_too(docker: Docker) -> None:
    assert validate(programs=docker.programs) == ()
    assert [call.split()[0:2] for call in docker.calls] == [
        ["compose", "version"],
        ["compose", "-p"],
    ]
    docker.fails("config", "services.pod refers to undefined network x")

    (problem,) = validate(programs=docker.programs)

    assert "`docker compose config` refuses it: services.pod refers to undefined network" in problem


def test_a_client_without_compose_is_not_asked(docker: Docker) -> None:
    docker.fails("compose-version", "unknown command: docker compose")
    docker.fails("config", "not reached")

    assert validate(programs=docker.programs) == ()


def test_images_have_versions() -> None:
    for image in IMAGES.values():
        assert image.rpartition(":")[2] not in {"", "latest", "nightly"}


def test_the_project_comes_up_in_steps_and_the_realm_is_made_in_between(
    stack: ComposeStack, docker: Docker
) -> None:
    steps: list[str] = []
    done: list[int] = []

    compose.up(stack, provision=lambda: done.append(len(docker.calls)), progress=steps.append)

    wait = "up --detach --wait --wait-timeout 300"
    assert docker.commands == [
        "pull --policy missing --quiet",
        f"{wait} pod postgres keycloak",
        wait,
    ]
    assert done == [2]
    assert steps == [
        "pulling images",
        "starting the database and the identity provider",
        "filling the identity provider",
        "starting the platform and its key access services",
    ]
    for call in docker.calls:
        assert f"-p {stack.project} -f {COMPOSE_FILE} " in call


def test_secrets_go_by_the_environment_and_never_by_arguments(
    stack: ComposeStack, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSE_FILE", "/elsewhere.yaml")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")

    compose.up(stack)

    environment = (docker.folder / "environment").read_text().splitlines()
    assert f"KEYCLOAK_PASSWORD={PASSWORDS[0]}" in environment
    assert f"POSTGRES_PASSWORD={PASSWORDS[1]}" in environment
    assert f"KAS_KM2_PORT={stack.ports['kas-km2']}" in environment
    assert "DOCKER_HOST=tcp://127.0.0.1:1" in environment
    assert not [line for line in environment if line.startswith("COMPOSE_")]
    for secret in PASSWORDS:
        assert secret not in "\n".join(docker.calls)
        assert secret not in repr(stack)


def test_commands_that_only_look_get_no_secret(stack: ComposeStack, docker: Docker) -> None:
    for command in (
        lambda: compose.status(stack),
        lambda: compose.logs(stack, "keycloak"),
        lambda: compose.down(stack),
    ):
        command()
        environment = (docker.folder / "environment").read_text()
        assert not any(secret in environment for secret in PASSWORDS)


def test_a_service_that_does_not_serve_is_named_with_its_log_and_all_is_ended(
    stack: ComposeStack, docker: Docker
) -> None:
    docker.fails("up-all", "container kas-beta-watch is unhealthy")
    docker.states(
        ("kas-beta", "exited", "", 2),
        ("kas-beta-watch", "running", "unhealthy", 0),
        ("keycloak", "running", "healthy", 0),
        ("platform", "running", "", 0),
    )

    with pytest.raises(StackError) as caught:
        compose.up(stack)

    message = str(caught.value)
    assert "opentdf-acceptance-test did not come up: container kas-beta-watch is unh" in message
    assert "kas-beta is exited (exit code 2). Its log ends: last words of kas-beta\n" in message
    assert "keycloak" not in message
    assert docker.commands[-1] == "down --volumes --remove-orphans --timeout 10"


def test_a_failure_is_told_even_if_the_engine_tells_no_states(
    stack: ComposeStack, docker: Docker
) -> None:
    docker.fails("up-foundation", "no space left on device")
    docker.fails("ps", "the engine is gone")

    with pytest.raises(StackError, match=r"(?s)no space left on device.*the engine is gone"):
        compose.up(stack)


def test_images_that_cannot_be_had_are_named(stack: ComposeStack, docker: Docker) -> None:
    docker.fails("pull", "lookup registry: no such host")

    with pytest.raises(StackError, match="no such host") as caught:
        compose.up(stack)

    for image in IMAGES.values():
        assert image in str(caught.value)
    assert not [command for command in docker.commands if command.startswith("up")]


def test_what_fails_while_the_realm_is_made_ends_the_project(
    stack: ComposeStack, docker: Docker
) -> None:
    def provision() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compose.up(stack, provision=provision)

    assert [command.split()[0] for command in docker.commands] == ["pull", "up", "down"]


def test_down_that_fails_says_so(stack: ComposeStack, docker: Docker) -> None:
    docker.fails("down", "Cannot connect to the Docker daemon")
    with pytest.raises(StackError, match=r"`docker compose down` failed for .*Cannot connect"):
        compose.down(stack)


def test_status_and_logs_are_asked_of_the_engine(stack: ComposeStack, docker: Docker) -> None:
    docker.states(("pod", "running", "healthy", 0), ("kas-km1", "exited", "", 1))

    assert compose.status(stack) == (
        ServiceState("kas-km1", "exited", "", 1),
        ServiceState("pod", "running", "healthy", 0),
    )
    assert [state.serves for state in compose.status(stack)] == [False, True]
    assert compose.logs(stack, "pod", lines=3) == "last words of pod\n"
    assert docker.commands[-1] == "logs --no-color --no-log-prefix --tail 3 pod"


def test_an_engine_that_answers_is_found(docker: Docker) -> None:
    assert find_docker(docker.programs) == docker.program


def test_no_engine_is_one_message_with_the_command_to_try(docker: Docker) -> None:
    docker.fails("version", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
    with pytest.raises(StackError) as caught:
        find_docker(docker.programs)

    message = str(caught.value)
    assert "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." in message
    assert "systemctl start docker" in message
    assert "`processes`" in message


def test_no_client_and_no_compose_are_told_apart(docker: Docker, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"there is no `docker` on PATH"):
        find_docker(str(tmp_path))
    docker.fails("compose-version", "unknown command: docker compose")
    with pytest.raises(StackError, match=r"has no `docker compose`. Install the compose plugin"):
        find_docker(docker.programs)


names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)
states = st.lists(
    st.fixed_dictionaries(
        {"Service": names, "State": st.sampled_from(["running", "exited"])},
        optional={
            "Health": st.sampled_from(["", "healthy", "unhealthy"]),
            "ExitCode": st.integers(0, 255),
            "Labels": names,
        },
    ),
    max_size=5,
)


@given(states)
def test_both_forms_of_states_are_read_alike(entries: list[dict[str, object]]) -> None:
    as_lines = "\n".join(json.dumps(entry) for entry in entries)

    assert parse_status(as_lines) == parse_status(json.dumps(entries))
    assert sorted(state.service for state in parse_status(as_lines)) == sorted(
        str(entry["Service"]) for entry in entries
    )


@given(
    st.one_of(
        st.text("{}[]\"',:\\ \nServicetu01"),
        st.recursive(
            st.none() | st.integers() | names,
            lambda inner: st.lists(inner) | st.dictionaries(names, inner),
        ).map(json.dumps),
    )
)
def test_whatever_else_an_engine_prints_is_one_message(text: str) -> None:
    try:
        found = parse_status(text)
    except StackError as error:
        said = str(error)
    else:
        said = "is not the JSON of services" if not found else "services out of nothing"
    assert "is not the JSON of services" in said


def files(*more: str) -> dict[str, str]:
    wanted = ("platform.yaml", *(f"kas-{name}.yaml" for name in KAS_INSTANCES), *more)
    return {name: f"# {name}" for name in wanted}


def test_configuration_is_for_containers_and_its_owner_only(stack: ComposeStack) -> None:
    configure(stack, files("kas-private.pem"))
    configure(stack, files("kas-private.pem"))

    assert stack.variables()["CONFIGURATION_FOLDER"] == str(stack.configuration)
    assert (stack.configuration / "kas-km1.yaml").read_text() == "# kas-km1.yaml"
    modes = [
        stat.S_IMODE(path.stat().st_mode)
        for path in (
            stack.configuration.parent,
            stack.configuration,
            stack.configuration / "kas-private.pem",
        )
    ]
    assert modes == [0o700, 0o755, 0o644]


def test_configuration_for_every_service_is_asked_for(stack: ComposeStack) -> None:
    incomplete = files()
    del incomplete["kas-delta.yaml"]
    with pytest.raises(ConfigurationError, match=r"lacks kas-delta.yaml"):
        configure(stack, incomplete)
    with pytest.raises(ConfigurationError, match=r"no plain file names: \.\./escape"):
        configure(stack, files("../escape"))
    assert not stack.folder.exists()


def test_addresses_are_the_same_here_and_in_the_containers(stack: ComposeStack) -> None:
    assert stack.issuer == f"http://localhost:{stack.ports['keycloak']}/auth/realms/opentdf"
    assert set(stack.kas_urls) == {"default", *KAS_INSTANCES}
    assert stack.kas_urls["alpha"] == f"http://localhost:{stack.ports['kas-alpha']}/kas"
    assert stack.kas_urls["km1"] == f"http://localhost:{stack.ports['kas-km1']}"


def test_the_keycloak_of_containers_is_of_the_version_that_processes_run() -> None:
    assert IMAGES["KEYCLOAK_IMAGE"].rpartition(":")[2] == keycloak_archive.VERSION


def test_the_environment_of_the_client_says_where_its_engine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("UNRELATED_TOKEN", "x")

    environment = client_environment({"KAS_ALPHA_PORT": "1"})

    assert environment["XDG_RUNTIME_DIR"] == "/run/user/1"
    assert environment["https_proxy"] == "http://127.0.0.1:1"
    assert environment["KAS_ALPHA_PORT"] == "1"
    assert "UNRELATED_TOKEN" not in environment
