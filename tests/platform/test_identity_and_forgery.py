import base64
import json
from dataclasses import replace

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform import forgery
from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.platform.policy import NAMESPACES
from support.services.locator import Credentials, Services
from support.services.secret import Secret
from tests.platform.conftest import ScriptedHttp, answer

TOKEN = '{"access_token": "T", "token_type": "Bearer"}'


def test_a_role_signs_in_once(made_up_services: Services) -> None:
    http = ScriptedHttp(answer(200, TOKEN))
    identity = Identity(http, made_up_services)

    assert identity.token("admin") == "T"
    assert identity.token("admin") == "T"

    assert identity.client_id("admin") == "administrator"
    method, url, _, body = http.requests[0]
    assert (method, url) == ("POST", "http://idp/token")
    assert body == (
        "grant_type=client_credentials&client_id=administrator&client_secret=very+secret"
    )


def test_a_role_of_another_identity_provider_signs_in_there(made_up_services: Services) -> None:
    stranger = Credentials("stranger", Secret("value"), token_endpoint="http://elsewhere/token")
    services = replace(made_up_services, roles={"foreign_issuer": stranger})
    http = ScriptedHttp(answer(200, TOKEN))

    assert Identity(http, services).token("foreign_issuer") == "T"

    assert http.requests[0][:2] == ("POST", "http://elsewhere/token")


def test_refused_credentials_are_named_without_the_secret(made_up_services: Services) -> None:
    refusal = '{"error": "unauthorized_client", "error_description": "Invalid client"}'
    identity = Identity(ScriptedHttp(answer(401, refusal)), made_up_services)

    with pytest.raises(EnvironmentUnfitError, match=r"administrator.*unauthorized_client") as error:
        identity.token("admin")

    assert "very secret" not in str(error.value)


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        "[]",
        '{"token_type": "Bearer"}',
        '{"access_token": "T"}',
        '{"access_token": "T", "token_type": "mac"}',
    ],
)
def test_another_token_response_is_an_error(made_up_services: Services, body: str) -> None:
    identity = Identity(ScriptedHttp(answer(200, body)), made_up_services)

    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        identity.token("admin")


def test_a_role_that_the_stack_lacks_is_an_error(made_up_services: Services) -> None:
    with pytest.raises(EnvironmentUnfitError, match='no credentials for the role "expired"'):
        Identity(ScriptedHttp(), made_up_services).token("expired")


def test_the_embedded_platform_takes_real_tokens_and_no_forged_ones(
    identity: Identity, connect: ConnectClient
) -> None:
    token = identity.token("admin")
    forged = [
        forgery.garbled(token),
        forgery.with_altered_claims(token),
        forgery.signed_by_a_stranger(token),
    ]

    codes = [
        connect.call(NAMESPACES, "ListNamespaces", {}, token=each).code for each in [token, *forged]
    ]

    assert codes == ["ok", "unauthenticated", "unauthenticated", "unauthenticated"]


def test_a_forged_token_differs_from_the_real_one_only_where_it_says(identity: Identity) -> None:
    header, claims, signature = identity.token("admin").split(".")

    altered = forgery.with_altered_claims(f"{header}.{claims}.{signature}").split(".")
    signed = forgery.signed_by_a_stranger(f"{header}.{claims}.{signature}").split(".")

    assert (altered[0], altered[2]) == (header, signature)
    assert decoded(altered[1]) == {**decoded(claims), "sub": "somebody-else"}
    assert decoded(signed[1]) == decoded(claims)
    assert decoded(signed[0])["kid"] == decoded(header)["kid"]
    assert signed[2] != signature


def test_an_opaque_token_cannot_be_forged() -> None:
    with pytest.raises(EnvironmentUnfitError, match="Expected a signed JWT"):
        forgery.with_altered_claims("opaque")


def decoded(part: str) -> dict[str, object]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
