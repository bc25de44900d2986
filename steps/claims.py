"""People of whom requests say everything: claims, and entitlements that come with them."""

from behave import given, when

from support.world.stepping import StepContext


@given('a person who claims "{claims}"')
def given_a_person_who_claims(context: StepContext, claims: str) -> None:
    """Claim this of a person, as in `department: sales, groups: list of sales and support`."""
    context.world.claims.put(claims)


@given('the person brings an entitlement to "{actions}" what is labelled "{labels}"')
def given_the_person_brings_an_entitlement(context: StepContext, actions: str, labels: str) -> None:
    """Let the person's claims hold an entitlement to some actions, for each label."""
    context.world.claims.bring(actions, labels)


@given('whoever has {what} "{value}" may "{actions}" what is labelled "{labels}"')
def given_whoever_has(
    context: StepContext, what: str, value: str, actions: str, labels: str
) -> None:
    """Entitle by what is known of somebody: `the department`, or `among the groups` of a list."""
    context.world.claims.entitle(what, value, actions, labels)


@when('a client asks whether they may {action} a document that needs "{labels}"')
def when_a_client_asks_about_the_person(context: StepContext, action: str, labels: str) -> None:
    """Ask about the person of whom something is claimed."""
    context.world.claims.ask(action, labels)
