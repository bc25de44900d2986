"""Variants of a platform beside the one that is up, for units that need other options."""

from support.foundation.settings import Settings
from support.stack import descriptor, supervisor
from support.stack.instance import Instance, Record
from support.stack.maintenance import Maintenance
from support.stack.recipes import book
from support.stack.recipes.recipe import Recipe
from support.stack.running import RunningStack
from support.stack.supervisor import Supervisor


def start(
    settings: Settings, instance: Instance, record: Record, options: tuple[str, ...]
) -> RunningStack:
    """Start what an instance lacks for a variant, and return that as a stack of its own.

    What both need, such as identity provider and database server, they share.

    Raises:
        ConfigurationError: something that the variant needs is not there.
        StackError: it did not come up; what was started for it has been ended.
    """
    recipe = book.variant(settings, instance, record, options)
    try:
        Supervisor(instance, recipe.components).start()
    except BaseException:
        _stop(instance, recipe)
        raise
    return _running(instance, recipe, options)


def _running(instance: Instance, recipe: Recipe, options: tuple[str, ...]) -> RunningStack:
    def restart() -> RunningStack:
        Supervisor(instance, recipe.components).start()
        return _running(instance, recipe, options)

    names = list(recipe.components)
    platform, moves = names[-1], recipe.away_and_back
    maintenance = None
    if moves is not None:
        supervised = Supervisor(instance, recipe.components)
        maintenance = Maintenance(lambda: supervised.restart([platform]), *moves)
    return RunningStack(
        services=descriptor.services(recipe.describe()),
        how=f"a variant of {instance.name}: {', '.join(options)}",
        problem=lambda: supervisor.problem(instance),
        stop=lambda: _stop(instance, recipe),
        restart=restart,
        audit_logs={"default": instance.log(platform)},
        logs=instance.logs,
        options=options,
        maintenance=maintenance,
    )


def _stop(instance: Instance, recipe: Recipe) -> None:
    for name in reversed(list(recipe.components)):
        instance.forget(name)
