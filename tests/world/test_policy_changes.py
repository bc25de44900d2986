"""What the audit says about changes of policy."""

from typing import Any

import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.platform.audit import parse
from support.world.audit import Heard
from support.world.policy_changes import (
    KINDS,
    LABEL,
    Deed,
    Made,
    expect_change,
    expect_silence,
    expect_states,
)
from support.world.world import World
from tests.platform.audit_lines import line

CONTENT = {"id": "1", "name": "a.example", "metadata": {"createdAt": "now", "labels": {"a": "b"}}}
SHOWN = {"id": "1", "name": "a.example", "metadata": {"labels": {"a": "b"}}}
LABELLED = {"id": "1", "metadata": {"labels": dict([LABEL])}}
DEED = Deed(KINDS["a namespace"], Made("1", CONTENT), "request-1")


def heard(action: str = "create", result: str = "success", **states: Any) -> Heard:  # noqa: ANN401
    subject = {"type": "namespace", "id": "1", "attributes": {"attrs": None}}
    record = parse(line("policy crud", result, done=action, object=subject, **states))
    return Heard((record,) if record else ())


def test_a_change_has_exactly_one_record_of_that_object() -> None:
    expect_change(heard(), DEED, "created")
    expect_change(heard("update", "error"), DEED, "not changed")
    for said in (heard("update"), heard(result="error"), Heard(()), Heard(heard().records * 2)):
        with pytest.raises(AssertionError):
            expect_change(said, DEED, "created")
    with pytest.raises(AssertionError):
        expect_change(heard(), Deed(DEED.kind, Made("2", {}), "request-1"), "created")
    with pytest.raises(SpecificationError):
        expect_change(heard(), DEED, "admired")


def test_the_record_of_a_creation_shows_what_was_created() -> None:
    expect_states(heard(original=SHOWN), DEED)
    for said in (heard(), heard(original={**SHOWN, "name": "b.example"}), Heard(())):
        with pytest.raises(AssertionError):
            expect_states(said, DEED)


def test_the_record_of_a_change_shows_both_states() -> None:
    expect_states(heard("update", original={"id": "1"}, updated=LABELLED), DEED)
    for before, after in (
        (None, LABELLED),
        ({"id": "1"}, None),
        (LABELLED, LABELLED),
        ({"id": "1"}, {"id": "2"}),
    ):
        with pytest.raises(AssertionError):
            expect_states(heard("update", original=before, updated=after), DEED)


def test_silence_is_no_record_of_that_call() -> None:
    expect_silence(Heard(()), DEED)
    expect_silence(heard(requestID="another"), DEED)
    with pytest.raises(AssertionError):
        expect_silence(heard(), DEED)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_created_changed_read_and_removed(world: World, kind: str) -> None:
    owner = world.policy_owner
    owner.act("creates", kind)
    expect_states(world.audit.hear(), owner.done.value)
    world.labels.remove_all()


def test_deeds_fail_where_they_should(world: World) -> None:
    owner = world.policy_owner
    owner.act("removes", "an action that nobody made")
    expect_change(world.audit.hear(), owner.done.value, "not removed")
    owner.act("creates", "an action that is there already")
    expect_change(world.audit.hear(), owner.done.value, "not created")
    owner.act("reads", "an action")
    expect_silence(world.audit.hear(), owner.done.value)
    with pytest.raises(EnvironmentUnfitError, match="not what the scenario is about"):
        owner.act("creates", "a condition that is there already")
    with pytest.raises(SpecificationError):
        owner.act("admires", "an action")
    with pytest.raises(SpecificationError):
        owner.act("reads", "a poem")
