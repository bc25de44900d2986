import pytest

from support.foundation.errors import SpecificationError
from support.world.conditions import subject_sets


def row(**changed: str) -> dict[str, str]:
    return {
        "set": "first",
        "meets": "every",
        "attribute": "group",
        "is": "one of",
        "values": "a, b",
    } | changed


def test_rows_of_one_set_are_conditions_of_one_group() -> None:
    rows = [row(), row(attribute="clearance", **{"is": "none of"}, values="c")]

    (only,) = subject_sets(rows)

    assert only == {
        "conditionGroups": [
            {
                "booleanOperator": "CONDITION_BOOLEAN_TYPE_ENUM_AND",
                "conditions": [
                    {
                        "subjectExternalSelectorValue": ".attributes.group[]",
                        "operator": "SUBJECT_MAPPING_OPERATOR_ENUM_IN",
                        "subjectExternalValues": ["a", "b"],
                    },
                    {
                        "subjectExternalSelectorValue": ".attributes.clearance[]",
                        "operator": "SUBJECT_MAPPING_OPERATOR_ENUM_NOT_IN",
                        "subjectExternalValues": ["c"],
                    },
                ],
            }
        ]
    }


def test_each_set_stands_for_itself() -> None:
    assert len(subject_sets([row(), row(set="second", meets="any")])) == 2


@pytest.mark.parametrize("changed", [{"meets": "most"}, {"is": "like"}])
def test_words_that_nobody_knows_are_refused(changed: dict[str, str]) -> None:
    with pytest.raises(SpecificationError, match="Known"):
        subject_sets([row(**changed)])
