"""The first version of the decision service."""

from behave import then, when

from support.world.expectations import expect_equal
from support.world.stepping import StepContext, rows_of
from support.world.words import words_in


@when(
    "the first version is asked whether {person}, known by {way}, may {action} each of these "
    "documents"
)
def when_the_first_version_is_asked(
    context: StepContext, person: str, way: str, action: str
) -> None:
    """Ask about a client by name or access token; the table has: document, needs."""
    rows = rows_of(context, "document", "needs")
    context.world.first_version.ask(person, way, action, rows)


@when("the first version lists what {person} holds, {extent}")
def when_the_first_version_lists(context: StepContext, person: str, extent: str) -> None:
    """List entitlements alone, or with all lower ranks."""
    context.world.first_version.list_of(person, extent)


@then('the first version names exactly "{labels}"')
def then_the_first_version_names(context: StepContext, labels: str) -> None:
    """Compare the listed labels of the scenario's own, in any order; `nothing` is none."""
    expected = tuple(sorted(words_in(labels)))
    expect_equal("The listed labels", context.world.first_version.listed.value, expected)
