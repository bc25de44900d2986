"""The stack `embedded`: our own platform, one process."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support.embedded.options import OPTIONS
from support.stack import descriptor
from support.stack.components.embedded import READY_FILE, embedded_component
from support.stack.recipes.recipe import Making, Recipe, by_name

NAME = "platform"


def recipe(making: Making) -> Recipe:
    """Return the embedded platform with the options of its instance."""
    component = embedded_component(
        NAME,
        making.folder(NAME),
        making.port(NAME),
        arguments=arguments(making.record.options),
        random_secrets=making.record.owner is not None,
    )
    return Recipe(by_name([component]), lambda: _described(making))


def arguments(options: Sequence[str]) -> tuple[str, ...]:
    """Return the arguments that switch options on."""
    return tuple(part for name in options for part in ("--option", name))


def told(making: Making, component: str = NAME) -> dict[str, Any]:
    """Return what an embedded platform told of itself when it was ready."""
    return descriptor.read(making.folder(component) / READY_FILE)


def _described(making: Making) -> dict[str, Any]:
    content = told(making)
    url, version = content["platform"]["url"], content["platform"]["version"]
    return {
        **content,
        **making.head(),
        "components": making.told({NAME: version}, {NAME: url}),
    }


def served() -> Mapping[str, str]:
    """Return the options that the embedded platform can serve."""
    return OPTIONS


def ready_file(folder: Path) -> Path:
    """Return the file that an embedded platform writes when it is ready."""
    return folder / READY_FILE
