"""Statements that travel with documents."""

from behave import given

from support.world.choices import hold_key
from support.world.documents import Wishes
from support.world.statements import Statement, keys_of
from support.world.stepping import StepContext


@given('a document that carries the statement "{text}"')
def given_a_document_with_a_statement(context: StepContext, text: str) -> None:
    """Protect a note with a statement that the document's own key binds."""
    wishes = Wishes(statement=Statement(text))
    context.world.documents.make(context.world.documents.note(), context.world.author, wishes)


@given('a document written for the targeted version that carries the statement "{text}"')
def given_a_document_for_a_version_with_a_statement(context: StepContext, text: str) -> None:
    """Protect a note with a statement in the container version that the variant names."""
    version = context.world.targeted("target_version")
    wishes = Wishes(statement=Statement(text), target_version=version)
    context.world.documents.make(context.world.documents.note(), context.world.author, wishes)


@given("a copy of the document that carries the statement of the document before it")
def given_a_copy_with_the_statement_of_another(context: StepContext) -> None:
    """Exchange the statements of the document last made for those of the one before."""
    context.world.documents.exchange_statements()


@given('a document that carries the statement "{text}" signed with {algorithm}')
def given_a_document_with_a_signed_statement(
    context: StepContext, text: str, algorithm: str
) -> None:
    """Protect a note with a statement that a key of the author's signs."""
    context.world.statement_keys.put(keys_of(algorithm))
    signing, _ = context.world.statement_keys.value
    wishes = Wishes(statement=Statement(text, signing))
    context.world.documents.make(context.world.documents.note(), context.world.author, wishes)


@given("the reader does without the verification of statements")
def given_the_reader_does_not_verify(context: StepContext) -> None:
    """Switch the verification of statements off in the reader's client."""
    context.world.reader.verifies_statements = False


@given("the reader holds {key}")
def given_the_reader_holds(context: StepContext, key: str) -> None:
    """Give the reader the key that verifies the statement, or one of the same kind that did not."""
    hold_key(context.world, key)
