import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation.errors import CommandTimeoutError
from support.model.records import CommandRecord
from support.sdk.client import (
    Caller,
    DecryptRequest,
    EncryptRequest,
    SdkBrokenError,
    SdkClient,
    Written,
    connection_environment,
)
from support.sdk.model import Refusal, RefusalReason
from support.services.locator import Credentials, Services
from support.services.secret import Secret
from tests.sdk.conftest import MakeSdk

Client = Callable[..., SdkClient]
SHOW_ENVIRONMENT = 'env > "$3"'


@pytest.fixture
def client(make_sdk: MakeSdk, services: Services, caller: Credentials) -> Client:
    """Make a client of an SDK whose cli.sh is `body`."""

    def make(body: str, language: str = "go", seconds: float = 20.0) -> SdkClient:
        sdk = make_sdk(body, language=language)
        return SdkClient(sdk, services, caller, time_limit_seconds=seconds)

    return make


def decrypt_to(client: SdkClient, path: Path) -> Written | Refusal:
    return client.decrypt(DecryptRequest(path.with_name("source"), path))


def environment_in(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, _, value in pairs}


def test_success_is_the_file_that_was_written(client: Client, tmp_path: Path) -> None:
    result = decrypt_to(client('echo "$1 $4" > "$3"'), tmp_path / "plain")

    assert result == Written(tmp_path / "plain")
    assert (tmp_path / "plain").read_text() == "decrypt ztdf\n"


def test_a_refusal_is_a_value_with_the_sdks_own_words(client: Client, tmp_path: Path) -> None:
    body = 'echo "tdf: rewrap request 403" >&2; exit 1'

    result = decrypt_to(client(body), tmp_path / "plain")

    assert result == Refusal(RefusalReason.NOT_ENTITLED, "tdf: rewrap request 403")


def test_what_a_refused_call_leaves_behind_is_told(client: Client, tmp_path: Path) -> None:
    result = decrypt_to(client('printf secret > "$3"; exit 1'), tmp_path / "plain")

    assert isinstance(result, Refusal)
    assert result.reason is RefusalReason.UNCLASSIFIED
    assert result.bytes_left_behind == len("secret")


def test_the_file_of_an_earlier_call_does_not_pass_for_this_ones(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "plain").write_text("from before")

    with pytest.raises(SdkBrokenError, match="reports success, but wrote no plain"):
        decrypt_to(client("exit 0"), tmp_path / "plain")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("kill -ABRT $$", "exit code -6"),
        ("exit 139", "exit code 139"),
        ("echo 'panic: runtime error' >&2; exit 2", "panic: runtime error"),
        ("echo 'Traceback (most recent call last):'; exit 1", "Traceback"),
        ("echo \"thread 'main' panicked at src\" >&2; exit 101", "panicked"),
    ],
)
def test_a_crash_is_no_refusal(client: Client, tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(SdkBrokenError, match=f"(?s)crashed.*{message}"):
        decrypt_to(client(body), tmp_path / "plain")


def test_what_is_no_container_is_not_taken_for_one(client: Client, tmp_path: Path) -> None:
    request = EncryptRequest(tmp_path / "plain", tmp_path / "out.tdf")

    with pytest.raises(SdkBrokenError, match="7 bytes beginning with b'garbage'"):
        client('printf garbage > "$3"').encrypt(request)


def test_a_container_is_taken(client: Client, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "made", "w") as archive:
        archive.writestr("0.payload", b"x")
    request = EncryptRequest(tmp_path / "plain", tmp_path / "out.tdf")

    made = client(f'cp {tmp_path}/made "$3"').encrypt(request)

    assert made == Written(tmp_path / "out.tdf")


def test_an_sdk_that_hangs_is_stopped_with_its_children(client: Client, tmp_path: Path) -> None:
    body = f"(sleep 1; touch {tmp_path}/survived) & sleep 60"

    with pytest.raises(CommandTimeoutError, match=r"did not end within 0\.3 s"):
        decrypt_to(client(body, seconds=0.3), tmp_path / "plain")

    assert not (tmp_path / "survived").exists()


def test_an_error_does_not_repeat_a_secret_that_the_sdk_echoes(
    client: Client, tmp_path: Path
) -> None:
    with pytest.raises(SdkBrokenError) as caught:
        decrypt_to(client('echo "using $CLIENTSECRET"; exit 134'), tmp_path / "plain")

    assert "a-very-secret-value" not in str(caught.value)
    assert "using [redacted: secret]" in str(caught.value)


def test_the_record_shows_the_options_and_no_secret(
    make_sdk: MakeSdk, services: Services, caller: Credentials, tmp_path: Path
) -> None:
    records: list[CommandRecord] = []
    sdk = make_sdk('touch "$3"')
    client = SdkClient(sdk, services, caller, time_limit_seconds=20, observer=records.append)

    client.decrypt(
        DecryptRequest(tmp_path / "a", tmp_path / "b", kas_allow_list=("http://kas.test",))
    )

    (record,) = records
    assert record.environment["XT_WITH_KAS_ALLOW_LIST"] == "http://kas.test"
    assert record.environment["CLIENTID"] == "reader"
    assert "CLIENTSECRET" not in record.environment
    assert all("a-very-secret-value" not in argument for argument in record.arguments)


def test_encryption_options_reach_the_sdk_under_xtests_names(
    client: Client, tmp_path: Path
) -> None:
    request = EncryptRequest(
        tmp_path / "plain",
        tmp_path / "out",
        attributes=("https://a.test/attr/b/value/c", "https://a.test/attr/b/value/d"),
        mime_type="text/plain",
        target_mode="4.2.2",
        ec_wrap=True,
        assertions=tmp_path / "assertions.json",
    )

    with pytest.raises(SdkBrokenError, match="no container"):
        client(SHOW_ENVIRONMENT).encrypt(request)

    seen = environment_in(tmp_path / "out")
    assert seen["XT_WITH_ATTRIBUTES"] == ",".join(request.attributes)
    assert seen["XT_WITH_MIME_TYPE"] == "text/plain"
    assert seen["XT_WITH_TARGET_MODE"] == "4.2.2"
    assert seen["XT_WITH_ECWRAP"] == "true"
    assert seen["XT_WITH_ASSERTIONS"] == str(tmp_path / "assertions.json")


def test_decryption_options_reach_the_sdk_in_both_spellings(client: Client, tmp_path: Path) -> None:
    request = DecryptRequest(
        tmp_path / "source",
        tmp_path / "out",
        ec_session_key=True,
        verification_keys=tmp_path / "keys.json",
        verify_assertions=False,
        kas_allow_list=("http://one.test", "http://two.test"),
        ignore_kas_allow_list=True,
        fulfillable=("https://a.test/obl/b/value/c", "https://a.test/obl/b/value/d"),
    )

    client(SHOW_ENVIRONMENT).decrypt(request)

    seen = environment_in(tmp_path / "out")
    both = "http://one.test,http://two.test"
    assert (seen["XT_WITH_KAS_ALLOWLIST"], seen["XT_WITH_KAS_ALLOW_LIST"]) == (both, both)
    assert seen["XT_WITH_IGNORE_KAS_ALLOWLIST"] == "true"
    declared = "https://a.test/obl/b/value/c,https://a.test/obl/b/value/d"
    assert seen["XT_WITH_FULFILLABLE_OBLIGATIONS"] == declared
    assert seen["XT_WITH_VERIFY_ASSERTIONS"] == "false"
    assert seen["XT_WITH_ASSERTION_VERIFICATION_KEYS"] == str(tmp_path / "keys.json")
    assert seen["XT_WITH_ECWRAP"] == "true"


def test_options_that_are_not_asked_for_are_not_set(client: Client, tmp_path: Path) -> None:
    decrypt_to(client(SHOW_ENVIRONMENT), tmp_path / "out")

    assert not [name for name in environment_in(tmp_path / "out") if name.startswith("XT_WITH_")]


def test_the_services_are_given_under_the_names_of_xtests_test_env(
    services: Services, caller: Credentials
) -> None:
    assert connection_environment(services, caller) == {
        "PLATFORMURL": "http://platform.test:8080",
        "PLATFORMENDPOINT": "platform.test:8080",
        "KASURL": "http://platform.test:8080/kas",
        "TOKENENDPOINT": services.token_endpoint,
        "KCFULLURL": "http://idp.test:8888/auth/realms/opentdf",
        "KCHOST": "http://idp.test:8888",
        "REALM": "opentdf",
        "CLIENTID": "reader",
        "CLIENTSECRET": "a-very-secret-value",
    }


@pytest.mark.parametrize(
    ("caller_now", "names"), [(Secret("token"), {"XT_WITH_ACCESS_TOKEN"}), (None, set())]
)
def test_a_bearer_or_nobody_has_no_client_credentials(
    services: Services, caller_now: Caller, names: set[str]
) -> None:
    about_the_caller = {"CLIENTID", "CLIENTSECRET", "XT_WITH_ACCESS_TOKEN"}

    assert about_the_caller & set(connection_environment(services, caller_now)) == names
