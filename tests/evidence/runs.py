"""Fabricated run folders, as behave would leave them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

INSTANT = "2026-03-04T05:06:07.000089Z"


def record(  # noqa: PLR0913 -- each is what some test varies
    unit_id: str,
    *,
    status: str = "passed",
    reason: str = "",
    requirement: str = "BR-001",
    tags: Sequence[str] = (),
    capabilities: dict[str, str] | None = None,
    attempt: int = 1,
    run_id: str = "run",
    faults: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the evidence of one attempt at a unit."""
    return {
        "schema_version": 1,
        "run_id": run_id,
        "unit_id": unit_id,
        "attempt": attempt,
        "req_id": requirement,
        "req_ids": [requirement],
        "profile_id": "embedded",
        "variant": "default",
        "capabilities": capabilities or {},
        "commit_sha": "unknown",
        "start_timestamp": INSTANT,
        "end_timestamp": INSTANT,
        "duration_seconds": 0.0,
        "status": status,
        "reason": reason,
        "severity": "high",
        "feature": {"path": "features/a.feature", "name": "A"},
        "scenario": {"name": "One", "line": 3},
        "tags": list(tags),
        "steps": [],
        "stack": {
            "name": "embedded",
            "platform_url": "http://localhost:1",
            "platform_version": "1",
            "faults": list(faults),
        },
        "sdks": [],
        "logs": [],
        "screenshots": [],
        "attachments": [],
    }


def write(folder: Path, *records: dict[str, Any]) -> Path:
    """Write a run folder, and return it."""
    for number, each in enumerate(records):
        path = folder / each["req_id"] / "embedded" / f"{number:03}-evidence.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(each))
    return folder
