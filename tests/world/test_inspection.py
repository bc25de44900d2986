import base64
import dataclasses
import json

import pytest

from support.foundation.errors import SpecificationError
from support.sdk import container
from support.sdk.container import Container
from support.world.documents import Document
from support.world.inspection import (
    FORM,
    HASH,
    KEPT,
    PARTS,
    POLICY,
    SIZES,
    VERSION,
    expect_finding,
    expect_sound,
    inspect,
    kept_document,
)

NAMES = sorted(path.stem for path in KEPT.glob("*.tdf"))
UUID = "6d1b9bd4-5d0c-4f0e-8f0b-0a4c2b1f7f11"
NOTE = "a note by the Go SDK"


def test_every_kept_document_stands_beside_what_it_held() -> None:
    assert len(NAMES) == 5
    assert sorted(path.stem for path in KEPT.glob("*.txt")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_kept_documents_are_sound_and_hold_nothing_in_the_clear(name: str) -> None:
    document = kept_document(name)

    expect_sound(inspect(document))
    assert not document.content or document.content not in document.data


def test_an_unknown_kept_document_is_told_with_the_known() -> None:
    with pytest.raises(SpecificationError, match=r"not a kept document.*Known: .*go-sdk"):
        kept_document("a note by nobody")


@pytest.mark.parametrize(
    ("alteration", "found"),
    [
        ("the policy binding is missing", FORM),
        ("the last byte is cut off", SIZES),
        ("a segment is declared longer than it is", SIZES),
        ("one bit of a segment's hash is flipped", HASH),
        ("the first segment is exchanged for noise", HASH),
        ("the end of the policy is missing", POLICY),
    ],
)
@pytest.mark.parametrize("name", [NOTE, "an older note by the Go SDK", "a note by the Python SDK"])
def test_alterations_are_found(name: str, alteration: str, found: str) -> None:
    document = kept_document(name)

    findings = inspect(
        dataclasses.replace(document, data=container.altered(document.data, alteration))
    )

    expect_finding(findings, found)
    with pytest.raises(AssertionError, match=r"Inspection found: "):
        expect_sound(findings)


def test_another_finding_than_the_expected_fails() -> None:
    document = kept_document(NOTE)
    longer = dataclasses.replace(document, content=document.content + b"!")

    with pytest.raises(AssertionError, match=r'expected "a segment has another hash".*it has 51'):
        expect_finding(inspect(longer), HASH)
    with pytest.raises(AssertionError, match="found nothing"):
        expect_finding(inspect(document), SIZES)


def test_a_word_that_is_no_finding_is_told() -> None:
    with pytest.raises(SpecificationError, match=r"Did you mean \"the sizes do not add up\""):
        expect_finding((), "the sizes do not add")


@pytest.mark.parametrize("text", ["!!", "Zm9vZm9vZm9vZm9vZm9vZm9v"])
def test_a_hash_that_is_none_is_another_hash(text: str) -> None:
    document = kept_document(NOTE)
    manifest = document.container.manifest
    segment = manifest["encryptionInformation"]["integrityInformation"]["segments"][0]
    segment["hash"] = text
    data = container.write(Container(json.dumps(manifest), document.container.payload))

    findings = inspect(Document(document.content, data))

    assert {finding.what for finding in findings} == ({FORM} if text == "!!" else {HASH})


def test_a_document_of_two_versions_at_once_is_of_none() -> None:
    new, old = kept_document(NOTE), kept_document("an older note by the Go SDK")
    manifest = new.container.manifest
    integrity = manifest["encryptionInformation"]["integrityInformation"]
    integrity["segments"][0]["hash"] = hexadecimal(integrity["segments"][0]["hash"])
    mixed = container.write(Container(json.dumps(manifest), new.container.payload))
    concealed = container.altered(new.data, "the version is not named")
    named = json.dumps({**old.container.manifest, "schemaVersion": "4.3.0"})

    for data in (mixed, concealed, container.write(Container(named, old.container.payload))):
        expect_finding(inspect(Document(new.content, data)), VERSION)


def hexadecimal(text: str) -> str:
    return base64.b64encode(base64.b64decode(text).hex().encode()).decode()


@pytest.mark.parametrize(
    "policy",
    [
        {"uuid": "1", "body": {}},
        {"body": {}},
        {"uuid": UUID, "body": []},
        {"uuid": UUID, "body": {"dataAttributes": [{"attribute": "apollo"}]}},
        [],
    ],
)
def test_a_policy_that_nobody_can_apply_is_found(policy: object) -> None:
    document = kept_document(NOTE)
    manifest = document.container.manifest
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    manifest["encryptionInformation"]["policy"] = encoded
    data = container.write(Container(json.dumps(manifest), document.container.payload))

    expect_finding(inspect(Document(document.content, data)), POLICY)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def split(*parts: tuple[str, str, str]) -> Document:
    """Return a document whose key is split: split id, key service and binding of each object."""
    note = kept_document(NOTE)
    manifest = note.container.manifest
    (entry,) = manifest["encryptionInformation"]["keyAccess"]
    manifest["encryptionInformation"]["keyAccess"] = [
        {
            **entry,
            "sid": sid,
            "url": f"http://{url}/kas",
            "policyBinding": {"alg": "HS256", "hash": encoded(hash_ * 64)},
        }
        for sid, url, hash_ in parts
    ]
    changed = Container(json.dumps(manifest), note.container.payload)
    return dataclasses.replace(note, data=container.write(changed))


@pytest.mark.parametrize(
    "parts",
    [
        (("1", "alpha", "a"), ("2", "beta", "b")),
        (("1", "alpha", "a"), ("1", "beta", "a")),
        (("1", "alpha", "a"), ("1", "beta", "a"), ("2", "alpha", "b")),
    ],
)
def test_parts_of_a_key_that_agree_are_sound(parts: tuple[tuple[str, str, str], ...]) -> None:
    expect_sound(inspect(split(*parts)))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((("1", "alpha", "a"), ("1", "alpha", "a")), 'has the part "1" twice'),
        ((("1", "alpha", "a"), ("1", "beta", "b")), 'the part "1" is another one at http://beta'),
        ((("1", "alpha", "a"), ("2", "beta", "a")), 'the parts "1" and "2" are the same'),
    ],
)
def test_parts_of_a_key_that_contradict_each_other_are_found(
    parts: tuple[tuple[str, str, str], ...], told: str
) -> None:
    (finding,) = inspect(split(*parts))

    expect_finding((finding,), PARTS)
    assert told in finding.detail
