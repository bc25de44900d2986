"""A World on a real embedded platform, whose SDKs are scripts."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.foundation.http import HttpSession
from support.model.events import AttachmentKind
from support.model.records import CommandRecord
from support.sdk.container import Container, write
from support.sdk.model import Sdk
from support.services.locator import Services
from support.stack.embedded import start_for_run
from support.stack.running import RunningStack
from support.world.machine import Machine
from support.world.world import World
from tests.conftest import MakeUnit

# Encrypting copies a prepared document; decrypting tells what a prepared file says.
CLI = """\
folder=$(dirname "$0")
case $1 in
  encrypt)
    env | grep -E '^(XT_|CLIENTID|PLATFORMURL)' >"$folder/encrypt.env"
    [ -f "$folder/encrypt.error" ] && { cat "$folder/encrypt.error" >&2; exit 1; }
    cp "$folder/prepared.tdf" "$3" ;;
  decrypt)
    env | grep -E '^(XT_|CLIENTID|PLATFORMURL)' >"$folder/decrypt.env"
    [ -f "$folder/decrypt.left" ] && cp "$folder/decrypt.left" "$3"
    [ -f "$folder/decrypt.error" ] && { cat "$folder/decrypt.error" >&2; exit 1; }
    cp "$folder/prepared.txt" "$3" ;;
esac
"""


BINDING = base64.b64encode(b"0f" * 32).decode()
HASH = base64.b64encode(bytes(16)).decode()


def manifest() -> dict[str, object]:
    """A manifest with one segment."""
    policy = {"uuid": "policy-of-a-test", "body": {"dataAttributes": [], "dissem": []}}
    signature = base64.b64encode(bytes(32)).decode()
    return {
        "schemaVersion": "4.3.0",
        "encryptionInformation": {
            "type": "split",
            "policy": base64.b64encode(json.dumps(policy).encode()).decode(),
            "method": {"algorithm": "AES-256-GCM", "isStreamable": True, "iv": ""},
            "keyAccess": [
                {
                    "type": "wrapped",
                    "url": "http://kas",
                    "protocol": "kas",
                    "wrappedKey": "A" * 344,
                    "policyBinding": {"alg": "HS256", "hash": BINDING},
                }
            ],
            "integrityInformation": {
                "rootSignature": {"alg": "HS256", "sig": signature},
                "segmentHashAlg": "GMAC",
                "segmentSizeDefault": 100,
                "encryptedSegmentSizeDefault": 128,
                "segments": [{"hash": HASH, "segmentSize": 4, "encryptedSegmentSize": 32}],
            },
        },
        "payload": {
            "type": "reference",
            "url": "0.payload",
            "protocol": "zip",
            "isEncrypted": True,
            "mimeType": "text/plain",
        },
        "assertions": [
            {
                "id": "1",
                "type": "handling",
                "scope": "tdo",
                "statement": {"value": "keep"},
                "binding": {"method": "jws", "signature": "a.b.c"},
            }
        ],
    }


def tdf(content: dict[str, object] | None = None, payload: bytes = bytes(32)) -> bytes:
    """Return a document made by hand."""
    return write(Container(json.dumps(content or manifest()), payload))


@dataclass(slots=True)
class Attachments:
    """What a unit attached to its evidence."""

    kinds: list[AttachmentKind] = field(default_factory=list)
    commands: list[CommandRecord] = field(default_factory=list)

    def attach(self, kind: AttachmentKind, name: str, media_type: str, data: bytes) -> None:
        assert name
        assert media_type
        assert data
        self.kinds.append(kind)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """An embedded platform."""
    stack = start_for_run(tmp_path_factory.mktemp("platform"))
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def services(running: RunningStack) -> Services:
    """The services of an embedded platform."""
    return running.services


@pytest.fixture
def sdk(script: Callable[[str, str], Path], tmp_path: Path) -> Sdk:
    """An SDK that is a script."""
    folder = script("sdk/go/dist/v1/cli.sh", CLI).parent
    (folder / "prepared.tdf").write_bytes(tdf())
    (folder / "prepared.txt").write_bytes(b"text")
    return Sdk("go", "v1", folder, str(tmp_path))


@pytest.fixture
def attachments() -> Attachments:
    return Attachments()


@pytest.fixture
def machine(tmp_path: Path, attachments: Attachments, running: RunningStack) -> Iterator[Machine]:
    session = HttpSession()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    yield Machine(
        workspace=workspace,
        http=session,
        observe_command=attachments.commands.append,
        attach=attachments.attach,
        command_time_limit_seconds=20,
        audit_logs=running.audit_logs,
        logs=running.logs,
    )
    session.close()


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(make_unit: MakeUnit, services: Services, sdk: Sdk, machine: Machine) -> MakeWorld:
    """Make a World; the variant may be named."""

    def make(*variant: tuple[str, str]) -> World:
        return World(make_unit(variant=variant), services, (sdk,), machine)

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world(("encrypt_sdk", "go-v1"), ("decrypt_sdk", "go-v1"))
