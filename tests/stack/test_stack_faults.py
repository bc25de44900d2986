"""Faults of real stacks: each is told with what was seen, where, and the remedy; no two alike."""

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation import process
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.settings import ROOT, child_environment
from support.stack import descriptor, notes, ports, standing
from support.stack.components import readiness
from support.stack.components.component import Component, Launch
from support.stack.standing import Wanted
from support.stack.supervisor import State, Supervisor
from tests.foundation.http_certificates import Certificates
from tests.foundation.http_servers import serving
from tests.stack.faults import FAULTS, Bench, Fault, answering, sleeping_keycloak
from tests.stack.started import new_instance

Said = Callable[[Fault], str]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """What is said of a fault, which is made once."""
    known: dict[str, str] = {}

    def say(fault: Fault) -> str:
        if fault.name not in known:
            known[fault.name] = fault.make(Bench(tmp_path_factory.mktemp(fault.name)))
        return known[fault.name]

    return say


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_with_what_was_seen_and_where_and_the_remedy(
    fault: Fault, said: Said
) -> None:
    message = said(fault)

    assert re.search(fault.seen, message), message
    assert re.search(fault.where, message), message
    assert re.search(fault.remedy, message), message


@pytest.mark.timeout(240)
def test_no_two_faults_are_told_alike(said: Said) -> None:
    messages: dict[str, str] = {}
    for fault in FAULTS:
        try:
            messages[fault.name] = said(fault)
        except pytest.skip.Exception:
            continue

    taken = {
        fault.name: [name for name, text in messages.items() if re.search(fault.seen, text)]
        for fault in FAULTS
        if fault.name in messages
    }

    assert taken == {name: [name] for name in messages}
    assert len(messages) >= len(FAULTS) - 2  # a full disk and PostgreSQL may be out of reach


def test_what_fails_on_the_way_up_leaves_nothing_running(bench: Bench) -> None:
    bench.program("java/bin/java", "exit 1")

    bench.stack("up", "keycloak", JAVA_HOME=str(bench.folder / "java"))

    assert list(standing.status(bench.settings)) == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Path]]:
    """A standing embedded platform, and a copy of its whole descriptor."""
    bench = Bench(tmp_path_factory.mktemp("whole"))
    with bench.embedded() as path:
        yield bench, Path(shutil.copy(path, bench.folder / "whole.json"))


@given(data=st.data())
def test_a_descriptor_that_was_cut_anywhere_is_one_message_and_never_used(
    data: st.DataObject, whole: tuple[Bench, Path]
) -> None:
    bench, kept = whole
    text = kept.read_text().rstrip()
    path = standing.instance_named(bench.settings, "embedded").descriptor
    path.write_text(text[: data.draw(st.integers(0, len(text) - 1))])

    with pytest.raises(ConfigurationError, match=r"descriptor\.json: the stack .*Start the stack"):
        descriptor.read(path)
    (found,) = standing.status(bench.settings)
    assert "stack up embedded --name embedded` mends it" in found.problem
    standing.up(bench.settings, Wanted("embedded", "embedded"))
    assert set(json.loads(path.read_text())) == set(json.loads(text))


@given(data=st.data())
def test_whatever_else_an_instance_wrote_may_be_cut_anywhere(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    instance = new_instance(tmp_path_factory.mktemp("instances") / "theirs")
    notes.write(instance, {"platform_url": "http://localhost:1"})
    for path in (instance.folder / "instance.json", instance.folder / notes.FILE):
        text = path.read_text().rstrip()
        path.write_text(text[: data.draw(st.integers(0, len(text) - 1))])

    assert instance.read() is None
    with pytest.raises(ConfigurationError, match=r"cannot be read.*stack adopt URL --name theirs"):
        notes.read(instance)
    instance.remove()
    assert not instance.folder.exists()


SLOW_KEYCLOAK = """\
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

port = int(sys.argv[1])
class Keycloak(BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Keycloak.asked += 1
        issuer = f"http://localhost:{port}/auth/realms/master"
        self.say(503 if Keycloak.asked < 6 else 200, {"issuer": issuer})
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say(200, {"access_token": "t"})
    def say(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
threading.Event().wait(1.5)
print("Listening", flush=True)
HTTPServer(("127.0.0.1", port), Keycloak).serve_forever()
"""


def test_a_keycloak_that_is_slow_is_waited_for_while_the_others_go_on(tmp_path: Path) -> None:
    """It listens late, and then says for a while that it does not serve yet."""
    port, seen = ports.free(), list[tuple[str, State]]()
    program = tmp_path / "slow.py"
    program.write_text(SLOW_KEYCLOAK)
    slow = replace(
        sleeping_keycloak(tmp_path, f"exec {sys.executable} {program} {port}", port),
        provision=lambda: None,
    )
    other = Component(
        name="other",
        launch=lambda: Launch(arguments=("sleep", "300"), environment=child_environment()),
        unready=lambda: "",
    )
    instance = new_instance(tmp_path / "instance")

    Supervisor(instance, {"keycloak": slow, "other": other}, lambda *e: seen.append(e)).start()

    assert instance.end() == ()
    assert seen.index(("other", "ready")) < seen.index(("keycloak", "ready"))
    assert "failed" not in {state for _, state in seen}


def test_up_mends_credentials_that_a_stack_does_not_take(bench: Bench) -> None:
    with bench.embedded() as path:
        content = json.loads(path.read_text())
        content["roles"]["admin"]["client_secret"] = "not-the-secret"
        path.write_text(json.dumps(content))

        with pytest.raises(StackError, match=r"a token for opentdf: HTTP 401.*stack up embedded"):
            standing.find(bench.settings, "embedded")
        standing.up(bench.settings, Wanted("embedded", "embedded"))

        assert standing.find(bench.settings, "embedded") is not None


def test_up_does_not_take_a_platform_that_hangs_for_one_that_serves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "TIME_LIMIT_SECONDS", 0.5)
    with bench.embedded():
        instance = standing.instance_named(bench.settings, "embedded")
        identity = instance.required().process_of("platform")
        assert identity is not None
        os.kill(identity.process_id, signal.SIGSTOP)
        try:
            with pytest.raises(StackError, match=r"runs, but .* not serve.*stack restart embedded"):
                standing.up(bench.settings, Wanted("embedded", "embedded"))
        finally:
            os.kill(identity.process_id, signal.SIGCONT)


def test_a_platform_behind_an_authority_of_its_own_is_asked_with_that_bundle_throughout(
    bench: Bench,
) -> None:
    """What is asked before it counts as adopted is asked with the same trust."""
    certificates = Certificates(bench.folder)
    environment = {
        **bench.roles("s"),
        "ACCEPTANCE_BUILD": str(bench.folder / "build"),
        "ACCEPTANCE_PLATFORM_CA_BUNDLE": str(certificates.bundle),
    }
    with serving(answering(), certificates.server()) as server:
        record = process.run(
            [sys.executable, "-m", "tools.cli", "stack", "adopt", server.url],
            environment=child_environment({**environment, "PYTHONPATH": str(ROOT)}),
            time_limit_seconds=20,
        )

    assert record.exit_code == 0, record.stdout + record.stderr
    assert "POST /token" in server.requests
    assert server.requests[-1].endswith("ListNamespaces")
