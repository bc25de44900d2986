import base64
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import EnvironmentUnfitError, FrameworkError
from support.sdk import container
from support.sdk.container import ALTERATIONS, Container, altered, read, rewritten, write
from support.sdk.key_alterations import KEY_ALTERATIONS

SEGMENTS = (b"n" * 12 + b"first" + b"t" * 16, b"n" * 12 + b"2nd" + b"t" * 16)
BINDING = base64.b64encode(b"0f" * 32).decode()
SIGNATURE = base64.b64encode(bytes(32)).decode()


def manifest() -> dict[str, Any]:
    """A manifest with two segments, a statement and a required attribute."""
    policy = {"uuid": "1", "body": {"dataAttributes": [{"attribute": "https://a"}], "dissem": []}}
    return {
        "encryptionInformation": {
            "policy": base64.b64encode(json.dumps(policy).encode()).decode(),
            "keyAccess": [
                {"url": "http://kas", "policyBinding": {"alg": "HS256", "hash": BINDING}}
            ],
            "integrityInformation": {
                "rootSignature": {"alg": "HS256", "sig": SIGNATURE},
                "segmentSizeDefault": 5,
                "encryptedSegmentSizeDefault": 33,
                "segments": [
                    {"hash": SIGNATURE, "segmentSize": 5},
                    {"hash": BINDING, "segmentSize": 3, "encryptedSegmentSize": 31},
                ],
            },
        },
        "payload": {"mimeType": "text/plain"},
        "assertions": [
            {
                "scope": "tdo",
                "statement": {"value": "keep"},
                "binding": {"signature": "head.claims.signature"},
            }
        ],
        "schemaVersion": "4.3.0",
    }


def document(content: dict[str, Any] | None = None) -> bytes:
    return write(Container(json.dumps(content or manifest()), b"".join(SEGMENTS)))


def differences(before: object, after: object, path: str = "$") -> list[str]:
    """Return the places at which two JSON values differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted({*before, *after})
        return [d for n in names for d in differences(before.get(n), after.get(n), f"{path}.{n}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [d for i, (b, a) in pairs for d in differences(b, a, f"{path}[{i}]")]
    return [] if before == after else [path]


INTEGRITY = "$.encryptionInformation.integrityInformation"


@pytest.mark.parametrize(
    ("alteration", "changed", "payload_changes"),
    [
        ("one bit of the first segment is flipped", [], True),
        ("one bit of the last segment is flipped", [], True),
        ("the first segment is exchanged for noise", [], True),
        ("the last byte is cut off", [], True),
        ("the root signature is missing", [f"{INTEGRITY}.rootSignature"], False),
        ("the payload is declared to be in the clear", ["$.payload.isEncrypted"], False),
        ("no key service is named", ["$.encryptionInformation.keyAccess"], False),
        (
            "the policy binding is missing",
            ["$.encryptionInformation.keyAccess[0].policyBinding"],
            False,
        ),
        ("the last segment is taken away", [f"{INTEGRITY}.segments"], True),
        (
            "the first two segments are exchanged",
            [
                f"{INTEGRITY}.segments[0].encryptedSegmentSize",
                f"{INTEGRITY}.segments[0].hash",
                f"{INTEGRITY}.segments[0].segmentSize",
                f"{INTEGRITY}.segments[1].encryptedSegmentSize",
                f"{INTEGRITY}.segments[1].hash",
                f"{INTEGRITY}.segments[1].segmentSize",
            ],
            True,
        ),
        ("one bit of the root signature is flipped", [f"{INTEGRITY}.rootSignature.sig"], False),
        ("one bit of a segment's hash is flipped", [f"{INTEGRITY}.segments[0].hash"], False),
        (
            "a segment is declared longer than it is",
            [f"{INTEGRITY}.segments[0].encryptedSegmentSize"],
            False,
        ),
        ("the policy no longer requires anything", ["$.encryptionInformation.policy"], False),
        (
            "one bit of the policy binding is flipped",
            ["$.encryptionInformation.keyAccess[0].policyBinding.hash"],
            False,
        ),
        ("the end of the policy is missing", ["$.encryptionInformation.policy"], False),
        ("the version is not named", ["$.schemaVersion"], False),
        ("the statement is taken away", ["$.assertions"], False),
        ("the statement is altered", ["$.assertions[0].statement.value"], False),
        ("the scope of the statement is altered", ["$.assertions[0].scope"], False),
        (
            "the signature of the statement is altered",
            ["$.assertions[0].binding.signature"],
            False,
        ),
    ],
)
def test_an_alteration_changes_what_it_says_and_nothing_else(
    alteration: str, changed: list[str], *, payload_changes: bool
) -> None:
    before = read(document())

    after = read(altered(document(), alteration))

    assert differences(before.manifest, after.manifest) == changed
    assert (after.payload != before.payload) is payload_changes


def test_every_alteration_is_tested() -> None:
    marks = test_an_alteration_changes_what_it_says_and_nothing_else.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in marks[0].args[1]} == set(ALTERATIONS) - set(KEY_ALTERATIONS)


@pytest.mark.parametrize(
    ("alteration", "offset"),
    [
        ("one bit of the first segment is flipped", 12),
        ("one bit of the last segment is flipped", 33 + 12),
    ],
)
def test_exactly_one_bit_of_the_ciphertext_is_flipped(alteration: str, offset: int) -> None:
    before, after = read(document()).payload, read(altered(document(), alteration)).payload

    flipped = [i for i, (b, a) in enumerate(zip(before, after, strict=True)) if b != a]

    assert flipped == [offset]
    assert (before[offset] ^ after[offset]).bit_count() == 1


def test_a_flipped_binding_is_well_formed_in_either_form() -> None:
    old = manifest()
    old["encryptionInformation"]["keyAccess"][0]["policyBinding"] = BINDING

    flipped = read(altered(document(old), "one bit of the policy binding is flipped")).manifest
    binding = flipped["encryptionInformation"]["keyAccess"][0]["policyBinding"]

    before = bytes.fromhex(base64.b64decode(BINDING).decode())
    after = bytes.fromhex(base64.b64decode(binding).decode())
    assert sum((b ^ a).bit_count() for b, a in zip(before, after, strict=True)) == 1


def test_a_statement_that_is_an_object_is_altered_too() -> None:
    content = manifest()
    content["assertions"][0]["statement"]["value"] = {"care": "yes"}

    after = read(altered(document(content), "the statement is altered")).manifest

    assert after["assertions"][0]["statement"]["value"] == {"care": "yes", "altered": True}


def test_an_alteration_that_would_change_nothing_is_an_error() -> None:
    plain = manifest()
    del plain["assertions"]
    integrity = plain["encryptionInformation"]["integrityInformation"]
    integrity["segments"] = integrity["segments"][:1]
    policy = {"uuid": "1", "body": {"dataAttributes": None}}
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    plain["encryptionInformation"]["policy"] = encoded

    for alteration in (
        "the statement is altered",
        "the scope of the statement is altered",
        "the signature of the statement is altered",
        "the last segment is taken away",
        "the first two segments are exchanged",
        "the policy no longer requires anything",
    ):
        with pytest.raises(FrameworkError, match="changes nothing"):
            altered(document(plain), alteration)


def test_an_unknown_alteration_names_the_known() -> None:
    with pytest.raises(FrameworkError, match="the last byte is cut off"):
        altered(document(), "it is painted green")


def test_a_manifest_of_another_shape_is_an_error_that_shows_it() -> None:
    with pytest.raises(EnvironmentUnfitError, match=r"KeyError.*strange"):
        altered(document({"strange": 1}), "one bit of the root signature is flipped")


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"0.payload": b""},
        {"0.payload": b"", "0.manifest.json": b"no json"},
        {"0.payload": b"", "0.manifest.json": b"[]"},
    ],
)
def test_what_is_no_document_is_an_error(entries: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)

    with pytest.raises(EnvironmentUnfitError, match="Expected a TDF"):
        read(buffer.getvalue())


def test_what_is_no_archive_is_an_error() -> None:
    with pytest.raises(EnvironmentUnfitError, match="4 bytes beginning with b'text'"):
        read(b"text")


def test_packing_anew_changes_neither_part() -> None:
    before, after = read(document()), read(rewritten(document()))

    assert after == before


def test_entries_are_stored_with_the_payload_first() -> None:
    with zipfile.ZipFile(io.BytesIO(rewritten(document()))) as archive:
        entries = [(entry.filename, entry.compress_type) for entry in archive.infolist()]

    assert entries == [("0.payload", 0), ("0.manifest.json", 0)]


def test_another_key_service_is_named_and_nothing_else_changes() -> None:
    after = read(container.with_key_service(document(), "http://stranger"))

    assert differences(manifest(), after.manifest) == ["$.encryptionInformation.keyAccess[0].url"]


def test_the_policy_is_read_from_the_manifest() -> None:
    assert read(document()).required_attributes == ("https://a",)


@given(payload=st.binary(max_size=64), text=st.text())
def test_what_is_written_is_read_again(payload: bytes, text: str) -> None:
    parts = Container(json.dumps({"text": text}), payload)

    assert read(write(parts)) == parts


def test_statements_of_another_document_replace_those_that_were_there() -> None:
    other = manifest()
    other["assertions"][0]["statement"]["value"] = "throw away"

    after = read(container.with_statements_of(document(), document(other))).manifest

    assert differences(manifest(), after) == ["$.assertions[0].statement.value"]
    with pytest.raises(FrameworkError, match="no other statement"):
        container.with_statements_of(document(), document())
