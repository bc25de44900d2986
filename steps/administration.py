"""Administrators, who make policy and take it away again."""

from behave import given, then, when

from support.world.expectations import expect_equal
from support.world.stepping import StepContext


@given('the administrator has {deed} "{names}"')
def given_the_administrator_has(context: StepContext, deed: str, names: str) -> None:
    """Do something to a policy object that the scenario builds on; words as in the next step."""
    context.world.administration.ensure(deed, names)


@when('the administrator {deed} "{names}"')
def when_the_administrator(context: StepContext, deed: str, names: str) -> None:
    """Try something, such as `creates a value "a"` or `renames a value "a" to "b"`.

    Verbs and kinds of objects are those of support/world/administration.py.
    """
    context.world.attempt.put(context.world.administration.attempt(deed, names))


@then('the administrator finds {kind} "{name}" {state}')
def then_the_administrator_finds(context: StepContext, kind: str, name: str, state: str) -> None:
    """Compare what something is found to be: active, active and labelled, inactive, or gone."""
    actual = context.world.administration.state(kind, name)
    expect_equal(f'{kind} "{name}"', actual, state)
