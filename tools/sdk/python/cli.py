"""Honours xtest's cli.sh contract on top of otdf-python; cli.sh beside it starts it.

    cli.sh encrypt|decrypt <source> <destination> ztdf
    cli.sh version

Endpoints, credentials and options come from the environment, so that no secret is visible in a
process list. An option that otdf-python cannot honour is refused (exit code 2), never ignored.
Only what one operation needs is imported: this program is started hundreds of times a run.
"""

import io
import json
import logging
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otdf_python.sdk import SDK
    from otdf_python.sdk_builder import SDKBuilder

SUCCESS, FAILURE, USAGE = 0, 1, 2
CONTAINER_FORMAT = "ztdf"
TRANSFER_ARGUMENTS = 4

# otdf-python 0.11.0 has no API for these; cli.sh answers `supports` accordingly.
BEYOND_THE_SDK = {
    "encrypt": ("XT_WITH_ASSERTIONS", "XT_WITH_ECWRAP"),
    "decrypt": (
        "XT_WITH_ASSERTION_VERIFICATION_KEYS",
        "XT_WITH_ECWRAP",
        "XT_WITH_FULFILLABLE_OBLIGATIONS",
    ),
}
NATIVE_TARGET_MODE = "4.3.0"

# What the library logs about itself, which explains no failure.
NOISE = ("KASConnectRPCClient is being used without", "KAS allowlist", "Full traceback")

Environment = Mapping[str, str]


class ContractError(Exception):
    """A call that does not follow the contract, or asks for what the SDK cannot do."""


class SettingError(Exception):
    """An endpoint or credential is missing."""


class Explanations(logging.Handler):
    """Keeps the library's warnings: its exceptions leave out why the KAS refused."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message, unless it is noise."""
        message = record.getMessage()
        if not message.startswith(NOISE):
            self.messages.append(message)

    def explain(self, error: BaseException) -> str:
        """Return one line with the error and every logged reason that it does not repeat."""
        # InvalidTag and others have no text at all: the name is then all there is to say.
        parts = [f"{type(error).__name__}: {error}".rstrip(": ")]
        # Nested handlers log the same reason again, each time longer: the longest is enough.
        for message in sorted(self.messages, key=len, reverse=True):
            if not any(message in part for part in parts):
                parts.append(message)
        return "; ".join(" ".join(part.split()) for part in parts)


def main(arguments: list[str], environment: Environment) -> int:
    """Answer one call and return its exit code."""
    explanations = Explanations()
    logging.basicConfig(level=logging.WARNING, handlers=[explanations], force=True)
    try:
        if arguments == ["version"]:
            return _print_version()
        _transfer(arguments, environment)
    except ContractError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return FAILURE
    except ImportError:  # a broken installation is no answer of the SDK's: let it look like a crash
        raise
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is its answer
        sys.stderr.write(f"{explanations.explain(error)}\n")
        return FAILURE
    return SUCCESS


def _print_version() -> int:
    from importlib.metadata import version  # noqa: PLC0415 - slow, and rarely asked

    sys.stdout.write(f"{version('otdf-python')}\n")
    return SUCCESS


def _transfer(arguments: list[str], environment: Environment) -> None:
    if len(arguments) != TRANSFER_ARGUMENTS:
        raise ContractError(
            "usage: cli.sh encrypt|decrypt <source> <destination> ztdf, cli.sh supports <feature>, "
            f"cli.sh version; got {len(arguments)} arguments"
        )
    command, source, destination, container_format = arguments
    operations: dict[str, Callable[[bytes, Environment], bytes]] = {
        "encrypt": _encrypt,
        "decrypt": _decrypt,
    }
    if command not in operations:
        raise ContractError(
            f"command {command!r} is unknown; expected encrypt, decrypt, supports or version"
        )
    if container_format != CONTAINER_FORMAT:
        raise ContractError(
            f"container format {container_format!r} is unknown; expected {CONTAINER_FORMAT!r}"
        )
    _refuse_what_the_sdk_cannot_do(command, environment)
    result = operations[command](Path(source).read_bytes(), environment)
    # Written only now: a failed call never leaves half a result behind.
    Path(destination).write_bytes(result)


def _refuse_what_the_sdk_cannot_do(command: str, environment: Environment) -> None:
    for variable in BEYOND_THE_SDK[command]:
        if environment.get(variable, "").lower() not in {"", "false", "0"}:
            raise ContractError(f"{variable} is set, but otdf-python cannot do that")
    mode = environment.get("XT_WITH_TARGET_MODE") or NATIVE_TARGET_MODE
    if command == "encrypt" and mode != NATIVE_TARGET_MODE:
        raise ContractError(
            f"XT_WITH_TARGET_MODE={mode}, but otdf-python writes {NATIVE_TARGET_MODE} only"
        )


def _encrypt(plaintext: bytes, environment: Environment) -> bytes:
    with _client(environment, [_kas_url(environment)]) as client:
        from otdf_python.config import KASInfo  # noqa: PLC0415 - comes with the client

        config = client.new_tdf_config(
            attributes=_list(environment.get("XT_WITH_ATTRIBUTES", "")),
            kas_info_list=[KASInfo(url=_kas_url(environment), default=True)],
        )
        if environment.get("XT_WITH_MIME_TYPE"):
            config.mime_type = environment["XT_WITH_MIME_TYPE"]
        _manifest, _size, stream = client.create_tdf(plaintext, config)
        return bytes(stream.getvalue())


def _decrypt(container: bytes, environment: Environment) -> bytes:
    with _client(environment, _key_services(container)) as client:
        return bytes(client.load_tdf(container).payload)


def _client(environment: Environment, key_services: Sequence[str]) -> "SDK":
    platform = _platform_url(environment)
    leave_out_the_command_line()
    from otdf_python.sdk_builder import SDKBuilder  # noqa: PLC0415 - slow; checks come first

    builder = (
        SDKBuilder.new_builder()
        .set_platform_endpoint(platform)
        .use_insecure_plaintext_connection(platform.startswith("http://"))
    )
    _add_credentials(builder, environment)
    called = (platform, environment.get("TOKENENDPOINT", ""), *key_services)
    if all(url.startswith("http://") for url in called):
        # Nothing to verify where nobody speaks TLS; reading all trusted certificates takes 35 ms a
        # call. One address that is not plain, or not known, and every connection is verified.
        builder.use_insecure_skip_verify()
    # xtest sets one spelling and its scripts read the other: both count.
    allowed = environment.get("XT_WITH_KAS_ALLOW_LIST") or environment.get("XT_WITH_KAS_ALLOWLIST")
    if allowed:
        builder.with_kas_allowlist(_list(allowed))
    if environment.get("XT_WITH_IGNORE_KAS_ALLOWLIST", "").lower() in {"true", "1"}:
        builder.with_ignore_kas_allowlist()
    return builder.build()


def _key_services(container: bytes) -> list[str]:
    """Return the addresses that a document names; an unknown one where it cannot be read."""
    import zipfile  # noqa: PLC0415 - comes with the client

    try:
        with zipfile.ZipFile(io.BytesIO(container)) as archive:
            manifest = json.loads(archive.read("0.manifest.json"))
        return [str(entry["url"]) for entry in manifest["encryptionInformation"]["keyAccess"]]
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError):
        return [""]  # the SDK says what is wrong with it


def leave_out_the_command_line() -> None:
    """Keep the package from importing its own command line: 30 ms, and not used here."""
    stand_in = types.ModuleType("otdf_python.cli")
    vars(stand_in)["main"] = None
    sys.modules.setdefault("otdf_python.cli", stand_in)


def _add_credentials(builder: "SDKBuilder", environment: Environment) -> None:
    """Give the client its credentials; without any it stays anonymous, and the platform judges."""
    client_id, secret = environment.get("CLIENTID"), environment.get("CLIENTSECRET")
    if bool(client_id) != bool(secret):
        raise SettingError("CLIENTID and CLIENTSECRET belong together; only one of them is set")
    if environment.get("XT_WITH_ACCESS_TOKEN"):
        builder.bearer_token(environment["XT_WITH_ACCESS_TOKEN"])
    elif client_id and secret:
        builder.client_secret(client_id, secret)
        if builder.oauth_config is not None and environment.get("TOKENENDPOINT"):
            builder.oauth_config.token_endpoint = environment["TOKENENDPOINT"]


def _platform_url(environment: Environment) -> str:
    url = environment.get("PLATFORMURL", "").rstrip("/")
    if not url:
        raise SettingError(
            "PLATFORMURL is not set; expected the platform's address, such as http://localhost:8080"
        )
    return url


def _kas_url(environment: Environment) -> str:
    return environment.get("KASURL") or f"{_platform_url(environment)}/kas"


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


if __name__ == "__main__":
    # cli.sh starts Python without `site`, which saves 15 ms; the libraries' place is noted here.
    sys.path.extend(Path(__file__).with_name("library").read_text().splitlines())
    sys.exit(main(sys.argv[1:], os.environ))
