import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.evidence.envelope import EnvelopeError, opened, pre_authentication_encoding, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_what_is_signed_is_that_of_the_specification() -> None:
    """The example of the DSSE protocol document."""
    encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")

    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_what_was_signed_is_opened() -> None:
    assert opened(sign(b"payload", KEY), KEY.public_key()) == b"payload"


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        ([], "no DSSE envelope"),
        ({"payload": ""}, "no DSSE envelope"),
        (sign(b"x", KEY, "text/plain"), "payload type is 'text/plain'"),
        ({**sign(b"x", KEY), "payload": "%"}, "not base64"),
        ({**sign(b"x", KEY), "payload": base64.b64encode(b"y").decode()}, "does not verify"),
        ({**sign(b"x", KEY), "signatures": []}, "does not verify"),
        ({**sign(b"x", KEY), "signatures": 1}, "no list"),
        ({**sign(b"x", KEY), "signatures": [{"keyid": "a"}]}, "not base64"),
    ],
)
def test_what_proves_nothing_is_refused(envelope: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(EnvelopeError, match=message):
        opened(envelope, KEY.public_key())
