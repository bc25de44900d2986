"""Which recipe makes which stack."""

from collections.abc import Callable, Mapping

from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.foundation.text import did_you_mean, listed
from support.stack.instance import Instance, Record
from support.stack.recipes import compose, embedded, keycloak, processes
from support.stack.recipes.recipe import Making, Recipe

RECIPES: Mapping[str, Callable[[Making], Recipe]] = {
    "embedded": embedded.recipe,
    "keycloak": keycloak.recipe,
    "processes": processes.recipe,
    "compose": compose.recipe,
}
OUTSIDE = frozenset({"compose"})
"""Stacks of which something is no process of ours, and has to be ended by whoever runs it."""

VARIANTS: Mapping[str, Callable[[Making, tuple[str, ...]], Recipe]] = {
    "keycloak": keycloak.variant,
    "processes": processes.variant,
}


def build(settings: Settings, instance: Instance, record: Record) -> Recipe:
    """Return the recipe of an instance; following it starts or mends what the record tells of.

    Raises:
        ConfigurationError: there is no such stack, or something that it needs is not there.
    """
    making = RECIPES.get(record.stack)
    if making is None:
        raise ConfigurationError(
            f'There is no stack "{record.stack}" to start.{did_you_mean(record.stack, RECIPES)} '
            f"Known: {listed(RECIPES)}."
        )
    return making(Making(settings, instance, record))


def variant(
    settings: Settings, instance: Instance, record: Record, options: tuple[str, ...]
) -> Recipe:
    """Return the recipe of what has to be added to an instance for a variant of its platform."""
    return VARIANTS[record.stack](Making(settings, instance, record), options)
