"""The requirement registry: what each BR promises, who owns it and where it comes from."""

from dataclasses import dataclass
from pathlib import Path

from support.foundation.documents import load_yaml
from support.foundation.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Requirement:
    """One business requirement, as `features/requirements.yaml` states it.

    Attributes:
        rationale: why it matters, and to whom.
        tests: patterns of pytest node ids, of tests elsewhere that prove it; `*` is any text.
    """

    id: str
    title: str
    statement: str
    rationale: str
    risk: str
    failure: str
    owner: str
    source: str
    tests: tuple[str, ...] = ()


def load(path: Path) -> tuple[Requirement, ...]:
    """Load the registry, in its own order.

    Raises:
        ConfigurationError: see `support.foundation.documents.load_yaml`; also an id given twice.
    """
    document = load_yaml(path, "requirements")
    entries = document.value["requirements"]
    lines: dict[str, str] = {}
    for index, entry in enumerate(entries):
        place = document.where(("requirements", index))
        first = lines.setdefault(entry["id"], place)
        if first != place:
            raise ConfigurationError(f"{place}: {entry['id']} is listed twice (first at {first}).")
    return tuple(
        Requirement(
            id=entry["id"],
            title=entry["title"],
            statement=entry["statement"],
            rationale=entry["rationale"],
            risk=entry["risk"],
            failure=entry["failure"],
            owner=entry["owner"],
            source=entry["source"],
            tests=tuple(entry.get("tests", ())),
        )
        for entry in entries
    )
