import base64
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.foundation.waiting import wait_until
from support.platform.connect import Answer
from support.platform.discovery import Discovery, NotPublicError
from support.world import manifests
from support.world.documents import Document
from support.world.expectations import expect_conforms
from support.world.key_services import algorithm_name
from support.world.stepping import rows_of
from support.world.stranger import Stranger
from support.world.visitor import described_key
from support.world.world import World
from tests.world.conftest import manifest, tdf

ED25519 = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAwIYRguVomB1YHhm0UCkEY2Yz13hqGF0Ckx8J0kG+N1M=
-----END PUBLIC KEY-----
"""


CONTENT = b"note"


def document(content: dict[str, Any] | None = None, payload: bytes = bytes(32)) -> Document:
    return Document(CONTENT, tdf(content or manifest(), payload))


def encryption(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["encryptionInformation"]
    return found


def test_a_manifest_of_good_form_conforms() -> None:
    expect_conforms("The manifest", manifest(), manifests.manifest_schema())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("encryptionInformation.keyAccess", [{}]),
        ("encryptionInformation.keyAccess", []),
        ("encryptionInformation.keyAccess.0.type", "sealed"),
        ("encryptionInformation.keyAccess.0.type", "ec-wrapped"),
        ("encryptionInformation.keyAccess.0.wrappedKey", "short"),
        ("encryptionInformation.keyAccess.0.policyBinding", {"alg": "HS256"}),
        ("encryptionInformation.policy", ""),
        ("encryptionInformation.method.algorithm", "ROT13"),
        ("encryptionInformation.integrityInformation.rootSignature", {}),
        ("encryptionInformation.integrityInformation.segments", [{}]),
        ("encryptionInformation.integrityInformation.segments.0.encryptedSegmentSize", 4),
        ("payload.isEncrypted", False),
        ("payload.url", "1.payload"),
        ("assertions", [{"id": "1"}]),
        ("assertions.0.binding.signature", "unsigned"),
        ("schemaVersion", "four"),
    ],
)
def test_a_manifest_of_bad_form_does_not_conform(path: str, value: object) -> None:
    content: Any = manifest()
    *parents, last = path.split(".")
    parent = content
    for name in parents:
        parent = parent[int(name) if name.isdigit() else name]
    parent[last] = value

    with pytest.raises(AssertionError, match="breaks"):
        expect_conforms("The manifest", content, manifests.manifest_schema())


def test_several_keys_need_split_ids() -> None:
    content: Any = manifest()
    keys = encryption(content)["keyAccess"]
    keys.append(dict(keys[0]))

    with pytest.raises(AssertionError, match="sid"):
        expect_conforms("The manifest", content, manifests.manifest_schema())


def test_the_form_tells_the_version() -> None:
    new, old, mixed = manifest(), manifest(), manifest()
    hexadecimal = base64.b64encode(b"0" * 64).decode()
    for content in (old, mixed):
        encryption(content)["integrityInformation"]["rootSignature"]["sig"] = hexadecimal
    del old["schemaVersion"]

    forms = [manifests.form_version(document(content)) for content in (new, old, mixed)]

    assert forms[:2] == ["4.3.0", "4.2.2"]
    assert forms[2] == "a mixture: schemaVersion 4.3.0, digests as hexadecimal bytes"


def test_sizes_are_added_up() -> None:
    good = document()
    assert manifests.accounted_sizes(good) == manifests.actual_sizes(good)

    assert manifests.accounted_sizes(good) == {"content": 4, "payload": 32}
    assert manifests.actual_sizes(document(payload=b"x")) == {"content": 4, "payload": 1}


def test_what_a_manifest_tells_is_read() -> None:
    assert manifests.key_services(document()) == {"http://kas"}
    assert manifests.media_type(document()) == "text/plain"
    assert manifests.statements(document()) == ["keep"]


def test_content_in_the_clear_is_found_raw_and_encoded() -> None:
    manifests.expect_unreadable(document())
    for clear in (b"..." + CONTENT, base64.b64encode(CONTENT)):
        with pytest.raises(AssertionError, match="reveals"):
            manifests.expect_unreadable(document(payload=clear))


def test_documents_that_share_a_part_are_related() -> None:
    other: Any = manifest()
    encryption(other)["keyAccess"][0] |= {"wrappedKey": "B", "policyBinding": "C"}

    manifests.expect_unrelated(document(), document(other, bytes(31)))
    with pytest.raises(AssertionError, match="The ciphertext"):
        manifests.expect_unrelated(document(), document(other))
    with pytest.raises(AssertionError, match="The sealed key"):
        manifests.expect_unrelated(document(), document(payload=bytes(31)))


def test_a_configuration_that_is_not_public_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: Discovery) -> None:
        raise NotPublicError("it asks for a token")

    monkeypatch.setattr(Discovery, "configuration", refused)

    with pytest.raises(AssertionError, match="expected everybody to read it, but it asks"):
        world.visitor.read_configuration()


def test_the_visitor_reads_what_is_public(world: World) -> None:
    visitor = world.visitor
    visitor.read_health_where_configured()
    visitor.ask_twice_for_key("rsa:2048")
    visitor.ask_for_page("https://viewer.example")

    assert visitor.health.value == "SERVING"
    assert dict(visitor.configuration_by_procedure_call) == visitor.configuration.value.document
    assert visitor.earlier_key.value == visitor.key.value
    assert visitor.preflight.value.allowed_origin == "https://viewer.example"
    visitor.read_health("nothing-like-that")
    assert visitor.health.value == "UNKNOWN"


@pytest.mark.parametrize("capability", ["rsa-2048", "p-256"])
def test_the_algorithm_is_read_from_the_key(world: World, capability: str) -> None:
    world.visitor.ask_for_key(algorithm_name(capability))

    assert described_key(world.visitor.key.value)["algorithm"] == algorithm_name(capability)


def test_a_key_of_another_kind_is_an_error() -> None:
    answer = Answer(200, "ok", body={"publicKey": ED25519, "kid": "odd"})

    with pytest.raises(EnvironmentUnfitError, match="expected RSA, an elliptic curve, or ML"):
        described_key(answer)


def test_the_stranger_counts_who_contacts_it() -> None:
    stranger = Stranger()
    try:
        assert stranger.contacts == 0
        address = urlsplit(stranger.url)
        assert address.hostname is not None
        with socket.create_connection((address.hostname, address.port or 0), timeout=5):
            wait_until(lambda: stranger.contacts == 1, what="the contact", time_limit_seconds=5)
    finally:
        stranger.close()
        stranger.close()


def test_a_stranger_whom_nobody_named_was_not_left_alone(world: World) -> None:
    with pytest.raises(SpecificationError, match="speaks of a stranger's key service"):
        _ = world.stranger.value


class Table:
    """The part of behave's context that holds a table."""

    def __init__(self, rows: list[dict[str, str]] | None) -> None:
        self.table = rows


def test_rows_of_a_table_are_read_by_heading() -> None:
    context: Any = Table([{"a": "1", "b": "2", "c": "3"}])

    assert rows_of(context, "a", "c") == [{"a": "1", "c": "3"}]
    assert rows_of(Table(None), "a") == []  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="needs the headings a, d; 'd' is missing"):
        rows_of(context, "a", "d")


def test_the_schema_is_valid_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(manifests.SCHEMA.read_text()))
