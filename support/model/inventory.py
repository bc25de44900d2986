"""The inventory: what is installed and what it can do, gathered once before planning."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from support.model.capability import Answer


@dataclass(frozen=True, slots=True)
class InstalledSdk:
    """An SDK on this machine.

    Attributes:
        id: `<language>-<version>`.
        features: what was probed, by the name of the feature.
        digest: of what its folder holds, so that machines and runs can be compared; empty where
            nobody asked.
    """

    id: str
    language: str
    version: str
    origin: str
    features: Mapping[str, Answer] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything planning needs to know of the machine.

    `stack_features` are the values of `@needs:` tags that the stack can serve.
    """

    sdks: tuple[InstalledSdk, ...] = ()
    stack_features: tuple[str, ...] = ()

    def versions_of(self, language: str) -> tuple[InstalledSdk, ...]:
        """Return the installed SDKs of one language, in the order they were found."""
        return tuple(sdk for sdk in self.sdks if sdk.language == language)

    def find(self, value: str) -> InstalledSdk | None:
        """Return the SDK with this id, or None."""
        return next((sdk for sdk in self.sdks if sdk.id == value), None)
