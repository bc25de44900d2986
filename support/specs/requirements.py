"""The requirement registry: what each BR promises, who owns it and where it comes from."""

from dataclasses import dataclass
from pathlib import Path

from support.foundation.documents import load_yaml


@dataclass(frozen=True, slots=True)
class Requirement:
    """One business requirement, as `features/requirements.yaml` states it."""

    id: str
    title: str
    statement: str
    risk: str
    owner: str
    source: str


def load(path: Path) -> tuple[Requirement, ...]:
    """Load the registry, in its own order.

    Raises:
        ConfigurationError: see `support.foundation.documents.load_yaml`.
    """
    entries = load_yaml(path, "requirements").value["requirements"]
    return tuple(
        Requirement(
            id=entry["id"],
            title=entry["title"],
            statement=entry["statement"],
            risk=entry["risk"],
            owner=entry["owner"],
            source=entry["source"],
        )
        for entry in entries
    )
