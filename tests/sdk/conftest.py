from collections.abc import Callable
from pathlib import Path

import pytest

from support.sdk.model import Sdk
from support.services.locator import Credentials, Services
from support.services.secret import Secret

MakeSdk = Callable[..., Sdk]


@pytest.fixture
def make_sdk(tmp_path: Path) -> MakeSdk:
    """Put an SDK whose cli.sh is `body` below a search root, and return it."""

    def make(
        body: str = "exit 0",
        language: str = "go",
        version: str = "v1.0.0",
        root: str = "sdks",
    ) -> Sdk:
        directory = tmp_path / root / language / "dist" / version
        directory.mkdir(parents=True)
        cli = directory / "cli.sh"
        cli.write_text(f"#!/bin/sh\n{body}\n")
        cli.chmod(0o755)
        return Sdk(language, version, directory, str(tmp_path / root))

    return make


@pytest.fixture
def caller() -> Credentials:
    return Credentials("reader", Secret("a-very-secret-value"))


@pytest.fixture
def services(caller: Credentials) -> Services:
    return Services(
        stack="remote",
        platform_url="http://platform.test:8080",
        platform_version="1",
        kas_urls={"default": "http://platform.test:8080/kas"},
        issuer="http://idp.test:8888/auth/realms/opentdf",
        token_endpoint="http://idp.test:8888/auth/realms/opentdf/protocol/openid-connect/token",
        roles={"standard": caller},
    )
