"""Policy of a scenario: attributes, and what the reader is entitled to."""

from behave import given

from support.world.words import words_in
from support.world.world import StepContext


@given('the attribute "{name}" with the rule "{rule}" and the values "{values}"')
def given_an_attribute(context: StepContext, name: str, rule: str, values: str) -> None:
    """Create an attribute in the scenario's own namespace; a hierarchy names the highest first."""
    context.world.labels.define(name, rule, values)


@given('a reader who holds "{labels}"')
def given_a_reader_who_holds(context: StepContext, labels: str) -> None:
    """Entitle the reader to read what carries the labels; `nothing` entitles to nothing."""
    context.world.labels.entitle(context.world.reader_id, labels, ["read"])


@given('the reader may "{actions}" what is labelled "{labels}"')
def given_the_reader_may(context: StepContext, actions: str, labels: str) -> None:
    """Entitle the reader to some actions, standard or custom, on what carries the labels."""
    context.world.labels.entitle(context.world.reader_id, labels, words_in(actions))
