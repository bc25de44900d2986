"""Registered resources: things that the platform knows by name."""

from behave import given, when

from support.world.stepping import StepContext, rows_of


@given('the registered resource "{name}" is tied to')
def given_a_registered_resource(context: StepContext, name: str) -> None:
    """Register a resource, written `printers/hall`; the table has: action, label."""
    rows = rows_of(context, "action", "label")
    context.world.terms.registered.register(name, rows)


@given('the registered resource "{name}", which stands in no namespace, is tied to')
def given_an_older_registered_resource(context: StepContext, name: str) -> None:
    """Register a resource in the older way, without a namespace; the table has: action, label."""
    rows = rows_of(context, "action", "label")
    context.world.terms.registered.register(name, rows, namespaced=False)


@when(
    'the reader asks for permission to {action} the registered resource "{name}", '
    "which is called by {form}"
)
def when_the_reader_asks_for_a_resource(
    context: StepContext, action: str, name: str, form: str
) -> None:
    """Ask for a decision about a registered resource, named in a form of support/world."""
    context.world.questions.ask_registered(action, name, form)


@when(
    'a client asks whether the registered resource "{name}" may {action} '
    'a document that needs "{needs}"'
)
def when_a_client_asks_for_a_resource(
    context: StepContext, name: str, action: str, needs: str
) -> None:
    """Ask whether a registered resource itself may do something with one document."""
    context.world.questions.ask_as_registered(name, action, needs)
