"""Which units a changed SDK touches, beside those that their specs and requirements name."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from support.model.inventory import Inventory
from support.model.spec import Spec
from support.model.unit import Unit
from support.planning.impact_files import Findings, quoted
from support.planning.inputs import sdks_in_use
from support.planning.reach import Node, Reach
from support.planning.vocabulary import Vocabulary


class Planned(Protocol):
    """The part of a target that tells which SDKs a unit may run."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of the plan."""
        ...

    @property
    def inventory(self) -> Inventory:
        """What is installed."""
        ...

    @property
    def default_sdk(self) -> str:
        """The SDK that serves a dimension which a unit does not name."""
        ...

    @property
    def sdk_dimensions(self) -> tuple[str, ...]:
        """The dimensions whose values are SDKs."""
        ...

    @property
    def last_sdk_digests(self) -> Mapping[str, Mapping[str, str]]:
        """Digests of the SDKs in each unit's last run."""
        ...


def by_unit(found: Findings, target: Planned) -> Mapping[str, Sequence[str]]:
    """Return the reasons of each unit: its spec's, its requirements', its SDKs'."""
    sdks = _Sdks(found, target)
    return {
        unit.id: (
            *found.specs.get(unit.spec.id, ()),
            *(r for name in unit.spec.requirement_ids for r in found.requirements.get(name, ())),
            *sdks.reasons(unit),
        )
        for unit in target.units
    }


class _Sdks:
    """Which SDKs a unit runs, and what is said of those."""

    def __init__(self, found: Findings, target: Planned) -> None:
        self._found = found
        self._target = target
        self._languages = {sdk.id: sdk.language for sdk in target.inventory.sdks}
        self._digests = {sdk.id: sdk.digest for sdk in target.inventory.sdks}
        sources = {f"{n.replace('.', '/')}.py": text for n, text in found.imports.texts.items()}
        self._vocabulary = Vocabulary(sources)
        self._asked: dict[str, tuple[str, ...]] = {}

    def reasons(self, unit: Unit) -> Iterator[str]:
        last = self._target.last_sdk_digests.get(unit.id)
        if not self._found.languages and last is None:
            return
        target = self._target
        dimensions = self._dimensions(unit.spec)
        for name in sdks_in_use(unit, target.inventory, target.default_sdk, dimensions):
            yield from self._found.languages.get(self._languages.get(name, ""), ())
            if last is not None and last.get(name) != self._digests.get(name):
                yield f"the SDK {name} is not the one of the unit's last run"
        for capability in unit.variant:  # one that is not installed here, but may be by then
            if capability.dimension in target.sdk_dimensions:
                yield from self._found.languages.get(capability.value, ())

    def _dimensions(self, spec: Spec) -> tuple[str, ...]:
        """Return the SDK dimensions that a spec's steps ask for; all where that is not known."""
        if spec.id not in self._asked:
            try:
                self._asked[spec.id] = self._ask(spec)
            except (SyntaxError, ValueError):
                self._asked[spec.id] = self._target.sdk_dimensions
        return self._asked[spec.id]

    def _ask(self, spec: Spec) -> tuple[str, ...]:
        functions, complete = self._vocabulary.functions(spec)
        if not complete:
            return self._target.sdk_dimensions
        return tuple(
            dimension
            for dimension in self._target.sdk_dimensions
            if any(self._asking[dimension] & self._reached(function) for function in functions)
        )

    @cached_property
    def _asking(self) -> Mapping[str, frozenset[Node]]:
        reach = self._reach
        return {
            dimension: frozenset(
                node
                for module in reach.relevant & reach.imports.texts.keys()
                if any(text in reach.imports.texts[module] for text in quoted(dimension))
                for node in reach.nodes(module)
                if reach.names(node, (dimension,))
            )
            for dimension in self._target.sdk_dimensions
        }

    @cached_property
    def _reach(self) -> Reach:
        imports = self._found.imports
        shown = [text for name in self._target.sdk_dimensions for text in quoted(name)]
        asking = [m for m, source in imports.texts.items() if any(t in source for t in shown)]
        return Reach(imports, imports.that_reach(asking), frozenset())

    @cached_property
    def _known(self) -> dict[Node, frozenset[Node]]:
        return {}

    def _reached(self, function: Node) -> frozenset[Node]:
        if function not in self._known:
            wanted = frozenset(node for nodes in self._asking.values() for node in nodes)
            self._known[function] = self._reach.all(function, wanted)
        return self._known[function]
