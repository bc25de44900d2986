"""Clients that are set up wrongly."""

from behave import given, then, when

from support.world.documents import Wishes
from support.world.expectations import expect_absent, expect_different
from support.world.reader import expect_refused, messages_by_mistake
from support.world.setup import with_mistake
from support.world.stepping import StepContext, rows_of


@given("the reader's client is set up with {mistake}")
def given_the_reader_has_a_mistake(context: StepContext, mistake: str) -> None:
    """Set the reader's client up with one mistake."""
    context.world.reader.setup = with_mistake(context.world.reader.setup, mistake)


@given("the author's client is set up with {mistake}")
def given_the_author_has_a_mistake(context: StepContext, mistake: str) -> None:
    """Set the author's client up with one mistake."""
    context.world.author = with_mistake(context.world.author, mistake)


@when("the author protects a document")
def when_the_author_protects_a_document(context: StepContext) -> None:
    """Try to protect a document with the author's SDK."""
    documents = context.world.documents
    refusal = documents.protect(documents.note(), context.world.author, Wishes())
    context.world.protecting.put(refusal)


@when("the reader opens the document with each of these mistakes in turn")
def when_the_reader_opens_with_each_mistake(context: StepContext) -> None:
    """Try to open the document once for each row; the table has: mistake."""
    mistakes = [row["mistake"] for row in rows_of(context, "mistake")]
    document = context.world.documents.current
    context.world.messages.put(messages_by_mistake(context.world.reader, document, mistakes))


@then("protection is refused because {reason}")
def then_protection_is_refused(context: StepContext, reason: str) -> None:
    """Compare the classified reason of the refusal, which may leave nothing behind."""
    expect_refused(context.world.protecting.value, reason)


@then("nothing that was printed reveals a secret")
def then_nothing_printed_reveals_a_secret(context: StepContext) -> None:
    """Search everything that SDKs printed in this scenario for the secrets they were given."""
    expect_absent("What was printed", context.world.printed, context.world.secrets_in_use)


@then("no two of the messages are the same")
def then_no_two_messages_are_the_same(context: StepContext) -> None:
    """Compare what the reader's SDK said about each mistake."""
    expect_different("The messages", context.world.messages.value)
