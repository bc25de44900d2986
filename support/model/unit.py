"""The unit: one spec in one variant, the atom of planning, execution and evidence."""

from dataclasses import dataclass
from typing import Literal

from support.model.severity import Severity
from support.model.spec import Spec
from support.model.variant import Variant
from support.model.waiver import Waiver

Disposition = Literal["run", "skip", "not_applicable", "error"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the plan expects of a unit before it runs.

    `skip` is a skip that the profile declares, `not_applicable` a pinned value the profile lacks,
    `error` a unit that cannot run although the profile says it must. Each but `run` has a reason.
    """

    disposition: Disposition = "run"
    reason: str = ""


RUN = Expectation()


@dataclass(frozen=True, slots=True)
class Unit:
    """One spec in one variant, with what the plan expects of it.

    Attributes:
        reasons: why the plan has it.
        severity: how urgent its failure would be.
        waiver: accepts its failure.
    """

    spec: Spec
    variant: Variant
    expectation: Expectation = RUN
    reasons: tuple[str, ...] = ()
    severity: Severity = Severity.MEDIUM
    waiver: Waiver | None = None

    @property
    def id(self) -> str:
        """The one stable id of this unit: `<spec id>#<variant id>`."""
        return f"{self.spec.id}#{self.variant.id}"

    @property
    def title(self) -> str:
        """The name people see: scenario, example row, variant."""
        row = self.spec.row
        label = f" -- {row.examples_name}.{row.cells[0]}" if row else ""
        variant = " ".join(map(str, self.variant))
        return f"{self.spec.name}{label}" + (f" [{variant}]" if variant else "")
