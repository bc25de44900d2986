"""Two runs at once on one stack: neither sees the other's policy, and nothing stays behind."""

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.http import HttpSession
from support.foundation.settings import ROOT, Settings, child_environment
from support.model.records import CommandRecord
from support.platform.connect import ConnectClient
from support.platform.identity import Identity
from support.platform.policy import NAMESPACES
from support.stack import descriptor, standing
from support.stack.standing import Wanted

TIME_LIMIT_SECONDS = 110.0
NAMESPACE = re.compile(r"https://(acceptance-[0-9a-z-]+\.example)")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Path]:
    """A standing embedded platform; the path of its descriptor."""
    settings = Settings({"build": str(tmp_path / "build")}, {})
    standing.up(settings, Wanted("embedded", "shared"))
    yield standing.instance_named(settings, "shared").descriptor
    standing.down(settings)


def run(stack: Path, folder: Path) -> CommandRecord:
    own = {
        "ACCEPTANCE_ARTIFACTS": str(folder / "artifacts"),
        "ACCEPTANCE_BUILD": str(folder / "build"),
        "ACCEPTANCE_STACK_DESCRIPTOR": str(stack),
    }
    return process.run(
        [
            *(sys.executable, "-m", "behave", "-f", "null", "--define", "profile=policy-core"),
            *("features/authorization", "features/identity/people.feature"),
        ],
        environment=child_environment(own),
        time_limit_seconds=TIME_LIMIT_SECONDS,
        working_directory=ROOT,
    )


def namespaces_in(folder: Path) -> set[str]:
    texts = (path.read_text() for path in (folder / "artifacts").rglob("*-exchanges.jsonl"))
    return {name for text in texts for name in NAMESPACE.findall(text)}


def test_two_runs_at_once_share_a_stack_and_nothing_else(stack: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]

    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda folder: run(stack, folder), folders))

    assert [record.exit_code for record in runs] == [0, 0], runs
    one, two = map(namespaces_in, folders)
    assert min(len(one), len(two)) > 10
    assert not one & two
    services = descriptor.services(descriptor.read(stack))
    http = HttpSession()
    token = Identity(http, services).token("admin")
    listed = ConnectClient(http, services.platform_url).call(
        NAMESPACES, "ListNamespaces", {}, token=token
    )
    http.close()
    names = {entry["name"] for entry in listed.required("list").get("namespaces", [])}
    assert not names & (one | two)
