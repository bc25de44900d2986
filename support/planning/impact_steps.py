"""From changed code to the scenarios whose steps reach it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from support.model.spec import Spec
from support.model.unit import Unit
from support.planning.definitions import LOOSE
from support.planning.impact_code import ChangedCode, changed_code
from support.planning.impact_files import DataFile, Findings, quoted, unknown
from support.planning.project import Project
from support.planning.reach import HOOKS, HUB, HUB_CLASS, STEPS, Node, Reach
from support.planning.vocabulary import Vocabulary
from support.specs.phrases import Phrase, compiled, phrases_of, with_keywords

WITHOUT_PROGRAMS = frozenset({"remote", "none"})
"""Stacks for which a run starts no program of the project."""

_MAIN = ".__main__"
_DOCUMENTS = "support.foundation.documents"


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
        self._programs = frozenset(() if stack in WITHOUT_PROGRAMS else packages)

    def follow(self, specs: Mapping[str, Spec]) -> None:
        changed = [changed_code(change, self._imports) for change in self._found.code]
        wanted = {node: reason for code in changed for node, reason in code.reasons.items()}
        nodes = {code.path: tuple(code.reasons) for code in changed if not code.fatal}
        for data in self._found.data:
            nodes[data.path] = readers = tuple(self._readers(data))
            told = {node: f"{data.path} changed, which {_shown(node)} reads" for node in readers}
            wanted.update(told)
        wanted.update(self._of_programs(wanted))
        reach = Reach(self._imports, self._relevant(wanted), self._programs)
        self._found.everything.extend(self._of_every_run(changed, reach, wanted))
        if not self._found.everything:
            self._of_phrases(changed, specs.values())
            related = self._of_specs(reach, wanted, specs.values())
            self._found.unrelated.update(self._idle(nodes, related))

    def _readers(self, data: DataFile) -> Iterator[Node]:
        """Yield the definitions that name a changed data file."""
        reach = Reach(self._imports, frozenset(self._imports.texts), frozenset())
        found = tuple(_naming(reach, data))
        if not found and not data.otherwise:
            self._found.everything.append(unknown(data.path))
        yield from found

    def _idle(
        self, nodes: Mapping[str, Sequence[Node]], related: AbstractSet[Node]
    ) -> Iterator[tuple[str, str]]:
        """Yield why each file that no step reaches touches nothing."""
        otherwise = {data.path: data.otherwise for data in self._found.data}
        for path, own in nodes.items():
            if not own and path not in otherwise:
                yield path, "only comments, docstrings or layout changed"
            elif related.isdisjoint(own):
                yield path, otherwise.get(path) or "no step and no run reaches it"

    def _of_programs(self, wanted: Mapping[Node, str]) -> dict[Node, str]:
        """Return the programs that a run starts and that have changed, each as one whole."""
        return {
            (package, LOOSE): reason
            for package in self._programs
            for (module, _), reason in wanted.items()
            if module == package or module.startswith(f"{package}.")
        }

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
        if f"class {HUB_CLASS}" not in self._imports.texts.get(HUB, ""):
            yield f"code changed, and {HUB} has no {HUB_CLASS} that tells what steps reach"
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
        parser = compiled(phrase.pattern)
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
    for node in nodes:
        direct = node == function
        yield wanted[node] if direct else f"{wanted[node]}, which {_shown(function)} reaches"


def _shown(node: Node) -> str:
    module, name = node
    return f"{module.replace('.', '/')}.py: {name or 'what stands outside of functions'}"


def _naming(reach: Reach, data: DataFile) -> Iterator[Node]:
    """Yield the definitions with a text that names a file.

    The stem of a schema is an ordinary word, so it counts only where documents are loaded.
    """
    shown = [text for name in data.any_names for text in quoted(name)]
    for module, text in reach.imports.texts.items():
        if not any(part in text for part in shown):
            continue
        loads = data.stem and _DOCUMENTS in reach.imports.direct(module)
        names = {*data.names, data.folder, *([data.stem] if loads else [])} - {""}
        for node in reach.nodes(module):
            in_place = not data.top or reach.names(node, {data.path, data.top})
            if in_place and reach.names(node, names):
                yield node


def _phrases(module: str, text: str | None) -> tuple[Phrase, ...]:
    try:
        return tuple(phrases_of(module, text or ""))
    except (SyntaxError, ValueError):
        return ()  # what it was is not known; what it is now is compared all the same


def _overlap(one: str, other: str) -> bool:
    return bool(compiled(one).parse(other) or compiled(other).parse(one))
