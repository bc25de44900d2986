from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
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
