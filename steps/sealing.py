"""How the keys of documents are sealed: for which kind of key, and for which key services."""

from behave import given, then, when

from support.world.choices import expect_seals
from support.world.expectations import expect_different, expect_equal
from support.world.key_services import DEFAULT, algorithm_name
from support.world.manifests import sender_keys, split
from support.world.stepping import StepContext, rows_of
from support.world.words import words_in


@given('documents labelled "{labels}" are sealed for the targeted kind of key')
def given_labels_are_sealed_for_a_kind(context: StepContext, labels: str) -> None:
    """Assign the platform's key of the kind that the variant names to some labels."""
    context.world.key_services.seal(labels, DEFAULT, context.world.targeted("wrapping"))


@given('documents labelled "{labels}" are sealed for the key services "{names}"')
def given_labels_are_sealed_for_key_services(context: StepContext, labels: str, names: str) -> None:
    """Assign the key of each of some key services to some labels."""
    context.world.key_services.seal(labels, names)


@when("an author looks up the key of the targeted kind")
def when_an_author_looks_a_key_up(context: StepContext) -> None:
    """Look the platform's key of the kind that the variant names up in the registry."""
    algorithm = algorithm_name(context.world.targeted("wrapping"))
    told = context.world.key_services.told_by_registry(DEFAULT, algorithm)
    context.world.visitor.key.put(told)


@when("the reader asks the key service twice to open the envelopes")
def when_the_reader_opens_the_envelopes_twice(context: StepContext) -> None:
    """Ask two times for the keys of all envelopes, each time in one request."""
    world = context.world
    world.earlier_rewrap.put(world.envelopes.open(world.reader_token))
    world.rewrap.put(world.envelopes.open(world.reader_token))


@then("each answer comes with a session key of its own")
def then_each_answer_has_a_session_key(context: StepContext) -> None:
    """Compare the public keys that the key service made for two answers."""
    both = (context.world.earlier_rewrap.value, context.world.rewrap.value)
    keys = {f"answer {number}": answer.session_key for number, answer in enumerate(both, 1)}
    expect_different("The session keys", {"no key at all": ""} | keys)


@then("each document brings an elliptic-curve key of the author's that was made for it alone")
def then_each_document_brings_a_key(context: StepContext) -> None:
    """Compare the public keys in the documents, which stand beside what they sealed."""
    expect_different("The author's keys", sender_keys(context.world.read.value))


@then("the key is split like this")
def then_the_key_is_split(context: StepContext) -> None:
    """Compare who has which part of the key, in any order; the table has: key services."""
    key_services = context.world.key_services
    actual = split(context.world.read.value[0], key_services.name_of)
    rows = rows_of(context, "key services")
    expected = sorted(sorted(words_in(row["key services"])) for row in rows)
    expect_equal("The parts of the key", actual, expected)


@then("every key in it is sealed for {whom}")
def then_every_key_is_sealed_for(context: StepContext, whom: str) -> None:
    """Compare how each key is sealed, and for whom: the platform, or the targeted kind of key."""
    expect_seals(context.world, whom)
