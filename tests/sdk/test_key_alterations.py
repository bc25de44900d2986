import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.foundation.errors import EnvironmentUnfitError, FrameworkError
from support.sdk.container import Container, altered, read, with_key_services, write
from support.sdk.key_alterations import KEY_ALTERATIONS

WRAPPED = base64.b64encode(bytes(32)).decode()
SENDER = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def key_access(url: str, sid: str) -> dict[str, Any]:
    return {"url": url, "sid": sid, "wrappedKey": WRAPPED, "ephemeralPublicKey": SENDER}


def document(*keys: dict[str, Any]) -> bytes:
    manifest = {"encryptionInformation": {"policy": "", "keyAccess": list(keys)}}
    return write(Container(json.dumps(manifest), b"payload"))


def keys_of(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(data).manifest["encryptionInformation"]["keyAccess"]
    return found


A, B = key_access("http://a", "1"), key_access("http://b", "2")


@pytest.mark.parametrize(
    ("alteration", "changed"),
    [
        ("one bit of the sealed key is flipped", {"wrappedKey"}),
        ("the author's elliptic-curve key is somebody else's", {"ephemeralPublicKey"}),
        ("the author's elliptic-curve key is on another curve", {"ephemeralPublicKey"}),
        ("the key services of the first two keys are exchanged", {"url"}),
        ("the parts of the key are said to be one", {"sid"}),
    ],
)
def test_an_alteration_changes_one_thing_of_keys(alteration: str, changed: set[str]) -> None:
    after = keys_of(altered(document(A, B), alteration))

    pairs = list(zip((A, B), after, strict=True))
    assert {name for old, new in pairs for name in old if old[name] != new[name]} == changed


def test_an_alteration_leaves_keys_out_or_repeats_them() -> None:
    assert keys_of(altered(document(A, B), "the first key service is left out")) == [B]
    repeated = keys_of(altered(document(A, B), "the first part of the key is there twice"))
    assert repeated == [A, B, {**A, "sid": "1-again"}]


def test_every_alteration_of_keys_is_tested() -> None:
    marks = test_an_alteration_changes_one_thing_of_keys.pytestmark  # type: ignore[attr-defined]
    tested = {row[0] for row in marks[0].args[1]}
    others = {"the first key service is left out", "the first part of the key is there twice"}
    assert tested | others == set(KEY_ALTERATIONS)


@pytest.mark.parametrize(
    "alteration",
    [
        "the first key service is left out",
        "the key services of the first two keys are exchanged",
        "the parts of the key are said to be one",
    ],
)
def test_what_would_change_nothing_is_an_error(alteration: str) -> None:
    with pytest.raises(FrameworkError, match="changes nothing"):
        altered(document(A), alteration)


def test_a_key_that_no_curve_sealed_has_no_key_of_the_author() -> None:
    sealed_by_rsa = {"url": "http://a", "wrappedKey": WRAPPED}
    with pytest.raises(EnvironmentUnfitError, match="ephemeralPublicKey"):
        altered(document(sealed_by_rsa), "the author's elliptic-curve key is somebody else's")


def test_key_services_get_other_addresses() -> None:
    moved = keys_of(with_key_services(document(A, B), {"http://b": "http://c"}))

    assert moved == [A, {**B, "url": "http://c"}]
    with pytest.raises(FrameworkError, match="names none of http://x"):
        with_key_services(document(A), {"http://x": "http://y"})
