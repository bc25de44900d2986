"""Networks that are slow, broken or worse, on the reader's way to the platform."""

from behave import given

from support.world.reader import expect_not_opened
from support.world.world import StepContext


@given('the way to the key service "{name}" {disturbance}')
def given_the_way_to_a_key_service(context: StepContext, name: str, disturbance: str) -> None:
    """Disturb the reader's way to a key service, in one of the ways of support/world/ways.py."""
    context.world.ways.to_key_service(name, disturbance)


@given("the way to the platform {disturbance}")
def given_the_way_to_the_platform(context: StepContext, disturbance: str) -> None:
    """Disturb the reader's way to the platform and its key service."""
    context.world.ways.to_platform(disturbance)


@given("the reader has tried in vain to open the document")
def given_the_reader_has_tried_in_vain(context: StepContext) -> None:
    """Try to open the document, and make sure that it did not open."""
    expect_not_opened(context.world.reader.open(context.world.documents.current))


@given("the reader waits {seconds:d} seconds and no longer")
def given_the_reader_waits(context: StepContext, seconds: int) -> None:
    """Stop the reader's SDK after a time; what it has not done then, it has not done."""
    context.world.reader.time_limit_seconds = seconds
