import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Descriptor = dict[str, Any]


@pytest.fixture
def content() -> Descriptor:
    """A descriptor as an embedded platform writes it."""
    return {
        "descriptor_version": 1,
        "stack": "embedded",
        "pid": 4_000_000,
        "started_at": "2026-03-04T05:06:07Z",
        "platform": {"url": "http://localhost:1", "version": "embedded-0.1.0"},
        "kas": {"default": {"url": "http://localhost:1/kas"}},
        "idp": {"issuer": "http://localhost:1/auth", "token_endpoint": "http://localhost:1/token"},
        "roles": {"admin": {"client_id": "opentdf", "client_secret": "hidden-value"}},
    }


@pytest.fixture
def write_descriptor(tmp_path: Path) -> Callable[[object], Path]:
    """Write a descriptor file; text is written as it is."""

    def write(value: object) -> Path:
        path = tmp_path / "descriptor.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return path

    return write
