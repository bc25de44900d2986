"""The fragments of feature files: those known from before, and those that are made now."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cucumber_tag_expressions.parser
import gherkin.parser

from support.foundation.errors import SpecificationError
from support.foundation.settings import ROOT
from support.planning import estimates, inventory_file
from support.planning.feature_cache import FeatureCache, key_of
from support.planning.feature_files import FeatureFile
from support.planning.fragments import Fragment, FragmentMaker
from support.planning.planner import Basis
from support.planning.records import as_json
from support.planning.selection import Criteria

_DECIDING_CODE = ("model", "specs", "profiles", "planning")
_DECIDING_LIBRARIES = (gherkin.parser, cucumber_tag_expressions.parser)

Reasons = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Made:
    """Fragments in the order of their files, and how many of them were not known before."""

    fragments: tuple[Fragment, ...]
    new: int


@dataclass(frozen=True, slots=True)
class FragmentStore:
    """Makes fragments on one basis, and keeps them.

    Attributes:
        basis: what beside the feature files decides a plan.
        files: contents of the catalog and the requirement registry.
        seconds: how long units took before, by unit id.
        selected: why units are wanted, by unit id; None where the criteria alone decide.
        folder: keeps fragments; None to keep none.
    """

    basis: Basis
    files: tuple[bytes, ...]
    seconds: Mapping[str, float]
    selected: Reasons | None
    folder: Path | None

    def fragments(self, files: Sequence[FeatureFile]) -> Made:
        """Return the fragment of each feature file.

        Raises:
            SpecificationError: feature files are wrong; all problems of all of them.
        """
        keys = self._keys(files)
        cache = FeatureCache(self.folder, self._basis_digest()) if self.folder else None
        known = cache.read(keys.items()) if cache else {}
        fresh = self._made([file for file in files if file.path not in known])
        if cache and fresh:
            cache.write((path, keys[path], fragment) for path, fragment in fresh.items())
        found = known | fresh
        return Made(tuple(found[file.path] for file in files), len(fresh))

    def _made(self, files: Sequence[FeatureFile]) -> dict[str, Fragment]:
        seconds = estimates.by_feature(self.seconds)
        maker = FragmentMaker(self.basis)
        made: dict[str, Fragment] = {}
        problems: list[str] = []
        for file in files:
            try:
                made[file.path] = maker.make(file.path, file.text, seconds.get(file.path, {}))
            except SpecificationError as error:
                problems += error.problems
        if problems:
            raise SpecificationError(tuple(problems))
        return made

    def _keys(self, files: Sequence[FeatureFile]) -> dict[str, str]:
        seconds = estimates.by_feature(self.seconds)
        selected = _by_feature(self.selected or {})
        return {
            file.path: key_of(
                file.path,
                file.digest,
                as_json(seconds.get(file.path)),
                as_json(selected.get(file.path)),
            )
            for file in files
        }

    def _basis_digest(self) -> str:
        basis = self.basis
        return key_of(
            code_digest(),
            as_json([basis.profile.lineage, basis.profile.merged.value]),
            *(hashlib.sha256(content).hexdigest() for content in self.files),
            as_json(inventory_file.as_data(basis.inventory)),
            repr([_plain(criteria) for criteria in basis.criteria]),
            repr([waiver.holds_on(basis.today) for waiver in basis.profile.waivers]),
        )


def _plain(criteria: Criteria) -> Criteria:
    """Return criteria with titles in place of what knows single units: those are told by file."""
    titles = tuple(wanted.title for wanted in criteria.wanted)
    return replace(criteria, wanted=(), origin=f"{criteria.origin} {titles}")


def _by_feature(selected: Reasons) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for unit_id, reasons in selected.items():
        found.setdefault(estimates.feature_of(unit_id), {})[unit_id] = reasons
    return found


def code_digest() -> str:
    """Return the digest of the code that plans: another version plans everything anew."""
    digest = hashlib.sha256(sys.version.encode())
    for room in _DECIDING_CODE:
        for path in sorted((ROOT / "support" / room).glob("*.py")):
            digest.update(path.read_bytes())
    for library in _DECIDING_LIBRARIES:
        status = Path(str(library.__file__)).stat()
        digest.update(repr((status.st_size, status.st_mtime_ns)).encode())
    return digest.hexdigest()
