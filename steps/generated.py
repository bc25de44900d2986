"""Generated policies, decided by the platform and by rules written from the specification."""

from behave import then, when

from support.foundation.settings import ROOT
from support.world.expectations import expect_agreement
from support.world.stepping import StepContext

KEPT = ROOT / "features" / "authorization" / "kept"


@when('{count:d} generated requests are decided under "{kind}"')
def when_generated_requests_are_decided(context: StepContext, count: int, kind: str) -> None:
    """Decide requests about generated policies: any of, all of, hierarchy or several rules."""
    context.world.generated.check(kind, count)


@when('the kept case "{name}" is decided')
def when_a_kept_case_is_decided(context: StepContext, name: str) -> None:
    """Decide once more what a platform once decided wrongly; kept in features/authorization."""
    context.world.generated.check_kept(KEPT / f"{name}.json")


@then("every decision is the one that the rules say")
def then_decisions_agree(context: StepContext) -> None:
    """Compare with the reference rules, which share no code with any platform."""
    expect_agreement(context.world.generated.verdict.value)
