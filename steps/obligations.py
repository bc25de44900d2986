"""Obligations: what clients have to fulfil, and what becomes known of them."""

from behave import given, then, when

from support.world.expectations import expect_equal
from support.world.obligations import expect_named
from support.world.reader import words_of_refusal
from support.world.stepping import StepContext
from support.world.words import in_words, words_in


@given('whoever wants to {action} what is labelled "{labels}" must fulfil "{obligations}"')
def given_an_obligation(context: StepContext, action: str, labels: str, obligations: str) -> None:
    """Require obligations, through whichever client, for an action on what carries the labels."""
    context.world.terms.obligations.require(action, labels, obligations)


@given(
    'whoever uses {person}\'s client to {action} what is labelled "{labels}" '
    'must fulfil "{obligations}"'
)
def given_an_obligation_of_a_client(
    context: StepContext, person: str, action: str, labels: str, obligations: str
) -> None:
    """Require obligations through one client alone."""
    terms = context.world.terms
    terms.obligations.require(action, labels, obligations, terms.client_of(person))


@given('the reader\'s client can fulfil "{obligations}"')
def given_the_client_can_fulfil(context: StepContext, obligations: str) -> None:
    """Let the client say, whenever it asks for a decision or for keys, what it can fulfil."""
    context.world.terms.obligations.declare(obligations)


@given("afterwards {change}")
def given_a_change(context: StepContext, change: str) -> None:
    """Change or remove what a step before made: an obligation, or a registered resource."""
    context.world.terms.change(change)


@when("the author tries to {deed}")
def when_the_author_tries(context: StepContext, deed: str) -> None:
    """Try a deed with obligations or registered resources, by the words of support/world."""
    context.world.attempt.put(context.world.terms.attempt(deed))


@then('the obligations to fulfil are "{obligations}"')
def then_the_obligations_are(context: StepContext, obligations: str) -> None:
    """Compare the obligations that the decision tells; `nothing` stands for none."""
    expected = in_words(words_in(obligations))
    expect_equal("The obligations", context.world.questions.told_obligations, expected)


@then('the refusal names the obligations "{obligations}"')
def then_the_refusal_names(context: StepContext, obligations: str) -> None:
    """Look for the full names of obligations in what the reader's SDK said."""
    fqns = context.world.terms.obligations.fqns(obligations)
    expect_named("the refusal", words_of_refusal(context.world.reader.outcome.value), fqns)
