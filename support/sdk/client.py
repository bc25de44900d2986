"""Encrypting and decrypting through an SDK's `cli.sh`.

A refusal is a value, for scenarios expect refusals. Whatever leaves no verdict raises: a crash, a
time limit, a success that wrote nothing. Secrets travel in the environment only, never as
arguments, and never into the environment that records show.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.process import Observer, run
from support.foundation.redaction import Redactor
from support.foundation.settings import child_environment
from support.foundation.text import tail
from support.model.records import CommandRecord
from support.sdk.model import Refusal, Sdk
from support.sdk.refusals import classify, words_of
from support.sdk.warm import WARM
from support.sdk.xtest_tree import runnable
from support.services.locator import Credentials, Services
from support.services.secret import Secret

CONTAINER_FORMAT = "ztdf"

_SECRET_VARIABLES = frozenset({"CLIENTSECRET", "XT_WITH_ACCESS_TOKEN"})

# A program that ends so has not refused; it broke. 126 and up are the shell's.
_FIRST_SHELL_EXIT_CODE = 126
_CRASH = re.compile(r"^panic: |^thread '.*' panicked at |^Traceback \(most recent", re.MULTILINE)


class SdkBrokenError(EnvironmentUnfitError):
    """An SDK crashed, or its success left no usable file: there is no verdict."""


@dataclass(frozen=True, slots=True)
class EncryptRequest:
    """What to encrypt, and how.

    Attributes:
        attributes: full names of attribute values.
        target_mode: `4.2.2` or `4.3.0`; the SDK's own choice by default.
        ec_wrap: wrap the key for an elliptic-curve key of the key access service.
        assertions: file with a JSON list of assertions, which may hold signing keys.
    """

    source: Path
    destination: Path
    attributes: tuple[str, ...] = ()
    mime_type: str | None = None
    target_mode: str | None = None
    ec_wrap: bool = False
    assertions: Path | None = None


@dataclass(frozen=True, slots=True)
class DecryptRequest:
    """What to decrypt, and how.

    Attributes:
        ec_session_key: have the key sent back for an elliptic-curve key.
        verification_keys: file with `{"keys": {"<assertion id>": {"alg": …, "key": …}}}`.
        kas_allow_list: addresses of the key access services to trust; the SDK's own by default.
        fulfillable: full names of the obligations that the client says it can fulfil.
    """

    source: Path
    destination: Path
    ec_session_key: bool = False
    verification_keys: Path | None = None
    verify_assertions: bool = True
    kas_allow_list: tuple[str, ...] | None = None
    ignore_kas_allow_list: bool = False
    fulfillable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Success: the file that the SDK wrote."""

    path: Path


EncryptResult = Written | Refusal
DecryptResult = Written | Refusal
Caller = Credentials | Secret | None
"""Who calls: a client by its credentials, anyone by a bearer token, or nobody."""


class SdkClient:
    """Runs one SDK as one caller against the services of one stack.

    A `launcher` is a program that is started with the command of the SDK as its arguments.
    """

    def __init__(
        self,
        sdk: Sdk,
        services: Services,
        caller: Caller,
        *,
        time_limit_seconds: float,
        observer: Observer | None = None,
        launcher: tuple[str | Path, ...] = (),
    ) -> None:
        self._sdk = sdk
        self._cli = runnable(sdk)
        self._connection = connection_environment(services, caller)
        self.time_limit_seconds = time_limit_seconds
        self._observer = observer
        self._launcher = launcher
        self._redactor = Redactor(
            value for name, value in self._connection.items() if name in _SECRET_VARIABLES
        )

    def trust(self, authorities: Path) -> None:
        """Have the SDK trust servers by the certificates in a file, and not by the machine's.

        It is told by SSL_CERT_FILE, which OpenSSL and Go know; not every SDK listens.
        """
        self._connection["SSL_CERT_FILE"] = str(authorities.absolute())

    def encrypt(self, request: EncryptRequest) -> EncryptResult:
        """Encrypt a file.

        Raises:
            SdkBrokenError: the SDK crashed, or reports success without a container.
            CommandTimeoutError: it did not end in time and was stopped with all its children.
        """
        options = _given(_encrypt_options(request))
        result = self._transfer("encrypt", request.source, request.destination, options)
        if isinstance(result, Written) and not zipfile.is_zipfile(result.path):
            raise SdkBrokenError(
                f"{self._sdk.id} reports that it encrypted {request.source.name}, but what it "
                f"wrote is no container: {_beginning(result.path)}. A {CONTAINER_FORMAT} file is a "
                "ZIP archive."
            )
        return result

    def decrypt(self, request: DecryptRequest) -> DecryptResult:
        """Decrypt a file.

        Raises:
            SdkBrokenError: the SDK crashed, or reports success without a file.
            CommandTimeoutError: it did not end in time and was stopped with all its children.
        """
        options = _given(_decrypt_options(request))
        return self._transfer("decrypt", request.source, request.destination, options)

    def _transfer(
        self, command: str, source: Path, destination: Path, options: Mapping[str, str]
    ) -> Written | Refusal:
        # A file from an earlier call must not pass for the result of this one.
        destination.unlink(missing_ok=True)
        variables = {**self._connection, **options, **self._kept_warm()}
        record = run(
            (*self._launcher, self._cli, command, source, destination, CONTAINER_FORMAT),
            environment=child_environment(variables),
            time_limit_seconds=self.time_limit_seconds,
            observer=self._observer,
            shown_environment={
                name: value for name, value in variables.items() if name not in _SECRET_VARIABLES
            },
        )
        words = words_of(record.stderr, record.stdout)
        if record.exit_code == 0:
            if destination.is_file():
                return Written(destination)
            raise self._broken(record, f"reports success, but wrote no {destination.name}", words)
        if not 0 < record.exit_code < _FIRST_SHELL_EXIT_CODE or _CRASH.search(words):
            raise self._broken(record, f"crashed with exit code {record.exit_code}", words)
        left = destination.stat().st_size if destination.is_file() else 0
        return Refusal(classify(self._sdk.language, words), words, bytes_left_behind=left)

    def _kept_warm(self) -> dict[str, str]:
        """Tell the SDK where it is kept loaded; a launcher measures what it starts, so not then."""
        return {WARM: self._sdk.warm} if self._sdk.warm and not self._launcher else {}

    def _broken(self, record: CommandRecord, what: str, words: str) -> SdkBrokenError:
        said = self._redactor.text(tail(words)) or "(nothing)"
        return SdkBrokenError(
            f"{self._sdk.id} {what} (`{' '.join(record.arguments)}`). It said: {said}"
        )


def connection_environment(services: Services, caller: Caller) -> dict[str, str]:
    """Return where the services are and who calls, under the names of xtest's `test.env`."""
    platform, issuer = urlsplit(services.platform_url), urlsplit(services.issuer)
    variables = {
        "PLATFORMURL": services.platform_url,
        "PLATFORMENDPOINT": platform.netloc,
        "KASURL": services.kas_urls["default"],
        "TOKENENDPOINT": services.token_endpoint,
        "KCFULLURL": services.issuer,
        "KCHOST": f"{issuer.scheme}://{issuer.netloc}",
        "REALM": issuer.path.rpartition("/realms/")[2].strip("/"),
    }
    if isinstance(caller, Credentials):
        variables["CLIENTID"] = caller.client_id
        variables["CLIENTSECRET"] = caller.client_secret.reveal()
    elif isinstance(caller, Secret):
        variables["XT_WITH_ACCESS_TOKEN"] = caller.reveal()
    return variables


def _given(options: Mapping[str, str | Path | None]) -> dict[str, str]:
    """Return the options that have a value."""
    return {name: str(value) for name, value in options.items() if value not in {None, ""}}


def _encrypt_options(request: EncryptRequest) -> dict[str, str | Path | None]:
    return {
        "XT_WITH_ATTRIBUTES": ",".join(request.attributes),
        "XT_WITH_MIME_TYPE": request.mime_type,
        "XT_WITH_TARGET_MODE": request.target_mode,
        "XT_WITH_ECWRAP": "true" if request.ec_wrap else None,
        "XT_WITH_ASSERTIONS": request.assertions,
    }


def _decrypt_options(request: DecryptRequest) -> dict[str, str | Path | None]:
    allowed = ",".join(request.kas_allow_list or ())
    return {
        "XT_WITH_ECWRAP": "true" if request.ec_session_key else None,
        "XT_WITH_ASSERTION_VERIFICATION_KEYS": request.verification_keys,
        "XT_WITH_VERIFY_ASSERTIONS": None if request.verify_assertions else "false",
        # xtest sets the first spelling and its scripts read the second.
        "XT_WITH_KAS_ALLOWLIST": allowed,
        "XT_WITH_KAS_ALLOW_LIST": allowed,
        "XT_WITH_IGNORE_KAS_ALLOWLIST": "true" if request.ignore_kas_allow_list else None,
        "XT_WITH_FULFILLABLE_OBLIGATIONS": ",".join(request.fulfillable),
    }


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return f"{path.stat().st_size} bytes beginning with {file.read(8)!r}"
