"""The inventory as plain values, and what differs between two of them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.foundation.documents import load_json
from support.model.capability import Answer
from support.model.inventory import InstalledSdk, Inventory


def as_data(inventory: Inventory) -> dict[str, Any]:
    """Return an inventory as `plan.json` keeps it."""
    return {
        "sdks": [
            {
                "id": sdk.id,
                "language": sdk.language,
                "version": sdk.version,
                "origin": sdk.origin,
                "digest": sdk.digest,
                "features": {
                    name: {"verdict": answer.verdict, "reason": answer.reason}
                    for name, answer in sorted(sdk.features.items())
                },
            }
            for sdk in inventory.sdks
        ],
        "stack_features": list(inventory.stack_features),
    }


def from_data(data: Mapping[str, Any]) -> Inventory:
    """Return the inventory that `as_data` gave; the data has passed its schema."""
    return Inventory(
        sdks=tuple(
            InstalledSdk(
                id=raw["id"],
                language=raw["language"],
                version=raw["version"],
                origin=raw["origin"],
                digest=raw["digest"],
                features={
                    name: Answer(answer["verdict"], answer["reason"])
                    for name, answer in raw["features"].items()
                },
            )
            for raw in data["sdks"]
        ),
        stack_features=tuple(data["stack_features"]),
    )


def read(path: Path) -> Inventory:
    """Read an inventory that `acceptance discover --write-inventory` wrote, here or elsewhere.

    Raises:
        ConfigurationError: no such file, not JSON, or against its schema.
    """
    return from_data(load_json(path, "inventory", "acceptance discover --write-inventory").value)


def text(inventory: Inventory) -> str:
    """Return an inventory as the text of a file of its own."""
    return json.dumps(as_data(inventory), indent=1, ensure_ascii=False) + "\n"


def differences(planned: Inventory, here: Inventory) -> Iterator[str]:
    """Yield what is here otherwise than when the plan was made, one line each.

    Where something was found does not matter, what it is and can do does.
    """
    for sdk in planned.sdks:
        found = here.find(sdk.id)
        if found is None:
            yield f"the SDK {sdk.id} is in the plan and not installed here"
        else:
            yield from _changes(sdk, found)
    for sdk in here.sdks:
        if planned.find(sdk.id) is None:
            yield f"the SDK {sdk.id} is installed here and not in the plan"
    for name in sorted(set(planned.stack_features) ^ set(here.stack_features)):
        place = "in the plan and not here" if name in planned.stack_features else "only here"
        yield f"the stack feature {name} is {place}"


def _changes(planned: InstalledSdk, here: InstalledSdk) -> Iterator[str]:
    if here.digest != planned.digest:
        yield (
            f"the SDK {planned.id} is another build: {here.digest or 'unknown'} here, "
            f"{planned.digest or 'unknown'} in the plan"
        )
    for name, answer in planned.features.items():
        now = here.features.get(name)
        if now is None or now.verdict != answer.verdict:
            told = now.verdict if now else "not asked"
            yield f"{planned.id} supports {name}: {told} here, {answer.verdict} in the plan"
