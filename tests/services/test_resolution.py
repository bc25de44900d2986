"""Where values come from: every origin beats the next one, and resolution always tells which."""

import itertools
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError, ServiceUnreachableError
from support.foundation.setting_names import PROPERTIES
from support.foundation.settings import Settings
from support.services import registry as registries
from support.services.descriptor_values import DescriptorValues, descriptor_values
from support.services.locator import Credentials
from support.services.registry import BUILT_IN, Registry
from support.services.resolution import Locator
from support.services.resolved import Account
from support.services.secret import REVEALED, Revealed, Secret
from support.services.secret_store import SecretStore
from tests.services.vault_double import TokenState, Vault, Version, serving

SHIPPED = registries.load(BUILT_IN)
DESCRIPTOR = {
    "descriptor_version": 1,
    "stack": "processes",
    "platform": {"url": "http://localhost:8080", "version": "1", "timeout": 45},
    "kas": {
        "default": {"url": "http://localhost:8080/kas"},
        "alpha": {"url": "http://localhost:8181/kas", "verify": False},
        "km1": {"url": "http://localhost:8585"},
    },
    "idp": {
        "issuer": "http://localhost:8888/auth/realms/opentdf",
        "token_endpoint": "http://localhost:8888/auth/realms/opentdf/token",
        "url": "http://localhost:8888/auth",
    },
    "artifact-store": {"url": "http://localhost:9000", "user": "keeper", "password": "kept-word"},
    "roles": {"admin": {"client_id": "opentdf", "client_secret": "admin-of-the-descriptor"}},
    "users": {"alice": {"password": "password-of-alice"}},
    "features": ["people"],
}


def locator(
    defines: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    profile: Mapping[str, object] | None = None,
    descriptor: Mapping[str, object] | None = None,
    stack: str = "none",
) -> Locator:
    settings = Settings(defines or {}, environment or {}).with_profile(profile or {}, "mine")
    return Locator(SHIPPED, settings, descriptor_values(descriptor or {}), stack)


@dataclass(frozen=True)
class Level:
    """An origin, and how a number gets there."""

    name: str
    origin: str


LEVELS = (
    Level("define", "--define platform_timeout"),
    Level("environment", "environment ACCEPTANCE_PLATFORM_TIMEOUT"),
    Level("profile", "profile mine"),
    Level("descriptor", "stack descriptor"),
    Level("stack", "registry of the test (stack)"),
    Level("registry", "registry of the test"),
)


def with_levels(names: set[str]) -> Locator:
    """Return a locator where each named origin says its own number."""
    numbers = {level.name: str(10 + i) for i, level in enumerate(LEVELS) if level.name in names}
    registry = Registry({})
    definition: dict[str, object] = {"description": "x", "kind": "y"}
    if "registry" in numbers:
        definition["network"] = {"timeout": int(numbers["registry"])}
    registry = registry.register_service("platform", definition, "of the test")
    if "stack" in numbers:
        override = {"overrides": True, "stacks": {"remote": {"timeout": int(numbers["stack"])}}}
        registry = registry.register_service("platform", override, "of the test (stack)")

    def only(level: str, name: str) -> dict[str, str]:
        return {name: numbers[level]} if level in numbers else {}

    settings = Settings(
        {"platform_url": "http://p", **only("define", "platform_timeout")},
        only("environment", "ACCEPTANCE_PLATFORM_TIMEOUT"),
    ).with_profile(only("profile", "platform_timeout"), "mine")
    values = DescriptorValues(only("descriptor", "platform_timeout"))
    return Locator(registry, settings, values, "remote")


@pytest.mark.parametrize(("strong", "weak"), [*itertools.pairwise(LEVELS)])
def test_every_origin_beats_the_next_one(strong: Level, weak: Level) -> None:
    both, one = with_levels({strong.name, weak.name}), with_levels({weak.name})

    assert both.resolve("platform").origin("platform_timeout") == strong.origin
    assert one.resolve("platform").origin("platform_timeout") == weak.origin


@given(st.sets(st.sampled_from([level.name for level in LEVELS])))
def test_the_strongest_origin_holds_and_is_told(names: set[str]) -> None:
    strongest = next((i for i, level in enumerate(LEVELS) if level.name in names), None)

    resolved = with_levels(names).resolve("platform")

    if strongest is None:
        assert resolved.origin("platform_timeout") == ""
    else:
        assert resolved.origin("platform_timeout") == LEVELS[strongest].origin
        assert resolved.network.time_limit_seconds == 10 + strongest


@given(st.data())
def test_every_property_of_every_service_is_found_where_it_was_set(data: st.DataObject) -> None:
    services = [s for s in SHIPPED.services.values() if s.name != "vault"]  # its address needs more
    service = data.draw(st.sampled_from(services))
    values = {"url": "https://h", "verify": "false", "requests_per_second": "2", "timeout": "4"}
    chosen = {"url"} | data.draw(st.sets(st.sampled_from([*values])))
    placed = {
        f"{service.prefix}_{name}": data.draw(st.sampled_from(["define", "environment", "profile"]))
        for name in chosen
    }
    said = {name: values[name.removeprefix(f"{service.prefix}_")] for name in placed}
    found = locator(
        {n: v for n, v in said.items() if placed[n] == "define"},
        {f"ACCEPTANCE_{n.upper()}": v for n, v in said.items() if placed[n] == "environment"},
        {n: v for n, v in said.items() if placed[n] == "profile"},
    )
    told = {row.name: row for row in found.resolve(service.name).origins}

    for name, place in placed.items():
        assert told[name].shown == said[name]
        assert place in told[name].origin.replace("--define", "define")


def test_what_an_instance_does_not_say_its_service_says() -> None:
    found = locator(
        {"kas_timeout": "5"},
        {"ACCEPTANCE_KAS_ALPHA_TIMEOUT": "6", "ACCEPTANCE_KAS_RETRIES": "1"},
        {"kas_alpha_url": "http://alpha/kas", "kas_alpha_retries": 3},
    )

    alpha = found.resolve("kas-alpha")

    assert alpha.network.time_limit_seconds == 5  # --define of the service is stronger
    assert alpha.network.retries == 1  # so is its environment than the profile of the instance
    assert alpha.endpoint == "http://alpha/kas"
    with pytest.raises(ConfigurationError, match="ACCEPTANCE_KAS_BETA_URL"):
        found.resolve("kas-beta")  # an address is never that of another instance


def test_an_instance_is_stronger_than_its_service_within_one_origin() -> None:
    found = locator({"kas_alpha_timeout": "6", "kas_timeout": "5", "kas_alpha_url": "http://a"})

    assert found.network("kas-alpha").time_limit_seconds == 6
    assert found.network("kas").time_limit_seconds == 5


def test_the_descriptor_of_a_stack_is_read_by_the_names_of_settings() -> None:
    found = locator(descriptor=DESCRIPTOR, stack="processes")

    assert found.resolve("platform").endpoint == "http://localhost:8080"
    assert found.network("platform").time_limit_seconds == 45
    assert found.network("kas-alpha").verify is False
    assert found.resolve("kas-default").endpoint == "http://localhost:8080/kas"
    assert found.resolve("kas-km1").endpoint == "http://localhost:8585"
    assert found.network("idp").time_limit_seconds == 60  # what the registry says of the stack
    store = found.resolve("artifact-store")
    assert store.credentials == Account("keeper", Secret("kept-word"))
    assert store.origin("artifact_store_secret") == "stack descriptor"


def test_the_key_service_is_below_the_platform_if_nobody_says() -> None:
    found = locator(environment={"ACCEPTANCE_PLATFORM_URL": "https://platform.example.org/"})

    kas = found.resolve("kas")

    assert kas.endpoint == "https://platform.example.org/kas"
    assert kas.origin("kas_url") == "below platform: environment ACCEPTANCE_PLATFORM_URL"
    assert found.endpoint("kas-alpha") is None


def test_roles_are_who_the_settings_or_the_stack_say() -> None:
    environment = {
        "ACCEPTANCE_STANDARD_CLIENT_ID": "reader",
        "ACCEPTANCE_STANDARD_CLIENT_SECRET": "secret-of-the-reader",
    }
    found = locator(environment=environment, descriptor=DESCRIPTOR)

    assert found.resolve("platform").credentials is None
    assert found.resolve("platform", "admin").credentials == Credentials(
        "opentdf", Secret("admin-of-the-descriptor")
    )
    standard = found.resolve("kas", "standard")
    assert standard.credentials == Credentials("reader", Secret("secret-of-the-reader"))
    assert standard.origin("standard_client_secret") == (
        "environment ACCEPTANCE_STANDARD_CLIENT_SECRET"
    )
    assert found.resolve("platform", "alice").credentials == Account(
        "alice", Secret("password-of-alice")
    )


def test_named_people_of_an_adopted_stack_share_a_password() -> None:
    environment = {
        "ACCEPTANCE_PLATFORM_URL": "http://p",
        "ACCEPTANCE_PEOPLE": "bob, carol",
        "ACCEPTANCE_PEOPLE_PASSWORD": "password-of-people",
    }
    found = locator(environment=environment)

    bob = found.resolve("platform", "bob")

    assert bob.credentials == Account("bob", Secret("password-of-people"))
    assert bob.origin("people_password") == "environment ACCEPTANCE_PEOPLE_PASSWORD"


@pytest.mark.parametrize(
    ("service", "role", "told"),
    [
        ("platfrom", "admin", r'no service "platfrom".*mean "platform".*Known: platform, kas'),
        ("platform", "admni", r'knows no role "admni".*mean "admin".*Known: default, admin'),
        ("platform", "alise", r'"alise".*mean "alice"'),
        ("database", "alice", r'"alice".*Known: default'),
        ("platform", "standard", r'"standard".*has no name.*ACCEPTANCE_STANDARD_CLIENT_ID'),
        ("jira", "default", r'"jira".*has no address.*ACCEPTANCE_JIRA_URL'),
    ],
)
def test_what_cannot_be_resolved_is_told(service: str, role: str, told: str) -> None:
    found = locator({"database_url": "postgres://localhost/opentdf"}, descriptor=DESCRIPTOR)

    with pytest.raises(ConfigurationError, match=told):
        found.resolve(service, role)


def test_a_role_without_secret_tells_every_way_to_give_it() -> None:
    found = locator({"platform_url": "http://p", "admin_client_id": "x"})

    with pytest.raises(ConfigurationError) as caught:
        found.resolve("platform", "admin")

    for way in ("ACCEPTANCE_ADMIN_CLIENT_SECRET", "_FILE", "SECRETS_FOLDER", "VAULT_PATH"):
        assert way in str(caught.value)


def test_a_value_that_cannot_be_is_told_with_its_origin() -> None:
    found = locator({"platform_url": "http://p"}, {"ACCEPTANCE_PLATFORM_TIMEOUT": "soon"})

    with pytest.raises(ConfigurationError, match=r"soon.*environment ACCEPTANCE_PLATFORM_TIMEOUT"):
        found.resolve("platform")


def test_a_setting_of_an_unregistered_service_is_refused_when_the_locator_is_made() -> None:
    with pytest.raises(ConfigurationError, match="service_ledger_url is set"):
        locator({"service_ledger_url": "http://l"})


def test_an_extension_s_service_resolves_like_ours() -> None:
    definition = {
        "description": "invoices",
        "kind": "bookkeeping",
        "roles": {"auditor": {"as": "client", "description": "reads all"}},
        "network": {"timeout": 5},
    }
    environment = {
        "ACCEPTANCE_SERVICE_LEDGER_URL": "https://ledger",
        "ACCEPTANCE_SERVICE_LEDGER_AUDITOR_CLIENT_ID": "auditor",
        "ACCEPTANCE_SERVICE_LEDGER_AUDITOR_CLIENT_SECRET": "secret-of-the-auditor",
    }
    registry = SHIPPED.register_service("ledger", definition)
    found = Locator(registry, Settings({}, environment))

    ledger = found.resolve("ledger", "auditor")

    assert ledger.endpoint == "https://ledger"
    assert ledger.network.time_limit_seconds == 5
    assert ledger.credentials == Credentials("auditor", Secret("secret-of-the-auditor"))


def test_networks_hold_for_the_addresses_of_their_services() -> None:
    found = locator(
        {"platform_requests_per_second": "7", "kas_km1_timeout": "8"}, {}, {}, DESCRIPTOR
    )

    networks = found.networks()

    assert networks.network("http://localhost:8080/policy.X/Y").requests_per_second == 7
    assert networks.network("http://localhost:8080/kas/x").service == "kas"
    assert networks.network("http://localhost:8585/x").time_limit_seconds == 8
    assert networks.network(DESCRIPTOR["idp"]["token_endpoint"]).service == "idp"  # type: ignore[index]
    assert networks.network("http://elsewhere/").service == ""


def test_where_two_services_have_one_address_the_first_says_how_it_is_reached() -> None:
    found = locator({"platform_url": "http://one/", "idp_url": "http://one", "idp_timeout": "9"})

    assert found.networks().network("http://one/x").service == "platform"


def test_addresses_that_are_not_of_http_have_no_network() -> None:
    found = locator({"database_url": "postgres://localhost/opentdf"})

    assert found.resolve("database").endpoint == "postgres://localhost/opentdf"
    assert found.networks().network("http://localhost/").service == ""


def test_origins_list_every_value_with_secrets_masked() -> None:
    environment = {
        "ACCEPTANCE_ADMIN_CLIENT_SECRET": "canary-of-the-admin",
        "ACCEPTANCE_PLATFORM_PROXY": "http://me:canary-of-the-proxy@127.0.0.1:3128",
        "ACCEPTANCE_DATABASE_URL": "postgres://me:canary%2Dof-the-database@localhost/opentdf",
        "ACCEPTANCE_PEOPLE_PASSWORD": "canary-of-people",
    }
    found = locator({"people": "bob"}, environment, {}, DESCRIPTOR, "processes")

    rows = {row.name: row for row in found.origins()}

    assert rows["platform_url"].origin == "stack descriptor"
    assert rows["platform_timeout"].shown == "45"
    assert rows["kas_alpha_verify"].shown == "false"
    assert rows["platform_retries"].origin.startswith("registry profiles/services.yaml:")
    assert rows["admin_client_id"].shown == "opentdf"
    assert rows["admin_client_secret"].origin == "environment ACCEPTANCE_ADMIN_CLIENT_SECRET"
    assert rows["people"].shown == "bob"
    assert rows["platform_proxy"].shown == "http://127.0.0.1:3128"
    assert rows["token_endpoint"].origin == "stack descriptor"
    text = json.dumps([[row.name, row.shown, row.origin] for row in rows.values()])
    for secret in ("canary", "admin-of-the-descriptor", "kept-word", "password-of-alice"):
        assert secret not in text + repr(rows) + repr(found.resolve("database"))
    assert {"canary-of-the-proxy", "canary-of-the-database", "canary-of-the-admin"} < {
        *REVEALED.values
    }


def test_every_service_s_properties_come_in_one_order() -> None:
    names = [row.name for row in locator(descriptor=DESCRIPTOR).resolve("platform").origins]

    order = [f"platform_{name}" for name in PROPERTIES]
    assert names == [name for name in order if name in names]


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The CA bundle of an authority that serves the double of Vault."""
    return tmp_path / "authority.pem"


def test_vault_is_reached_by_its_network(authority: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    vault = Vault(
        path="x", tokens={"hvs.t": TokenState()}, versions=[Version({"jira_secret": "in-vault"})]
    )
    with serving(vault, context):
        defines = {"vault_url": vault.url, "vault_path": "x", "jira_user": "me"}
        defines |= {"jira_url": "https://jira", "vault_retries": "0"}
        environment = {"ACCEPTANCE_VAULT_TOKEN": "hvs.t"}
        trusted = locator(defines, {**environment, "ACCEPTANCE_VAULT_CA_BUNDLE": str(authority)})
        pinned = locator(
            {**defines, "vault_pin": "sha256:" + "00" * 32, "vault_verify": "false"}, environment
        )

        jira = trusted.resolve("jira")
        assert jira.credentials == Account("me", Secret("in-vault"))
        assert jira.origin("jira_secret").startswith("vault secret/x field jira_secret")
        for wrong in (locator(defines, environment), pinned):
            with pytest.raises((ServiceUnreachableError, ConfigurationError)):
                wrong.resolve("jira")
    assert vault.breaches == []


def test_a_store_of_one_s_own_may_be_given() -> None:
    class Fixed:
        def get(self, name: str, *, fresh: bool = False) -> Secret | None:
            return Secret(f"{name} {fresh}", "fixed")

        def keep_alive(self) -> None:
            """Nothing to do."""

    settings = Settings({"jira_url": "http://j", "jira_user": "me"}, {})
    found = Locator(SHIPPED, settings, secrets=SecretStore([Fixed()], Revealed()))

    jira = found.resolve("jira")

    assert jira.credentials == Account("me", Secret("jira_secret False"))
    assert replace(jira, role="x").origin("jira_secret") == "fixed"


def test_what_an_instance_has_from_its_service_is_told_once() -> None:
    found = locator({"kas_timeout": "5", "kas_alpha_retries": "0", "kas_alpha_url": "http://a"})

    listed = [row.name for row in found.origins() if row.name.startswith("kas_alpha")]

    assert listed == ["kas_alpha_url", "kas_alpha_retries"]
    assert found.resolve("kas-alpha").origin("kas_alpha_timeout") == "--define kas_timeout"
