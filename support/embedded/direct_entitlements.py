"""Entitlements that a subject brings among its claims, without any subject mapping.

After ``service/entityresolution/claims/v2`` of the platform's source, messages included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class DirectEntitlement:
    """Some actions on one attribute value, both in lower case."""

    value_fqn: str
    actions: tuple[str, ...]


def parse_direct_entitlements(claims: Mapping[str, Any]) -> tuple[DirectEntitlement, ...]:
    """Return the entitlements among claims; none where the claims name none.

    Raises:
        ValueError: They are of another form; the message is the platform's.
    """
    for name in ("direct_entitlements", "directEntitlements"):
        if name in claims:
            entries = claims[name]
            break
    else:
        return ()
    if not isinstance(entries, list):
        raise ValueError("direct_entitlements must be an array")  # noqa: TRY004 - see _parse
    return tuple(_parse(index, entry) for index, entry in enumerate(entries))


def _parse(index: int, entry: object) -> DirectEntitlement:
    where = f"direct_entitlements[{index}]"
    if not isinstance(entry, dict):
        raise ValueError(f"{where} must be an object")  # noqa: TRY004 - one kind for all of them
    names = (entry.get("attribute_value_fqn"), entry.get("attributeValueFqn"))
    fqns = [name.strip().lower() for name in names if isinstance(name, str) and name.strip()]
    if not fqns:
        raise ValueError(f"{where} missing attribute_value_fqn")
    if "actions" not in entry:
        raise ValueError(f"{where} missing actions")
    try:
        return DirectEntitlement(fqns[0], _actions(entry["actions"]))
    except ValueError as problem:
        raise ValueError(f"{where} invalid actions: {problem}") from None


def _actions(raw: object) -> tuple[str, ...]:
    names = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(names, list):
        raise ValueError("actions must be an array or string")  # noqa: TRY004 - see _parse
    if not all(isinstance(name, str) for name in names):
        raise ValueError("action must be a string")
    kept = tuple(name.strip().lower() for name in names if name.strip())
    if not kept:
        raise ValueError("no actions provided")
    return kept
