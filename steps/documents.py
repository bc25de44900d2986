"""Protecting documents with the author's SDK, and opening them with the reader's."""

from behave import given, then, when

from support.world.choices import expect_openable, expect_refusal
from support.world.documents import Wishes
from support.world.reader import expect_opened
from support.world.stepping import StepContext
from support.world.tampering import expect_never_other_content


@given("a document that holds {content}")
def given_a_document_that_holds(context: StepContext, content: str) -> None:
    """Protect a document that carries no label."""
    context.world.documents.holding(content, context.world.author)


@given('a document that needs "{labels}"')
def given_a_document_that_needs(context: StepContext, labels: str) -> None:
    """Protect a short note that only readers entitled to the labels may open."""
    wishes = Wishes(fqns=context.world.labels.fqns(labels))
    context.world.documents.make(context.world.documents.note(), context.world.author, wishes)


@given("a document written for the targeted version")
def given_a_document_for_the_targeted_version(context: StepContext) -> None:
    """Protect a short note in the container version that the variant names."""
    wishes = Wishes(target_version=context.world.targeted("target_version"))
    context.world.documents.make(context.world.documents.note(), context.world.author, wishes)


@given('a document written for the targeted version that needs "{labels}"')
def given_a_labelled_document_for_the_targeted_version(context: StepContext, labels: str) -> None:
    """Protect a labelled note in the container version that the variant names."""
    version = context.world.targeted("target_version")
    wishes = Wishes(fqns=context.world.labels.fqns(labels), target_version=version)
    context.world.documents.make(context.world.documents.note(), context.world.author, wishes)


@given('a document of the type "{media_type}"')
def given_a_document_of_the_type(context: StepContext, media_type: str) -> None:
    """Protect a short note and declare its media type."""
    documents, wishes = context.world.documents, Wishes(media_type=media_type)
    documents.make(documents.note(), context.world.author, wishes)


@given("two documents that hold the same content")
def given_two_documents_of_the_same_content(context: StepContext) -> None:
    """Protect the same content twice."""
    content = context.world.documents.note()
    context.world.documents.make(content, context.world.author, Wishes())
    context.world.documents.make(content, context.world.author, Wishes())


@given("the document is packed anew without a change")
def given_the_document_is_packed_anew(context: StepContext) -> None:
    """Take the document's archive apart and put it together again."""
    context.world.documents.pack_anew()


@given("a copy of the document in which {alteration}")
def given_a_copy_in_which(context: StepContext, alteration: str) -> None:
    """Put a copy with exactly one alteration in the document's place."""
    context.world.documents.alter(alteration)


@when("the reader opens copies in which one bit of {part} is flipped")
def when_the_reader_opens_copies(context: StepContext, part: str) -> None:
    """Have the reader's SDK open copies, each with another bit flipped; many bits are sampled."""
    world = context.world
    world.tampering.open_copies(world.reader, world.documents.current, part)


@when("the reader opens the document")
def when_the_reader_opens_the_document(context: StepContext) -> None:
    """Try to open the document with the reader's SDK."""
    context.world.reader.open(context.world.documents.current)


@then("the document opens with its original content")
def then_the_document_opens(context: StepContext) -> None:
    """Compare what the reader got with what the author put in, byte for byte."""
    expect_opened(context.world.reader.outcome.value, context.world.documents.current)


@then("no copy opens with other content")
def then_no_copy_opens_with_other_content(context: StepContext) -> None:
    """Expect each copy to be refused for a known reason, or to open as it was."""
    expect_never_other_content(context.world.tampering.tries, context.world.documents.current)


@given("the reader has opened {what}")
def given_the_reader_has_opened(context: StepContext, what: str) -> None:
    """Make sure that something opens while nothing is altered: the document, or the envelopes."""
    expect_openable(context.world, what)


@then("{what} is refused because {reason}")
def then_something_is_refused(context: StepContext, what: str, reason: str) -> None:
    """Compare the classified reason; access and protection may leave nothing behind."""
    expect_refusal(context.world, what, reason)
