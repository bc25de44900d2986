"""Key services and their keys: registered, created, rotated, assigned and chosen."""

from behave import given, then, when

from support.world.expectations import expect_equal
from support.world.key_attempts import attempt
from support.world.key_secrecy import expect_no_private_part
from support.world.stepping import StepContext, rows_of
from support.world.words import words_in


@given('the key services "{names}"')
def given_key_services(context: StepContext, names: str) -> None:
    """Register key services; `the platform`, `north` and `south` are those of the stack."""
    context.world.keys.register(names)


@given("these keys")
def given_keys(context: StepContext) -> None:
    """Create a key for each row; the table has: key, of (its key service), kept."""
    for row in rows_of(context, "key", "of", "kept"):
        context.world.keys.create(row["key"], row["of"], row["kept"])


@given('the key "{key}" is assigned to the {level} of "{label}"')
def given_an_assignment(context: StepContext, key: str, level: str, label: str) -> None:
    """Let a key protect the value of a label, all of its attribute, or all of its namespace."""
    context.world.keys.assign(key, level, label).required("assign a key")


@given('the key "{old}" was rotated to "{new}"')
def given_a_rotation(context: StepContext, old: str, new: str) -> None:
    """Put a new key in the place of another."""
    context.world.keys.rotate(old, new).required("rotate a key")


@given("the key is the base key")
def given_the_base_key(context: StepContext) -> None:
    """Make the first key of the scenario the one that protects whatever no other key does."""
    attempt(context.world.keys, "make the key the base key").required("set the base key")


@given("documents may carry values that nobody has defined yet")
def given_traversal(context: StepContext) -> None:
    """Let the attributes of the scenario answer for values that they lack."""
    context.world.labels.let_values_be_missing()


@when('the key "{old}" is rotated to "{new}"')
def when_a_key_is_rotated(context: StepContext, old: str, new: str) -> None:
    """Put a new key in the place of another."""
    context.world.attempt.put(context.world.keys.rotate(old, new))


@when("the administrator tries to {operation}")
def when_the_administrator_tries(context: StepContext, operation: str) -> None:
    """Try something with key services or keys, by the words of support/world/key_attempts.py."""
    context.world.attempt.put(attempt(context.world.keys, operation))


@when('an author asks which keys protect documents that need "{labels}"')
def when_an_author_asks(context: StepContext, labels: str) -> None:
    """Ask, as SDKs do before they seal a document; `nothing` asks for the key of last resort."""
    context.world.attempt.put(context.world.key_choice.ask(labels))


@then("the key registry holds")
def then_the_registry_holds(context: StepContext) -> None:
    """Compare the keys of the scenario's key services; the table has: key, state, protects."""
    rows = rows_of(context, "key", "state", "protects")
    expect_equal("The keys", context.world.keys.told(), rows)


@then('exactly the keys "{keys}" are given')
def then_keys_are_given(context: StepContext, keys: str) -> None:
    """Compare the keys that the caller was given."""
    given_names = context.world.key_choice.names(context.world.attempt.value)
    expect_equal("The keys", given_names, sorted(words_in(keys)))


@then('the document is sealed for the key "{key}"')
def then_the_document_is_sealed_for(context: StepContext, key: str) -> None:
    """Compare the key that the manifest names, by its key service and its id."""
    sealed_for = context.world.key_choice.sealed_for(context.world.documents.current)
    expect_equal("The keys of the document", sealed_for, [key])


@then("no private part of a key was told, neither in an answer nor in the audit")
def then_no_private_part_was_told(context: StepContext) -> None:
    """Search answers, logs and audit for the private parts of the scenario's keys."""
    world = context.world
    expect_no_private_part(world.keys, world.audit.hear(), world.logged)
