"""docs/services.md: every sample is taken as it is, and the page speaks of all there is."""

import io
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import yaml

from support.foundation.setting_names import (
    ACCOUNTS,
    BY_NAME,
    KAS_INSTANCES,
    PREFIX,
    PROPERTIES,
    ROLES,
    SERVICES,
)
from support.foundation.settings import ROOT, Settings
from support.planning.preparation import CATALOG
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.services import registry as registries
from support.services.registry import BUILT_IN
from support.services.resolution import Locator
from support.services.secret import Revealed
from support.services.secret_store import SecretStore

PAGE = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


EXTENSION = next(block for block in blocks("yaml") if block.startswith("services:"))
PROFILE = next(block for block in blocks("yaml") if block.startswith("config:"))


def said(block: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a block exports and what it defines."""
    exports: dict[str, str] = {}
    defines: dict[str, str] = {}
    for line in block.splitlines():
        words = shlex.split(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            exports[name] = value
        else:
            assert words[0] == "behave", line
            pairs = zip(words[1::2], words[2::2], strict=True)
            defines |= dict(pair.split("=") for option, pair in pairs if option == "--define")
    return exports, defines


@pytest.mark.parametrize("block", blocks("sh"))
def test_each_sample_of_settings_is_taken(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports, defines = said(block)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ledger-services.yaml").write_text(EXTENSION)
    settings = Settings(defines, exports)
    files = ("ca_bundle", "client_certificate", "client_key")

    registry = registries.of_settings(settings)
    found = Locator(registry, settings, secrets=SecretStore([], Revealed()))

    origins = {row.origin for row in found.origins()}
    for service in registry.services:
        if not any(settings.value(f"{registry.require(service).prefix}_{f}") for f in files):
            assert found.network(service).time_limit_seconds > 0
    for name in exports:
        setting = name.removeprefix(PREFIX).lower()
        is_value = setting.endswith(tuple(PROPERTIES)) and not setting.startswith("service_")
        assert f"environment {name}" in origins or not is_value
    for name in defines:
        assert f"--define {name}" in origins or name == "profile"


def test_the_sample_of_a_profile_loads(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "capabilities.yaml").write_text("capabilities: {sdk: [go]}\n")
    (folder / "config.yaml").write_text(PROFILE)
    (folder / "policies.yaml").write_text("policies: {}\n")

    profile = profiles.load(tmp_path, "sample", catalogs.load(CATALOG))
    settings = Settings({}, {}).with_profile(profile.services, "sample")
    found = Locator(registries.load(BUILT_IN), settings)

    assert set(profile.services) == {*yaml.safe_load(PROFILE)["config"]["services"]}
    assert found.endpoint("kas-alpha") is not None
    assert {row.name for row in found.origins() if row.origin == "profile sample"} == set(
        profile.services
    )


def test_the_sample_of_an_extension_registers(tmp_path: Path) -> None:
    path = tmp_path / "ledger.yaml"
    path.write_text(EXTENSION)

    registry = registries.load(path, registries.load(BUILT_IN))

    assert registry.require("ledger").roles["auditor"].kind == "client"
    assert registry.require("platform").values["timeout"].value == "45"


@pytest.mark.parametrize("block", blocks("python"))
def test_each_sample_of_code_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:  # noqa: TID251 -- set here
        monkeypatch.delenv(name)
    output = io.StringIO()

    with redirect_stdout(output):
        exec(compile(block, "docs/services.md", "exec"), {})  # noqa: S102 -- our own page

    assert output.getvalue() == "https://archive.example.org --define service_archive_url\n"


def test_all_kinds_of_samples_are_there() -> None:
    assert (len(blocks("sh")), len(blocks("yaml")), len(blocks("python"))) == (6, 2, 1)


def everything() -> Iterator[str]:
    services = registries.load(BUILT_IN).services.values()
    yield from (f"`{s.name}`" for s in services if not s.parent)
    yield from (f"`{name}`" for name in PROPERTIES)
    yield from (f"`{account.upper()}`" for account in ACCOUNTS)
    yield from ROLES
    yield from ("`kas-alpha`", "`kas-delta`", "`kas-km1`", "`kas-km2`")


@pytest.mark.parametrize("name", [*everything()])
def test_the_page_tells_of_everything(name: str) -> None:
    assert name in PAGE


@pytest.mark.parametrize(
    "name", ["extra_services", "secrets_folder", *(n for n in BY_NAME if n.startswith("vault_"))]
)
def test_the_page_tells_of_every_setting_that_is_no_property(name: str) -> None:
    if not name.endswith(tuple(PROPERTIES)):
        assert name.upper() in PAGE


@pytest.mark.parametrize("variable", sorted(set(re.findall(rf"{PREFIX}[A-Z0-9_]*[A-Z0-9]", PAGE))))
def test_every_variable_on_the_page_is_one(variable: str) -> None:
    Settings({}, {variable: "x"})


def test_the_instances_are_those_that_the_page_counts() -> None:
    assert KAS_INSTANCES[0] == "alpha"
    assert [f"kas_{name}" for name in KAS_INSTANCES] == [s for s in SERVICES if s[:4] == "kas_"]
