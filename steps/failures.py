"""Clients that are set up wrongly."""

from behave import given, then, when

from support.world.choices import expect_unprinted, set_up_wrongly
from support.world.documents import Wishes
from support.world.expectations import expect_different
from support.world.reader import messages_by_mistake
from support.world.stepping import StepContext, rows_of


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


@then("no two of the messages are the same")
def then_no_two_messages_are_the_same(context: StepContext) -> None:
    """Compare what the reader's SDK said about each mistake."""
    expect_different("The messages", context.world.messages.value)


@given("{person}'s client is set up with {mistake}")
def given_a_mistake(context: StepContext, person: str, mistake: str) -> None:
    """Set the client of the reader or the author up with one mistake."""
    set_up_wrongly(context.world, person, mistake)


@then("nothing that was printed {tells}")
def then_nothing_printed_tells(context: StepContext, tells: str) -> None:
    """Search all that SDKs printed for their secrets, or for the scenario's obligations."""
    expect_unprinted(context.world, tells)
