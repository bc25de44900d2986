"""The program with an issuer outside, at its borders: a child process, and what goes wrong."""

import json
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import trustme

from support.embedded.__main__ import main
from support.foundation.http import HttpSession
from support.foundation.process import run
from support.foundation.settings import ROOT, child_environment
from support.foundation.waiting import wait_until
from tests.embedded.asking import ENTITIES
from tests.embedded.conftest import NAMESPACES
from tests.embedded.programs import start_platform
from tests.embedded.provider import CLIENT, SECRET, Provider, serving

if TYPE_CHECKING:
    from tests.embedded.programs import Started

SCHEMA = json.loads((ROOT / "schemas" / "stack-descriptor.schema.json").read_text())


def credentials_file(folder: Path, content: object = None, mode: int = 0o600) -> Path:
    path = folder / "credentials.json"
    if content is None:
        content = {"client_id": CLIENT, "client_secret": SECRET}
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)
    return path


def refused(issuer: str, credentials: Path, *more: str | Path) -> str:
    """Start the program, which must end, and return the one line that it says."""
    record = run(
        [
            *(sys.executable, "-m", "support.embedded"),
            *("--issuer", issuer, "--issuer-credentials", credentials),
            *more,
        ],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        time_limit_seconds=20,
    )
    assert record.exit_code == 2, record.stderr
    assert record.stderr.count("\n") == 1, record.stderr
    assert SECRET not in record.stderr + record.stdout
    return record.stderr


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider()) as provider:
        yield provider


@pytest.fixture(scope="module")
def trusted() -> Iterator[Provider]:
    with serving(Provider()) as provider:
        yield provider


@pytest.fixture(scope="module")
def running(trusted: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Started"]:
    folder = tmp_path_factory.mktemp("trusting")
    arguments = ("--issuer", trusted.url, "--issuer-credentials", str(credentials_file(folder)))
    started = start_platform(folder, *arguments, "--random-secrets", "--port", "0")
    yield started
    started.session.close()
    started.process.stop()


def listed(started: "Started", token: str) -> int:
    session = HttpSession()
    url = f"{started.url}/{NAMESPACES}/ListNamespaces"
    status = session.post_json(url, {}, {"Authorization": f"Bearer {token}"}).status
    session.close()
    return status


def test_the_descriptor_names_the_issuer_and_no_account(
    running: "Started", trusted: Provider
) -> None:
    jsonschema.validate(running.descriptor, SCHEMA)
    assert running.descriptor["idp"] == {
        "issuer": trusted.url,
        "token_endpoint": f"{trusted.url}/protocol/openid-connect/token",
    }
    assert running.descriptor["roles"] == {}
    assert {"control", "users"}.isdisjoint(running.descriptor)
    assert listed(running, trusted.token()) == 200


def test_a_clock_that_is_ahead_is_told_in_the_log(running: "Started", trusted: Provider) -> None:
    ahead = int(time.time()) + 300
    assert listed(running, trusted.token(iat=ahead, exp=ahead + 300)) == 401
    log = running.process.log.read_text()
    assert "not valid yet: `iat` is" in log
    assert "s ahead of this clock, 60 s are tolerated. Do the clocks of issuer" in log


def test_a_slow_issuer_keeps_nobody_else_waiting(running: "Started", trusted: Provider) -> None:
    answers: list[int] = []
    token = trusted.token()

    def resolve() -> None:
        session = HttpSession()
        body = {"entities": [{"ephemeralId": "e", "userName": "thor"}]}
        url = f"{running.url}/{ENTITIES}/ResolveEntities"
        answers.append(session.post_json(url, body, {"Authorization": f"Bearer {token}"}).status)
        session.close()

    trusted.hold.clear()
    before = len(trusted.asked)
    threads = [threading.Thread(target=resolve) for _ in range(40)]
    try:
        for thread in threads:
            thread.start()
        before = len(trusted.asked)
        wait_until(lambda: len(trusted.asked) >= before, what="the look-up", time_limit_seconds=10)
        begun = time.monotonic()
        assert listed(running, token) == 200
        assert time.monotonic() - begun < 3
        assert answers == []
    finally:
        trusted.hold.set()
        for thread in threads:
            thread.join()
    assert answers == [200] * 40


def test_it_ends_at_once_while_the_issuer_hangs(provider: Provider, tmp_path: Path) -> None:
    arguments = ("--issuer", provider.url, "--issuer-credentials", str(credentials_file(tmp_path)))
    started = start_platform(tmp_path, *arguments)
    provider.hold.clear()
    headers = {"Authorization": f"Bearer {provider.token()}"}
    body = {"entities": [{"ephemeralId": "e", "userName": "thor"}]}

    def ask() -> None:
        session = HttpSession()
        try:
            session.post_json(f"{started.url}/{ENTITIES}/ResolveEntities", body, headers)
        finally:
            session.close()

    before = len(provider.asked)
    thread = threading.Thread(target=_quietly, args=(ask,))
    thread.start()
    wait_until(lambda: len(provider.asked) > before, what="the look-up", time_limit_seconds=10)
    started.process.child.terminate()
    wait_until(lambda: started.process.exit_code is not None, what="the end", time_limit_seconds=5)
    assert started.process.exit_code == 0
    assert "Traceback" not in started.process.log.read_text()
    thread.join()
    started.session.close()
    started.process.stop()


def _quietly(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # noqa: BLE001 - the platform was ended under it
        return


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (("--issuer", "http://localhost/realms/a"), "--issuer-credentials"),
        (("--issuer-credentials", "x.json"), "--issuer"),
        (("--issuer-ca", "x.pem"), "--issuer"),
    ],
)
def test_what_belongs_together_is_given_together(
    given: tuple[str, str], lacking: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(given) == 2
    assert f"error: {lacking} is missing" in capsys.readouterr().err


def test_an_issuer_that_is_not_there(tmp_path: Path) -> None:
    said = refused("http://localhost:1/auth/realms/opentdf", credentials_file(tmp_path))
    assert "The issuer http://localhost:1/auth/realms/opentdf is not there" in said
    assert "refused" in said


def test_a_realm_that_is_not_there(provider: Provider, tmp_path: Path) -> None:
    said = refused(provider.url.replace("opentdf", "opentfd"), credentials_file(tmp_path))
    assert 'answers 404 for its discovery document. Is there a realm "opentfd"?' in said


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("<html>", "expected a JSON object, got '<html>'"),
        ({"issuer": "http://x"}, "no URL as jwks_uri: found None"),
    ],
)
def test_a_document_of_another_form(
    provider: Provider, tmp_path: Path, document: object, said: str
) -> None:
    provider.document = document
    assert said in refused(provider.url, credentials_file(tmp_path))


@pytest.mark.parametrize("key_set", ["<html>", {"keys": []}])
def test_a_key_set_without_keys(provider: Provider, tmp_path: Path, key_set: object) -> None:
    provider.key_set = key_set
    said = refused(provider.url, credentials_file(tmp_path))
    assert "answer 200 without a key for RS256. Expected a JSON Web Key Set" in said


def tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_a_certificate_of_an_unknown_authority(tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("localhost")
    with serving(Provider(), tls(certificate)) as provider:
        said = refused(provider.url, credentials_file(tmp_path))
    assert f"The issuer {provider.url} is not trusted" in said
    assert "--issuer-ca FILE" in said


def test_a_certificate_of_a_named_authority(tmp_path: Path) -> None:
    authority = trustme.CA()
    pem = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(pem)
    with serving(Provider(), tls(authority.issue_cert("localhost"))) as provider:
        arguments = ("--issuer-credentials", str(credentials_file(tmp_path)))
        started = start_platform(
            tmp_path, "--issuer", provider.url, *arguments, "--issuer-ca", str(pem)
        )
        try:
            assert started.descriptor["idp"]["issuer"].startswith("https://")
            assert listed(started, provider.token()) == 200
        finally:
            started.session.close()
            started.process.stop()


def test_authorities_that_cannot_be_read(tmp_path: Path) -> None:
    arguments = ("--issuer-ca", tmp_path / "none.pem")
    said = refused("https://localhost:1/realms/a", credentials_file(tmp_path), *arguments)
    assert "none.pem" in said


def test_the_ready_file_of_an_earlier_start_is_gone(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text("{}")
    issuer = "http://localhost:1/auth/realms/opentdf"
    refused(issuer, credentials_file(tmp_path), "--ready-file", ready)
    assert not ready.exists()


def test_credentials_that_are_refused(provider: Provider, tmp_path: Path) -> None:
    provider.secret = "another"
    said = refused(provider.url, credentials_file(tmp_path))
    assert "refuses the client 'tdf-entity-resolution': 401 Invalid client" in said


def test_a_client_that_may_not_look_anybody_up(provider: Provider, tmp_path: Path) -> None:
    provider.forbidden = True
    said = refused(provider.url, credentials_file(tmp_path))
    assert "answers 403" in said
    assert "view-users" in said


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (None, 0o644, "its mode is 0644, expected 0600. Say: chmod 600"),
        (None, 0o660, "its mode is 0660"),
        (f'{{"client_secret": "{SECRET}"', 0o600, "are not JSON"),
        ([SECRET], 0o600, "another form: found list"),
        ({"client_id": "a", "secret": SECRET}, 0o600, "found ['client_id', 'secret']"),
        ({"client_id": "a", "client_secret": ""}, 0o600, "values that are empty"),
        ({"client_id": 1, "client_secret": SECRET}, 0o600, "or no text"),
    ],
)
def test_a_wrong_credentials_file(tmp_path: Path, content: object, mode: int, said: str) -> None:
    path = credentials_file(tmp_path, content, mode)
    message = refused("http://localhost:1/auth/realms/opentdf", path)
    assert str(path) in message
    assert said in message


def test_a_missing_credentials_file(tmp_path: Path) -> None:
    message = refused("http://localhost:1/auth/realms/opentdf", tmp_path / "none.json")
    assert "cannot be read: No such file or directory" in message


@pytest.mark.parametrize(
    "issuer",
    [
        "localhost/realms/a",
        "ftp://localhost/realms/a",
        "http://localhost:8888/auth",
        "http:///realms/a",
        "http://localhost/realms/a?x=1",
        "http://localhost/realms/a#x",
    ],
)
def test_what_is_no_issuer(tmp_path: Path, issuer: str) -> None:
    said = refused(issuer, credentials_file(tmp_path))
    assert f"--issuer {issuer}: no issuer of a Keycloak realm" in said


def test_a_password_in_the_url_is_refused_and_not_shown(tmp_path: Path) -> None:
    said = refused("http://me:hunter2@localhost/realms/a", credentials_file(tmp_path))
    assert "without name and password" in said
    assert "hunter2" not in said


def test_a_certificate_that_has_expired(tmp_path: Path) -> None:
    authority, pem = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(pem)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificate = authority.issue_cert("localhost", not_after=yesterday)
    with serving(Provider(), tls(certificate)) as provider:
        said = refused(provider.url, credentials_file(tmp_path), "--issuer-ca", pem)
    assert "has expired" in said
