import base64

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec, mlkem
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from support.foundation import kems
from support.foundation.kems import MLKEM_768, MLKEM_1024, SCHEMES, XWING, KemError, KemKey

KEYS = {name: KemKey.generate(name) for name in SCHEMES}
DATA_KEY = bytes(range(32))
P256_PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


@pytest.mark.parametrize("name", SCHEMES)
def test_the_data_key_comes_back(name: str) -> None:
    key = KEYS[name]

    assert kems.scheme_of(key.public_pem) == name
    assert key.open(kems.seal(key.public_pem, DATA_KEY)) == DATA_KEY


@pytest.mark.parametrize("name", SCHEMES)
def test_no_two_envelopes_are_the_same(name: str) -> None:
    pem = KEYS[name].public_pem
    assert kems.seal(pem, DATA_KEY) != kems.seal(pem, DATA_KEY)


@pytest.mark.parametrize("name", SCHEMES)
def test_another_key_opens_nothing(name: str) -> None:
    envelope = kems.seal(KemKey.generate(name).public_pem, DATA_KEY)

    with pytest.raises(KemError, match=name):
        KEYS[name].open(envelope)


@pytest.mark.parametrize("name", SCHEMES)
def test_both_halves_count(name: str) -> None:
    key = KEYS[name]
    envelope = kems.seal(key.public_pem, DATA_KEY)
    halves = ["post-quantum", *(["classical"] if SCHEMES[name].curve else [])]

    for half in halves:
        with pytest.raises(KemError):
            key.open(kems.with_altered_half(envelope, name, half))


def test_ml_kem_alone_has_no_classical_half() -> None:
    envelope = kems.seal(KEYS[MLKEM_768].public_pem, DATA_KEY)

    with pytest.raises(KemError, match="no classical half"):
        kems.with_altered_half(envelope, MLKEM_768, "classical")


def test_a_point_too_much_is_refused() -> None:
    envelope = kems.seal(KEYS[XWING].public_pem, DATA_KEY)

    with pytest.raises(KemError, match="32 bytes too many"):
        KEYS[MLKEM_768].open(envelope)


def test_without_the_post_quantum_half_nothing_opens() -> None:
    key = KEYS[XWING]

    with pytest.raises(KemError):
        key.open(kems.seal(key.public_pem, DATA_KEY), post_quantum=False)


@given(st.binary(max_size=80))
def test_noise_is_no_envelope(noise: bytes) -> None:
    with pytest.raises(KemError):
        KEYS[XWING].open(noise)


@given(st.integers(0, 1189), st.integers(0, 7))
def test_no_bit_of_an_envelope_may_change(at: int, bit: int) -> None:
    envelope = bytearray(kems.seal(KEYS[XWING].public_pem, DATA_KEY))
    envelope[at % len(envelope)] ^= 1 << bit

    with pytest.raises(KemError):
        KEYS[XWING].open(bytes(envelope))


@pytest.mark.parametrize(
    "pem",
    [P256_PEM, "", "no key", P256_PEM[:80], "-----BEGIN PUBLIC KEY-----"],
    ids=["a curve's alone", "nothing", "words", "cut", "begun"],
)
def test_keys_of_another_kind_seal_nothing(pem: str) -> None:
    assert kems.scheme_of(pem) is None
    with pytest.raises(KemError):
        kems.seal(pem, DATA_KEY)


def test_a_public_key_that_is_cut_seals_nothing() -> None:
    info = kems._PublicKeyInfo(
        algorithm=kems._algorithm(XWING), key=asn1.BitString(KEYS[XWING].public_raw[:-1], 0)
    )
    with pytest.raises(KemError, match=f"none of {XWING}"):
        kems.seal(kems._pem("PUBLIC KEY", asn1.encode_der(info)), DATA_KEY)


@pytest.mark.parametrize(
    ("name", "kind"), [(MLKEM_768, mlkem.MLKEM768PublicKey), (MLKEM_1024, mlkem.MLKEM1024PublicKey)]
)
def test_keys_of_ml_kem_alone_are_read_by_the_library(name: str, kind: type) -> None:
    key = KEYS[name]

    public = load_pem_public_key(key.public_pem.encode())
    private = load_pem_private_key(key.private_pem.encode(), None)

    assert isinstance(public, kind)
    assert isinstance(private, mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey)
    assert private.public_key().public_bytes_raw() == key.public_raw


def test_private_keys_of_composites_hold_the_seeds() -> None:
    for name, size in ((XWING, 32), (kems.P256_MLKEM_768, 64 + 121)):
        pem = KEYS[name].private_pem
        der = base64.b64decode("".join(pem.splitlines()[1:-1]))
        assert len(kems._decoded(kems._PrivateKeyInfo, der).key) == size


def test_the_seed_of_x_wing_gives_the_public_key_of_the_draft() -> None:
    # draft-connolly-cfrg-xwing-kem, appendix C, first vector: the seed, and its public key.
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")

    key = KemKey.of_xwing_seed(seed)

    assert key.public_raw.hex().startswith(
        "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3d"
    )
    assert len(key.public_raw) == 1216
