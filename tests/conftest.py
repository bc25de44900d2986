"""Fixtures that every room's tests may use."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.model.capability import Capability
from support.model.spec import Spec, SpecStep
from support.model.unit import RUN, Expectation, Unit
from support.model.variant import Variant

# Machines are shared and noisy: how long something takes is measured in benchmarks, not here.
settings.register_profile("noisy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("noisy")

MakeUnit = Callable[..., Unit]


@pytest.fixture
def now() -> datetime:
    """An instant, so that no test depends on the real one."""
    return datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)


@pytest.fixture
def make_unit() -> MakeUnit:
    """Make a unit; every part may be named."""

    def make(
        name: str = "A reader opens a document",
        variant: tuple[tuple[str, str], ...] = (("encrypt_sdk", "go-v0.36.0"),),
        tags: tuple[str, ...] = ("req:BR-001", "cap:encrypt_sdk=any", "risk:high"),
        expectation: Expectation = RUN,
        path: str = "features/tdf/round_trip.feature",
    ) -> Unit:
        spec = Spec(
            id=f"{path}:{name.lower().replace(' ', '-')}",
            feature_path=path,
            feature_name="Round trip",
            rule_name="",
            name=name,
            line=5,
            tags=tags,
            steps=(SpecStep("Given", "a document", 6), SpecStep("Then", "it opens", 7)),
        )
        capabilities = tuple(Capability(dimension, value) for dimension, value in variant)
        return Unit(spec, Variant(capabilities), expectation)

    return make


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write an executable shell script and return its path."""

    def write(name: str, body: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write
