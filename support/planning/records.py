"""Units and left-out specs as the texts that `plan.json` has of them, one line each.

Tens of thousands of records differ in little, so each part is made into JSON once and joined.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from support.model.spec import Spec
from support.model.unit import Expectation, Unit
from support.model.variant import Variant
from support.planning.selection import LeftOut


def as_json(value: object) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def unit_record(unit: Unit, seconds: float | None = None) -> dict[str, Any]:
    """Return a unit as the plan file has it; `seconds` is how long it took before."""
    spec = unit.spec
    record: dict[str, Any] = {
        "id": unit.id,
        "feature": spec.feature_path,
        "line": spec.line,
        "name": unit.title,
        "requirements": list(spec.requirement_ids),
        "tags": list(dict.fromkeys(spec.tags)),
        "severity": unit.severity.value,
        "capabilities": {c.dimension: c.value for c in unit.variant},
        "reasons": list(unit.reasons),
        **_expected(unit.expectation),
    }
    if unit.waiver is not None:
        record["waiver"] = str(unit.waiver)
    if seconds is not None:
        record["estimate_seconds"] = seconds
    return record


def left_out_record(left: LeftOut) -> dict[str, Any]:
    """Return a spec that is left out as the plan file has it."""
    spec = left.spec
    return {
        "id": spec.id,
        "feature": spec.feature_path,
        "line": spec.line,
        "name": spec.name,
        "reason": left.reason,
    }


def _expected(expectation: Expectation) -> dict[str, str]:
    if not expectation.reason:
        return {"disposition": expectation.disposition}
    return {"disposition": expectation.disposition, "why_not_run": expectation.reason}


class UnitTexts:
    """Writes units; says the same as `unit_record`, in a fifth of the time."""

    def __init__(self) -> None:
        # Variants and expectations are few, and shared by many units: they are kept by identity,
        # and held, so that no other one gets theirs.
        self._variants: dict[int, tuple[Variant, str, str, str]] = {}
        self._expectations: dict[int, tuple[Expectation, str]] = {}
        self._reasons: dict[tuple[str, ...], str] = {}

    def of(self, units: Iterable[Unit], seconds: Mapping[str, float]) -> Iterator[str]:
        """Yield each unit's record; `seconds` says how long units took before, by unit id."""
        spec: Spec | None = None
        parts = ("", "", "")
        for unit in units:
            if unit.spec is not spec:
                spec = unit.spec
                parts = _of_spec(unit)
            beginning, name, middle = parts
            _, variant_id, label, capabilities = self._variant(unit.variant)
            text = (
                f"{beginning}#{variant_id}{name}{label}{middle}{capabilities}"
                f"{self._reason(unit.reasons)}{self._expectation(unit.expectation)}"
            )
            if unit.waiver is not None:
                text += f', "waiver": {as_json(str(unit.waiver))}'
            took = seconds.get(unit.id) if seconds else None
            yield f"{text}}}" if took is None else f'{text}, "estimate_seconds": {as_json(took)}}}'

    def _variant(self, variant: Variant) -> tuple[Variant, str, str, str]:
        known = self._variants.get(id(variant))
        if known is None:
            shown = " ".join(map(str, variant))
            values = {c.dimension: c.value for c in variant}
            known = (
                variant,
                _inside(variant.id),
                _inside(f" [{shown}]" if shown else ""),
                f'"capabilities": {as_json(values)}, ',
            )
            self._variants[id(variant)] = known
        return known

    def _expectation(self, expectation: Expectation) -> str:
        known = self._expectations.get(id(expectation))
        if known is None:
            known = (expectation, as_json(_expected(expectation))[1:-1])
            self._expectations[id(expectation)] = known
        return known[1]

    def _reason(self, reasons: tuple[str, ...]) -> str:
        known = self._reasons.get(reasons)
        if known is None:
            known = self._reasons[reasons] = f'"reasons": {as_json(list(reasons))}, '
        return known


def _of_spec(unit: Unit) -> tuple[str, str, str]:
    """Return what all units of a spec begin with, what is before their name's end, and after."""
    bare = unit_record(Unit(unit.spec, Variant(), severity=unit.severity))
    place = f'"feature": {as_json(bare["feature"])}, "line": {bare["line"]}'
    rest = {name: bare[name] for name in ("requirements", "tags", "severity")}
    return (
        f'{{"id": "{_inside(unit.spec.id)}',
        f'", {place}, "name": "{_inside(bare["name"])}',
        f'", {as_json(rest)[1:-1]}, ',
    )


def _inside(text: str) -> str:
    """Return a text as it stands between the quotes of a JSON string."""
    return as_json(text)[1:-1]
