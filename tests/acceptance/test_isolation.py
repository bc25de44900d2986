"""Runs on a stack that others use too.

Two at once see nothing of each other's policy and leave nothing behind; one that may not write
writes nothing at all.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.http import HttpSession
from support.foundation.settings import ROOT, Settings, child_environment
from support.model.records import CommandRecord
from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.platform.policy import ATTRIBUTES, NAMESPACES, SUBJECT_MAPPINGS
from support.stack import descriptor, standing
from support.stack.standing import Wanted
from tests.artifacts.plain import contents

TIME_LIMIT_SECONDS = 110.0
ANY_STATE = {"state": "ACTIVE_STATE_ENUM_ANY"}
LISTS = (
    (NAMESPACES, "ListNamespaces", "namespaces"),
    (ATTRIBUTES, "ListAttributes", "attributes"),
    (SUBJECT_MAPPINGS, "ListSubjectMappings", "subjectMappings"),
    (SUBJECT_MAPPINGS, "ListSubjectConditionSets", "subjectConditionSets"),
)
NAMESPACE = re.compile(r"https://(acceptance-[0-9a-z-]+\.example)")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Path]:
    """A standing embedded platform; the path of its descriptor."""
    settings = Settings({"build": str(tmp_path / "build")}, {})
    standing.up(settings, Wanted("embedded", "shared"))
    yield standing.instance_named(settings, "shared").descriptor
    standing.down(settings)


def run(folder: Path, settings: Mapping[str, str]) -> CommandRecord:
    own = {"ARTIFACTS": str(folder / "artifacts"), "BUILD": str(folder / "build"), **settings}
    return process.run(
        [
            *(sys.executable, "-m", "behave", "-f", "null"),
            *(f"features/authorization/{name}.feature" for name in ("any_of", "hierarchy")),
            *(
                "features/authorization/several_resources.feature",
                "features/identity/people.feature",
            ),
        ],
        environment=child_environment({f"ACCEPTANCE_{k}": v for k, v in own.items()}),
        time_limit_seconds=TIME_LIMIT_SECONDS,
        working_directory=ROOT,
    )


def namespaces_in(folder: Path) -> set[str]:
    texts = contents(folder / "artifacts", "-exchanges.jsonl").values()
    return {name for text in texts for name in NAMESPACE.findall(text)}


def written(stack: Path) -> dict[str, list[object]]:
    """Everything that policy consists of there, what is not active any more included."""
    services = descriptor.services(descriptor.read(stack))
    http = HttpSession()
    connect, token = ConnectClient(http, services.platform_url), Identity(http, services)
    found: dict[str, list[object]] = {}
    for service, call, entries in LISTS:
        answer = connect.call(service, call, ANY_STATE, token=token.token("admin"))
        found[entries] = list(answer.required("list").get(entries, []))
    http.close()
    return found


def test_two_runs_at_once_share_a_stack_and_nothing_else(stack: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    settings = {"PROFILE": "policy-core", "STACK_DESCRIPTOR": str(stack)}
    before = written(stack)

    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda folder: run(folder, settings), folders))

    assert [record.exit_code for record in runs] == [0, 0], runs
    one, two = map(namespaces_in, folders)
    assert min(len(one), len(two)) > 10
    assert not one & two
    assert written(stack) == before


def test_a_run_that_may_not_write_writes_nothing_people_included(
    stack: Path, tmp_path: Path
) -> None:
    profiles = Path(shutil.copytree(ROOT / "profiles", tmp_path / "profiles"))
    (profiles / "looking-on").mkdir()
    (profiles / "looking-on" / "config.yaml").write_text(
        "config: {extends: policy-core, stack: remote}\n"  # no allow_writes: the default there
    )
    services = descriptor.services(descriptor.read(stack))
    admin, standard = services.credentials("admin"), services.credentials("standard")
    settings = {
        "PROFILES": str(profiles),
        "PROFILE": "looking-on",
        "PLATFORM_URL": services.platform_url,
        "ADMIN_CLIENT_ID": admin.client_id,
        "ADMIN_CLIENT_SECRET": admin.client_secret.reveal(),
        "STANDARD_CLIENT_ID": standard.client_id,
        "STANDARD_CLIENT_SECRET": standard.client_secret.reveal(),
        "PEOPLE": "alice,bob,carol",
        "PEOPLE_CLIENT_ID": standard.client_id,
        "PEOPLE_CLIENT_SECRET": standard.client_secret.reveal(),
        "PEOPLE_PASSWORD": "of-all-of-them",
    }
    before = written(stack)

    record = run(tmp_path / "run", settings)

    evidence = [
        json.loads(path.read_text()) for path in (tmp_path / "run").rglob("*-evidence.json")
    ]
    assert record.exit_code == 1
    assert len(evidence) > 10
    assert {entry["status"] for entry in evidence} == {"error"}, record.stdout
    for entry in evidence:
        assert "allow_writes: true" in entry["reason"]
    assert any("people.feature" in entry["unit_id"] for entry in evidence)
    assert written(stack) == before
