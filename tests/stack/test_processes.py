"""The stack `processes`, with real Keycloak and PostgreSQL.

The user's platform binary is stood in for by a program that reads the same configuration and runs
the embedded platform by it: what is proved here is that configuration, keys, databases, realms and
addresses fit together. The real binary is used where OPENTDF_PLATFORM_BIN names one (make soak).
"""

import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.embedded.jose import parse_unverified
from support.embedded.options import KAS_NAMES
from support.foundation import living
from support.foundation.errors import AcceptanceError
from support.foundation.http import HttpSession
from support.foundation.settings import ROOT, Settings, from_environment
from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.platform.policy import NAMESPACES
from support.stack import descriptor, manager, options, standing
from support.stack.components.java import find_java
from support.stack.components.keycloak_server import keycloak_server
from support.stack.components.postgres_programs import find_postgres
from support.stack.components.readiness import Probe
from support.stack.components.realm import rotate_keys
from support.stack.components.unprivileged import service_user
from support.stack.standing import Wanted

Content = dict[str, Any]

BINARY = """\
#!{python}
import json, os, sys
import yaml

if sys.argv[1:] == ["version"]:
    print("0.25.0-stand-in")
    raise SystemExit
configuration = yaml.safe_load(open(sys.argv[3]))
server, services = configuration["server"], configuration["services"]
arguments = ["--port", str(server["port"])]
if configuration["mode"] == "all":  # a further key access service knows nobody
    resolver = services["entityresolution"]
    credentials = os.path.join(os.path.dirname(sys.argv[3]), "issuer.json")
    with os.fdopen(os.open(credentials, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        found = dict(client_id=resolver["clientid"], client_secret=resolver["clientsecret"])
        json.dump(found, file)
    arguments += ["--issuer", server["auth"]["issuer"], "--issuer-credentials", credentials]
    arguments += ["--audience", server["auth"]["audience"]]
if server["auth"]["dpop"].get("require_nonce"):
    arguments += ["--option", "dpop-nonce"]
os.environ["PYTHONPATH"] = {root!r}
os.execv(sys.executable, [sys.executable, "-m", "support.embedded", *arguments])
"""


def lacking() -> str:
    """Return what this machine lacks for the stack, or an empty string."""
    try:
        find_java()
        find_postgres(None, service_user("postgres"))
    except AcceptanceError as error:
        return str(error)
    return ""


pytestmark = [
    pytest.mark.skipif(bool(lacking()), reason=lacking() or "-"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("processes")
    binary = folder / "opentdf-platform"
    binary.write_text(BINARY.format(python=sys.executable, root=str(ROOT)))
    binary.chmod(0o755)
    return Settings({"build": str(folder / "build"), "platform_bin": str(binary)}, {})


@pytest.fixture(scope="module")
def up(settings: Settings) -> Iterator[Content]:
    content = standing.up(settings, Wanted("processes", "processes"))
    yield content
    standing.down(settings)


def test_everything_that_belongs_to_it_is_up_and_told(up: Content, settings: Settings) -> None:
    (found,) = standing.status(settings)
    services = descriptor.services(up)
    components = up["components"]

    assert found.problem == ""
    assert set(components) == {
        *("keycloak", "postgres", "platform"),
        *(f"kas-{name}" for name in KAS_NAMES),
    }
    assert set(services.kas_urls) == {"default", *KAS_NAMES}
    assert len(set(services.kas_urls.values())) == 7
    assert services.kas_urls["alpha"].endswith("/kas")
    assert not services.kas_urls["km1"].endswith("/kas")
    facts = {fact["name"]: fact for fact in up["facts"]}
    assert facts["platform version"]["value"] == "0.25.0-stand-in"
    assert facts["PostgreSQL version"]["source"] == "`SHOW server_version`"
    assert all(facts[f"key of KAS {name}"]["value"] != "none" for name in KAS_NAMES)


def test_every_role_can_sign_in_and_the_platform_takes_its_tokens(up: Content) -> None:
    services = descriptor.services(up)
    http = HttpSession()
    connect, identity = ConnectClient(http, services.platform_url), Identity(http, services)

    codes = {
        role: connect.call(NAMESPACES, "ListNamespaces", {}, token=identity.token(role)).code
        for role in services.roles
    }
    http.close()

    assert codes == {
        "admin": "ok",
        "standard": "ok",
        "unprivileged": "permission_denied",
        "foreign_audience": "unauthenticated",
        "foreign_issuer": "unauthenticated",
        "north": "permission_denied",
        "south": "permission_denied",
    }


def test_keys_that_the_identity_provider_signs_with_may_change(
    up: Content, settings: Settings
) -> None:
    services = descriptor.services(up)
    instance = standing.instance_named(settings, "processes")
    server = keycloak_server(
        instance.folder / "keycloak", instance.port("keycloak"), random_secrets=False
    )
    http = HttpSession()
    connect = ConnectClient(http, services.platform_url)
    before = Identity(http, services).token("admin")

    key_id = rotate_keys(server)
    after = Identity(http, services).token("admin")

    codes = [
        connect.call(NAMESPACES, "ListNamespaces", {}, token=str(token)).code
        for token in (before, after)
    ]
    http.close()
    assert parse_unverified(after).header["kid"] == key_id
    assert parse_unverified(before).header["kid"] != key_id
    assert codes == ["ok", "ok"]


@pytest.mark.usefixtures("up")
def test_no_secret_is_readable_by_others_or_stands_in_the_arguments_of_a_process(
    settings: Settings,
) -> None:
    instance = standing.instance_named(settings, "processes")
    assert stat.S_IMODE(instance.folder.stat().st_mode) == 0o700
    for path in instance.folder.rglob("*.yaml"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    configuration = yaml.safe_load((instance.folder / "platform" / "opentdf.yaml").read_text())
    secret = configuration["db"]["password"]
    root_key = configuration["services"]["kas"]["root_key"]
    arguments = " ".join(
        Path(f"/proc/{process.process_id}/cmdline").read_text().replace("\0", " ")
        for process in instance.processes()
    )

    assert "opentdf.yaml" in arguments or "--issuer-credentials" in arguments
    assert secret not in arguments
    assert root_key not in arguments
    assert secret not in (instance.folder / "instance.json").read_text()


@pytest.mark.usefixtures("up")
def test_a_variant_shares_what_it_can_and_ends_on_its_own(settings: Settings) -> None:
    instance = standing.instance_named(settings, "processes")
    base = standing.running(settings, instance)
    before = set(instance.processes())

    variant = manager.variant(base, ("dpop-nonce",))
    url = f"{variant.services.platform_url}/.well-known/opentdf-configuration"
    told = HttpSession().request("GET", url).json()
    added = set(instance.processes()) - before
    variant.stop()

    assert told.get("configuration", told)["dpop_nonce_required"] is True
    assert variant.services.issuer == base.services.issuer
    assert variant.services.platform_url != base.services.platform_url
    assert added
    assert not any(living.is_alive(process) for process in added)
    assert base.problem() == ""


@pytest.mark.usefixtures("up")
def test_a_variant_that_may_be_maintained_serves_again_after_it_was(settings: Settings) -> None:
    instance = standing.instance_named(settings, "processes")
    base = standing.running(settings, instance)

    variant = manager.variant(base, ("maintenance",))
    services, maintenance = variant.services, variant.maintenance
    assert maintenance is not None
    assert base.maintenance is None
    before = set(instance.processes())
    # That a database which is away refuses everybody is proved in test_postgres.
    maintenance.database_away()
    maintenance.database_back()
    maintenance.restart()
    restarted = set(instance.processes()) - before
    unready = Probe().policy(
        services.platform_url, services.token_endpoint, services.credentials("admin")
    )
    problem = variant.problem()
    variant.stop()

    assert len(restarted) == 1
    assert (unready, problem) == ("", "")


def test_nothing_is_left_after_down(settings: Settings) -> None:
    """Another instance, without the further key access services' being asked for anything."""
    standing.up(settings, Wanted("keycloak", "short-lived"))
    instance = standing.instance_named(settings, "short-lived")
    processes, folders = instance.processes(), instance.folders()

    standing.down(settings, "short-lived")

    assert len(processes) >= 2
    assert not any(living.is_alive(process) for process in processes)
    assert not instance.folder.exists()
    assert not any(Path(folder).exists() for folder in folders)


@pytest.mark.skipif(
    not options.needs_directory(manager.options_of("processes", Settings({}, {}))),
    reason="there is no slapd",
)
@pytest.mark.usefixtures("up")
def test_a_variant_ends_its_own_directory_and_no_other(settings: Settings) -> None:
    base = standing.running(settings, standing.instance_named(settings, "processes"))
    first = manager.variant(base, ("directory",))
    second = manager.variant(base, ("directory-fail-fast",))
    try:
        first.stop()
        assert second.problem() == ""
    finally:
        second.stop()


@pytest.mark.soak
@pytest.mark.skipif(
    from_environment().value("platform_bin") is None,
    reason="OPENTDF_PLATFORM_BIN names no platform",
)
def test_every_option_comes_up_on_the_real_platform(tmp_path: Path) -> None:
    binary = from_environment().require("platform_bin", "for this test")
    settings = Settings({"build": str(tmp_path / "build"), "platform_bin": binary}, {})
    standing.up(settings, Wanted("processes", "real"))
    try:
        base = standing.running(settings, standing.instance_named(settings, "real"))
        for name in options.OPTIONS:
            if (
                options.needs_directory([name])
                and shutil.which("slapd", path="/usr/sbin:/usr/bin") is None
            ):
                continue
            variant = manager.variant(base, (name,))
            assert variant.problem() == "", name
            variant.stop()
    finally:
        standing.down(settings, "real")
