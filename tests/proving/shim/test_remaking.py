"""Documents made anew, and put right, are what the project's own reader of proofs says they are."""

from pathlib import Path

import pytest

from support.proving.shim import repairing
from support.proving.shim.call import Call
from support.proving.shim.remaking import remade
from support.sdk.container import Container, altered, read, write
from support.sdk.proof import prove
from support.services.locator import Services
from tests.proving.shim.conftest import CONTENT, Real, draft


@pytest.fixture
def call(real: Real) -> Call:
    return Call(real.cli, "decrypt", Path("a"), Path("b"), "ztdf", real.environment())


def key(container: Container, call: Call) -> bytes:
    found = repairing.key_of(container, call)
    assert found is not None
    return found


@pytest.mark.parametrize("text_digests", [True, False])
def test_a_document_made_anew_is_sound(
    services: Services, call: Call, *, text_digests: bool
) -> None:
    made = remade(draft(services, text_digests=text_digests), CONTENT)

    proof = prove(made, [key(made, call)])

    assert (proof.content, proof.wrong) == (CONTENT, ())
    vectors = {made.payload[start : start + 12] for start in (0, 39, 78)}
    assert len(vectors) == 3


def test_an_initialization_vector_is_reused(services: Services, call: Call) -> None:
    made = remade(draft(services), CONTENT, reuses_vector=True)

    (told,) = prove(made, [key(made, call)]).wrong
    assert "a nonce is used for two segments" in told
    assert len({made.payload[start : start + 12] for start in (0, 39, 78)}) == 1


def test_shares_are_split_unless_that_is_the_fault(services: Services, call: Call) -> None:
    two = draft(services, splits=2)

    split, whole = remade(two, CONTENT), remade(two, CONTENT, splits=False)

    assert (
        len({entry["sid"] for entry in split.manifest["encryptionInformation"]["keyAccess"]}) == 2
    )
    access = whole.manifest["encryptionInformation"]["keyAccess"]
    assert {entry["sid"] for entry in access} == {"everything"}
    for made in (split, whole):
        key_found = key(made, call)
        integrity = repairing.hashes(made, key_found)
        assert integrity.manifest == made.manifest


def test_an_altered_payload_is_opened_as_it_is(services: Services, call: Call) -> None:
    made = remade(draft(services), CONTENT)
    tampered = read(altered(write(made), "one bit of the first segment is flipped"))

    repaired = repairing.payload(tampered, key(made, call))
    proof = prove(repaired, [key(made, call)])

    assert proof.wrong == ()
    assert proof.content == bytes([CONTENT[0] ^ 1]) + CONTENT[1:]


def test_a_token_that_is_given_is_used(services: Services, call: Call) -> None:
    made = remade(draft(services), CONTENT)

    assert repairing.key_of(made, call.with_options(XT_WITH_ACCESS_TOKEN="x")) is None
