"""What a step may touch: everything that belongs to the unit that is running.

One World per unit. Steps reach it as `context.world`; it is typed, so a misspelt attribute is
found by the type checker and not at run time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from support.foundation.errors import SpecificationError
from support.foundation.http import HttpSession
from support.foundation.process import Observer
from support.model.events import AttachmentKind
from support.model.unit import Unit
from support.sdk.model import Sdk
from support.services.locator import Services

Attach = Callable[[AttachmentKind, str, str, bytes], None]


@dataclass(frozen=True, slots=True)
class Machine:
    """The doors of one unit to the outside, each of which records what passes.

    Attributes:
        workspace: an empty folder for this unit's files; removed afterwards.
        http: session whose exchanges become evidence.
        observe_command: hand this to the process runner, so that commands become evidence.
        attach: `attach(kind, name, media type, data)` adds a file to the evidence.
    """

    workspace: Path
    http: HttpSession
    observe_command: Observer
    attach: Attach
    command_time_limit_seconds: float


class World:
    """The state of one unit."""

    def __init__(
        self, unit: Unit, services: Services, sdks: tuple[Sdk, ...], machine: Machine
    ) -> None:
        self.unit = unit
        self.services = services
        self.machine = machine
        self._sdks = sdks

    def sdk_for(self, dimension: str) -> Sdk:
        """Return the SDK that the variant names for `encrypt_sdk` or `decrypt_sdk`.

        Raises:
            SpecificationError: the scenario does not name that dimension in a tag.
        """
        wanted = self.unit.variant.get(dimension)
        found = next((sdk for sdk in self._sdks if sdk.id == wanted), None)
        if found is None:
            raise SpecificationError(
                (
                    f"{self.unit.spec.feature_path}:{self.unit.spec.line}: a step uses the SDK of "
                    f"`{dimension}`, but the scenario names none. Tag it @cap:{dimension}=any.",
                )
            )
        return found


class StepContext(Protocol):
    """The part of behave's context that steps use."""

    world: World
