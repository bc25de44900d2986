"""Protecting documents with the author's SDK, and opening them with the reader's."""

from behave import given, then, when

from support.world.documents import Wishes
from support.world.reader import expect_opened, expect_refused
from support.world.stepping import StepContext
from support.world.tampering import expect_each_refused, expect_never_other_content


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


@given("the reader has opened the document")
def given_the_reader_has_opened_the_document(context: StepContext) -> None:
    """Open the document once before, and make sure that it opened."""
    document = context.world.documents.current
    expect_opened(context.world.reader.open(document), document)


@given("the reader has opened an untouched copy of the document")
def given_the_reader_has_opened_an_untouched_copy(context: StepContext) -> None:
    """Prove that a copy made in the same way as an altered one opens while nothing is altered."""
    copy = context.world.documents.untouched_copy()
    expect_opened(context.world.reader.open(copy), copy)


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


@then("each copy is refused because {reason}")
def then_each_copy_is_refused(context: StepContext, reason: str) -> None:
    """Compare the classified reason for which each copy was refused."""
    expect_each_refused(context.world.tampering.tries, reason)


@then("no copy opens with other content")
def then_no_copy_opens_with_other_content(context: StepContext) -> None:
    """Expect each copy to be refused for a known reason, or to open as it was."""
    expect_never_other_content(context.world.tampering.tries, context.world.documents.current)


@then("access is refused because {reason}")
def then_access_is_refused(context: StepContext, reason: str) -> None:
    """Compare the classified reason of the refusal, which may leave nothing behind."""
    expect_refused(context.world.reader.outcome.value, reason)
