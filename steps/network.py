"""Networks that are slow or broken, services that are away, and clocks that are wrong."""

from behave import given

from support.world.reader import expect_not_opened
from support.world.setup import with_token
from support.world.stepping import StepContext


@given('the way to the key service "{name}" {disturbance}')
def given_the_way_to_a_key_service(context: StepContext, name: str, disturbance: str) -> None:
    """Disturb or secure the reader's way to a key service; words of support/world/ways.py."""
    context.world.ways.to_key_service(name, disturbance)


@given("the way to the platform {disturbance}")
def given_the_way_to_the_platform(context: StepContext, disturbance: str) -> None:
    """Disturb the reader's way to the platform and its key service, or secure it."""
    context.world.ways.to_platform(disturbance)


@given("the author's way to the platform {happening}")
def given_the_authors_way_to_the_platform(context: StepContext, happening: str) -> None:
    """Secure the author's way to the platform, by a certificate of support/world/ways.py."""
    world = context.world
    world.author = world.ways.of_author(world.author, happening)


@given("the way to the identity provider {disturbance}")
def given_the_way_to_the_identity_provider(context: StepContext, disturbance: str) -> None:
    """Disturb the reader's way to where its client gets tokens."""
    context.world.ways.to_identity_provider(disturbance)


@given("the platform's clock is {state}")
def given_the_platforms_clock(context: StepContext, state: str) -> None:
    """Move the platform's clock, not that of anybody else; states: support/world/clock.py."""
    context.world.clock.be(state)


@given("the platform's database is {state}")
def given_the_platforms_database(context: StepContext, state: str) -> None:
    """Take the platform's database away, or bring it back."""
    context.world.upkeep.let_database_be(state)


@given("the platform was restarted")
def given_the_platform_was_restarted(context: StepContext) -> None:
    """End the platform's process and start it again, with what it keeps."""
    context.world.upkeep.restart()


@given("the reader's client goes on with {access}")
def given_the_reader_goes_on_with(context: StepContext, access: str) -> None:
    """Hand the reader's client a token of a kind of support/world/gate.py, or none."""
    world = context.world
    world.reader.setup = with_token(world.reader.setup, world.gate.token(access))


@given("the reader has tried in vain to open the document")
def given_the_reader_has_tried_in_vain(context: StepContext) -> None:
    """Try to open the document, and make sure that it did not open."""
    expect_not_opened(context.world.reader.open(context.world.documents.current))


@given("the reader waits {seconds:d} seconds and no longer")
def given_the_reader_waits(context: StepContext, seconds: int) -> None:
    """Stop the reader's SDK after a time; what it has not done then, it has not done."""
    context.world.reader.time_limit_seconds = seconds
