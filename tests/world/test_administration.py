import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.world.administration import ACTIVE, GONE, INACTIVE, KINDS, LABELLED
from support.world.world import World


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_created_labelled_and_deleted(world: World, kind: str) -> None:
    work = world.administration

    work.ensure(f"created a {kind}", "records")
    created = work.state(kind, "records")
    work.ensure(f"labelled the {kind}", "records")
    labelled = work.state(kind, "records")
    work.ensure(f"deleted the {kind}", "records")

    assert (created, labelled, work.state(kind, "records")) == (ACTIVE, LABELLED, GONE)


@pytest.mark.parametrize("kind", ["namespace", "attribute", "value"])
def test_what_can_be_deactivated_needs_its_name_to_be_deleted(world: World, kind: str) -> None:
    work = world.administration
    work.ensure(f"created a {kind}", "records")

    refused = work.attempt(f"deletes the {kind}", 'records" confirmed as "letters')
    work.ensure(f"deactivated the {kind}", "records")
    inactive = work.state(kind, "records")
    work.ensure(f"reactivated the {kind}", "records")

    assert refused.code == "not_found"
    assert (inactive, work.state(kind, "records")) == (INACTIVE, ACTIVE)


@pytest.mark.parametrize("kind", ["namespace", "attribute", "value", "action"])
def test_what_is_renamed_is_known_by_both_names(world: World, kind: str) -> None:
    work = world.administration
    work.ensure(f"created a {kind}", "records")

    work.ensure(f"renamed the {kind}", 'records" to "archives')

    assert work.state(kind, "archives") == ACTIVE
    assert work.state(kind, "records") == 'called "archives"'


def test_labels_of_the_scenario_are_known(world: World) -> None:
    world.labels.define("project", "any of", "apollo")
    world.labels.entitle(world.reader_id, "apollo", ["read"])

    world.administration.ensure("deactivated the namespace of", "apollo")

    for kind, name in (("attribute", "project"), ("value", "apollo"), ("namespace", "apollo")):
        assert world.administration.state(f"the {kind}", name) == INACTIVE
    world.administration.ensure("deleted the entitlement", "apollo")


def test_what_a_namespace_was_created_as_is_removed_at_the_end(world: World) -> None:
    world.administration.ensure("created a namespace", "records")
    world.administration.ensure("created a subject mapping", "records")

    assert world.labels.remove_all() == ()
    assert world.administration.state("namespace", "records") == GONE


def test_what_was_never_made_is_unknown_to_the_platform(world: World) -> None:
    assert world.administration.attempt("deletes an action", "dance").code == "not_found"
    assert world.administration.attempt("deletes a value", "dance").code == "not_found"
    with pytest.raises(EnvironmentUnfitError, match="deleted an action"):
        world.administration.ensure("deleted an action", "dance")


@pytest.mark.parametrize(
    ("deed", "told"), [("paints a value", "creates"), ("creates a house", "namespace")]
)
def test_words_that_nobody_knows_name_the_known(world: World, deed: str, told: str) -> None:
    with pytest.raises(SpecificationError, match=told):
        world.administration.attempt(deed, "x")
    with pytest.raises(SpecificationError, match="of this scenario"):
        world.administration.state("a value", "never")
