"""The registry of services: what we ship, and what extensions add."""

from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.foundation.setting_names import ACCOUNTS, BY_NAME, KAS_INSTANCES, ROLES, SERVICES
from support.foundation.settings import Settings
from support.services import registry as registries
from support.services.registry import BUILT_IN, Registry

SHIPPED = registries.load(BUILT_IN)
LEDGER = """
services:
  ledger:
    description: Where invoices are kept
    kind: bookkeeping
    roles:
      default: {as: account, description: reads invoices}
      auditor: {as: client, description: reads all}
    network: {timeout: 5, verify: true}
    stacks:
      remote: {timeout: 50}
    instances:
      north: {description: of the north}
"""


def write(tmp_path: Path, text: str, name: str = "extra.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_the_services_we_ship_are_those_that_have_settings() -> None:
    assert [service.prefix for service in SHIPPED.services.values()] == list(SERVICES)
    assert [*SHIPPED.services][:2] == ["platform", "kas"]
    assert {f"kas-{name}" for name in KAS_INSTANCES} < {*SHIPPED.services}
    assert {"idp", "database", "artifact-store", "testrail", "jira", "telemetry", "browser"} < {
        *SHIPPED.services
    }


def test_every_shipped_setting_is_known_and_every_account_has_a_role() -> None:
    names = {name for service in SHIPPED.services.values() for name in service.settings()}

    assert names <= {*BY_NAME}
    assert {f"{role}_client_id" for role in ROLES} < names
    assert {f"{account}_user" for account in ACCOUNTS} < names


def test_the_default_instance_is_the_service_itself() -> None:
    assert SHIPPED.require("kas-default") is SHIPPED.require("kas")
    assert SHIPPED.speaker(SHIPPED.require("kas-alpha")) is SHIPPED.require("kas")


@pytest.mark.parametrize(
    ("name", "meant"), [("platfrom", "platform"), ("kas-alpa", "kas-alpha"), ("idb", "idp")]
)
def test_an_unknown_service_is_told_with_the_nearest(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=rf'"{name}".*mean "{meant}".*extra_services'):
        SHIPPED.require(name)


def test_an_extension_adds_a_service_with_settings_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, LEDGER)

    registry = registries.load(path, SHIPPED)

    ledger = registry.require("ledger")
    assert ledger.prefix == "service_ledger"
    assert ledger.values["timeout"].value == "5"
    assert ledger.values["timeout"].origin == f"registry {path}:9"
    assert ledger.values["verify"].value == "true"
    assert ledger.stacks["remote"]["timeout"].value == "50"
    assert registry.require("ledger-north").prefix == "service_ledger_north"
    assert {"service_ledger_user", "service_ledger_secret", "service_ledger_secret_file"} < {
        *ledger.settings()
    }
    assert "service_ledger_auditor_client_id" in set(ledger.settings())
    for name in ledger.settings():
        Settings({}, {f"ACCEPTANCE_{name.upper()}": "x"})  # each is a setting that is taken


def test_extensions_are_named_by_a_setting(tmp_path: Path) -> None:
    first = write(tmp_path, LEDGER)
    second = write(tmp_path, LEDGER.replace("ledger", "archive"), "more.yaml")
    settings = Settings({"extra_services": f"{first}:{second}:"}, {})

    assert {"ledger", "archive", "archive-north"} < {*registries.of_settings(settings).services}


@pytest.mark.parametrize(
    ("define", "meant"),
    [("service_leger_url", "service_ledger_url"), ("service_ledger_admin_user", "")],
)
def test_a_setting_of_a_service_that_nobody_registered_is_told(
    tmp_path: Path, define: str, meant: str
) -> None:
    extra = str(write(tmp_path, LEDGER))

    with pytest.raises(ConfigurationError, match=rf"--define {define} is set.*{meant}"):
        registries.of_settings(Settings({define: "x", "extra_services": extra}, {}))
    with pytest.raises(ConfigurationError, match="ACCEPTANCE_SERVICE_LEDGER_URL is set"):
        registries.of_settings(Settings({}, {"ACCEPTANCE_SERVICE_LEDGER_URL": "x"}))


def test_a_name_that_is_taken_is_refused() -> None:
    taken = {"description": "x", "kind": "y"}

    with pytest.raises(ConfigurationError, match=r'"jira" already.*overrides: true'):
        SHIPPED.register_service("jira", taken)
    with pytest.raises(ConfigurationError, match='instance "kas-alpha" has the name'):
        Registry({"kas-alpha": SHIPPED.require("kas-alpha")}).register_service(
            "kas", {**taken, "instances": {"alpha": {"description": "x"}}}
        )


def test_an_override_replaces_what_it_says_and_keeps_the_rest() -> None:
    registry = SHIPPED.register_service(
        "platform",
        {
            "overrides": True,
            "network": {"timeout": 7},
            "roles": {"auditor": {"as": "client", "description": "looks on"}},
        },
        origin="the house",
    )

    platform = registry.require("platform")
    assert platform.values["timeout"].value == "7"
    assert platform.values["timeout"].origin == "registry the house"
    assert platform.values["retries"] == SHIPPED.require("platform").values["retries"]
    assert platform.roles["auditor"].name_setting == "service_platform_auditor_client_id"
    assert platform.roles["admin"].name_setting == "admin_client_id"
    assert [*registry.services] == [*SHIPPED.services]
    assert SHIPPED.require("platform").values["timeout"].value == "30"  # values are frozen


def test_an_instance_may_be_added_to_a_service_of_ours() -> None:
    registry = SHIPPED.register_service(
        "kas",
        {"overrides": True, "instances": {"epsilon": {"description": "x"}, "alpha": ALPHA}},
    )

    assert registry.require("kas-epsilon").prefix == "service_kas_epsilon"
    assert registry.require("kas-alpha").values["timeout"].value == "3"
    assert registry.require("kas-beta") == SHIPPED.require("kas-beta")


ALPHA = {"description": "other", "network": {"timeout": 3}}


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ({"overrides": True}, 'no service "ledgr" to override'),
        ({"description": "x"}, "lacks kind"),
        ({"description": "x", "kind": "y", "netwrok": {}}, 'mean "network"'),
        ({"description": "x", "kind": "y", "network": {"tiemout": 5}}, 'mean "timeout"'),
        ({"description": "x", "kind": "y", "network": {"timeout": "long"}}, "type number"),
        ({"description": "x", "kind": "y", "network": {"url": "https://me:pw@h"}}, "form"),
        ({"description": "x", "kind": "y", "stacks": {"romote": {"timeout": 1}}}, 'mean "remote"'),
        (
            {"description": "x", "kind": "y", "below": {"service": "platfrom", "path": "/x"}},
            r'"platfrom" is not a service that comes before.*mean "platform"',
        ),
        (
            {"description": "x", "kind": "y", "roles": {"a": {"as": "user", "description": "z"}}},
            "client, account",
        ),
    ],
)
def test_a_definition_that_cannot_be_is_told(definition: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        SHIPPED.register_service("ledgr", definition)


@pytest.mark.parametrize("name", ["Ledger", "led_ger", "-x", "x-"])
def test_names_have_one_form(name: str) -> None:
    with pytest.raises(ConfigurationError, match="form"):
        SHIPPED.register_service(name, {"description": "x", "kind": "y"})


def test_a_file_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "services:\n  ledger:\n    description: x\n    kind: y\n    role: {}\n")

    with pytest.raises(ConfigurationError, match=rf'{path}:2: .*"?role"? is not.*mean "roles"'):
        registries.load(path)
    with pytest.raises(ConfigurationError, match="no such file"):
        registries.of_settings(Settings({"extra_services": str(tmp_path / "none.yaml")}, {}))
