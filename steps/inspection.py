"""Inspecting documents without a key and without any service."""

from behave import given, then, when

from support.world.choices import take_kept
from support.world.inspection import expect_finding, expect_sound, inspect
from support.world.stepping import StepContext


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


@given("{document}, kept from an earlier {time}")
def given_a_kept_document(context: StepContext, document: str, time: str) -> None:
    """Take a document in hand that an earlier run or release left in features/tdf."""
    take_kept(context.world, document, time)
