"""What the audit says about key requests, decisions and changes of policy."""

from behave import then, when

from support.world.audited_actors import claiming_to_be, expect_actor
from support.world.audited_decisions import expect_decisions
from support.world.audited_keys import (
    expect_of_document,
    expect_of_each,
    expect_particulars,
    of_document,
    of_envelopes,
)
from support.world.policy_changes import expect_change, expect_silence, expect_states
from support.world.secrecy import expect_no_secret_in_logs
from support.world.stepping import StepContext, rows_of


@when("the reader asks the key service to open the envelopes, and claims to be {somebody}")
def when_the_reader_claims_to_be_somebody(context: StepContext, somebody: str) -> None:
    """Ask for the keys of all envelopes in a request that names another actor in its headers."""
    world = context.world
    claims = claiming_to_be(somebody)
    world.rewrap.put(world.envelopes.open(world.reader_token, claims))


@then("the audit says that the document's key was {outcome}")
def then_the_audit_says_of_the_document(context: StepContext, outcome: str) -> None:
    """Count the records of key requests: released or withheld, once or more often, or neither."""
    world = context.world
    found = expect_of_document(world.audit.hear(), world.documents.current, outcome)
    world.audited.put(found)


@then("the audit says about the envelopes")
def then_the_audit_says_of_the_envelopes(context: StepContext) -> None:
    """Compare the records of the keys in envelopes; the table has: envelope, key."""
    world = context.world
    rows = {row["envelope"]: row["key"] for row in rows_of(context, "envelope", "key")}
    keys = of_envelopes(world.envelopes.by_name)
    world.audited.put(expect_of_each(world.audit.hear(), keys, world.key_requests, rows))


@then("the audit says about the parts of the document's key")
def then_the_audit_says_of_the_parts(context: StepContext) -> None:
    """Compare the records of the key services; the table has: key service, key."""
    world = context.world
    rows = {row["key service"]: row["key"] for row in rows_of(context, "key service", "key")}
    parts = of_document(world.documents.current, world.key_services.name_of)
    world.audited.put(expect_of_each(world.audit.hear(), parts, (), rows))


@then("each of these records names the key, its algorithm, the policy binding and the labels")
def then_each_record_names_the_key(context: StepContext) -> None:
    """Compare the particulars of the records that a step before found."""
    expect_particulars(context.world.audited.value)


@then("the audit says about the decisions")
def then_the_audit_says_of_the_decisions(context: StepContext) -> None:
    """Compare the record of a decision; the table: document, decision, overall, reason."""
    headings = ("document", "decision", "overall", "reason")
    rows = rows_of(context, *headings, optional=("obligations",))
    world = context.world
    expect_decisions(world.audit.hear(), world.last_decision_request, rows)


@when("the owner of the policy {deed} {what}")
def when_the_owner_acts(context: StepContext, deed: str, what: str) -> None:
    """Do something with an object of the policy; the words are in support/world/policy_changes.py.

    It is made first where it has to be there.
    """
    context.world.policy_owner.act(deed, what)


@then("the audit says that it was {change}")
def then_the_audit_says_that_it_was(context: StepContext, change: str) -> None:
    """Expect exactly one record: created, changed or removed, or not, as in `not created`."""
    world = context.world
    expect_change(world.audit.hear(), world.policy_owner.done.value, change)


@then("the record shows it before and after the change")
def then_the_record_shows_it_before_and_after(context: StepContext) -> None:
    """Compare the states of the object in the record."""
    world = context.world
    expect_states(world.audit.hear(), world.policy_owner.done.value)


@then("the audit says nothing about it")
def then_the_audit_says_nothing(context: StepContext) -> None:
    """Expect no record of what the owner of the policy did last."""
    world = context.world
    expect_silence(world.audit.hear(), world.policy_owner.done.value)


@then("the audit names {person} as the one who acted in the record of {kind}")
def then_the_audit_names_the_actor(context: StepContext, person: str, kind: str) -> None:
    """Compare the actor of this scenario's records: of the decision, key request or change."""
    world = context.world
    expect_actor(world.audit.hear(), kind, person, world.identity.names, world.correlation)


@then("no log holds a secret of this scenario")
def then_no_log_holds_a_secret(context: StepContext) -> None:
    """Search every log of the stack for keys, tokens, clients' secrets and the content."""
    world = context.world
    world.audit.hear()  # afterwards, whatever is written of earlier calls is there
    expect_no_secret_in_logs(world.machine.logs(), world.secrets_to_keep)
