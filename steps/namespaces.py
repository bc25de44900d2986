"""Policy that belongs to a namespace, and counts there alone where the platform is told so."""

from behave import given, when

from support.world.stepping import StepContext
from support.world.words import words_in


@given(
    'the namespace "{space}" has the attribute "{name}" with the rule "{rule}" and the values '
    '"{values}"'
)
def given_a_namespace_has_an_attribute(
    context: StepContext, space: str, name: str, rule: str, values: str
) -> None:
    """Create an attribute in a namespace; its labels are written `namespace/attribute/value`."""
    context.world.labels.define_in(space, name, rule, values)


@given('the namespace "{space}" lets the reader "{actions}" what is labelled "{labels}"')
def given_a_namespace_lets_the_reader(
    context: StepContext, space: str, actions: str, labels: str
) -> None:
    """Entitle the reader by policy that belongs to a namespace, with that namespace's actions."""
    context.world.labels.entitle(context.world.reader_id, labels, words_in(actions), space)


@when('the namespace "{space}" tries to let the reader "{actions}" what is labelled "{labels}"')
def when_a_namespace_tries(context: StepContext, space: str, actions: str, labels: str) -> None:
    """Try to entitle the reader by policy that belongs to a namespace."""
    answer = context.world.dynamic.try_to_entitle_reader(actions, labels, space)
    context.world.attempt.put(answer)


@when(
    'the reader asks whether the namespace "{space}" permits to {action} a document that needs '
    '"{labels}"'
)
def when_the_reader_asks_about_an_action_of(
    context: StepContext, space: str, action: str, labels: str
) -> None:
    """Ask for a decision about the action of one namespace."""
    context.world.questions.ask_in(space, action, labels)
