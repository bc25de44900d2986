"""Entitlements to whichever value of an attribute a person's own property names."""

from behave import given, when

from support.world.stepping import StepContext


@given('people may "{actions}" every "{attribute}" that {comparison}')
def given_people_may_every(
    context: StepContext, actions: str, attribute: str, comparison: str
) -> None:
    """Map a whole attribute: values that are a property of theirs, as in `is their group`."""
    context.world.dynamic.entitle(actions, attribute, comparison)


@given('people whose {gate} may "{actions}" every "{attribute}" that {comparison}')
def given_people_whose_may_every(
    context: StepContext, gate: str, actions: str, attribute: str, comparison: str
) -> None:
    """Map a whole attribute for people who are something besides, as in `clearance is "secret"`."""
    context.world.dynamic.entitle(actions, attribute, comparison, gate)


@when('the author lets people "{actions}" every "{attribute}" that {comparison}')
def when_the_author_lets_people(
    context: StepContext, actions: str, attribute: str, comparison: str
) -> None:
    """Try to map a whole attribute."""
    context.world.attempt.put(context.world.dynamic.try_to_entitle(actions, attribute, comparison))
