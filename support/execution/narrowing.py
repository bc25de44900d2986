"""Running a list of units in its order, until one fails (`--define until_failure=FILE`)."""

from collections.abc import Sequence
from pathlib import Path

from behave.model import Feature

from support.execution.expansion import planned_scenarios
from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.foundation.text import listed

UNKNOWN_TOLD = 5


def wanted(settings: Settings) -> tuple[str, ...] | None:
    """Return the ids of the units to run, or None where no list was named.

    Raises:
        ConfigurationError: the list cannot be read.
    """
    named = settings.get("until_failure")
    if named is None:
        return None
    try:
        lines = Path(named.value).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{named.origin} names {named.value}, which cannot be read ({error}). Name a file "
            "with the id of one unit on each line."
        ) from error
    return tuple(filter(None, map(str.strip, lines)))


def narrow(features: list[Feature], ids: Sequence[str]) -> None:
    """Leave nothing but the wanted units, in the wanted order as far as features stay whole.

    Args:
        features: behave's features after expansion; changed in place.
        ids: ids of units, of the first to run first.

    Raises:
        ConfigurationError: a unit is not planned.
    """
    places = {unit_id: place for place, unit_id in enumerate(ids)}
    planned = {unit.id for _, unit in planned_scenarios(features)}
    unknown = [unit_id for unit_id in ids if unit_id not in planned]
    if unknown:
        raise ConfigurationError(
            f"until_failure lists {len(unknown)} unit(s) that this run does not plan, such as "
            f"{listed(unknown[:UNKNOWN_TOLD])}. Make the list with the same profile and features."
        )
    first: dict[int, int] = {}
    for feature in features:
        chosen = sorted(
            (places[unit.id], index, scenario)
            for index, (scenario, unit) in enumerate(planned_scenarios([feature]))
            if unit.id in places
        )
        # Clones know their background, feature and tags, so outlines and rules can go.
        feature.run_items = [scenario for _, _, scenario in chosen]
        feature.scenarios = list(feature.run_items)
        first[id(feature)] = chosen[0][0] if chosen else len(ids)
    features.sort(key=lambda feature: first[id(feature)])
