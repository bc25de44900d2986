import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)
from joserfc import jws
from joserfc.jwk import ECKey

from support.embedded.request_token import RequestTokenReader
from tests.embedded.conftest import (
    REWRAP,
    RSA_SESSION,
    Json,
    one_policy,
    pem_of,
    policy_body,
    request_token,
    rewrap_body,
)

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench

BAD_REQUEST = (
    "invalid_argument: request error\nrpc error: code = InvalidArgument desc = bad request"
)
FORBIDDEN = "permission_denied: request error\nrpc error: code = PermissionDenied desc = forbidden"
DATA_KEY = os.urandom(32)


def error_of(bench: "Bench", body: dict[str, Any], **more: Json) -> tuple[int, str]:
    reply = bench.call(REWRAP, body, **more)
    return reply.status, reply.message.rpartition("desc = ")[2]


@pytest.mark.parametrize(
    ("claims", "status", "reason"),
    [
        ({}, 400, "missing request body"),
        ({"requestBody": {}}, 400, "invalid request body"),
        ({"requestBody": "nope"}, 400, "invalid request body"),
        ({"requestBody": "{}"}, 400, "clientPublicKey failure"),
        ({"requestBody": '{"requests":["x"]}'}, 400, "invalid request body"),
        ({"requestBody": '{"requests":[{"policy":"x"}]}'}, 400, "invalid request body"),
        ({"requestBody": '{"clientPublicKey":"x"}'}, 400, "clientPublicKey failure"),
        (
            {"requestBody": json.dumps({"requests": [{}], "clientPublicKey": "x"})},
            400,
            "clientPublicKey failure",
        ),
        (
            {
                "requestBody": json.dumps(
                    {
                        "requests": [{}],
                        "clientPublicKey": "-----BEGIN PUBLIC KEY-----\nx\n"
                        "-----END PUBLIC KEY-----\n",
                    }
                )
            },
            400,
            "clientPublicKey parse failure",
        ),
    ],
)
def test_a_malformed_request_body_is_refused_as_a_whole(
    bench: "Bench", claims: dict[str, Any], status: int, reason: str
) -> None:
    body = {"signedRequestToken": request_token(claims)}
    assert error_of(bench, body) == (status, reason)


def test_a_session_key_of_another_kind_is_refused(bench: "Bench") -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    session = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    body = rewrap_body(one_policy(policy_body()), session=session)
    assert error_of(bench, body) == (400, "clientPublicKey unsupported type")


@pytest.mark.parametrize(("shift", "valid"), [(-30, True), (-300, False)])
def test_a_request_token_expires_with_a_minute_of_leeway(
    bench: "Bench", shift: int, *, valid: bool
) -> None:
    now = int(bench.platform.clock.timestamp())
    body = rewrap_body(one_policy(policy_body()), iat=now - 600, exp=now + shift)
    reply = bench.call(REWRAP, body)
    assert reply.status == (200 if valid else 401)
    if not valid:
        assert reply.message.endswith("desc = could not parse token")


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_request_token_that_is_no_jwt_is_refused(bench: "Bench", token: str) -> None:
    body = {"signedRequestToken": token}
    assert error_of(bench, body) == (401, "could not parse token")


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (base64.b64encode(b"{}").decode(), True),
        (
            base64.b64encode(
                b'{"obligations":{"fulfillableFQNs":[" https://n.example/obl/o/value/v ",""]}}'
            ).decode(),
            True,
        ),
        ("!", False),
        (base64.b64encode(b"nope").decode(), False),
        (base64.b64encode(b"[]").decode(), False),
        (base64.b64encode(b'{"obligations":{"fulfillableFQNs":["nope"]}}').decode(), False),
    ],
)
def test_the_additional_context_must_be_well_formed(
    bench: "Bench", header: str, *, accepted: bool
) -> None:
    body = rewrap_body(one_policy(policy_body()))
    reply = bench.call(REWRAP, body, headers={"x-rewrap-additional-context": header})
    assert reply.status == (200 if accepted else 400)
    if not accepted:
        assert reply.message.endswith("failed to get additional rewrap context")


def test_a_bound_access_token_binds_the_request_token(bench: "Bench") -> None:
    key = ECKey.generate_key("P-256")
    reader = RequestTokenReader(bench.platform.protocol, bench.platform.clock)
    content = {"clientPublicKey": pem_of(RSA_SESSION), "requests": [{}]}
    claims = json.dumps({"requestBody": json.dumps(content)})
    signed = jws.serialize_compact({"alg": "ES256"}, claims, key, algorithms=["ES256"])
    assert reader.read(signed, key).is_v1 is False
    other = jws.serialize_compact(
        {"alg": "ES256"}, claims, ECKey.generate_key("P-256"), algorithms=["ES256"]
    )
    expired = request_token({"requestBody": json.dumps(content), "exp": 1})
    unsigned = request_token({"requestBody": json.dumps(content)}, "none")
    mismatched = request_token({"requestBody": json.dumps(content)}, "RS256")
    for bad in (other, expired, unsigned, mismatched):
        with pytest.raises(Exception, match="unable to verify request token"):
            reader.read(bad, key)
