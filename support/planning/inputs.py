"""What a unit depends on, as one digest: equal digests mean that the same would be run again."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from support.model.inventory import Inventory
from support.model.spec import Spec
from support.model.unit import Unit
from support.model.variant import Variant

Node = dict[str, Any]

SDK_DIMENSIONS = ("encrypt_sdk", "decrypt_sdk")


def step_arguments(document: Node) -> Mapping[int, str]:
    """Return the table or text below each step of a Gherkin document, by the step's line."""
    return dict(_arguments(document.get("feature") or {}))


def _arguments(container: Node) -> Iterator[tuple[int, str]]:
    for step in container.get("steps", ()):
        table = [[cell["value"] for cell in row["cells"]] for row in _rows(step)]
        text = step.get("docString", {})
        if table or text:
            argument = [table, text.get("mediaType", ""), text.get("content", "")]
            yield step["location"]["line"], json.dumps(argument)
    for child in container.get("children", ()):
        for part in child.values():
            yield from _arguments(part)


def _rows(step: Node) -> list[Node]:
    return list(step.get("dataTable", {}).get("rows", ()))


def spec_text(spec: Spec, arguments: Mapping[int, str]) -> str:
    """Return everything that a spec states and a run acts on, without lines and descriptions.

    Args:
        spec: the spec.
        arguments: of its feature file; see `step_arguments`.
    """
    steps = [[s.keyword, s.text, arguments.get(s.line, "")] for s in spec.steps]
    row = [spec.row.examples_name, spec.row.headings, spec.row.cells] if spec.row else []
    return json.dumps([spec.id, spec.name, spec.tags, steps, row])


def sdks_in_use(
    unit: Unit, inventory: Inventory, default_sdk: str = "", dimensions: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return the ids of the SDKs that a unit may run.

    Args:
        unit: the unit.
        inventory: what is installed.
        default_sdk: id of the SDK that serves a dimension which the unit does not name.
        dimensions: the dimensions that its steps may ask for; `SDK_DIMENSIONS` where unknown.
    """
    installed = {sdk.id for sdk in inventory.sdks}
    named = [c.value for c in unit.variant if c.value in installed]
    if default_sdk and any(unit.variant.get(name) is None for name in dimensions):
        named.append(default_sdk)
    return tuple(dict.fromkeys(named))


def input_digest(
    text: str, variant: Variant, profile_digest: str, sdk_digests: Mapping[str, str]
) -> str:
    """Return the digest of what a unit depends on.

    Args:
        text: what its spec states; see `spec_text`.
        variant: its variant.
        profile_digest: digest of what the profile says; see `digest_of`.
        sdk_digests: digest of each SDK that it may run, by SDK id; see `sdks_in_use`.
    """
    return digest_of([text, variant.id, profile_digest, sorted(sdk_digests.items())])


def digests_of_units(
    units: Iterable[Unit],
    documents: Iterable[Node],
    profile_digest: str,
    inventory: Inventory,
    default_sdk: str = "",
) -> dict[str, str]:
    """Return the input digest of each unit by its id.

    Args:
        units: the planned units.
        documents: the Gherkin documents of their features.
        profile_digest: digest of what the profile says.
        inventory: what is installed.
        default_sdk: id of the SDK that serves a dimension which a unit does not name.
    """
    arguments = {document["uri"]: step_arguments(document) for document in documents}
    builds = {sdk.id: sdk.digest for sdk in inventory.sdks}
    texts: dict[str, str] = {}
    digests: dict[str, str] = {}
    for unit in units:
        spec = unit.spec
        if spec.id not in texts:
            texts[spec.id] = spec_text(spec, arguments.get(spec.feature_path, {}))
        used = sdks_in_use(unit, inventory, default_sdk, SDK_DIMENSIONS)
        own = {name: builds[name] for name in used}
        digests[unit.id] = input_digest(texts[spec.id], unit.variant, profile_digest, own)
    return digests


def digest_of(value: object) -> str:
    """Return the SHA-256 digest of a value made of texts, numbers, lists and mappings."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
