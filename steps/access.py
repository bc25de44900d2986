"""Who may do what, by role and by token."""

from behave import then, when

from support.world.expectations import expect_equal
from support.world.gate import OUTCOMES
from support.world.stepping import StepContext, rows_of
from support.world.sweep import ROLES
from support.world.words import meaning_of


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


@when('callers of every role try to "{operations}" in the area of {area}')
def when_callers_of_every_role_try(context: StepContext, operations: str, area: str) -> None:
    """Try operations by every role and without a token, by the areas of support/world/sweep.py."""
    context.world.sweep.attempt(area, operations)


@then("their attempts end so")
def then_their_attempts_end_so(context: StepContext) -> None:
    """Compare the outcomes; the table has: admin, standard, no role, no token."""
    expected = rows_of(context, *ROLES)
    expect_equal("The attempts", [context.world.sweep.outcomes.value], expected)
