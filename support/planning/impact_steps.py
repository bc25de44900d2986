"""From changed code to the scenarios whose steps reach it, and from scenarios to units."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import parse

from support.model.inventory import Inventory
from support.model.spec import Spec
from support.model.unit import Unit
from support.planning.definitions import LOOSE
from support.planning.impact_code import ChangedCode, changed_code
from support.planning.impact_files import Findings, quoted
from support.planning.imports import module_name
from support.planning.inputs import sdks_in_use
from support.planning.project import Project
from support.planning.reach import HOOKS, STEPS, Node, Reach
from support.specs.phrases import Phrase, phrases_of, with_keywords

EMBEDDED = "embedded"
_MAIN = ".__main__"
_DOCUMENTS = "support.foundation.documents"


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


@dataclass(frozen=True)
class Vocabulary:
    """The phrases of a project's steps, and which function each spec's steps call."""

    sources: Mapping[str, str]

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every phrase.

        Raises:
            SyntaxError: a step module is not Python.
            ValueError: a step function has no docstring.
        """
        return tuple(
            phrase
            for path, text in self.sources.items()
            if path.startswith(f"{STEPS}/")
            for phrase in phrases_of(module_name(path).removeprefix(f"{STEPS}."), text)
        )

    @cached_property
    def _parsers(self) -> tuple[tuple[str, Node, parse.Parser], ...]:
        return tuple((p.keyword, function_of(p), parse.compile(p.pattern)) for p in self.phrases)

    @cached_property
    def _known(self) -> dict[tuple[str, str], frozenset[Node]]:
        return {}

    def functions(self, spec: Spec) -> tuple[frozenset[Node], bool]:
        """Return the functions of a spec's steps, and whether each step has one."""
        found: set[Node] = set()
        complete = True
        for step, keyword in with_keywords(spec.steps):
            asked = (keyword, step.text)
            if asked not in self._known:
                self._known[asked] = frozenset(
                    node
                    for word, node, p in self._parsers
                    if word == keyword and p.parse(step.text)
                )
            found |= self._known[asked]
            complete = complete and bool(self._known[asked])
        return frozenset(found), complete


def function_of(phrase: Phrase) -> Node:
    """Return the definition behind a phrase."""
    return f"{STEPS}.{phrase.module}", phrase.function


def follow(found: Findings, project: Project, units: Sequence[Unit], stack: str) -> None:
    """Add to the findings what changed code and data files are to the specs of a plan."""
    if found.everything or not (found.code or found.data):
        return
    try:
        _Follower(found, project, stack).follow({unit.spec.id: unit.spec for unit in units})
    except (SyntaxError, ValueError) as error:
        found.everything.append(f"the project's code cannot be read: {error}")


class _Follower:
    def __init__(self, found: Findings, project: Project, stack: str) -> None:
        self._found = found
        self._imports = found.imports
        self._runner = project.runner
        self._vocabulary = Vocabulary(project.sources)
        mains = [name for name in self._imports.texts if name.endswith(_MAIN)]
        packages = (name.removesuffix(_MAIN) for name in mains)
        self._programs = frozenset(packages if stack == EMBEDDED else ())

    def follow(self, specs: Mapping[str, Spec]) -> None:
        changed = [changed_code(change, self._imports) for change in self._found.code]
        for code in changed:
            if not code.reasons and not code.fatal:
                self._found.unrelated[code.path] = "only comments, docstrings or layout changed"
        wanted = {node: reason for code in changed for node, reason in code.reasons.items()}
        wanted.update(self._readers())
        wanted.update(self._of_programs(wanted))
        reach = Reach(self._imports, self._relevant(wanted), self._programs)
        self._found.everything.extend(self._of_every_run(changed, reach, wanted))
        if self._found.everything:
            return
        self._of_phrases(changed, specs.values())
        related = self._of_specs(reach, wanted, specs.values())
        for code in changed:
            if code.reasons and related.isdisjoint(code.reasons):
                self._found.unrelated[code.path] = "no step and no run reaches it"

    def _of_programs(self, wanted: Mapping[Node, str]) -> dict[Node, str]:
        """Return the programs that a run starts and that have changed, each as one whole."""
        return {
            (package, LOOSE): reason
            for package in self._programs
            for (module, _), reason in wanted.items()
            if module == package or module.startswith(f"{package}.")
        }

    def _readers(self) -> Iterator[tuple[Node, str]]:
        """Yield the definitions that name a changed data file."""
        reach = Reach(self._imports, frozenset(self._imports.texts), frozenset())
        for path, names in self._found.data.items():
            nodes = list(_naming(reach, names))
            for module, name in nodes:
                yield (module, name), f"{path} changed, which {module}: {name or 'it'} reads"
            if not nodes:
                self._found.everything.append(
                    f"{path} changed, and nothing tells which units depend on it"
                )

    def _relevant(self, wanted: Mapping[Node, str]) -> frozenset[str]:
        modules = {module for module, _ in wanted}
        starters = {
            name
            for package in self._programs & modules
            for name, text in self._imports.texts.items()
            if any(shown in text for shown in quoted(package))
        }
        return self._imports.that_reach(modules | starters)

    def _of_every_run(
        self, changed: Iterable[ChangedCode], reach: Reach, wanted: Mapping[Node, str]
    ) -> Iterator[str]:
        """Yield why every unit is touched."""
        starts = {name for name in self._imports.texts if name.startswith(f"{STEPS}.")} | {HOOKS}
        starts |= {self._runner[0]} if self._runner else set()
        loaded = self._imports.reached_from(starts)
        fatal = [code for code in changed if code.fatal and code.module in loaded]
        if fatal:
            yield from (f"{code.fatal}; every run imports it" for code in fatal)
            return
        roots = [*reach.nodes(HOOKS), *([self._runner] if self._runner else [])]
        hit = reach.first(roots, wanted.keys())
        if hit is not None:
            yield f"{wanted[hit]}, and every run executes it"
            return
        early = [n for module in sorted(loaded & reach.relevant) for n in reach.early(module)]
        hit = reach.first(early, wanted.keys())
        if hit is not None:
            yield f"{wanted[hit]}, and every run executes it while it imports its modules"

    def _of_phrases(self, changed: Iterable[ChangedCode], specs: Iterable[Spec]) -> None:
        """Relate phrases that are gone, and refuse to guess about phrases that now overlap."""
        changes = {change.path: change for change in self._found.code}
        for code in changed:
            if not code.module.startswith(f"{STEPS}."):
                continue
            name, before = code.module.removeprefix(f"{STEPS}."), changes[code.path].before
            now = {(p.keyword, p.pattern) for p in self._vocabulary.phrases if p.module == name}
            old = _phrases(name, before)
            for phrase in old:
                if (phrase.keyword, phrase.pattern) not in now:
                    reason = f'{code.path}: the phrase "{phrase.pattern}" was removed'
                    self._add_matching(phrase, reason, specs)
            known = {(p.keyword, p.pattern) for p in old}
            self._found.everything.extend(self._overlaps(code.path, now - known))

    def _add_matching(self, phrase: Phrase, reason: str, specs: Iterable[Spec]) -> None:
        parser = parse.compile(phrase.pattern)
        for spec in specs:
            if any(
                keyword == phrase.keyword and parser.parse(step.text)
                for step, keyword in with_keywords(spec.steps)
            ):
                self._found.specs.setdefault(spec.id, []).append(reason)

    def _overlaps(self, path: str, fresh: AbstractSet[tuple[str, str]]) -> Iterator[str]:
        """Yield new phrases that another phrase matches too: behave refuses to load those."""
        for keyword, pattern in sorted(fresh):
            for other in self._vocabulary.phrases:
                if (
                    other.keyword == keyword
                    and other.pattern != pattern
                    and _overlap(other.pattern, pattern)
                ):
                    yield f'{path}: the new phrase "{pattern}" overlaps "{other.pattern}"'

    def _of_specs(
        self, reach: Reach, wanted: Mapping[Node, str], specs: Iterable[Spec]
    ) -> frozenset[Node]:
        """Relate each spec to what its steps reach; return all that was reached."""
        reached: dict[Node, frozenset[Node]] = {}
        for spec in specs:
            functions, complete = self._vocabulary.functions(spec)
            reasons = self._found.specs.setdefault(spec.id, [])
            if not complete:
                reasons.append("a step of it has no function that is known, and code changed")
            for function in sorted(functions):
                if function not in reached:
                    reached[function] = reach.all(function, wanted.keys())
                reasons.extend(_reasons(function, sorted(reached[function]), wanted))
        return frozenset(node for nodes in reached.values() for node in nodes)


def _reasons(function: Node, nodes: Iterable[Node], wanted: Mapping[Node, str]) -> Iterator[str]:
    where = f"{function[0].replace('.', '/')}.py: {function[1]}"
    for node in nodes:
        yield wanted[node] if node == function else f"{wanted[node]}, which {where} reaches"


def _naming(reach: Reach, names: AbstractSet[str]) -> Iterator[Node]:
    """Yield the definitions with a text that is one of the names, or a path that ends with one."""
    shown = [text for name in names for text in quoted(name)]
    full = tuple(name for name in names if "." in name)  # a bare word means a file to loaders only
    for module, text in reach.imports.texts.items():
        if not any(part in text for part in shown):
            continue
        loads = _DOCUMENTS in reach.imports.direct(module)
        for node in reach.nodes(module):
            if reach.names(node, names if loads else full):
                yield node


def _phrases(module: str, text: str | None) -> tuple[Phrase, ...]:
    try:
        return tuple(phrases_of(module, text or ""))
    except (SyntaxError, ValueError):
        return ()  # what it was is not known; what it is now is compared all the same


def _overlap(one: str, other: str) -> bool:
    return bool(parse.compile(one).parse(other) or parse.compile(other).parse(one))


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
