"""Large files, and the memory that clients need for them."""

from behave import given, then, when

from support.world.large import expect_whole, expect_within, size_of
from support.world.stepping import StepContext


@given("a file of {size}")
def given_a_file_of(context: StepContext, size: str) -> None:
    """Say how large the file is; the sizes are those of support/world/large.py."""
    context.world.large_files.size.put(size_of(size))


@when("the file travels from the author to the reader")
def when_the_file_travels(context: StepContext) -> None:
    """Have the author's SDK protect the file, and the reader's SDK open it."""
    context.world.large_files.travel(context.world.author, context.world.reader.setup)


@then("the file arrives whole")
def then_the_file_arrives_whole(context: StepContext) -> None:
    """Compare size and digest of what the author sent and what the reader got."""
    expect_whole(context.world.large_files.arrival.value)


@then("no client needed more than {size} of memory")
def then_no_client_needed_more_than(context: StepContext, size: str) -> None:
    """Compare the most memory that the author's and the reader's SDK ever had."""
    expect_within(context.world.large_files.peaks, size)
