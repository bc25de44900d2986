"""The reader of one scenario: what it trusts, and what came of opening documents."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.foundation.errors import CommandTimeoutError
from support.sdk.client import DecryptRequest
from support.sdk.model import Refusal, RefusalReason
from support.world.documents import ClientFactory, Document
from support.world.expectations import expect_content, expect_equal, fail
from support.world.memory import Slot
from support.world.setup import Setup, with_mistake
from support.world.statements import KeyPair
from support.world.words import meaning_of

REASONS: Mapping[str, RefusalReason] = {
    "the reader is not entitled": RefusalReason.NOT_ENTITLED,
    "an obligation is not fulfilled": RefusalReason.OBLIGATION,
    "the policy was altered": RefusalReason.POLICY_BINDING,
    # The same answer on purpose: it tells nothing about what is wrong with secret things.
    "the sealed key does not open": RefusalReason.POLICY_BINDING,
    "the payload was altered": RefusalReason.INTEGRITY,
    "a statement cannot be trusted": RefusalReason.ASSERTION,
    "the key service is not trusted": RefusalReason.KAS_NOT_ALLOWED,
    "the credentials are wrong": RefusalReason.CREDENTIALS,
    "the reader's token is not accepted": RefusalReason.UNAUTHENTICATED,
    "there are no credentials": RefusalReason.MISSING_CREDENTIALS,
    "the platform cannot be reached": RefusalReason.UNREACHABLE,
    "the identity provider cannot be reached": RefusalReason.UNREACHABLE,
    "a key service cannot be reached": RefusalReason.UNREACHABLE,
    "the certificate cannot be trusted": RefusalReason.CERTIFICATE,
    "the key service's answer is unreadable": RefusalReason.UNREADABLE_ANSWER,
    "the time limit was reached": RefusalReason.TIME_LIMIT,
}
"""Why an SDK refuses, by the words that scenarios use."""

FORBIDDEN = "the key service forbids it"
KINDS_OF_FORBIDDEN = (RefusalReason.NOT_ENTITLED, RefusalReason.OBLIGATION)
"""What it means to an SDK that is told no reason, and to one that is."""

SHOWN_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Opened:
    """The SDK opened the document; `content` is what it wrote."""

    content: bytes


Opening = Opened | Refusal


@dataclass(slots=True)
class Reader:
    """Opens documents with the reader's SDK, set up as the scenario says."""

    workspace: Path
    client: ClientFactory
    setup: Setup
    allow_list: tuple[str, ...] | None = None
    keys: KeyPair | None = None
    verifies_statements: bool = True
    ec_session_key: bool = False
    fulfillable: Callable[[], tuple[str, ...]] = tuple
    time_limit_seconds: float | None = None
    outcome: Slot[Opening] = field(default_factory=lambda: Slot("the outcome of an attempt"))
    _attempts: int = 0

    def open(self, document: Document) -> Opening:
        """Try to open a document, and remember what came of it."""
        self._attempts += 1
        source = self.workspace / f"attempt-{self._attempts}.tdf"
        destination = self.workspace / f"attempt-{self._attempts}.txt"
        source.write_bytes(document.data)
        request = DecryptRequest(
            source=source,
            destination=destination,
            verification_keys=self._verification_keys(),
            verify_assertions=self.verifies_statements,
            kas_allow_list=self.allow_list,
            ec_session_key=self.ec_session_key,
            fulfillable=self.fulfillable(),
        )
        outcome = self._opened(request)
        self.outcome.put(outcome)
        return outcome

    def _opened(self, request: DecryptRequest) -> Opening:
        client = self.client(self.setup)
        if self.time_limit_seconds is not None:
            client.time_limit_seconds = self.time_limit_seconds
        try:
            result = client.decrypt(request)
        except CommandTimeoutError as error:
            left = request.destination
            size = left.stat().st_size if left.is_file() else 0
            return Refusal(RefusalReason.TIME_LIMIT, str(error), bytes_left_behind=size)
        return result if isinstance(result, Refusal) else Opened(result.path.read_bytes())

    def _verification_keys(self) -> Path | None:
        if self.keys is None:
            return None
        path = self.workspace / f"verification-keys-{self._attempts}.json"
        path.write_text(json.dumps(self.keys.verification_keys()), encoding="utf-8")
        return path


def messages_by_mistake(
    reader: Reader, document: Document, mistakes: Sequence[str]
) -> dict[str, str]:
    """Return what the SDK says about each mistake when it opens a document.

    Raises:
        AssertionError: it opened the document in spite of a mistake.
        SpecificationError: no such mistake.
    """
    messages: dict[str, str] = {}
    faultless = reader.setup
    for mistake in mistakes:
        reader.setup = with_mistake(faultless, mistake)
        outcome = reader.open(document)
        if not isinstance(outcome, Refusal):
            fail(f"The document opened although the client had {mistake}.")
        messages[mistake] = outcome.detail
    return messages


def expect_opened(outcome: Opening, document: Document) -> None:
    """Expect that a document was opened and held what its author put in."""
    if isinstance(outcome, Refusal):
        fail(
            f"The document: expected it to open, but access was refused ({outcome.reason.value}): "
            f"{outcome.detail[:SHOWN_CHARACTERS]}"
        )
    expect_content("The content of the document", outcome.content, document.content)


def words_of_refusal(outcome: Opening) -> str:
    """Return what the SDK said when it refused.

    Raises:
        AssertionError: it opened the document.
    """
    if not isinstance(outcome, Refusal):
        fail("The document: expected a refusal with words to read, but it opened.")
    return outcome.detail


def expect_not_opened(outcome: Opening) -> None:
    """Expect that a document was not opened, for whatever reason."""
    if not isinstance(outcome, Refusal):
        fail(
            f"The document: expected it to stay closed, but it opened: {len(outcome.content)} bytes"
        )


def expect_refused(outcome: Opening | None, reason: str) -> None:
    """Expect a refusal for the reason that the words stand for, with nothing left behind.

    Raises:
        SpecificationError: the words stand for no reason.
    """
    known = {**{word: (meant,) for word, meant in REASONS.items()}, FORBIDDEN: KINDS_OF_FORBIDDEN}
    expected = meaning_of(reason, known, "a reason to refuse access")
    if not isinstance(outcome, Refusal):
        got = "it was protected" if outcome is None else f"it opened: {len(outcome.content)} bytes"
        fail(f"The document: expected a refusal because {reason}, but {got}")
    expect_equal(
        f"The reason of the refusal ({outcome.detail[:SHOWN_CHARACTERS]})",
        outcome.reason.value,
        outcome.reason.value if outcome.reason in expected else expected[0].value,
    )
    expect_equal("Bytes that the refusal left behind", outcome.bytes_left_behind, 0)
