"""Conditions of an entitlement, from the table of a scenario to the form of the policy service."""

from collections.abc import Iterable, Mapping

from support.world.people import selector_of
from support.world.words import meaning_of, words_in

HEADINGS = ("set", "meets", "attribute", "is", "values")

_OPERATORS = {
    "one of": "SUBJECT_MAPPING_OPERATOR_ENUM_IN",
    "none of": "SUBJECT_MAPPING_OPERATOR_ENUM_NOT_IN",
    "containing one of": "SUBJECT_MAPPING_OPERATOR_ENUM_IN_CONTAINS",
}
_COMBINATIONS = {
    "every": "CONDITION_BOOLEAN_TYPE_ENUM_AND",
    "any": "CONDITION_BOOLEAN_TYPE_ENUM_OR",
}


def subject_sets(rows: Iterable[Mapping[str, str]]) -> list[dict[str, object]]:
    """Return the subject sets of a condition set: one for each name in the column `set`.

    All sets have to be met. Of one set, `every` or `any` of its conditions.

    Raises:
        SpecificationError: a word of the table is not known.
    """
    grouped: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in rows:
        combination = meaning_of(row["meets"], _COMBINATIONS, "how many conditions to meet")
        condition: dict[str, object] = {
            "subjectExternalSelectorValue": selector_of(row["attribute"]),
            "operator": meaning_of(row["is"], _OPERATORS, "a comparison"),
            "subjectExternalValues": list(words_in(row["values"])),
        }
        grouped.setdefault((row["set"], combination), []).append(condition)
    return [
        {"conditionGroups": [{"booleanOperator": combination, "conditions": conditions}]}
        for (_, combination), conditions in grouped.items()
    ]
