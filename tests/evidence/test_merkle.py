import hashlib

from hypothesis import given
from hypothesis import strategies as st

from support.evidence.merkle import root


def tree_hash(entries: list[bytes]) -> bytes:
    """Return the tree hash as RFC 6962, section 2.1 defines it, word for word."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    parts = tree_hash(entries[:k]) + tree_hash(entries[k:])
    return hashlib.sha256(b"\x01" + parts).digest()


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_the_root_is_that_of_the_definition(entries: list[bytes]) -> None:
    assert root(entries) == tree_hash(entries).hex()


def test_the_root_is_that_of_certificate_transparency() -> None:
    """Known values of the reference implementation's tests."""
    assert root([b""]) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root([b"", b"\x00"]) == (
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )
