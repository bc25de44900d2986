"""Who may do what, by role and by token."""

from behave import then, when

from support.world.expectations import expect_equal
from support.world.gate import OUTCOMES
from support.world.words import meaning_of
from support.world.world import StepContext


@when("a caller with {access} tries to {operation}")
def when_a_caller_tries(context: StepContext, access: str, operation: str) -> None:
    """Try an operation with a kind of access, both by the words of support/world/gate.py."""
    context.world.attempt.put(context.world.gate.attempt(access, operation))


@then("the attempt is {outcome}")
def then_the_attempt_is(context: StepContext, outcome: str) -> None:
    """Compare the outcome: allowed, forbidden or unauthenticated."""
    answer = context.world.attempt.value
    expected = meaning_of(outcome, OUTCOMES, "an outcome of attempts")
    expect_equal(f"The attempt ({answer.message or 'no message'})", answer.code, expected)
