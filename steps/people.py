"""People whom the identity provider knows, and what the platform decides about them."""

from behave import given, when

from support.world.conditions import HEADINGS, subject_sets
from support.world.stepping import StepContext, rows_of


@given('the identity provider knows {person} as "{labels}"')
def given_the_identity_provider_knows(context: StepContext, person: str, labels: str) -> None:
    """Make sure of a person of the profile, whose attributes entitle to read the same labels."""
    context.world.persons.introduce(person, labels)


@given('people whose {attribute} is "{value}" may read what is labelled "{labels}"')
def given_people_whose_attribute(
    context: StepContext, attribute: str, value: str, labels: str
) -> None:
    """Entitle people by the value of an attribute, written exactly so."""
    context.world.persons.entitle(attribute, value, labels)


@given('people whose {what} is that of {person} may read what is labelled "{labels}"')
def given_people_like(context: StepContext, what: str, person: str, labels: str) -> None:
    """Entitle people by their name, their name in capitals or their e-mail address."""
    context.world.persons.entitle_like(what, person, labels)


@given('people may read what is labelled "{labels}" under these conditions')
def given_people_under_conditions(context: StepContext, labels: str) -> None:
    """Entitle whoever meets every set; the table has: set, meets, attribute, is, values."""
    conditions = subject_sets(rows_of(context, *HEADINGS))
    context.world.labels.entitle_under(conditions, labels)


@given("{person} is the reader")
def given_a_person_is_the_reader(context: StepContext, person: str) -> None:
    """Let the reader's client act in the name of a person, by an access token of theirs."""
    context.world.reader.setup = context.world.persons.set_up(person)


@when(
    'a client asks whether {person}, known by {way}, may {action} a document that needs "{labels}"'
)
def when_a_client_asks(
    context: StepContext, person: str, way: str, action: str, labels: str
) -> None:
    """Ask about a person, named in one of the ways of support/world/persons.py."""
    context.world.persons.ask(person, way, action, labels)


@when('a client asks whether "{people}" together may {action} a document that needs "{labels}"')
def when_a_client_asks_about_several(
    context: StepContext, people: str, action: str, labels: str
) -> None:
    """Ask about several people in one chain."""
    context.world.persons.ask_together(people, action, labels)


@when(
    "a client asks whether {person}, who uses the reader's client, may {action} a document that "
    'needs "{labels}"'
)
def when_a_client_asks_about_a_user(
    context: StepContext, person: str, action: str, labels: str
) -> None:
    """Ask about a person beside the client that the person uses."""
    context.world.persons.ask_with_client(person, action, labels)
