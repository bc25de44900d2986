"""How decisions are made: what the options of a platform change about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.faults import Fault
from support.embedded.options import DIRECT_ENTITLEMENTS, DYNAMIC_MAPPINGS, NAMESPACED_POLICY

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """What counts as an entitlement, beside subject mappings.

    Attributes:
        direct: What an entity brings itself counts.
        dynamic: What a dynamic mapping resolves counts.
        namespaced: An action counts only in the namespace of the value that it is entitled on.
    """

    direct: bool = False
    dynamic: bool = False
    namespaced: bool = False

    @classmethod
    def of(cls, options: Collection[str], faults: Collection[Fault] = ()) -> Modes:
        """Return what the options of a platform mean for decisions."""
        unasked = Fault.DIRECT_ENTITLEMENTS_UNASKED in faults
        off = Fault.NAMESPACED_POLICY_NOT_ENFORCED in faults
        return cls(
            direct=DIRECT_ENTITLEMENTS in options or unasked,
            dynamic=DYNAMIC_MAPPINGS in options and Fault.DYNAMIC_MAPPING_OFF not in faults,
            namespaced=NAMESPACED_POLICY in options and not off,
        )
