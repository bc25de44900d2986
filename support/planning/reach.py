"""What a run executes, and what a step reaches: the definitions of a project as a graph.

Followed are the names that a definition evaluates. An object's methods run only where the object
was made, so the name of its class was evaluated by something that is reached. The exception is the
world that steps act on: it is made for every unit, so its members count where they are asked for.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

from support.planning.definitions import EVERYTHING, LOOSE, Definition, Module, read_module
from support.planning.imports import ImportGraph

STEPS = "steps"
HOOKS = "environment"
HUB = "support.world.world"
HUB_CLASS = "World"

Node = tuple[str, str]
"""A module and the name of one of its definitions."""


@dataclass(frozen=True)
class Reach:
    """The definitions that matter for a set of modules; all others are never read.

    Attributes:
        imports: the project's modules.
        relevant: the modules that can reach what is looked for; edges to others are left out.
        programs: packages that are started as processes of their own.
    """

    imports: ImportGraph
    relevant: AbstractSet[str]
    programs: AbstractSet[str]
    _modules: dict[str, Module] = field(default_factory=dict)
    _edges: dict[Node, tuple[Node, ...]] = field(default_factory=dict)

    def module(self, name: str) -> Module:
        """Return what a module defines.

        Raises:
            SyntaxError: its text is not Python.
        """
        if name not in self._modules:
            apart = HUB_CLASS if name == HUB else ""
            self._modules[name] = read_module(self.imports.texts[name], apart)
        return self._modules[name]

    def nodes(self, module: str) -> tuple[Node, ...]:
        """Return every definition of a module."""
        if module not in self.imports.texts:
            return ()
        return tuple((module, name) for name in self.module(module).definitions)

    def first(self, starts: Iterable[Node], wanted: AbstractSet[Node]) -> Node | None:
        """Return the wanted definition that is nearest to one of the starts, or None."""
        return next((node for node in self._walk(starts) if node in wanted), None)

    def all(self, start: Node, wanted: AbstractSet[Node]) -> frozenset[Node]:
        """Return every wanted definition that a start reaches."""
        return frozenset(node for node in self._walk((start,)) if node in wanted)

    def names(self, node: Node, texts: Iterable[str]) -> bool:
        """Tell whether a definition has one of these texts, or a path that ends with one."""
        definition = self._definition(node)
        return definition is not None and any(
            text == literal or literal.endswith(f"/{text}")
            for text in texts
            for literal in definition.literals
        )

    def early(self, module: str) -> Iterator[Node]:
        """Yield what a module calls, or hands over to be called, while it is imported."""
        for node in self.nodes(module):
            definition = self.module(module).definitions[node[1]]
            if definition.handed_over:
                yield node
            handed = definition.loads if node[1] == LOOSE else definition.early_calls
            for name in handed:
                yield from self._resolved(module, name)

    def _walk(self, starts: Iterable[Node]) -> Iterator[Node]:
        waiting = deque(starts)
        seen = set(waiting)
        while waiting:
            node = waiting.popleft()
            yield node
            for target in self._targets(node):
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)

    def _targets(self, node: Node) -> tuple[Node, ...]:
        if node not in self._edges:
            self._edges[node] = tuple(
                target
                for target in self._all_targets(node)
                if target[0] in self.relevant and target != node
            )
        return self._edges[node]

    def _all_targets(self, node: Node) -> Iterator[Node]:
        module = node[0]
        if module not in self.imports.texts or module not in self.relevant:
            return
        definition = self._definition(node)
        if definition is None:
            bound = self.module(module).bindings.get(node[1])
            yield from self._outside(*bound) if bound else ((module, LOOSE),)
            return
        if node[1] != LOOSE:
            yield (module, LOOSE)
        for name in definition.loads:
            yield from self._resolved(module, name)
        for target in (*definition.imported, *self._unnamed(module)):
            yield from self._whole(*target)
        for text in definition.literals & self.programs:
            yield (text, LOOSE)
        yield from self._members(node, definition)

    def _definition(self, node: Node) -> Definition | None:
        if node[0] not in self.imports.texts:
            return None
        return self.module(node[0]).definitions.get(node[1])

    def _resolved(self, module: str, name: str) -> Iterator[Node]:
        """Yield what a name, or a name with an attribute, stands for in a module."""
        base, _, attribute = name.partition(".")
        known = self.module(module)
        if base in known.definitions:
            yield (module, base)
        elif base in known.bindings:
            yield (module, base)
            target, part = known.bindings[base]
            whole = f"{target}.{part}" if part is not None else target
            if whole in self.imports.texts and attribute:
                yield from self._outside(whole, attribute)
            elif whole in self.imports.texts or part is None:
                yield from self._outside(whole, None)

    def _unnamed(self, module: str) -> Iterator[tuple[str, str | None]]:
        """Yield the imports of a module whose uses no name tells."""
        for name, target in self.module(module).bindings.items():
            if name.startswith(EVERYTHING):
                yield target

    def _whole(self, module: str, name: str | None) -> Iterator[Node]:
        """Yield what an import may stand for where its uses are not followed."""
        part = f"{module}.{name}"
        if part in self.imports.texts:
            yield from self._outside(part, None)
        else:
            yield from self._outside(module, None if name == EVERYTHING else name)

    def _outside(self, module: str, name: str | None) -> Iterator[Node]:
        """Yield what an imported name stands for; a module as a value stands for all of it."""
        if name is None:
            yield (module, LOOSE)
            if module in self.relevant:
                yield from self.nodes(module)
        elif f"{module}.{name}" in self.imports.texts:
            yield (f"{module}.{name}", LOOSE)
        else:
            yield (module, name)

    def _members(self, node: Node, definition: Definition) -> Iterator[Node]:
        """Yield the members of the world that a definition asks for."""
        module, name = node
        in_steps = module.startswith(f"{STEPS}.")
        if not (in_steps or node in self._holders or name.startswith(f"{HUB_CLASS}.")):
            return
        for member, attribute in self._hub_members.items():
            if attribute in definition.attributes:
                yield (HUB, member)
        for callee in definition.receivers:
            if in_steps and not self._takes_world(module, callee):
                yield from ((HUB, member) for member in self._hub_members)

    def _takes_world(self, module: str, callee: str) -> bool:
        """Tell whether a function that gets the world is one whose uses of it are followed."""
        ends = [end for target in self._resolved(module, callee) for end in self._ends(target)]
        return bool(ends) and all(
            end in self._holders or end[0].startswith(f"{STEPS}.") for end in ends
        )

    def _ends(self, node: Node) -> tuple[Node, ...]:
        """Return what an imported name stands for; anything else stands for itself."""
        bound = None
        if node[0] in self.imports.texts:
            bound = self.module(node[0]).bindings.get(node[1])
        return tuple(self._outside(*bound)) if bound else (node,)

    @cached_property
    def _hub_members(self) -> Mapping[str, str]:
        if HUB not in self.relevant or HUB not in self.imports.texts:
            return {}
        names = (name for _, name in self.nodes(HUB))
        return {n: n.partition(".")[2] for n in names if n.startswith(f"{HUB_CLASS}.")}

    @cached_property
    def _holders(self) -> frozenset[Node]:
        """The definitions that may hold a world: their annotations lead to its class."""
        if not self._hub_members:
            return frozenset()
        found: set[Node] = {(HUB, HUB_CLASS)}
        candidates = [
            node
            for module in sorted(self.imports.that_reach([HUB]) & self.relevant)
            if module in self.imports.texts
            for node in self.nodes(module)
        ]
        grown = True
        while grown:
            grown = False
            for node in candidates:
                if node not in found and self._mentions(node, found):
                    found.add(node)
                    grown = True
        return frozenset(found)

    def _mentions(self, node: Node, holders: AbstractSet[Node]) -> bool:
        definition = self._definition(node)
        names = definition.annotations | definition.loads if definition else ()
        return any(
            end in holders
            for name in names
            for target in self._resolved(node[0], name)
            for end in self._ends(target)
        )
