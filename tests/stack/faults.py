"""Faults of real stacks, each made with real processes; what people are told of it."""

import contextlib
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme

from support.foundation import living, process
from support.foundation.errors import AcceptanceError, StackError
from support.foundation.settings import ROOT, Settings, child_environment
from support.foundation.waiting import wait_until
from support.services.secret import Secret
from support.stack import ports, standing
from support.stack.components.component import Component, Launch
from support.stack.components.keycloak import keycloak_component
from support.stack.components.keycloak_server import keycloak_server
from support.stack.components.platform import Binary, Database, Platform
from support.stack.components.postgres_programs import find_postgres
from support.stack.components.postgres_server import PostgresServer
from support.stack.standing import Wanted
from support.stack.supervisor import Supervisor
from tests.foundation.http_certificates import Certificates, server_context
from tests.foundation.http_servers import Handler, serving
from tests.stack.started import new_instance
from tests.stack.test_platform import ADMIN, PROVIDER

TIME_LIMIT_SECONDS = 60.0
WRONG_PIN = "sha256:" + "ab" * 32
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder in which one fault is made."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings({"build": str(self.folder / "build")}, {})

    def program(self, name: str, body: str, mode: int = 0o755) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(mode)
        return path

    def command(
        self, arguments: Sequence[str], variables: Mapping[str, str], folder: Path | None = None
    ) -> str:
        """Return what a command says that fails, as a tester reads it."""
        own = {"ACCEPTANCE_BUILD": str(self.folder / "build"), "PYTHONPATH": str(ROOT)}
        record = process.run(
            [sys.executable, "-m", *arguments],
            environment={**child_environment(), **own, **variables},
            time_limit_seconds=TIME_LIMIT_SECONDS,
            working_directory=folder or self.folder,
        )
        said = record.stdout + record.stderr
        assert record.exit_code in {1, 2}, said
        assert "Traceback" not in said
        return " ".join(said.split())

    def stack(self, *arguments: str, **variables: str) -> str:
        """Return what `acceptance stack …` says when it fails."""
        return self.command(("tools.cli", "stack", *arguments), variables)

    def roles(self, secret: str) -> dict[str, str]:
        """Return the credentials with which a platform is adopted."""
        return {
            "ACCEPTANCE_ADMIN_CLIENT_ID": "opentdf",
            "ACCEPTANCE_ADMIN_CLIENT_SECRET": secret,
            "ACCEPTANCE_STANDARD_CLIENT_ID": "opentdf-sdk",
            "ACCEPTANCE_STANDARD_CLIENT_SECRET": "s",
        }

    def adopt(self, url: str, *bundle: Path, secret: str = "s", pin: str = "") -> str:
        """Return why a platform is not adopted, perhaps with an authority of its own or a pin."""
        trust = {"ACCEPTANCE_PLATFORM_CA_BUNDLE": str(bundle[0])} if bundle else {}
        pins = {"ACCEPTANCE_PLATFORM_PIN": pin} if pin else {}
        name = ("--name", "theirs")
        return self.stack("adopt", url, *name, **self.roles(secret), **trust, **pins)

    def start(self, component: Component) -> str:
        """Return why a component does not come up."""
        instance = new_instance(self.folder / "instance")
        try:
            with pytest.raises(StackError) as caught:
                Supervisor(instance, {component.name: component}).start()
        finally:
            assert instance.end() == ()
        return " ".join(str(caught.value).split())

    @contextlib.contextmanager
    def embedded(self) -> Iterator[Path]:
        """A standing embedded platform; the path of its descriptor."""
        standing.up(self.settings, Wanted("embedded", "embedded"))
        yield standing.instance_named(self.settings, "embedded").descriptor
        standing.down(self.settings)

    def platform(self, body: str, **more: object) -> Component:
        """A platform of a program that says its version and then does what `body` says."""
        path = self.program("platform", f'[ "$1" = version ] && echo 0.25.0 && exit\n{body}')
        port = ports.free()
        return Platform(
            name="platform",
            port=port,
            binary=Binary(path, "0.25.0"),
            folder=self.folder / "platform-data",
            keys=self.folder / "keys",
            identity_provider=PROVIDER,
            admin=ADMIN,
            core_url="http://localhost:1",
            **more,  # type: ignore[arg-type]
        ).component()


def port_taken(bench: Bench) -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return bench.stack("up", "embedded", "--port", str(taken.getsockname()[1]))


def not_executable(bench: Bench) -> str:
    path = bench.program("opentdf-platform", "echo 0.25.0", mode=0o644)
    return bench.stack("up", "processes", OPENTDF_PLATFORM_BIN=str(path))


def another_program(bench: Bench) -> str:
    body = 'echo \'Error: unknown command "version" for "otdfctl"\' >&2; exit 1'
    path = bench.program("otdfctl", body)
    return bench.stack("up", "processes", OPENTDF_PLATFORM_BIN=str(path))


def dies_at_once(bench: Bench) -> str:
    return bench.start(bench.platform("echo 'panic: out of luck' >&2; exit 5"))


def never_serves(bench: Bench) -> str:
    component = bench.platform("echo 'still thinking'; exec sleep 300")
    return bench.start(replace(component, time_limit_seconds=1.0))


def old_java(bench: Bench) -> str:
    bench.program("java/bin/java", "echo 'openjdk version \"11.0.22\" 2024-01-16' >&2")
    return bench.stack("up", "keycloak", JAVA_HOME=str(bench.folder / "java"))


def no_java(bench: Bench) -> str:
    return bench.stack("up", "keycloak", JAVA_HOME="", PATH=str(bench.folder))


def broken_java(bench: Bench) -> str:
    bench.program("java/bin/java", "echo 'Error occurred during initialization of VM'; exit 1")
    return bench.stack("up", "keycloak", JAVA_HOME=str(bench.folder / "java"))


def disk_full(bench: Bench) -> str:
    folder = bench.folder / "build" / "stack"
    folder.mkdir(parents=True)
    with small_disk(folder):
        (folder / "ballast").write_bytes(bytes(4096))
        return bench.stack("up", "embedded")


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a disk of four pages in memory; skips where that may not be."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")

    def run(*arguments: str) -> int:
        return process.run(
            arguments, environment=child_environment(), time_limit_seconds=20
        ).exit_code

    if run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)) != 0:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        run("umount", "-l", str(folder))


def half_a_descriptor(bench: Bench) -> str:
    with bench.embedded() as descriptor:
        text = descriptor.read_text()
        descriptor.write_text(text[: len(text) // 2])
        return bench.stack("env", "embedded")


def other_form(bench: Bench) -> str:
    with bench.embedded() as descriptor:
        descriptor.write_text('{"stack": "embedded"}')
        return bench.stack("env", "embedded")


def died_meanwhile(bench: Bench) -> str:
    with bench.embedded():
        instance = standing.instance_named(bench.settings, "embedded")
        identity = instance.required().process_of("platform")
        assert identity is not None
        os.kill(identity.process_id, signal.SIGKILL)
        wait_until(lambda: not living.is_alive(identity), what="its end", time_limit_seconds=10)
        with pytest.raises(StackError) as caught:
            standing.find(bench.settings, "embedded")
    return " ".join(str(caught.value).split())


def answering(idp: str = "", late: timedelta = timedelta()) -> Callable[[Handler], None]:
    """Answer everything as a platform with its identity provider should, but at another time."""

    def answer(handler: Handler) -> None:
        scheme = "https" if handler.server.context else "http"
        url = idp or f"{scheme}://localhost:{handler.server.server_port}"
        then = format_datetime(datetime.now(UTC) - late, usegmt=True)
        handler.date_time_string = lambda timestamp=None: then  # type: ignore[method-assign]  # noqa: ARG005
        told = {"issuer": url, "token_endpoint": f"{url}/token"}
        handler.answer(200, json.dumps({"idp": told, "access_token": "t"}).encode())

    return answer


def clock_off(bench: Bench) -> str:
    with serving(answering(late=timedelta(minutes=3))) as server:
        return bench.adopt(server.url)


def clock_of_identity_provider_off(bench: Bench) -> str:
    """Seen when a run begins, which signs in as every role."""
    with (
        serving(answering(late=timedelta(minutes=-3))) as idp,
        serving(answering(idp.url)) as platform,
    ):
        return bench.command(
            ("behave", "--define", "profile=remote", str(ROOT / "features" / "platform")),
            {
                **bench.roles("s"),
                "ACCEPTANCE_PLATFORM_URL": platform.url,
                "ACCEPTANCE_ARTIFACTS": str(bench.folder / "artifacts"),
            },
            folder=ROOT,
        )


def expired_certificate(bench: Bench) -> str:
    certificates = Certificates(bench.folder)
    dates = {"not_before": NOW - timedelta(days=90), "not_after": NOW - timedelta(days=12)}
    with serving(context=certificates.server(**dates)) as server:
        return bench.adopt(server.url, certificates.bundle)


def self_signed_certificate(bench: Bench) -> str:
    authority = trustme.CA()
    path = bench.folder / "self-signed.pem"
    path.write_bytes(authority.private_key_pem.bytes() + authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with serving(context=context) as server:
        return bench.adopt(server.url)


def unknown_authority(bench: Bench) -> str:
    with serving(context=Certificates(bench.folder).server()) as server:
        return bench.adopt(server.url)


def wrong_pin(bench: Bench) -> str:
    certificates = Certificates(bench.folder)
    context = server_context(certificates.authority.issue_cert("localhost"))
    with serving(context=context) as server:
        return bench.adopt(server.url, certificates.bundle, pin=WRONG_PIN)


def keycloak_too_slow(bench: Bench) -> str:
    component = sleeping_keycloak(bench.folder, "echo 'Updating the configuration'; sleep 300")
    return bench.start(replace(component, time_limit_seconds=1.0))


def sleeping_keycloak(folder: Path, body: str, port: int = 0) -> Component:
    """Our Keycloak, with a shell script in place of Java; readiness and advice are real."""
    data = folder / "keycloak"
    data.mkdir()
    server = keycloak_server(data, port or ports.free(), random_secrets=False)
    component = keycloak_component(server, Settings({}, {}), ports.free((server.port,)))
    launch = Launch(arguments=("sh", "-c", body), environment=child_environment())
    return replace(component, launch=lambda: launch)


def database_down(bench: Bench) -> str:
    try:
        programs = find_postgres()
    except AcceptanceError as error:
        pytest.skip(str(error))
    server = PostgresServer(
        port=ports.free(), password=Secret("p"), programs=programs, home=bench.folder
    )
    return bench.start(bench.platform("exec sleep 300", database=Database(server, "opentdf")))


def wrong_secret(bench: Bench) -> str:
    with bench.embedded() as descriptor:
        url = json.loads(descriptor.read_text())["platform"]["url"]
        return bench.adopt(url, secret="not-the-secret")


def nobody_there(bench: Bench) -> str:
    return bench.adopt(f"http://localhost:{ports.free()}")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and what has to be told of it; each a pattern.

    Attributes:
        make: makes it and returns what was said.
        seen: what was wrong, and the value seen; said of no other fault.
        where: where that came from, or what was expected instead.
        remedy: what to do.
    """

    make: Callable[[Bench], str]
    seen: str
    where: str
    remedy: str

    @property
    def name(self) -> str:
        return self.make.__name__


PID, TIME = r"\(process \d+\)", r"\d\d:\d\d:\d\d UTC"
BINARY, LOG = r"\(from environment OPENTDF_PLATFORM_BIN\)", r"Its log \S+/{}\.log ends"
FAULTS = (
    Fault(port_taken, rf"port \d+ of 127.* in use; .*{PID} does", "platform cannot", "free port"),
    Fault(not_executable, "Permission denied", BINARY, "its permissions.*name another"),
    Fault(another_program, 'printed .*unknown command "version"', BINARY, "is the client, not"),
    Fault(dies_at_once, "exit code 5.* out of luck", LOG.format("platform"), "Mend what its log"),
    Fault(never_serves, "still thinking", "1 s for platform.*lacks: No answer", "Mend what its"),
    Fault(old_java, "is Java 11", "of JAVA_HOME.* needs 17", "Install Java 17"),
    Fault(no_java, "there is no `java`", "Keycloak needs Java", "put `java` on the PATH"),
    Fault(broken_java, "code 1 and said Error .* VM", "of JAVA_HOME.* Expected", "Install Java 17"),
    Fault(disk_full, "No space left on device", r"/build/stack/instances", "Free space"),
    Fault(
        half_a_descriptor, r"is not JSON .*line \d+", r"/descriptor\.json", "Start the stack again"
    ),
    Fault(other_form, "but it lacks descriptor_version", r"/descriptor\.json:1", "start it again"),
    Fault(
        died_meanwhile,
        rf"{PID} (?:stopped with exit code -9|is gone)",
        LOG.format("platform"),
        "Mend it with",
    ),
    Fault(clock_off, rf"\d is off: .*{TIME} there, .*{TIME} here", "clock of http", "time server"),
    Fault(
        clock_of_identity_provider_off,
        f"/token is off: .*{TIME} there, .*{TIME} here",
        "clock of http",
        "Set both by a time server",
    ),
    Fault(expired_certificate, "it expired on .* 12 days", "Expected one .*valid now", "Renew"),
    Fault(
        self_signed_certificate,
        "not trusted: it is self-signed",
        "that the public auth",
        "PLATFORM_CA_BU",
    ),
    Fault(unknown_authority, "nobody knows its issuer .*CA", "no CA bundle set", "PLATFORM_CA_BU"),
    Fault(wrong_pin, "it is sha256:", f"Expected {WRONG_PIN}", "set ACCEPTANCE_PLATFORM_PIN"),
    Fault(keycloak_too_slow, "Updating", "1 s for keycloak.*lacks: No answer", "Mend what its log"),
    Fault(database_down, "PostgreSQL on 127.* refused", "database postgres", "starts it again"),
    Fault(wrong_secret, "a token for opentdf: HTTP 401", "answers, but", "ADMIN_CLIENT_ID and its"),
    Fault(
        nobody_there,
        "GET http.*opentdf-configuration .*nothing listens",
        "Expected a service",
        "Check that it runs",
    ),
)
"""Every fault; the first words of a remedy are enough."""
