"""Inspecting documents without a key and without any service."""

from behave import given, then, when

from support.world.golden import golden_document
from support.world.inspection import expect_finding, expect_sound, inspect, kept_document
from support.world.stepping import StepContext


@given("{document}, kept from an earlier run")
def given_a_kept_document(context: StepContext, document: str) -> None:
    """Take a document of features/tdf/kept in hand."""
    context.world.documents.take(kept_document(document))


@given("{document}, kept from an earlier release")
def given_a_golden_document(context: StepContext, document: str) -> None:
    """Take a document of features/tdf/golden in hand, at the stack's own key service."""
    kas_url = context.world.services.kas_urls["default"]
    context.world.documents.take(golden_document(document, kas_url))


@when("the document is inspected without any service")
def when_the_document_is_inspected(context: StepContext) -> None:
    """Check form, sizes and segment hashes of the document."""
    context.world.findings.put(inspect(context.world.documents.current))


@then("nothing is wrong with it")
def then_nothing_is_wrong(context: StepContext) -> None:
    """Expect that inspection found nothing."""
    expect_sound(context.world.findings.value)


@then("inspection finds that {finding}")
def then_inspection_finds(context: StepContext, finding: str) -> None:
    """Compare what inspection found, and that it found nothing of another kind."""
    expect_finding(context.world.findings.value, finding)
