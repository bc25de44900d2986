"""What profiles may say of services: addresses, transport, limits; never a secret."""

from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.planning.preparation import CATALOG
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.effective import effective_values
from support.services import registry as registries
from support.services.resolution import Locator

KNOWN = catalogs.load(CATALOG)
SERVICES = """
    platform_url: https://platform.example.org
    platform_timeout: 12.5
    kas_alpha_url: https://alpha.example.org/kas
    kas_alpha_verify: false
    kas_retries: 0
    database_url: postgres://db.example.org/opentdf
"""


def load(tmp_path: Path, services: str) -> profiles.Profile:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "capabilities.yaml").write_text("capabilities: {sdk: [go]}\n")
    (folder / "config.yaml").write_text(f"config:\n  stack: remote\n  services:{services}")
    (folder / "policies.yaml").write_text("policies: {}\n")
    return profiles.load(tmp_path, "mine", KNOWN)


def test_what_a_profile_says_is_what_the_locator_finds(tmp_path: Path) -> None:
    profile = load(tmp_path, SERVICES)
    settings = Settings({}, {"ACCEPTANCE_PLATFORM_TIMEOUT": "3"})
    settings = settings.with_profile(profile.services, profile.id)

    found = Locator(registries.of_settings(settings), settings)

    assert found.network("platform").time_limit_seconds == 3
    assert found.resolve("kas-alpha").endpoint == "https://alpha.example.org/kas"
    assert found.network("kas-alpha").verify is False
    assert found.network("kas").retries == 0
    assert found.resolve("database").origin("database_url") == "profile mine"


def test_they_are_shown_with_file_and_line(tmp_path: Path) -> None:
    shown = {value.name: value for value in effective_values(load(tmp_path, SERVICES))}

    assert shown["config.services.kas_alpha_verify"].text == "no"
    assert shown["config.services.kas_alpha_verify"].origin.place.endswith("config.yaml:7")
    assert shown["config.services.kas_url"].text == "of the stack"


def test_what_is_stronger_is_shown_instead(tmp_path: Path) -> None:
    profile = load(tmp_path, SERVICES)
    settings = Settings({"platform_timeout": "3"}, {}).with_profile(profile.services, "mine")

    shown = {value.name: value for value in effective_values(profile, settings)}

    assert shown["config.services.platform_timeout"].text == "3"
    assert str(shown["config.services.platform_timeout"].origin) == "--define (platform_timeout)"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("platfrom_url: https://x", r'config.yaml:4: "platfrom_url".*mean "platform_url"'),
        ("kas_alpa_url: https://x", 'mean "kas_alpha_url"'),
        ("admin_client_secret: hidden", "secrets never stand in profiles"),
        ("service_ledger_secret: hidden", "secrets never stand in profiles"),
        ("platform_url: https://me:hidden@host", "platform_url"),
        ("platform_proxy: http://me:hidden@host", "platform_proxy"),
        ("platform_timeout: 0", "platform_timeout"),
        ("platform_timeout: soon", "type number"),
        ("platform_retries: 1.5", "type integer"),
        ("platform_verify: 1", "type boolean"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        load(tmp_path, f"\n    {line}\n")

    assert "config.yaml:4" in str(caught.value)
