"""The protected documents of one scenario: made by the author's SDK, altered, and read apart."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.determinism.streams import DEFAULT_SEED, Streams
from support.foundation.errors import EnvironmentUnfitError
from support.model.events import AttachmentKind
from support.sdk import container
from support.sdk.client import EncryptRequest, SdkClient
from support.sdk.container import Container
from support.sdk.model import Refusal
from support.world.setup import Setup
from support.world.statements import Statement
from support.world.words import meaning_of

Attach = Callable[[AttachmentKind, str, str, bytes], None]
ClientFactory = Callable[[Setup], SdkClient]

MEGABYTE = 1024 * 1024
TWO = 2


Making = Callable[[Streams], bytes]


def short_note(data: Streams) -> bytes:
    """Return a text that stands nowhere else, so that finding it means that it leaked."""
    mark = data.bytes(data.next("note")).at(0, 24).hex()
    return f"A note that nobody else has written: {mark}\n".encode()


def _of_size(size: int) -> Making:
    return lambda data: data.bytes(data.next("content")).at(0, size)


SEGMENT = 2 * MEGABYTE
"""What the SDKs under test put into one segment, by default."""

CONTENTS: Mapping[str, Making] = {
    "a short note": short_note,
    "nothing": lambda _: b"",
    "a single byte": lambda _: b"\x00",
    "every byte value": lambda _: bytes(range(256)),
    "three megabytes": _of_size(3 * MEGABYTE),
    "one byte less than a segment": _of_size(SEGMENT - 1),
    "exactly one segment": _of_size(SEGMENT),
    "one byte more than a segment": _of_size(SEGMENT + 1),
    "exactly two segments": _of_size(2 * SEGMENT),
}
"""What documents hold, by the words that scenarios use."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the author wants a document protected."""

    fqns: tuple[str, ...] = ()
    media_type: str | None = None
    target_version: str | None = None
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A protected document and what it held before it was protected."""

    content: bytes
    data: bytes

    @property
    def container(self) -> Container:
        """The document taken apart."""
        return container.read(self.data)


@dataclass(slots=True)
class Documents:
    """Makes documents with the author's SDK; the last one made or altered is "the document".

    Attributes:
        ec_wrap: whether the author asks for keys to be sealed for an elliptic-curve key.
        data: what contents are made of.
    """

    workspace: Path
    author: ClientFactory
    attach: Attach
    ec_wrap: bool = False
    data: Streams = field(default_factory=lambda: Streams(DEFAULT_SEED, "documents"))
    made: list[Document] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def protect(self, content: bytes, setup: Setup, wishes: Wishes) -> Refusal | None:
        """Protect a document, or return why the SDK refused to."""
        number = len(self.made) + 1
        source = self.workspace / f"document-{number}.txt"
        destination = self.workspace / f"document-{number}.tdf"
        source.write_bytes(content)
        request = EncryptRequest(
            source=source,
            destination=destination,
            attributes=wishes.fqns,
            mime_type=wishes.media_type,
            target_mode=wishes.target_version,
            assertions=self._assertions(wishes.statement, number),
            ec_wrap=self.ec_wrap,
        )
        result = self.author(setup).encrypt(request)
        if isinstance(result, Refusal):
            return result
        self._keep(Document(content, result.path.read_bytes()), f"manifest of document {number}")
        return None

    def make(self, content: bytes, setup: Setup, wishes: Wishes) -> None:
        """Protect a document that the scenario cannot do without.

        Raises:
            EnvironmentUnfitError: the SDK refuses.
        """
        refusal = self.protect(content, setup, wishes)
        if refusal is not None:
            raise EnvironmentUnfitError(
                f"The author's SDK refused to protect a document ({refusal.reason}): "
                f"{refusal.detail}"
            )

    def note(self) -> bytes:
        """Return a short note that no other document holds."""
        return short_note(self.data)

    def holding(self, content: str, setup: Setup) -> None:
        """Protect a document that holds something by its name in scenarios.

        Raises:
            SpecificationError: no such content.
            EnvironmentUnfitError: the SDK refuses.
        """
        making = meaning_of(content, CONTENTS, "a content of documents")
        self.make(making(self.data), setup, Wishes())

    def take(self, document: Document) -> None:
        """Take a document in hand that an earlier run made."""
        self._keep(document, "manifest of the kept document")

    @property
    def current(self) -> Document:
        """The document that the scenario speaks of.

        Raises:
            EnvironmentUnfitError: no document was made.
        """
        if not self.made:
            raise EnvironmentUnfitError("The scenario speaks of a document before it has made one.")
        return self.made[-1]

    def pack_anew(self) -> None:
        """Put the document's archive together anew, without any change."""
        self._replace(container.rewritten(self.current.data), "manifest of the copy packed anew")

    def alter(self, alteration: str) -> None:
        """Put an altered copy in the document's place.

        Raises:
            SpecificationError: no such alteration.
        """
        meaning_of(alteration, container.ALTERATIONS, "an alteration of documents")
        self._replace(
            container.altered(self.current.data, alteration), "manifest of the altered copy"
        )

    def name_key_service(self, url: str) -> None:
        """Put a copy in the document's place that says its key is at another key service."""
        self._replace(
            container.with_key_service(self.current.data, url), "manifest of the redirected copy"
        )

    def exchange_statements(self) -> None:
        """Put a copy in the document's place that carries the statements of the one before it.

        Raises:
            EnvironmentUnfitError: only one document was made.
        """
        if len(self.made) < TWO:
            raise EnvironmentUnfitError("The scenario speaks of another document, but made one.")
        data = container.with_statements_of(self.current.data, self.made[-TWO].data)
        self._replace(data, "manifest of the copy with other statements")

    def put_in_place(self, data: bytes) -> None:
        """Put a copy in the document's place that differs in where its keys are."""
        self._replace(data, "manifest of the copy with other ways")

    def untouched_copy(self) -> Document:
        """Return the document packed anew: what alterations start from."""
        return replace(self.current, data=container.rewritten(self.current.data))

    def _replace(self, data: bytes, label: str) -> None:
        self._keep(replace(self.current, data=data), label)

    def _keep(self, document: Document, label: str) -> None:
        parts = document.container
        self.attach(
            AttachmentKind.MANIFEST, label, "application/json", parts.manifest_text.encode()
        )
        self.marks.extend(_marks(parts))
        self.made.append(document)

    def _assertions(self, statement: Statement | None, number: int) -> Path | None:
        if statement is None:
            return None
        path = self.workspace / f"statements-{number}.json"
        path.write_text(json.dumps([statement.as_assertion()]), encoding="utf-8")
        return path


def _marks(parts: Container) -> Iterator[str]:
    """Yield what only this document leaves in an audit log: its policy's id and its bindings."""
    try:
        policy_id = parts.policy.get("uuid")
    except ValueError:  # altered, so that nobody can read it
        policy_id = None
    # otdf-python gives every document the same id, which tells nothing about this one.
    if isinstance(policy_id, str) and policy_id.strip("0-"):
        yield policy_id
    for key_access in parts.manifest["encryptionInformation"].get("keyAccess", ()):
        binding = key_access.get("policyBinding")
        # Container version 4.2.2 writes the bare hash.
        digest = binding.get("hash") if isinstance(binding, Mapping) else binding
        if isinstance(digest, str) and digest:
            yield digest
