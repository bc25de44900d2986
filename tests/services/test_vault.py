"""Secrets in Vault or OpenBao, against a strict double of the documented API."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.foundation.errors import (
    AcceptanceError,
    ConfigurationError,
    EnvironmentUnfitError,
    ServiceUnreachableError,
)
from support.foundation.http import HttpSession
from support.foundation.network import Network
from support.foundation.settings import Setting, Settings
from support.services import vault as vault_room
from support.services.secret import Secret
from support.services.secret_store import SecretStore
from support.services.vault import VaultSecrets, secret_store
from support.services.vault_answers import Place
from tests.services.vault_double import TokenState, Vault, Version, serving

NAME = "admin_client_secret"
TOKEN = "hvs.token-for-vault"
FIELDS: dict[str, object] = {NAME: "first-secret-in-vault", "database_secret": "of-the-database"}

Open = Callable[..., SecretStore]


@pytest.fixture
def vault() -> Iterator[Vault]:
    state = Vault(tokens={TOKEN: TokenState()}, versions=[Version(dict(FIELDS))])
    with serving(state):
        yield state
    assert state.breaches == []


@pytest.fixture
def open_store(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the store as settings would, on the clock of the double."""

    def clocked(place: Place, token: Secret, http: HttpSession) -> VaultSecrets:
        return VaultSecrets(place, token, http, clock=lambda: vault.now)

    def make(
        defines: dict[str, str] | None = None, network: Network | None = None, **env: str
    ) -> SecretStore:
        defines = {"vault_path": "opentdf/acceptance", **(defines or {})}
        environment = {"ACCEPTANCE_VAULT_TOKEN": TOKEN, **env}
        environment = {name: value for name, value in environment.items() if value}
        address = Setting(vault.url + "/", "a test")
        settings = Settings(defines, environment)
        return secret_store(settings, address, network or Network(retries=0))

    monkeypatch.setattr(vault_room, "VaultSecrets", clocked)
    return make


def test_a_field_is_the_secret_of_the_setting_of_its_name(open_store: Open) -> None:
    secret = open_store().get(NAME)

    assert secret is not None
    assert secret.reveal() == "first-secret-in-vault"
    assert secret.origin == (
        "vault secret/opentdf/acceptance field admin_client_secret (version 1)"
    )


def test_fields_are_read_together(vault: Vault, open_store: Open) -> None:
    store = open_store()

    assert store.get(NAME) is store.get(NAME)
    assert store.get("database_secret") is not None
    assert store.get("jira_secret") is None
    reads = [path for _, path in vault.requests if "/data/" in path]
    assert reads == ["/v1/secret/data/opentdf/acceptance"]


def test_mount_path_and_namespace_are_what_is_set(vault: Vault, open_store: Open) -> None:
    vault.mount, vault.path, vault.namespace = "team kv", "a/b c", "tests/one"
    place = {"vault_mount": "/team kv/", "vault_path": "/a/b c", "vault_namespace": "tests/one"}

    assert open_store(place).get(NAME) is not None
    with pytest.raises(ConfigurationError, match=r"nothing in team kv/a/b c at .*VAULT_MOUNT"):
        open_store({**place, "vault_namespace": "tests/two"}).get(NAME)


def test_the_environment_is_stronger_and_vault_is_then_not_asked(
    vault: Vault, open_store: Open
) -> None:
    secret = open_store(ACCEPTANCE_ADMIN_CLIENT_SECRET="of-the-environment").get(NAME)

    assert secret is not None
    assert secret.reveal() == "of-the-environment"
    assert vault.requests == []


def test_a_file_is_stronger_than_vault(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("of-the-file")
    (tmp_path / NAME).chmod(0o600)

    secret = open_store({"secrets_folder": str(tmp_path)}).get(NAME)

    assert secret is not None
    assert secret.reveal() == "of-the-file"


def test_a_new_version_is_had_by_refreshing(vault: Vault, open_store: Open) -> None:
    secret = open_store().get(NAME)
    assert secret is not None
    vault.versions.append(Version({NAME: "second-secret-in-vault"}))

    assert secret.reveal() == "first-secret-in-vault"
    assert secret.refresh()
    assert secret.reveal() == "second-secret-in-vault"
    assert secret.origin.endswith("(version 2)")


def test_a_field_that_is_gone_is_told_when_it_is_read_again(vault: Vault, open_store: Open) -> None:
    secret = open_store().get(NAME)
    assert secret is not None
    vault.versions.append(Version({"other": "x"}))

    with pytest.raises(ConfigurationError, match=r"came from vault .*has it no more"):
        secret.refresh()


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (None, "There is nothing in secret/opentdf/acceptance at http"),
        (
            Version(FIELDS, deleted_at="2026-03-05T01:02:03Z"),
            r"was deleted at 2026-03-05T01.*undel",
        ),
        (Version(FIELDS, destroyed=True), "Version 1 of .* was destroyed"),
        (Version({NAME: 5}), "admin_client_secret in .* is empty or no text"),
        (Version({NAME: ""}), "admin_client_secret in .* is empty or no text"),
    ],
)
def test_a_secret_that_is_not_there_is_told(
    vault: Vault, open_store: Open, version: Version | None, told: str
) -> None:
    vault.versions = [version] if version else []

    with pytest.raises(ConfigurationError, match=told):
        open_store().get(NAME)


def test_version_1_of_the_engine_is_told(vault: Vault, open_store: Open) -> None:
    vault.version_1 = True

    with pytest.raises(ConfigurationError, match="not of the key-value engine, version 2"):
        open_store().get(NAME)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((503, {"errors": ["Vault is sealed"]}), r"HTTP 503: Vault is sealed.*unseal"),
        ((429, {"errors": ["rate limit quota exceeded"]}), r"HTTP 429.*REQUESTS_PER_SECOND"),
        ((403, {"errors": ["permission denied"]}), r"permission denied.*VAULT_TOKEN anew"),
        ((400, {"errors": ["missing client token"]}), "InvalidRequest: missing client token"),
        ((500, {"errors": ["internal error"]}), "InternalServerError: internal error"),
        ((502, b"<html>bad gateway</html>"), "BadGateway"),
        ((418, {}), "gave no secret"),
        ((200, b"<html>very-hidden</html>"), "no JSON.*address of Vault"),
        ((301, b""), "gave no secret"),
    ],
)
def test_other_answers_are_told_with_the_remedy(
    vault: Vault, open_store: Open, answer: tuple[int, object], told: str
) -> None:
    vault.fails_with = answer

    with pytest.raises(EnvironmentUnfitError, match=told) as caught:
        open_store().get(NAME)

    assert TOKEN not in str(caught.value)
    assert "very-hidden" not in str(caught.value)


def test_a_vault_that_is_slow_is_told_in_time(vault: Vault, open_store: Open) -> None:
    vault.delay_seconds = 5.0

    with pytest.raises(ServiceUnreachableError):
        open_store(network=Network(time_limit_seconds=0.2, retries=0, service="vault")).get(NAME)


def test_a_little_latency_is_no_harm(vault: Vault, open_store: Open) -> None:
    vault.delay_seconds = 0.1

    assert open_store().get(NAME) is not None


def test_a_token_is_renewed_at_half_of_its_life(vault: Vault, open_store: Open) -> None:
    vault.tokens[TOKEN] = TokenState(ends_at=vault.now + 100, renewable=True, period=100)
    store = open_store()
    secret = store.get(NAME)
    assert secret is not None
    renewals = ("POST", "/v1/auth/token/renew-self")
    assert vault.requests.count(renewals) == 1

    for _ in range(10):  # ten times as long as the token lives by itself
        vault.now += 49
        store.keep_alive()
        assert vault.now < (vault.tokens[TOKEN].ends_at or 0)
        vault.now += 2
        store.keep_alive()

    assert vault.requests.count(renewals) == 11
    vault.versions.append(Version({NAME: "second-secret-in-vault"}))
    assert secret.refresh()


def test_nothing_is_asked_while_the_token_is_young(vault: Vault, open_store: Open) -> None:
    vault.tokens[TOKEN] = TokenState(ends_at=vault.now + 100, renewable=True, period=100)
    store = open_store()
    store.get(NAME)
    before = len(vault.requests)

    vault.now += 49
    store.keep_alive()

    assert len(vault.requests) == before


def test_a_token_that_ended_is_told_when_a_secret_is_read_again(
    vault: Vault, open_store: Open
) -> None:
    latest = vault.now + 150
    vault.tokens[TOKEN] = TokenState(vault.now + 100, renewable=True, period=100, longest=latest)
    store = open_store()
    secret = store.get(NAME)
    assert secret is not None
    for _ in range(4):
        vault.now += 51
        store.keep_alive()  # never raises, not even after the latest end

    with pytest.raises(EnvironmentUnfitError, match="has ended or was revoked"):
        secret.refresh()


@pytest.mark.parametrize("renewable", [True, False])
def test_a_token_without_end_or_renewal_is_left_as_it_is(
    vault: Vault, open_store: Open, *, renewable: bool
) -> None:
    vault.tokens[TOKEN] = TokenState(None if renewable else vault.now + 1000, renewable=renewable)

    assert open_store().get(NAME) is not None

    assert ("POST", "/v1/auth/token/renew-self") not in vault.requests


def test_the_token_that_an_agent_keeps_in_a_file_is_read_again(
    vault: Vault, open_store: Open, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    store = open_store(ACCEPTANCE_VAULT_TOKEN="", ACCEPTANCE_VAULT_TOKEN_FILE=str(file))
    secret = store.get(NAME)
    assert secret is not None
    vault.tokens = {"hvs.the-next-token": TokenState()}
    vault.versions.append(Version({NAME: "second-secret-in-vault"}))
    file.write_text("hvs.the-next-token\n")

    assert secret.refresh()
    assert secret.reveal() == "second-secret-in-vault"


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"ACCEPTANCE_VAULT_TOKEN": ""}, r"no token for it.*VAULT_TOKEN_FILE"),
        ({"path": ""}, "ACCEPTANCE_VAULT_PATH is not set"),
    ],
)
def test_half_a_set_up_is_told(vault: Vault, missing: dict[str, str], told: str) -> None:
    environment = {"ACCEPTANCE_VAULT_TOKEN": TOKEN, **missing}
    defines = {} if "path" in environment else {"vault_path": "x"}
    environment.pop("path", None)

    with pytest.raises(ConfigurationError, match=told):
        secret_store(Settings(defines, environment), Setting(vault.url, "a test"), Network())


def test_the_environment_of_vault_s_own_tools_is_not_used(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VAULT_ADDR", "VAULT_TOKEN", "VAULT_NAMESPACE", "VAULT_CACERT", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert open_store().get(NAME) is not None


def test_no_error_of_vault_carries_what_it_holds(vault: Vault, open_store: Open) -> None:
    vault.versions = [Version({NAME: "very-hidden", "wrong": 5})]

    with pytest.raises(AcceptanceError) as caught:
        open_store().get(NAME)

    error: BaseException | None = caught.value
    while error is not None:
        assert "very-hidden" not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
