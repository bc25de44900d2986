"""Steps that say the same of several things fail for each of them, and name those they know."""

import dataclasses
from collections.abc import Callable

import pytest

from support.foundation.errors import SpecificationError
from support.platform.connect import Answer
from support.sdk.model import Refusal, RefusalReason
from support.world import choices
from support.world.statements import keys_of
from support.world.world import World

NOT_ENTITLED = Refusal(RefusalReason.NOT_ENTITLED, "forbidden", bytes_left_behind=0)


def test_a_refusal_is_compared_with_the_reason_of_its_own_kind(world: World) -> None:
    world.reader.outcome.put(NOT_ENTITLED)
    world.protecting.put(NOT_ENTITLED)
    world.attempt.put(Answer(404, "not_found", "no such thing"))

    for what in ("access", "protection"):
        choices.expect_refusal(world, what, "the reader is not entitled")
        with pytest.raises(AssertionError, match="The reason of the refusal"):
            choices.expect_refusal(world, what, "the payload was altered")
    for what in ("it", "that policy"):
        with pytest.raises((AssertionError, SpecificationError)):
            choices.expect_refusal(world, what, "it rains")


def test_what_nobody_has_tried_to_copy_is_not_refused(world: World) -> None:
    with pytest.raises(ValueError, match="No copy was tried"):
        choices.expect_refusal(world, "each copy", "the payload was altered")


def test_envelopes_are_opened_before_they_are_altered(world: World) -> None:
    world.envelopes.make("report", "nothing")
    choices.expect_openable(world, "the envelopes")

    world.envelopes.alter("report", "one bit of the sealed key is flipped")

    with pytest.raises(AssertionError, match="The untouched envelopes"):
        choices.expect_openable(world, "the envelopes")


def test_a_mistake_is_made_by_one_client_alone(world: World) -> None:
    reader, author = world.reader.setup, world.author

    choices.set_up_wrongly(world, "the author", "a wrong secret")
    assert (world.reader.setup, world.author == author) == (reader, False)

    choices.set_up_wrongly(world, "the reader", "a wrong secret")
    assert world.reader.setup != reader


def test_kept_documents_are_taken_in_hand(world: World) -> None:
    choices.take_kept(world, "a note by the Go SDK", "run")

    assert world.documents.current.content


def test_either_key_of_a_statement_can_be_held(world: World) -> None:
    right, wrong = keys_of("HS256")
    world.statement_keys.put((right, wrong))

    choices.hold_key(world, "the key that verifies the statement")
    assert world.reader.keys == right
    choices.hold_key(world, "a key that belongs to somebody else")
    assert world.reader.keys == wrong


def test_whom_keys_are_sealed_for_is_compared(world: World) -> None:
    choices.take_kept(world, "a note by the Go SDK", "run")
    world.read.put((world.documents.current,))
    with pytest.raises(AssertionError, match="The key services"):
        choices.expect_seals(world, "the platform's key service")


def test_the_configuration_names_the_addresses_of_this_stack(world: World) -> None:
    world.visitor.read_configuration()

    choices.expect_named_to_everybody(world, "the address where clients get their tokens")
    world.services = dataclasses.replace(world.services, issuer="http://another.example")
    with pytest.raises(AssertionError, match="issues this stack's tokens"):
        choices.expect_named_to_everybody(
            world, "the identity provider that issues this stack's tokens"
        )


@pytest.mark.parametrize(
    ("choose", "known"),
    [
        (lambda world: choices.expect_refusal(world, "rain", "it is wet"), "each copy"),
        (lambda world: choices.expect_openable(world, "a tin"), "the envelopes"),
        (lambda world: choices.set_up_wrongly(world, "nobody", "a wrong secret"), "the author"),
        (lambda world: choices.take_kept(world, "a note by the Go SDK", "age"), "release"),
        (lambda world: choices.expect_unprinted(world, "rhymes"), "reveals a secret"),
    ],
)
def test_words_that_nobody_knows_name_the_known(
    world: World, choose: Callable[[World], None], known: str
) -> None:
    with pytest.raises(SpecificationError, match=known):
        choose(world)
