"""Units that are wanted because of what changed, or of what failed when it last ran."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.foundation import git
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.history.history import History
from support.model.unit import Unit
from support.planning import product_map
from support.planning.impact import Impact, Target, impact
from support.planning.project import read_project


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asks for beside the properties of scenarios.

    Attributes:
        changed_since: a commit, branch or tag; empty when changes do not matter.
        product: the outside product whose changes count; empty for the project itself.
        repository: the product's clone.
        last_failed: whether what failed last is wanted.
    """

    changed_since: str = ""
    product: str = ""
    repository: Path | None = None
    last_failed: bool = False

    def __bool__(self) -> bool:
        return bool(self.changed_since or self.last_failed)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units with the reasons for which they are wanted.

    Attributes:
        title: completes "nothing of …".
        selected: the reasons by unit id.
        touched: the requirements that a change touches, each with the reasons.
        notes: what people should know of it.
    """

    title: str
    selected: Mapping[str, tuple[str, ...]]
    touched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def reasons(self, unit: Unit) -> tuple[str, ...]:
        """Return why a unit is wanted; nothing when it is not."""
        return self.selected.get(unit.id, ())


def check(asked: Asked) -> None:
    """Refuse what cannot be meant.

    Raises:
        ConfigurationError: product and repository are not given together, with a commit.
    """
    given = (bool(asked.product), asked.repository is not None)
    if any(given) and not (all(given) and asked.changed_since):
        raise ConfigurationError(
            "--product NAME and --repository PATH tell where --changed-since REF looks. Give all "
            "three, or only --changed-since for this project."
        )


def changed(asked: Asked, root: Path, requirements: Sequence[str], target: Target) -> Wanted:
    """Return what is wanted because of changes.

    Args:
        asked: names the commit, and the product if any.
        root: the project's folder.
        requirements: the ids of the requirement registry.
        target: the plan without this wish.

    Raises:
        ConfigurationError: no such commit, repository or product.
        EnvironmentUnfitError: Git is not installed, or fails.
    """
    if asked.repository is None:
        changes = git.changes_since(root, asked.changed_since)
        return _wanted(impact(changes, read_project(root), target))
    changes = git.changes_since(asked.repository, asked.changed_since)
    products = product_map.load(root / "profiles" / "product-map.yaml", requirements)
    return _wanted(
        product_map.impact_of_product(asked.product, changes.paths, products, target.units)
    )


def _wanted(found: Impact) -> Wanted:
    notes = [f"everything, because {reason}" for reason in found.everything]
    notes += [f"{path}: {reason}" for path, reason in found.unrelated.items()]
    return Wanted(found.title, found.selected, found.requirements(), tuple(notes))


def last_failed(history: Path, profile_id: str) -> Wanted:
    """Return what is wanted because it failed when it was last planned.

    Raises:
        EnvironmentUnfitError: nothing is known of earlier runs.
    """
    known = History(history)
    outcomes = known.last_outcomes(profile_id)
    if not outcomes:
        why = known.problem or f"{history} knows no run of the profile {profile_id}"
        raise EnvironmentUnfitError(
            f"--last-failed: what failed last is not known: {why}. Run it once, or name another "
            "file with --define history=FILE."
        )
    return Wanted(
        "what failed last",
        {
            name: (f"it ended as {outcome.status} in run {outcome.run_id}",)
            for name, outcome in outcomes.items()
            if outcome.status.is_red
        },
    )


def united(wishes: Sequence[Wanted]) -> Wanted:
    """Return what one or the other wish asks for."""
    selected: dict[str, tuple[str, ...]] = {}
    touched: dict[str, tuple[str, ...]] = {}
    for wish in wishes:
        for name, reasons in wish.selected.items():
            selected[name] = tuple(dict.fromkeys((*selected.get(name, ()), *reasons)))
        touched |= wish.touched
    return Wanted(
        " and ".join(wish.title for wish in wishes),
        selected,
        touched,
        tuple(note for wish in wishes for note in wish.notes),
    )


def last_sdk_digests(history: Path, profile_id: str) -> dict[str, Mapping[str, str]]:
    """Return the digests of the SDKs in each unit's last run, by unit id."""
    outcomes = History(history).last_outcomes(profile_id)
    return {name: o.sdk_digests for name, o in outcomes.items() if o.sdk_digests}
