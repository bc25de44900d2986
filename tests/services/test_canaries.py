"""Planted secrets are found nowhere: not in logs, shown objects, tracebacks, output, arguments."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.settings import ROOT, child_environment
from tests.services.vault_double import TokenState, Vault, Version, serving

CANARIES = {
    "environment": "canary-in-the-environment",
    "file": "canary-in-a-file",
    "vault": "canary-in-the-vault",
    "token": "canary-token-for-the-vault",
    "proxy": "canary-of-the-proxy",
}

PROGRAM = r"""
import json, logging, pickle, sys, traceback
from pathlib import Path
from support.foundation.http import HttpSession
from support.foundation.redaction import Redactor
from support.foundation.settings import from_environment
from support.platform.identity import Identity
from support.services import registry
from support.services.locator import Services
from support.services.resolution import Locator
from support.services.secret import REVEALED

logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
settings = from_environment(json.loads(sys.argv[1]))
locator = Locator(registry.of_settings(settings), settings)

def show(*things):
    for thing in things:
        print(repr(thing), str(thing), f"{thing}")
        logging.error("about %s and %r", thing, thing)
        try:
            pickle.dumps(thing)
        except (TypeError, AttributeError) as error:
            print(error)
        print(json.dumps(thing, default=repr))

resolved = [
    locator.resolve("platform", "admin"),
    locator.resolve("jira", "default"),
    locator.resolve("testrail", "default"),
]
values = [service.credentials for service in resolved]
show(*resolved, *values, locator.origins(), locator.network("platform"), vars(locator))
show(settings.get("admin_client_secret"), settings.get("vault_token"))
services = Services(
    "remote", "http://127.0.0.1:1", "1", {}, "", settings.require("idp_url", "here") + "/token",
    {"admin": locator.resolve("platform", "admin").credentials},
)
try:
    Identity(HttpSession(), services).token("admin")
except Exception as error:
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    print("".join(shown.format()))
    assert "refused the client" in str(error), error
else:
    raise SystemExit("nobody refused")
print(Path("/proc/self/cmdline").read_text())
redactor = Redactor()
REVEALED.teach(redactor.learn)
print(redactor.text("|".join(REVEALED.values)))
print(len(REVEALED.values), "values were revealed")
"""


@pytest.fixture
def vault() -> Iterator[Vault]:
    fields: dict[str, object] = {"testrail_secret": CANARIES["vault"]}
    state = Vault(path="x", tokens={CANARIES["token"]: TokenState()}, versions=[Version(fields)])
    with serving(state):
        yield state


def test_planted_secrets_are_found_nowhere(tmp_path: Path, vault: Vault) -> None:
    secret = tmp_path / "jira_secret"
    secret.write_text(CANARIES["file"])
    secret.chmod(0o600)
    environment = {
        "ACCEPTANCE_ADMIN_CLIENT_SECRET": CANARIES["environment"],
        "ACCEPTANCE_VAULT_TOKEN": CANARIES["token"],
        "ACCEPTANCE_PLATFORM_PROXY": f"http://me:{CANARIES['proxy']}@127.0.0.1:1",
        "PYTHONPATH": str(ROOT),
    }
    defines = (
        f'{{"platform_url": "http://127.0.0.1:1", "admin_client_id": "a", "vault_path": "x", '
        f'"vault_url": "{vault.url}", "idp_url": "{vault.url}", "secrets_folder": "{tmp_path}", '
        f'"jira_url": "http://127.0.0.1:1", "jira_user": "j", '
        f'"testrail_url": "http://127.0.0.1:1", "testrail_user": "t"}}'
    )

    record = process.run(
        [sys.executable, "-c", PROGRAM, defines],
        environment=child_environment(environment),
        time_limit_seconds=60,
    )

    assert record.exit_code == 0, record.stderr[-2000:]
    for kind, canary in CANARIES.items():
        for where in (record.stdout, record.stderr, " ".join(record.arguments)):
            assert canary not in where, kind
    assert "Secret(…)" in record.stdout
    assert "DEBUG" in record.stderr
    assert "5 values were revealed" in record.stdout


def test_the_search_finds_what_is_shown() -> None:
    """The test above could not fail if the canaries were never in the child."""
    record = process.run(
        [sys.executable, "-c", "import os; print(os.environ['ACCEPTANCE_VAULT_TOKEN'])"],
        environment=child_environment({"ACCEPTANCE_VAULT_TOKEN": CANARIES["token"]}),
        time_limit_seconds=30,
    )

    assert CANARIES["token"] in record.stdout


def test_a_secret_on_the_command_line_is_refused_without_being_shown() -> None:
    record = process.run(
        [
            *(sys.executable, "-m", "tools.cli", "profile", "show", "remote"),
            *("--define", f"platform_proxy=http://me:{CANARIES['proxy']}@127.0.0.1:1"),
        ],
        environment=child_environment({"PYTHONPATH": str(ROOT)}),
        time_limit_seconds=60,
        working_directory=ROOT,
    )

    assert record.exit_code == 2
    assert "secret on the command line" in record.stderr + record.stdout
    assert CANARIES["proxy"] not in record.stderr + record.stdout
