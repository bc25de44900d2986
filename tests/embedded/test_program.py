"""The program at its borders: a child process, real sockets, a real SDK."""

import gc
import io
import json
import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import grpc  # type: ignore[import-untyped]
import jsonschema
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from otdf_python.config import KASInfo
from otdf_python.sdk_builder import SDKBuilder

from support.embedded.__main__ import main
from support.embedded.descriptor import write_ready_file
from support.embedded.server import PortInUseError, bind
from support.foundation.http import HttpSession
from support.foundation.process import run
from support.foundation.settings import ROOT, child_environment
from support.foundation.waiting import wait_until
from tests.embedded.conftest import ATTRIBUTES, MAPPINGS, NAMESPACES, Json, condition_set
from tests.embedded.programs import start_platform

if TYPE_CHECKING:
    from tests.embedded.programs import Started

SCHEMA = json.loads((ROOT / "schemas" / "stack-descriptor.schema.json").read_text())


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_the_descriptor_says_what_was_started(started: "Started", tmp_path: Path) -> None:
    jsonschema.validate(started.descriptor, SCHEMA)
    descriptor = started.descriptor
    assert descriptor["pid"] == started.process.process_id
    assert set(descriptor["kas"]) == {"default", "alpha"}
    assert descriptor["kas"]["default"]["url"] == f"{started.url}/kas"
    assert descriptor["faults"] == []
    path = tmp_path / "ready.json"
    write_ready_file(path, descriptor)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_it_answers_on_both_loopback_addresses(started: "Started") -> None:
    port = started.url.rpartition(":")[2]
    session = HttpSession()
    hosts = ["127.0.0.1", "localhost"]
    if _has_ipv6():
        hosts.append("[::1]")
    for host in hosts:
        assert session.request("GET", f"http://{host}:{port}/healthz").status == 200
    session.close()


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_roles_hold_over_the_network(started: "Started") -> None:
    assert started.call(f"{NAMESPACES}/ListNamespaces", role="standard")[0] == 200
    assert started.call(f"{NAMESPACES}/ListNamespaces", role="unprivileged")[0] == 403
    assert started.call(f"{NAMESPACES}/ListNamespaces", role="expired")[0] == 401


def test_a_long_query_is_read(started: "Started") -> None:
    names = [f"https://n.example/attr/a/value/{number:0>100}" for number in range(200)]
    message = quote(json.dumps({"fqns": names}))
    target = f"{started.url}/{ATTRIBUTES}/GetAttributeValuesByFqns"
    answer = started.session.request(
        "GET",
        f"{target}?encoding=json&message={message}",
        headers={"Authorization": f"Bearer {started.token()}"},
    )
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_it_speaks_grpc(started: "Started") -> None:
    channel = grpc.insecure_channel(started.url.removeprefix("http://"))
    with channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service="kas"), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as caught:
            list(stub.Watch(health_pb2.HealthCheckRequest(), timeout=10))
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def read_back(started: "Started", role: str, fqn: str, kas: str = "") -> bytes:
    """Encrypt with otdf-python for an attribute and decrypt again."""
    client = started.descriptor["roles"][role]
    sdk = (
        SDKBuilder.new_builder()
        .set_platform_endpoint(started.url)
        .set_issuer_endpoint(started.descriptor["idp"]["issuer"])
        .client_secret(client["client_id"], client["client_secret"])
        .use_insecure_plaintext_connection(True)  # noqa: FBT003 - the SDK's way
        .with_ignore_kas_allowlist(ignore=True)
        .build()
    )
    more = {"kas_info_list": [KASInfo(url=kas)]} if kas else {}
    output = io.BytesIO()
    try:
        sdk.create_tdf(b"hello", sdk.new_tdf_config(attributes=[fqn], **more), output)
        payload: bytes = sdk.load_tdf(output.getvalue()).payload
    finally:
        # The SDK leaves open files behind; here, where warnings are off, they may be found.
        del sdk, output
        gc.collect()
    return payload


@pytest.fixture(scope="session")
def guarded(started: "Started") -> tuple[str, str]:
    """Return a value that the standard client may read, and one that nobody may."""
    namespace = started.ok(f"{NAMESPACES}/CreateNamespace", {"name": "program.example"})
    attribute = started.ok(
        f"{ATTRIBUTES}/CreateAttribute",
        {
            "namespaceId": namespace["namespace"]["id"],
            "name": "who",
            "rule": "ATTRIBUTE_RULE_TYPE_ENUM_ANY_OF",
            "values": ["me", "nobody"],
        },
    )["attribute"]
    mine, nobodys = attribute["values"]
    mapping = {
        "attributeValueId": mine["id"],
        "actions": [{"name": "read"}],
        "newSubjectConditionSet": condition_set(),
    }
    started.ok(f"{MAPPINGS}/CreateSubjectMapping", mapping)
    return mine["fqn"], nobodys["fqn"]


@pytest.mark.filterwarnings("ignore")
def test_an_sdk_encrypts_and_decrypts(started: "Started", guarded: tuple[str, str]) -> None:
    mine, nobodys = guarded
    assert read_back(started, "standard", mine) == b"hello"
    for role, fqn in (("standard", nobodys), ("unprivileged", mine)):
        with pytest.raises(Exception, match=r"(?i)key access|rewrap|permission|unwrap"):
            read_back(started, role, fqn)


@pytest.mark.filterwarnings("ignore")
def test_an_sdk_uses_a_second_kas(started: "Started", guarded: tuple[str, str]) -> None:
    alpha = started.descriptor["kas"]["alpha"]["url"]
    assert read_back(started, "standard", guarded[0], alpha) == b"hello"


def audit_records(started: "Started") -> list[dict[str, Any]]:
    lines = started.process.log.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_audit_records_reach_standard_output_at_once(started: "Started") -> None:
    body = {"name": "recorded.example"}
    created = started.ok(f"{NAMESPACES}/CreateNamespace", body)["namespace"]["id"]
    recorded = [item["audit"]["object"]["id"] for item in audit_records(started)]
    assert created in recorded


def test_it_stops_when_its_input_ends(tmp_path: Path) -> None:
    running = start_platform(tmp_path, "--random-secrets", "--fault", "skip-policy-binding")
    secret = running.descriptor["roles"]["admin"]["client_secret"]
    log = running.process.log.read_text()
    assert secret not in {"secret", ""}
    assert secret not in log
    assert "FAULT switched on: skip-policy-binding" in log
    assert running.descriptor["faults"] == ["skip-policy-binding"]
    stdin = running.process.child.stdin
    assert stdin is not None
    stdin.close()
    wait_until(lambda: running.process.exit_code is not None, what="the end", time_limit_seconds=10)
    assert running.process.exit_code == 0
    running.session.close()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_cleanly(tmp_path: Path, name: str) -> None:
    running = start_platform(tmp_path)
    os.kill(running.process.process_id, getattr(signal, name))
    wait_until(lambda: running.process.exit_code is not None, what="the end", time_limit_seconds=10)
    assert running.process.exit_code == 0
    assert "Traceback" not in running.process.log.read_text()
    running.session.close()
    running.process.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "ignore-hierachy"], 'Did you mean "ignore-hierarchy"'),
        (["--kas", "default"], "--kas default: the name is taken"),
        (["--kas", "a", "--kas", "a"], "--kas a: the name is taken"),
        (["--port", "70000"], "'70000' is no port: expected 0 to 65535"),
        (["--port", "x"], "'x' is no port"),
        (["--ready-file", "/nonexistent/ready.json"], "No such file or directory"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(arguments: list[str], said: str) -> None:
    record = run(
        [sys.executable, "-m", "support.embedded", *arguments],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        time_limit_seconds=20,
    )
    assert record.exit_code == 2
    assert said in record.stderr
    assert "Traceback" not in record.stderr


def test_a_port_in_use_is_one_message_and_exit_code_2(
    busy_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--port", str(busy_port)]) == 2
    message = capsys.readouterr().err
    assert f"port {busy_port} on 127.0.0.1 is in use" in message
    assert message.count("\n") == 1


def test_binding_gives_one_port_on_both_addresses() -> None:
    binding = bind(0)
    try:
        ports = {bound.getsockname()[1] for bound in binding.sockets}
        assert ports == {binding.port}
        with pytest.raises(PortInUseError):
            bind(binding.port)
    finally:
        for bound in binding.sockets:
            bound.close()


def test_a_machine_without_ipv6_is_served_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def without_ipv6(family: int, *more: Json) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return real(family, *more)

    monkeypatch.setattr(socket, "socket", without_ipv6)
    binding = bind(0)
    assert len(binding.sockets) == 1
    binding.sockets[0].close()


def test_many_callers_at_once_get_their_own_answers(started: "Started") -> None:
    answers: dict[int, Any] = {}

    def work(number: int) -> None:
        session = HttpSession()
        answer = session.post_json(
            f"{started.url}/kas.AccessService/PublicKey",
            {"algorithm": "rsa:2048" if number % 2 else "ec:secp256r1"},
        )
        answers[number] = answer.json()["kid"]
        session.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: "r1" if number % 2 else "e1" for number in range(16)}
