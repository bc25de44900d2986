"""Key envelopes made by hand, and which key services readers trust."""

from behave import given, then, when

from support.world.envelopes import by_envelope, rows_about
from support.world.expectations import expect_equal
from support.world.questions import OBLIGATIONS, like
from support.world.stepping import StepContext, rows_of
from support.world.stranger import Stranger
from support.world.tampering import expect_each_answer


@given("these key envelopes")
def given_key_envelopes(context: StepContext) -> None:
    """Seal a data key for each row; the table has: envelope, needs."""
    for row in rows_of(context, "envelope", "needs"):
        context.world.envelopes.make(row["envelope"], row["needs"])


@given('a copy of the envelope "{name}" in which {alteration}')
def given_a_copy_of_an_envelope(context: StepContext, name: str, alteration: str) -> None:
    """Put a copy with exactly one alteration in the envelope's place."""
    context.world.envelopes.alter(name, alteration)


@given('the envelope "{name}" has the policy of the envelope "{other}"')
def given_an_envelope_with_another_policy(context: StepContext, name: str, other: str) -> None:
    """Exchange the policy of an envelope; its sealed key and its binding stay."""
    context.world.envelopes.borrow_policy(name, other)


@when("the reader asks the key service to open the envelopes")
def when_the_reader_opens_the_envelopes(context: StepContext) -> None:
    """Ask for the keys of all envelopes in one request."""
    world = context.world
    fulfillable = world.terms.obligations.fulfillable
    answer = world.envelopes.open(world.reader_token, fulfillable=fulfillable)
    world.rewrap.put(answer)


@when('the reader asks for the key of "{name}" with one bit of {part} flipped, again and again')
def when_the_reader_asks_with_flipped_bits(context: StepContext, name: str, part: str) -> None:
    """Ask about copies of an envelope, each with another bit flipped; many bits are sampled."""
    world = context.world
    world.tampering.ask_for_copies(world.envelopes, name, part, world.reader_token)


@then('the key service answers "{answer}" each time')
def then_the_key_service_answers_each_time(context: StepContext, answer: str) -> None:
    """Compare the answer for each copy."""
    expect_each_answer(context.world.tampering.tries, answer)


@then("the key service answers")
def then_the_key_service_answers(context: StepContext) -> None:
    """Compare the answer for each envelope; the table has: envelope, answer."""
    expected = rows_of(context, "envelope", "answer", optional=(OBLIGATIONS,))
    world = context.world
    told = rows_about(world.envelopes, world.rewrap.value, world.terms.obligations.told)
    actual = by_envelope(like(expected, told))
    expect_equal("The key service's answers", actual, by_envelope(expected))


@given("the reader trusts only the platform's key service")
def given_the_reader_trusts_the_platform(context: StepContext) -> None:
    """Give the reader's client a list with the platform's key service alone."""
    context.world.reader.allow_list = (context.world.services.kas_urls["default"],)


@given("the reader trusts only a stranger's key service")
def given_the_reader_trusts_a_stranger(context: StepContext) -> None:
    """Give the reader's client a list with a key service of no platform."""
    context.world.reader.allow_list = (_stranger(context).url,)


@given("a copy of the document that names a stranger's key service")
def given_a_copy_that_names_a_stranger(context: StepContext) -> None:
    """Put a copy in the document's place that says its key is somewhere else."""
    context.world.documents.name_key_service(_stranger(context).url)


@then("the stranger's key service was never contacted")
def then_the_stranger_was_never_contacted(context: StepContext) -> None:
    """Count who connected to the stranger that a step before named."""
    contacts = context.world.stranger.value.contacts
    expect_equal("Contacts of the stranger's key service", contacts, 0)


def _stranger(context: StepContext) -> Stranger:
    """Return the scenario's one stranger, who listens until the scenario ends."""
    known = context.world.stranger
    if known.is_empty:
        known.put(Stranger())
        context.add_cleanup(known.value.close)
    return known.value
