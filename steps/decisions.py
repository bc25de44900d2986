"""Asking the platform for access decisions, without an SDK."""

from behave import then, when

from support.world.expectations import expect_equal
from support.world.questions import CAN_FULFIL, OBLIGATIONS, like, overall
from support.world.stepping import StepContext, rows_of


@when('the reader asks for permission to {action} a document that needs "{labels}"')
def when_the_reader_asks(context: StepContext, action: str, labels: str) -> None:
    """Ask for a decision about one document."""
    context.world.questions.ask(action, labels)


@when("the reader asks for permission to {action} each of these documents")
def when_the_reader_asks_for_each(context: StepContext, action: str) -> None:
    """Ask about several documents in one request; the table has: document, needs."""
    context.world.questions.ask_each(action, rows_of(context, "document", "needs"))


@when("these requests are decided in bulk")
def when_requests_are_decided_in_bulk(context: StepContext) -> None:
    """Send several requests as one; the table has: request, person, action, document, needs."""
    headings = ("request", "person", "action", "document", "needs")
    rows = rows_of(context, *headings, optional=(CAN_FULFIL,))
    context.world.questions.ask_in_bulk(rows)


@when("an administrator asks what the reader is entitled to")
def when_an_administrator_asks(context: StepContext) -> None:
    """Ask for all entitlements of the reader; a ranked value brings those below it."""
    context.world.questions.list_entitlements(context.world.connect)


@then("the reader is entitled to")
def then_the_reader_is_entitled_to(context: StepContext) -> None:
    """Compare this scenario's labels and the actions on each; the table has: label, actions."""
    expected = {row["label"]: row["actions"] for row in rows_of(context, "label", "actions")}
    expect_equal("The entitlements", context.world.questions.entitlements.value, expected)


@then("the decision is {decision}")
def then_the_decision_is(context: StepContext, decision: str) -> None:
    """Compare the decision: permit or deny."""
    expect_equal("The decision", context.world.questions.decision.value.verdict.value, decision)


@then("the decisions are")
def then_the_decisions_are(context: StepContext) -> None:
    """Compare each decision, their number and order; the table has: document, decision."""
    expected = rows_of(context, "document", "decision", optional=(OBLIGATIONS,))
    questions = context.world.questions
    told = questions.told(questions.decisions.value)
    expect_equal("The decisions", like(expected, told), expected)


@then("the overall decision is {decision}")
def then_the_overall_decision_is(context: StepContext, decision: str) -> None:
    """Compare the platform's own summary of several decisions: permit or deny."""
    actual = overall(context.world.questions.decisions.value)
    expect_equal("The overall decision", actual, decision)


@then("the decisions in bulk are")
def then_the_decisions_in_bulk_are(context: StepContext) -> None:
    """Compare every decision of a bulk; the table has: request, document, decision, overall."""
    headings = ("request", "document", "decision", "overall")
    expected = rows_of(context, *headings, optional=(OBLIGATIONS,))
    told = like(expected, context.world.questions.bulk.value)
    expect_equal("The decisions in bulk", told, expected)
