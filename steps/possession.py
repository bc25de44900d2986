"""Tokens that are bound to a key, and proofs that somebody holds that key."""

from behave import then, when

from support.world.expectations import expect_equal
from support.world.stepping import StepContext


@when("a client with a bound token calls the platform with {proof}")
def when_a_client_calls_with_a_proof(context: StepContext, proof: str) -> None:
    """Read the policy; ways to prove possession are those of support/world/possession.py."""
    context.world.attempt.put(context.world.possession.attempt(proof))


@when("a client with a bound token asks for a key in a request that is signed by {signer}")
def when_a_client_asks_for_a_key(context: StepContext, signer: str) -> None:
    """Ask the key service for a key under no condition: signed by the token's key, or another."""
    context.world.attempt.put(context.world.possession.ask_for_key(signer))


@then("the platform asks for {demand}")
def then_the_platform_asks_for(context: StepContext, demand: str) -> None:
    """Compare what is asked for: a valid proof, a proof with its nonce, or nothing."""
    expect_equal("What is asked for", context.world.possession.demand.value, demand)
