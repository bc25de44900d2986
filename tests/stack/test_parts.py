import hashlib
from pathlib import Path

import pytest

from support.foundation.settings import Settings
from support.services.locator import Services
from support.stack.parts import parts_of
from support.stack.running import RunningStack


def running(stack: str, versions: dict[str, str] | None = None) -> RunningStack:
    services = Services(stack, "http://localhost:1", "1.2", {}, "", "", {})
    return RunningStack(services, "for a test", versions=versions or {})


def settings(**defines: str) -> Settings:
    return Settings(defines, {})


def test_nothing_consists_of_nothing() -> None:
    assert parts_of(RunningStack(Services.none(), "for a test"), settings()) == ()


def test_our_own_platform_is_known_by_its_sources() -> None:
    (part,) = parts_of(running("embedded"), settings())

    assert (part.name, part.version) == ("platform", "1.2")
    assert part.digest.startswith("sha256:")


def test_processes_are_known_by_version_and_the_platform_by_its_program(tmp_path: Path) -> None:
    program = tmp_path / "platform"
    program.write_bytes(b"program")
    versions = {"platform": "1.2", "kas-alpha": "1.2", "keycloak": "26", "database": "16"}

    parts = parts_of(running("processes", versions), settings(platform_bin=str(program)))

    assert [(part.name, part.version) for part in parts] == [
        ("platform", "1.2"),
        ("database", "16"),
        ("keycloak", "26"),
    ]
    assert parts[0].digest == f"sha256:{hashlib.sha256(b'program').hexdigest()}"


@pytest.mark.parametrize(
    ("stack", "program"), [("processes", "/no/such/file"), ("processes", None), ("remote", None)]
)
def test_what_we_do_not_have_has_no_digest(stack: str, program: str | None) -> None:
    given = settings(platform_bin=program) if program else settings()

    assert parts_of(running(stack), given)[0].digest == "unknown"
