"""Policy of a scenario: attributes, and what the reader is entitled to."""

from behave import given

from support.world.stepping import StepContext
from support.world.words import words_in


@given('the attribute "{name}" with the rule "{rule}" and the values "{values}"')
def given_an_attribute(context: StepContext, name: str, rule: str, values: str) -> None:
    """Create an attribute in the scenario's own namespace; a hierarchy names the highest first."""
    context.world.labels.define(name, rule, values)


@given('the attribute "{name}" with the rule "{rule}" and {count:d} values')
def given_a_large_attribute(context: StepContext, name: str, rule: str, count: int) -> None:
    """Create an attribute whose values are the numbers from 1; a hierarchy has 1 on top."""
    values = ", ".join(str(number) for number in range(1, count + 1))
    context.world.labels.define(name, rule, values)


@given('a reader who holds "{labels}"')
def given_a_reader_who_holds(context: StepContext, labels: str) -> None:
    """Entitle the reader to read what carries the labels; `nothing` entitles to nothing."""
    context.world.labels.entitle(context.world.reader_id, labels, ["read"])


@given('the reader may "{actions}" what is labelled "{labels}"')
def given_the_reader_may(context: StepContext, actions: str, labels: str) -> None:
    """Entitle the reader to some actions, standard or custom, on what carries the labels."""
    context.world.labels.entitle(context.world.reader_id, labels, words_in(actions))


@given('a reader who holds every value of "{attribute}"')
def given_a_reader_who_holds_all(context: StepContext, attribute: str) -> None:
    """Entitle the reader to read what carries any value of an attribute, by a mapping for each."""
    context.world.labels.entitle_to_all(context.world.reader_id, attribute, ["read"])
