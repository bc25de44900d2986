"""What a stack is made of, as a value, and what recipes share."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.foundation.settings import Settings
from support.stack.components.component import Component
from support.stack.instance import Instance, Record
from support.stack.supervisor import Watch

DESCRIPTOR_VERSION = 1


@dataclass(frozen=True, slots=True)
class Outside:
    """What somebody else runs for us, such as a Docker engine.

    Attributes:
        up: brings it up; its return means that all of it is healthy.
        down: ends it.
        problem: returns what of it does not serve, or an empty string.
    """

    up: Callable[[Watch], None]
    down: Callable[[], None]
    problem: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a stack is made of.

    Attributes:
        components: by name.
        describe: returns the descriptor, once all serve.
        outside: what is no process of ours; None where everything is.
        away_and_back: what takes the platform's database away, and what brings it back; None where
            others would feel that.
    """

    components: Mapping[str, Component]
    describe: Callable[[], dict[str, Any]]
    outside: Outside | None = None
    away_and_back: tuple[Callable[[], None], Callable[[], None]] | None = None


@dataclass(frozen=True)
class Making:
    """The instance that a recipe is followed for."""

    settings: Settings
    instance: Instance
    record: Record

    def folder(self, component: str) -> Path:
        """Return the folder of a component."""
        return self.instance.folder / component

    def keep(self, folders: Iterable[Path]) -> None:
        """Write down folders elsewhere, which are removed with the instance."""
        for folder in folders:
            self.instance.keep(folder)

    def port(self, component: str) -> int:
        """Return the port of a component, always the same."""
        return self.instance.port(component)

    def head(self) -> dict[str, Any]:
        """Return the members that every descriptor begins with."""
        return {
            "descriptor_version": DESCRIPTOR_VERSION,
            "stack": self.record.stack,
            "instance": self.instance.name,
            "options": list(self.record.options),
            "started_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        }

    def told(self, versions: Mapping[str, str], urls: Mapping[str, str]) -> dict[str, Any]:
        """Return what a descriptor tells of the processes that run now."""
        record = self.instance.read() or self.record
        return {
            entry.component: {
                "pid": entry.process.process_id,
                "log": str(self.instance.log(entry.component)),
                **({"url": urls[entry.component]} if entry.component in urls else {}),
                **({"version": versions[entry.component]} if entry.component in versions else {}),
            }
            for entry in record.processes
        }


def by_name(components: Iterable[Component]) -> dict[str, Component]:
    """Return components by their names."""
    return {component.name: component for component in components}


def fact(name: str, value: object, source: str) -> dict[str, str]:
    """Return a fact of a descriptor: what was found out, and how."""
    return {"name": name, "value": str(value), "source": source}
