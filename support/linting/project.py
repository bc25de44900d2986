"""What features are judged by: the registry, the catalog, the profiles and the vocabulary."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.linting.near_tags import NearTags
from support.linting.vocabulary import Vocabulary
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.catalog import Catalog
from support.profiles.profile import Profile
from support.specs import phrases, requirements
from support.specs.finding import Finding
from support.specs.requirements import Requirement

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<what>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Project:
    """A project's root and what stands in it.

    Attributes:
        requirements: the registry, by id.
        profiles: the shipped ones that can be loaded.
    """

    root: Path
    requirements: Mapping[str, Requirement]
    catalog: Catalog
    profiles: tuple[Profile, ...]
    vocabulary: Vocabulary
    near_tags: NearTags

    @property
    def features(self) -> Path:
        """The folder of the shipped features."""
        return self.root / "features"

    @property
    def registry(self) -> Path:
        """The file of the requirement registry."""
        return self.root / "features" / "requirements.yaml"

    @property
    def profile_folder(self) -> Path:
        """The folder of the shipped profiles."""
        return self.root / "profiles"

    def shown(self, path: Path) -> str:
        """Return the path by which findings name a file: from the root, where it is below it."""
        resolved = real(path)
        if resolved.is_relative_to(self.root):
            path = resolved.relative_to(self.root)
        return path.as_posix().encode("utf-8", "replace").decode("utf-8")

    def located(self, rule: str, error: ConfigurationError, path: Path) -> Finding:
        """Return a finding at the place that an error's message names, else at a file's top."""
        match = _PLACE.match(str(error))
        if match is None:
            what = str(error).removeprefix(f"{path}: ")
            return Finding(rule, self.shown(path), 1, 1, 1, what)
        found, line = Path(match["path"]), int(match["line"])
        column, length = extent(found, line)
        if match["column"]:
            column, length = int(match["column"]), 1
        return Finding(rule, self.shown(found), line, column, length, match["what"])


def real(path: Path) -> Path:
    """Return the absolute path without links; unlike `Path.resolve`, also where links go round."""
    return Path(os.path.realpath(path))


def extent(path: Path, line: int) -> tuple[int, int]:
    """Return column and length of what stands on a line of a file, blanks around it left out."""
    try:
        text = path.read_text(encoding="utf-8").split("\n")[line - 1]
    except (OSError, UnicodeDecodeError, IndexError):
        return 1, 1
    return len(text) - len(text.lstrip()) + 1, max(1, len(text.strip()))


def load(root: Path) -> Project:
    """Load what the features of a project are judged by.

    Raises:
        ConfigurationError: the registry, the catalog or a step module is wrong.
    """
    root = root.resolve()
    registry = {entry.id: entry for entry in requirements.load(root / "features/requirements.yaml")}
    catalog = catalogs.load(root / "profiles" / "capability-catalog.yaml")
    return Project(
        root=root,
        requirements=registry,
        catalog=catalog,
        profiles=_loadable(root / "profiles", catalog),
        vocabulary=Vocabulary(_phrases(root / "steps")),
        near_tags=NearTags(registry, catalog),
    )


def _loadable(folder: Path, catalog: Catalog) -> tuple[Profile, ...]:
    """Load every profile that can be; those that cannot are findings of their own."""
    found: list[Profile] = []
    for profile_id in profiles.available(folder):
        try:
            found.append(profiles.load(folder, profile_id, catalog))
        except ConfigurationError:
            continue
    return tuple(found)


def _phrases(folder: Path) -> tuple[phrases.Phrase, ...]:
    try:
        return phrases.phrases(folder)
    except SyntaxError as error:
        raise ConfigurationError(
            f"{folder}: a step module is not Python: {error.msg}, line {error.lineno}, "
            f"{(error.text or '').strip()!r}. Mend it."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{folder}: a step module is not UTF-8 text: {error}.") from error
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
