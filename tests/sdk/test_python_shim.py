"""The Python shim against a real embedded platform, in this process so that coverage sees it."""

import importlib.util
import io
import logging
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from support.foundation.certificates import Certificates, Flaw
from support.foundation.settings import ROOT
from support.foundation.tls_front import TlsFront
from support.sdk import container
from support.sdk.client import connection_environment
from support.sdk.model import RefusalReason
from support.sdk.refusals import classify
from support.services.locator import Services
from support.services.secret import Secret
from support.stack.embedded import start_for_run

PLAINTEXT = b"what the author wrote"

Call = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An embedded platform for the tests of this module."""
    stack = start_for_run(tmp_path_factory.mktemp("stack"))
    yield stack.services
    stack.stop()


@pytest.fixture
def shim(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The shim's module; it sets up logging and one module as only a program may."""
    path = ROOT / "tools" / "sdk" / "python" / "cli.py"
    spec = importlib.util.spec_from_file_location("opentdf_python_shim", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.delitem(sys.modules, "otdf_python.cli", raising=False)
    yield module
    sys.modules.pop("otdf_python.cli", None)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def call(shim: ModuleType, running: Services, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the shim as the role `standard`; named values are added to the environment."""

    def run(*arguments: str | Path, caller: object = "standard", **more: str) -> tuple[int, str]:
        who = running.credentials(caller) if isinstance(caller, str) else caller
        environment = {**connection_environment(running, who), **more}  # type: ignore[arg-type]
        exit_code = shim.main([str(argument) for argument in arguments], environment)
        output = capsys.readouterr()
        return exit_code, (output.out + output.err).strip()

    return run


@pytest.fixture
def document(call: Call, tmp_path: Path) -> Path:
    """A container that the shim wrote."""
    (tmp_path / "plain").write_bytes(PLAINTEXT)
    assert call("encrypt", tmp_path / "plain", tmp_path / "doc.tdf", "ztdf") == (0, "")
    return tmp_path / "doc.tdf"


def test_what_it_encrypts_it_decrypts(call: Call, document: Path, tmp_path: Path) -> None:
    assert call("decrypt", document, tmp_path / "out", "ztdf") == (0, "")

    assert (tmp_path / "out").read_bytes() == PLAINTEXT


def test_attributes_and_mime_type_are_recorded(call: Call, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(PLAINTEXT)
    names = ("https://a.test/attr/b/value/c", "https://a.test/attr/b/value/d")

    exit_code, _ = call(
        "encrypt",
        tmp_path / "plain",
        tmp_path / "doc.tdf",
        "ztdf",
        XT_WITH_ATTRIBUTES=", ".join(names),
        XT_WITH_MIME_TYPE="text/plain",
    )

    written = container.read((tmp_path / "doc.tdf").read_bytes())
    assert exit_code == 0
    assert written.required_attributes == names
    assert written.manifest["payload"]["mimeType"] == "text/plain"


def test_a_refusal_of_the_kas_is_told_in_one_line(
    call: Call, document: Path, tmp_path: Path
) -> None:
    altered = container.altered(document.read_bytes(), "one bit of the policy binding is flipped")
    (tmp_path / "bad.tdf").write_bytes(altered)

    exit_code, words = call("decrypt", tmp_path / "bad.tdf", tmp_path / "out", "ztdf")

    assert exit_code == 1
    assert "\n" not in words
    assert classify("python", words) is RefusalReason.POLICY_BINDING
    assert not (tmp_path / "out").exists()


def test_a_wrong_secret_is_told_without_the_secret(
    call: Call, document: Path, tmp_path: Path
) -> None:
    exit_code, words = call(
        "decrypt", document, tmp_path / "out", "ztdf", CLIENTSECRET="a-wrong-secret-value"
    )

    assert exit_code == 1
    assert classify("python", words) is RefusalReason.CREDENTIALS
    assert "a-wrong-secret-value" not in words


def test_nobody_is_told_that_credentials_are_missing(
    call: Call, document: Path, tmp_path: Path
) -> None:
    _, words = call("decrypt", document, tmp_path / "out", "ztdf", caller=None)

    assert classify("python", words) is RefusalReason.MISSING_CREDENTIALS


def test_a_bearer_token_is_used(call: Call, document: Path, tmp_path: Path) -> None:
    _, words = call("decrypt", document, tmp_path / "out", "ztdf", caller=Secret("no-token"))

    assert classify("python", words) is RefusalReason.UNAUTHENTICATED


def test_the_token_endpoint_is_discovered_when_it_is_not_given(
    call: Call, document: Path, tmp_path: Path
) -> None:
    assert call("decrypt", document, tmp_path / "out", "ztdf", TOKENENDPOINT="") == (0, "")


def test_a_strange_kas_is_not_asked_unless_allowed_or_the_list_is_ignored(
    call: Call, document: Path, tmp_path: Path
) -> None:
    strange = "http://127.0.0.1:9/kas"
    (tmp_path / "strange.tdf").write_bytes(
        container.with_key_service(document.read_bytes(), strange)
    )

    def reason(**more: str) -> RefusalReason:
        _, words = call("decrypt", tmp_path / "strange.tdf", tmp_path / "out", "ztdf", **more)
        return classify("python", words)

    assert reason() is RefusalReason.KAS_NOT_ALLOWED
    assert reason(XT_WITH_KAS_ALLOWLIST="http://other.test") is RefusalReason.KAS_NOT_ALLOWED
    assert reason(XT_WITH_KAS_ALLOW_LIST=strange) is RefusalReason.UNREACHABLE
    assert reason(XT_WITH_IGNORE_KAS_ALLOWLIST="true") is RefusalReason.UNREACHABLE


def test_a_file_that_is_no_container_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(PLAINTEXT)

    exit_code, words = call("decrypt", tmp_path / "plain", tmp_path / "out", "ztdf")

    assert exit_code == 1
    assert classify("python", words) is RefusalReason.NOT_A_CONTAINER


def test_an_error_without_words_is_told_by_its_name(
    call: Call, document: Path, tmp_path: Path
) -> None:
    altered = container.altered(document.read_bytes(), "one bit of the first segment is flipped")
    (tmp_path / "bad.tdf").write_bytes(altered)

    assert call("decrypt", tmp_path / "bad.tdf", tmp_path / "out", "ztdf") == (1, "InvalidTag")


@pytest.mark.parametrize(
    ("command", "more", "expected"),
    [
        ("encrypt", {"XT_WITH_ECWRAP": "true"}, "XT_WITH_ECWRAP is set"),
        ("encrypt", {"XT_WITH_ASSERTIONS": "[]"}, "XT_WITH_ASSERTIONS is set"),
        ("encrypt", {"XT_WITH_TARGET_MODE": "4.2.2"}, "writes 4.3.0 only"),
        ("decrypt", {"XT_WITH_ASSERTION_VERIFICATION_KEYS": "k"}, "VERIFICATION_KEYS is set"),
        ("decrypt", {"XT_WITH_FULFILLABLE_OBLIGATIONS": "o"}, "FULFILLABLE_OBLIGATIONS is set"),
    ],
)
def test_what_the_sdk_cannot_do_is_refused_and_not_ignored(
    call: Call, tmp_path: Path, command: str, more: dict[str, str], expected: str
) -> None:
    exit_code, words = call(command, tmp_path / "a", tmp_path / "b", "ztdf", **more)

    assert exit_code == 2
    assert expected in words
    assert classify("python", words) is RefusalReason.NOT_OFFERED


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("encrypt", "a"), "got 2 arguments"),
        (("sign", "a", "b", "ztdf"), "command 'sign' is unknown"),
        (("encrypt", "a", "b", "nano"), "container format 'nano' is unknown"),
    ],
)
def test_wrong_use_exits_2(call: Call, arguments: tuple[str, ...], expected: str) -> None:
    exit_code, words = call(*arguments)

    assert exit_code == 2
    assert expected in words


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"PLATFORMURL": ""}, "PLATFORMURL is not set"),
        ({"CLIENTSECRET": ""}, "CLIENTID and CLIENTSECRET belong together"),
    ],
)
def test_missing_settings_are_named(
    call: Call, tmp_path: Path, more: dict[str, str], expected: str
) -> None:
    (tmp_path / "plain").write_bytes(PLAINTEXT)

    exit_code, words = call("encrypt", tmp_path / "plain", tmp_path / "b", "ztdf", **more)

    assert exit_code == 1
    assert expected in words


def test_it_tells_the_sdks_version(call: Call) -> None:
    assert call("version") == (0, "0.11.0")


def test_what_it_writes_is_a_zip_archive_with_the_two_entries(document: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(document.read_bytes())) as archive:
        assert set(archive.namelist()) == {"0.manifest.json", "0.payload"}


def test_a_library_that_cannot_be_imported_is_a_crash_and_no_refusal(
    call: Call, document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "otdf_python.sdk_builder", None)

    with pytest.raises(ImportError):
        call("decrypt", document, tmp_path / "plain", "ztdf")


@pytest.fixture
def secured(running: Services, tmp_path: Path) -> Iterator[str]:
    """The platform's key service behind TLS, with a certificate that nobody knows."""
    server = Certificates(tmp_path).server(Flaw.SELF_SIGNED)
    front = TlsFront(running.kas_urls["default"], server)
    yield front.url
    front.close()


def test_a_key_service_is_looked_at_though_the_platform_speaks_plainly(
    shim: ModuleType, document: Path, running: Services, secured: str
) -> None:
    plain = connection_environment(running, running.credentials("standard"))
    moved = container.with_key_service(document.read_bytes(), secured)

    assert shim._client(plain, shim._key_services(document.read_bytes())).ssl_verify is False
    assert shim._client(plain, shim._key_services(moved)).ssl_verify is True
    assert shim._client(plain, shim._key_services(b"no archive")).ssl_verify is True


def test_nobody_is_trusted_unseen_where_the_token_endpoint_is_to_be_found_out(
    shim: ModuleType, running: Services
) -> None:
    plain = connection_environment(running, running.credentials("standard"))

    assert shim._client({**plain, "TOKENENDPOINT": ""}, []).ssl_verify is True


def test_an_author_is_not_sealed_for_a_key_service_that_nobody_vouches_for(
    call: Call, tmp_path: Path, secured: str
) -> None:
    (tmp_path / "plain").write_bytes(PLAINTEXT)
    named = {"KASURL": secured, "PLATFORMURL": secured.removesuffix("/kas")}

    exit_code, words = call("encrypt", tmp_path / "plain", tmp_path / "d.tdf", "ztdf", **named)

    assert exit_code == 1
    assert classify("python", words) is RefusalReason.CERTIFICATE
