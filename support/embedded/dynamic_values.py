"""Dynamic value mappings against what is known of a subject; pure.

After ``service/internal/subjectmappingbuiltin`` of the platform's source: the value that a
resource carries is compared with every value of a property; a condition set has to hold first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.embedded.conditions import Operator, satisfies, text_of
from support.embedded.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.embedded.conditions import Flattened
    from support.embedded.policy.records import DynamicMapping
    from support.embedded.protocol import Message


def resolves(
    mapping: DynamicMapping,
    subject_sets: Sequence[Message],
    subject: Flattened,
    value: str,
    faults: frozenset[Fault] = frozenset(),
) -> bool:
    """Tell whether a mapping entitles a subject to a value of its attribute.

    Args:
        mapping: With the property to compare, and how.
        subject_sets: Those of its condition set; none where it has none.
        subject: What is known of the subject.
        value: The value's own name, such as ``apollo``.
        faults: Rules to break.
    """
    gate = subject_sets if Fault.DYNAMIC_MAPPING_GATE_SKIPPED not in faults else ()
    if not satisfies(gate, subject):
        return False
    known = [text_of(item) for item in subject.get(mapping.selector, []) if item is not None]
    contains = Fault.DYNAMIC_MAPPING_CONTAINS_FOR_EQUALS in faults
    if contains or mapping.operator == Operator.IN_CONTAINS:
        return any(value in text for text in known)
    return value in known
