"""What was noted of a platform that runs elsewhere: where it is, and no secret."""

import json
from collections.abc import Mapping

from support.foundation.errors import ConfigurationError
from support.foundation.files import write_atomically
from support.stack.instance import Instance

STACK = "remote"
FILE = "adopted.json"


def write(instance: Instance, values: Mapping[str, str]) -> None:
    """Take note of addresses, by the names of settings."""
    write_atomically(instance.folder / FILE, json.dumps(dict(values), indent=2) + "\n")


def read(instance: Instance) -> Mapping[str, str]:
    """Return what was noted; nothing where nothing was.

    Raises:
        ConfigurationError: it cannot be read.
    """
    path = instance.folder / FILE
    if not path.is_file():
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(value) for name, value in values.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"{path}: what was noted cannot be read ({error}). Adopt it again: acceptance stack "
            f"adopt URL --name {instance.name}"
        ) from error
