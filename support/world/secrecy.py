"""That nothing which a scenario had to keep secret stands in any log of the stack."""

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.foundation.redaction import SHORTEST_SECRET
from support.platform.envelope import Envelope
from support.world.documents import Document
from support.world.expectations import expect_absent

PRIVATE_KEY = "PRIVATE KEY-----"
"""What every private key in PEM begins and ends with (RFC 7468)."""


def secrets_of(
    envelopes: Mapping[str, Envelope],
    documents: Iterable[Document],
    tokens: Iterable[str],
    client_secrets: Iterable[str],
) -> list[str]:
    """Return what no log may hold, in the forms in which it could stand there.

    The secrets of a development stack's clients are ordinary words, and are left out.
    """
    found = [PRIVATE_KEY]
    for envelope in envelopes.values():
        found += _forms(envelope.key)
    for document in documents:
        found += _forms(document.content.strip())
    # The signature alone makes a token of what everybody may know.
    found += [token.rpartition(".")[2] for token in tokens]
    found += client_secrets
    return [text for text in found if len(text) >= SHORTEST_SECRET]


def expect_no_secret_in_logs(logs: Iterable[Path], secrets: list[str]) -> None:
    """Expect that no log holds a secret.

    Raises:
        AssertionError: one does; the message masks it.
        EnvironmentUnfitError: the run cannot read any log of this stack.
    """
    texts = {path.name: path.read_text(errors="replace") for path in logs if path.exists()}
    if not any(texts.values()):
        raise EnvironmentUnfitError(
            "A step looks for secrets in the stack's logs, but the run can read none of them. Tag "
            "the scenario @needs:audit-log."
        )
    for name, text in texts.items():
        expect_absent(f"The log {name}", text, secrets)


def _forms(data: bytes) -> Iterator[str]:
    """Yield data as text, as base64 and as hexadecimal digits."""
    yield data.hex()
    yield base64.b64encode(data).decode().rstrip("=")
    try:
        yield data.decode("ascii")
    except UnicodeDecodeError:
        return


def fit_to_look_for(secrets: Collection[str]) -> tuple[str, ...]:
    """Return those secrets whose being found in a text would prove something.

    Raises:
        SpecificationError: there are none at all: no SDK was given a secret.
        EnvironmentUnfitError: all of them are too short.
    """
    if not secrets:
        problem = (
            "A step looks for secrets in what was printed, but no step before it ran an SDK "
            "with one. Let an SDK work with credentials first."
        )
        raise SpecificationError((problem,))
    long_enough = tuple(s for s in sorted(secrets) if len(s) >= SHORTEST_SECRET)
    if not long_enough:
        raise EnvironmentUnfitError(
            "Every secret that this scenario's SDKs were given has fewer than "
            f"{SHORTEST_SECRET} characters, so finding it in what was printed would prove "
            "nothing. Give the stack's clients longer secrets."
        )
    return long_enough
