"""An SDK under test, and what one call of it can answer."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

CLI_NAME = "cli.sh"
SERVE_NAME = "serve.sh"

# The characters that a `@cap:` tag can hold; behave cannot select a tag with any other.
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def is_tag_safe(name: str) -> bool:
    """Tell whether a language or version can stand in a tag, a path and an id."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True, order=True)
class Sdk:
    """One version of one language's SDK.

    Attributes:
        directory: `<root>/<language>/dist/<version>`, which holds an executable `cli.sh`.
        origin: the search root it was found under, as given.
        warm: address of the process that keeps it loaded (support/sdk/warm.py); empty for none.
    """

    language: str
    version: str
    directory: Path
    origin: str
    warm: str = ""

    @property
    def id(self) -> str:
        """`<language>-<version>`, as tags, paths and reports name it."""
        return f"{self.language}-{self.version}"

    @property
    def cli(self) -> Path:
        """The program that honours the contract."""
        return self.directory / CLI_NAME


class RefusalReason(StrEnum):
    """Why an SDK did not encrypt or decrypt; `UNCLASSIFIED` is never an expected outcome."""

    NOT_ENTITLED = "not_entitled"
    OBLIGATION = "obligation"
    POLICY_BINDING = "policy_binding"
    INTEGRITY = "integrity"
    ASSERTION = "assertion"
    KAS_NOT_ALLOWED = "kas_not_allowed"
    CREDENTIALS = "credentials"
    MISSING_CREDENTIALS = "missing_credentials"
    UNAUTHENTICATED = "unauthenticated"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    UNREADABLE_ANSWER = "unreadable_answer"
    TIME_LIMIT = "time_limit"
    UNKNOWN_ATTRIBUTE = "unknown_attribute"
    NOT_A_CONTAINER = "not_a_container"
    NOT_OFFERED = "not_offered"
    UNCLASSIFIED = "unclassified"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An SDK said no.

    Attributes:
        reason: what its words mean.
        detail: its words as they are; a scenario may look for secrets in them, so nothing is
            redacted here but where reports and evidence are written.
        bytes_left_behind: size of the destination file that it wrote all the same.
    """

    reason: RefusalReason
    detail: str
    bytes_left_behind: int = 0
