"""Which module imports which, by the texts of a project: quickly, and never too little."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache

_FROM = re.compile(
    r"^[ \t]*from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]+"
    r"(?P<names>\([^)]*\)|[^\n\\]*(?:\\\n[^\n\\]*)*)",
    re.MULTILINE,
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+(?P<modules>[\w., \t]+)", re.MULTILINE)
_COMMENT = re.compile(r"#[^\n]*")
PYTHON = ".py"
_PACKAGE_FILE = "/__init__"


def module_name(path: str) -> str:
    """Return the name by which a Python file is imported: `support/a/b.py` is `support.a.b`."""
    return path.removesuffix(PYTHON).removesuffix(_PACKAGE_FILE).replace("/", ".")


def imports_of(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield (module, name) for each import in a text; the name is None for `import module`."""
    for found in _FROM.finditer(text):
        names = _COMMENT.sub("", found["names"]).strip("()\\ \n\t")
        for part in names.split(","):
            name = part.split(" as ")[0].strip(" \\\n\t()")
            if name:
                yield found["module"], name
    for found in _IMPORT.finditer(text):
        for part in found["modules"].split(","):
            yield part.split(" as ")[0].strip(), None


@dataclass(frozen=True)
class ImportGraph:
    """The modules of a project, by the text of each.

    Attributes:
        texts: text of each module by its name.
        extra: imports that no text states, such as what a test runner hands in.
    """

    texts: Mapping[str, str]
    extra: Mapping[str, AbstractSet[str]]

    @cached_property
    def statements(self) -> Mapping[str, tuple[tuple[str, str | None], ...]]:
        """What each module imports, as (module, name or None)."""
        return {module: _statements(text) for module, text in self.texts.items()}

    @cached_property
    def roots(self) -> frozenset[str]:
        """The first parts of the modules' names: what belongs to the project."""
        return frozenset(module.partition(".")[0] for module in self.texts)

    def direct(self, module: str) -> AbstractSet[str]:
        """Return what one module imports itself, and the packages around that."""
        return self._direct.get(module, frozenset())

    def reached_from(self, modules: Iterable[str]) -> frozenset[str]:
        """Return these modules, and all that they import over any number of others."""
        return _closure(modules, self._direct)

    def that_reach(self, modules: Iterable[str]) -> frozenset[str]:
        """Return these modules, and all that import one of them over any number of others."""
        return _closure(modules, self._importers)

    @cached_property
    def _direct(self) -> Mapping[str, AbstractSet[str]]:
        return {
            module: {target for found in statements for target in self._modules(*found)}
            | self.extra.get(module, frozenset())
            for module, statements in self.statements.items()
        }

    @cached_property
    def _importers(self) -> Mapping[str, AbstractSet[str]]:
        importers: dict[str, set[str]] = {}
        for module, targets in self._direct.items():
            for target in targets:
                importers.setdefault(target, set()).add(module)
        return importers

    def _modules(self, module: str, name: str | None) -> Iterator[str]:
        """Yield the project's modules that one import runs: the packages around it too."""
        parts = module.split(".")
        yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        if name is not None:
            yield f"{module}.{name}"


@lru_cache(maxsize=4096)
def _statements(text: str) -> tuple[tuple[str, str | None], ...]:
    return tuple(imports_of(text))


def _closure(starts: Iterable[str], edges: Mapping[str, AbstractSet[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(edges.get(name, ()))
    return frozenset(found)
