"""Reading documents."""

from behave import given, then, when


@given("a document")
def given_a_document(context: object) -> None:
    """Protect a document."""


@given('a document that needs "{label}"')
def given_a_labelled_document(context: object, label: str) -> None:
    """Protect a document with a label."""


@when("the reader opens it")
def when_the_reader_opens_it(context: object) -> None:
    """Open it."""


@then("it opens")
def then_it_opens(context: object) -> None:
    """Compare the content."""


@then("the reader is refused")
def then_the_reader_is_refused(context: object) -> None:
    """Compare the refusal."""
