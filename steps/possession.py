"""Tokens that are bound to a key, and proofs that somebody holds that key."""

from behave import then, when

from support.world.expectations import expect_equal
from support.world.stepping import StepContext


@when("{somebody} calls the platform with {proof}")
def when_a_holder_of_a_token_calls(context: StepContext, somebody: str, proof: str) -> None:
    """Read the policy with a bound token; who and how: support/world/possession.py."""
    context.world.attempt.put(context.world.possession.attempt(somebody, proof))


@when("{somebody} asks for a key in a request that is signed by {signer}")
def when_a_holder_of_a_token_asks_for_a_key(
    context: StepContext, somebody: str, signer: str
) -> None:
    """Ask the key service for a key under no condition: signed by the token's key, or another."""
    context.world.attempt.put(context.world.possession.ask_for_key(somebody, signer))


@then("the platform asks for {demand}")
def then_the_platform_asks_for(context: StepContext, demand: str) -> None:
    """Compare what is asked for: a valid proof, a proof with its nonce, or nothing."""
    expect_equal("What is asked for", context.world.possession.demand.value, demand)
