"""Putting units in the order of the run: those of a stack together, else as written or by chance.

Features stay whole, for formatters and JUnit's files know no feature that comes twice: by chance
are the order of features that need the same stack, and that of the units in each of them.
"""

from behave.model import Feature

from support.determinism.order import STABLE, Order
from support.determinism.order import parse as parse_order
from support.execution.expansion import planned_scenarios
from support.foundation.errors import ConfigurationError
from support.foundation.settings import Setting, Settings
from support.planning import grouping


def wanted(settings: Settings) -> Order:
    """Return the order that was asked for.

    Raises:
        ConfigurationError: there is no such order, or a list of units gives another one.
    """
    setting = settings.get("order") or Setting(STABLE, "default")
    order = parse_order(setting)
    listed = settings.get("until_failure")
    if order.seed is not None and listed is not None:
        raise ConfigurationError(
            f"{setting.origin} asks for an order by chance, and {listed.origin} names a list of "
            "units that is an order itself. Leave one of them out."
        )
    return order


def put_in_order(features: list[Feature], order: Order) -> None:
    """Sort features by the stack that they need, then by the order of the run.

    Args:
        features: behave's features after expansion; changed in place.
        order: of the run.
    """
    features[:] = sorted(
        (feature for feature in features if any(feature.walk_scenarios())),
        key=lambda feature: (
            grouping.order(unit for _, unit in planned_scenarios([feature])),
            order.key(feature.filename),
        ),
    )
    if order.seed is not None:
        for feature in features:
            _shuffle(feature, order)


def _shuffle(feature: Feature, order: Order) -> None:
    """Sort the units of a feature; those that need one variant of the stack stay together."""
    places: dict[tuple[str, ...], bytes] = {}
    for _, unit in planned_scenarios([feature]):
        options = grouping.options_of(unit)
        places.setdefault(options, order.key(" ".join((feature.filename, *options))))
    chosen = sorted(
        planned_scenarios([feature]),
        key=lambda pair: (
            places[grouping.options_of(pair[1])],
            order.key(pair[1].id),
        ),
    )
    # Clones know their background, feature and tags, so outlines and rules can go.
    feature.run_items = [scenario for scenario, _ in chosen]
    feature.scenarios = list(feature.run_items)
