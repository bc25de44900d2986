"""The rules of profiles: they can be loaded, and what they accept for a while is somebody's."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.linting.project import Project, extent, real
from support.model.waiver import Waiver
from support.planning.selection import Criteria, Selector
from support.profiles import profile as profiles
from support.specs.finding import Finding


def check(folder: Path, project: Project, today: date) -> Iterator[Finding]:
    """Yield the findings about one profile folder.

    Args:
        folder: holds the three files of the profile.
        project: a profile in its folder of profiles is a shipped one.
        today: waivers that ended before are findings.
    """
    folder = real(folder)
    try:
        profile = profiles.load(folder.parent, folder.name, project.catalog)
        Selector(Criteria.of_profile(profile.selection, profile.id), project.requirements)
    except ConfigurationError as error:
        yield project.located("profile-broken", error, folder / "config.yaml")
        return
    mild = folder.parent != project.profile_folder
    for waiver in profile.waivers:
        if missing := _missing(waiver):
            message = f"the waiver has no {missing}. Say who answers for it, and until when."
            yield _at(project, waiver, "waiver-incomplete", message, mild=mild)
        if not waiver.holds_on(today):
            message = (
                f"the waiver ended on {waiver.expires}. Mend what it excused, or decide anew "
                "with a later date."
            )
            yield _at(project, waiver, "waiver-ended", message, mild=mild)


def _missing(waiver: Waiver) -> str:
    lacking = ("owner" if not waiver.owner else "", "end date" if not waiver.expires else "")
    return " and no ".join(filter(None, lacking))


def _at(project: Project, waiver: Waiver, rule: str, message: str, *, mild: bool) -> Finding:
    path, _, line = waiver.where.rpartition(":")
    place = (int(line), *extent(Path(path), int(line)))
    return Finding(rule, project.shown(Path(path)), *place, message, mild=mild)
