import pickle

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.services.locator import Credentials, Services
from support.services.secret import Secret

SERVICES = Services(
    stack="embedded",
    platform_url="http://localhost:1",
    platform_version="1",
    kas_urls={"default": "http://localhost:1/kas"},
    issuer="http://localhost:1/auth",
    token_endpoint="http://localhost:1/token",
    roles={"admin": Credentials("opentdf", Secret("hidden-value"))},
)


def test_a_role_gives_its_credentials() -> None:
    credentials = SERVICES.credentials("admin")

    assert credentials.client_id == "opentdf"
    assert credentials.client_secret.reveal() == "hidden-value"
    assert SERVICES.secrets() == ("hidden-value",)


def test_an_unknown_role_is_told_with_the_nearest_and_the_remedy() -> None:
    with pytest.raises(EnvironmentUnfitError, match=r'"admni".*mean "admin".*ACCEPTANCE_ADMNI'):
        SERVICES.credentials("admni")


def test_a_secret_is_not_shown_by_accident() -> None:
    secret = Secret("hidden-value")

    assert "hidden-value" not in f"{secret} {secret!r} {SERVICES}"
    with pytest.raises(TypeError, match="not written to disk"):
        pickle.dumps(secret)


def test_secrets_compare_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
