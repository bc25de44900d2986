from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError, FrameworkError
from support.foundation.setting_names import (
    KAS_INSTANCES,
    PROPERTIES,
    SERVICES,
    holds_password,
    settable_by_profiles,
)
from support.foundation.settings import (
    KNOWN,
    Setting,
    Settings,
    build_environment,
    cache_folder,
    child_environment,
    continuous_integration_commit,
    from_environment,
    search_path,
)


def test_the_command_line_beats_the_environment_and_that_beats_the_default() -> None:
    environment = {"ACCEPTANCE_PROFILE": "remote"}

    assert Settings({}, {}).get("profile") == Setting("embedded", "default")
    assert Settings({}, environment).get("profile") == Setting(
        "remote", "environment ACCEPTANCE_PROFILE"
    )
    assert Settings({"profile": "smoke"}, environment).get("profile") == Setting(
        "smoke", "--define profile"
    )


def test_an_unknown_define_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigurationError, match=r'profil=x\. Did you mean "profile"\?'):
        Settings({"profil": "x"}, {})


def test_an_unknown_variable_of_ours_is_refused_but_not_those_of_others() -> None:
    Settings({}, {"PATH": "/bin", "OTHER_ACCEPTANCE": "1"})

    with pytest.raises(ConfigurationError, match=r'Did you mean "ACCEPTANCE_PLATFORM_URL"\?'):
        Settings({}, {"ACCEPTANCE_PLATFROM_URL": "x"})


def test_a_secret_may_not_stand_on_the_command_line() -> None:
    with pytest.raises(
        ConfigurationError, match="ACCEPTANCE_ADMIN_CLIENT_SECRET instead"
    ) as caught:
        Settings({"admin_client_secret": "hunter2-hunter2"}, {})

    assert "hunter2" not in str(caught.value)


def test_a_setting_that_must_be_there_says_how_to_set_it() -> None:
    with pytest.raises(ConfigurationError, match=r"ACCEPTANCE_PLATFORM_URL is not set.*--define"):
        Settings({}, {}).require("platform_url", "by this test")
    with pytest.raises(ConfigurationError) as caught:
        Settings({}, {}).require("admin_client_secret", "by this test")
    assert "--define" not in str(caught.value)


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings({}, {"ACCEPTANCE_KAS_URL": ""}).value("kas_url") is None


def test_search_roots_are_split_and_absolute(tmp_path: Path) -> None:
    settings = Settings({"sdk_roots": f"{tmp_path}:relative:"}, {})

    assert settings.sdk_roots == (tmp_path.resolve(), Path("relative").resolve())


def test_every_known_setting_says_what_it_is_for() -> None:
    assert all(known.meaning for known in KNOWN)
    assert len({known.name for known in KNOWN}) == len(KNOWN)


def test_a_child_gets_a_small_fixed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "x")
    monkeypatch.setenv("PATH", "/bin")

    environment = child_environment({"EXTRA": "1"})

    assert environment["PATH"] == "/bin"
    assert environment["TZ"] == "UTC"
    assert environment["EXTRA"] == "1"
    assert "SOME_TOKEN" not in environment
    assert build_environment()["SOME_TOKEN"] == "x"
    assert search_path() == "/bin"


def test_the_commit_of_a_ci_service_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    assert continuous_integration_commit() == "a" * 40
    monkeypatch.delenv("GITHUB_SHA")
    assert continuous_integration_commit() is None


def test_the_cache_is_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/opentdf-acceptance")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "opentdf-acceptance"


def test_the_artifact_folder_is_absolute() -> None:
    assert from_environment({"artifacts": "somewhere"}).artifacts == Path("somewhere").resolve()


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_each_property(service: str) -> None:
    settings = Settings(
        {f"{service}_{name}": f"defined {name}" for name in PROPERTIES},
        {f"ACCEPTANCE_{service.upper()}_{name.upper()}": "x" for name in PROPERTIES},
    )

    assert [settings.value(f"{service}_{name}") for name in PROPERTIES] == [
        f"defined {name}" for name in PROPERTIES
    ]


def test_the_key_services_are_those_of_the_platform_s_own_tests() -> None:
    assert KAS_INSTANCES == ("alpha", "beta", "gamma", "delta", "km1", "km2")


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("kas_alpa_url", "kas_alpha_url"),
        ("platform_ca_bundel", "platform_ca_bundle"),
        ("secret_folder", "secrets_folder"),
        ("vault_mout", "vault_mount"),
        ("serivce_ledger_url", ""),
    ],
)
def test_a_mistyped_service_setting_is_refused_with_the_nearest_name(seen: str, meant: str) -> None:
    hint = 'Did you mean "{}"' if meant else "Unknown "
    with pytest.raises(ConfigurationError, match=hint.format(meant)) as caught:
        Settings({seen: "x"}, {})
    assert "<service>_<property>" in str(caught.value)
    with pytest.raises(ConfigurationError, match=hint.format(f"ACCEPTANCE_{meant.upper()}")):
        Settings({}, {f"ACCEPTANCE_{seen.upper()}": "x"})


def test_services_of_extensions_have_settings_of_a_fixed_form() -> None:
    settings = Settings(
        {"service_ledger_url": "https://a"}, {"ACCEPTANCE_SERVICE_LEDGER_SECRET": "very-hidden"}
    ).with_profile({"service_ledger_timeout": 5}, "mine")

    assert dict(settings.of_extensions()) == {
        "service_ledger_url": "--define service_ledger_url",
        "service_ledger_secret": "environment ACCEPTANCE_SERVICE_LEDGER_SECRET",
        "service_ledger_timeout": "profile mine",
    }
    with pytest.raises(ConfigurationError, match="Unknown setting"):
        Settings({"service_ledger_colour": "x"}, {})
    with pytest.raises(ConfigurationError, match="secret on the command line"):
        Settings({"service_ledger_secret": "x"}, {})


def test_the_strongest_origin_wins_whichever_of_its_names_it_is() -> None:
    settings = Settings(
        {"kas_timeout": "1"}, {"ACCEPTANCE_KAS_ALPHA_TIMEOUT": "2", "ACCEPTANCE_KAS_TIMEOUT": "3"}
    ).with_profile({"kas_alpha_burst": 4, "kas_burst": 5, "kas_verify": True}, "mine")

    assert settings.strongest(("kas_alpha_timeout", "kas_timeout")) == Setting(
        "1", "--define kas_timeout"
    )
    assert settings.strongest(("kas_alpha_burst", "kas_burst")) == Setting("4", "profile mine")
    assert settings.strongest(("kas_alpha_verify", "kas_verify")) == Setting("true", "profile mine")
    assert settings.strongest(("profile",)) is None  # a default is nobody's word


def test_the_platform_s_program_may_be_named_by_the_plain_variable() -> None:
    plain, ours = {"OPENTDF_PLATFORM_BIN": "/a"}, {"ACCEPTANCE_PLATFORM_BIN": "/b"}

    assert Settings({}, plain).get("platform_bin") == Setting(
        "/a", "environment OPENTDF_PLATFORM_BIN"
    )
    assert Settings({}, {**plain, **ours}).value("platform_bin") == "/b"


def test_a_secret_setting_is_not_shown() -> None:
    setting = Settings({}, {"ACCEPTANCE_VAULT_TOKEN": "hvs.hidden"}).get("vault_token")

    assert setting is not None
    assert setting.value == "hvs.hidden"
    assert "hidden" not in f"{setting} {setting!r} {[setting]}"
    assert "a-profile" in repr(Setting("a-profile", "default"))


@pytest.mark.parametrize("address", ["https://me:hunter2@proxy:1", "postgres://me:hunter2@db/x"])
def test_an_address_with_a_password_may_not_stand_on_the_command_line(address: str) -> None:
    with pytest.raises(ConfigurationError, match="ACCEPTANCE_PLATFORM_PROXY instead") as caught:
        Settings({"platform_proxy": address}, {})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", ["https://proxy:1", "me:hunter2", "https://[broken", "x://u@h"])
def test_other_values_hold_no_password(value: str) -> None:
    assert not holds_password(value)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("platform_url", True),
        ("kas_km1_pin", True),
        ("token_endpoint", True),
        ("service_ledger_url", True),
        ("service_ledger_secret", False),
        ("database_secret", False),
        ("admin_client_secret", False),
        ("vault_token", False),
        ("profile", False),
    ],
)
def test_a_profile_sets_addresses_and_never_secrets(name: str, *, allowed: bool) -> None:
    assert settable_by_profiles(name) is allowed


def test_asking_for_a_setting_that_there_is_not_is_a_mistake_of_ours() -> None:
    with pytest.raises(FrameworkError, match="no_such_setting"):
        Settings({}, {}).value("no_such_setting")
