"""A real SDK that is a script, and a document made by hand for an embedded platform."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.foundation.settings import child_environment
from support.proving.shim.remaking import remade
from support.sdk.client import connection_environment
from support.sdk.container import Container, write
from support.services.locator import Services
from support.stack.embedded import start_for_run

CONTENT = b"first part second part end"
SEGMENT = 11

# Keeps what it was asked, then does or says what the files beside it hold.
CLI = """\
folder=$(dirname "$0")
env | grep -E '^XT_|shown.pem' | sort >"$folder/asked"
cp "$2" "$folder/source"
[ -f "$SSL_CERT_FILE" ] && cp "$SSL_CERT_FILE" "$folder/trusted"
echo >>"$folder/calls"
cat "$folder/says" >&2
[ -f "$folder/refuses" ] && exit 1
cp "$folder/result" "$3"
"""


@dataclass
class Real:
    """The real SDK: what it is to do, and what it was asked."""

    cli: Path
    services: Services
    options: dict[str, str] = field(default_factory=dict)

    def writes(self, result: bytes, says: str = "") -> None:
        (self.cli.parent / "result").write_bytes(result)
        (self.cli.parent / "says").write_text(says)

    def refuses(self, says: str) -> None:
        self.writes(b"", says)
        (self.cli.parent / "refuses").touch()

    @property
    def asked(self) -> str:
        return (self.cli.parent / "asked").read_text()

    @property
    def calls(self) -> int:
        """How often it was called."""
        return len((self.cli.parent / "calls").read_text().splitlines())

    @property
    def trusted(self) -> str:
        """The certificates that it was to trust."""
        return (self.cli.parent / "trusted").read_text()

    @property
    def opened(self) -> bytes:
        """The document that it was given at last."""
        return (self.cli.parent / "source").read_bytes()

    def environment(self) -> dict[str, str]:
        caller = self.services.credentials("admin")
        return child_environment({**connection_environment(self.services, caller), **self.options})


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    stack = start_for_run(tmp_path_factory.mktemp("platform"))
    yield stack.services
    stack.stop()


@pytest.fixture
def real(script: Callable[[str, str], Path], services: Services) -> Real:
    return Real(script("real/cli.sh", CLI), services)


def draft(services: Services, *, text_digests: bool = False, splits: int = 1) -> Container:
    """What an SDK wrote, as far as it is kept: policy, key access services and forms."""
    digest = 64 if text_digests else 32
    entry: Mapping[str, Any] = {
        "type": "ec-wrapped",
        "url": services.kas_urls["default"],
        "protocol": "kas",
        "ephemeralPublicKey": "…",
        "policyBinding": "x" if text_digests else {"alg": "HS256", "hash": "x"},
    }
    names = [{"sid": f"s{index}"} for index in range(splits)] if splits > 1 else [{}]
    policy = "eyJ1dWlkIjoiMGEwYTBhMGEtMTExMS00MTExLTgxMTEtMGEwYTBhMGEwYTBhIiwiYm9keSI6e319"
    manifest = {
        "encryptionInformation": {
            "policy": policy,
            "keyAccess": [{**entry, **name} for name in names],
            "method": {"algorithm": "AES-256-GCM"},
            "integrityInformation": {
                "rootSignature": {"alg": "HS256", "sig": _zeros(digest)},
                "segmentHashAlg": "GMAC",
                "segmentSizeDefault": SEGMENT,
                "encryptedSegmentSizeDefault": SEGMENT + 28,
                "segments": [],
            },
        },
        "payload": {"mimeType": "text/plain"},
        **({} if text_digests else {"schemaVersion": "4.3.0"}),
    }
    return Container(json.dumps(manifest), b"")


def _zeros(count: int) -> str:
    return base64.b64encode(bytes(count)).decode()


@pytest.fixture
def document(services: Services) -> Container:
    """A sound document of three segments that the embedded platform gives the key of."""
    return remade(draft(services), CONTENT)


@pytest.fixture
def data(document: Container) -> bytes:
    return write(document)
