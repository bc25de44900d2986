import pytest

from support.determinism.streams import FreshNames
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.model.events import AttachmentKind
from support.platform.connect import Answer
from support.platform.policy import NAMESPACES, PolicyAuthor, Rule
from support.sdk.model import Sdk
from support.services.locator import Services
from support.world.labels import Labels
from support.world.machine import Machine, Shared
from support.world.memory import Slot
from support.world.people import People
from support.world.words import RULES, meaning_of, words_in
from support.world.world import World
from tests.conftest import MakeUnit
from tests.world.conftest import Attachments


@pytest.fixture
def labels(world: World) -> Labels:
    """Two attributes that share the value `blue`."""
    world.labels.define("project", "any of", "apollo, blue")
    world.labels.define("colour", "hierarchy", "red, blue")
    return world.labels


def test_lists_of_words() -> None:
    assert words_in("apollo, gemini") == ("apollo", "gemini")
    assert words_in("nothing") == ()
    assert words_in("") == ()


def test_an_unknown_word_names_the_known() -> None:
    assert meaning_of("all of", RULES, "a rule") is Rule.ALL_OF
    with pytest.raises(SpecificationError, match='Did you mean "all of"'):
        meaning_of("all off", RULES, "a rule")


def test_a_slot_gives_what_was_put_last() -> None:
    slot: Slot[int] = Slot("a number")
    with pytest.raises(SpecificationError, match="speaks of a number"):
        _ = slot.value

    assert Slot[int]("a number").is_empty
    slot.put(1)
    slot.put(2)

    assert not slot.is_empty
    assert slot.value == 2


def test_a_label_is_found_by_its_short_or_full_name(labels: Labels) -> None:
    (short,) = labels.fqns("apollo")
    (full,) = labels.fqns("project/apollo")

    assert short == full == f"{labels.namespace.fqn}/attr/project/value/apollo"
    assert labels.fqns("nothing") == ()


def test_an_unknown_label_differs_from_a_known_one_in_one_part(labels: Labels) -> None:
    value, attribute, namespace = labels.fqns(
        "an unknown value, an unknown attribute, an unknown namespace"
    )

    host = labels.namespace.name
    assert value == f"https://{host}/attr/project/value/never-made"
    assert attribute == f"https://{host}/attr/never-made/value/apollo"
    assert namespace == f"https://not-{host}/attr/project/value/apollo"


def test_nobody_is_entitled_to_an_unknown_label(world: World, labels: Labels) -> None:
    with pytest.raises(SpecificationError, match='"an unknown value" is not a label'):
        labels.entitle(world.reader_id, "an unknown value", ["read"])
    with pytest.raises(SpecificationError, match='"an unknown value" is not a label'):
        Labels(FreshNames(42, "unit"), PolicyAuthor(world.connect, ""), "acceptance").fqns(
            "an unknown value"
        )


@pytest.mark.parametrize("label", ["blue", "green", "colour/apollo"])
def test_a_label_that_is_not_clear_names_the_known(labels: Labels, label: str) -> None:
    with pytest.raises(SpecificationError, match="project/apollo, project/blue, colour/red"):
        labels.find(label)


def test_an_unknown_rule_names_the_known(world: World) -> None:
    with pytest.raises(SpecificationError, match="any of, all of, hierarchy"):
        world.labels.define("project", "some of", "apollo")


def test_each_scenario_has_a_namespace_of_its_own(labels: Labels) -> None:
    names = {labels.namespace.name, labels.fresh_name(), labels.fresh_name()}

    assert len(names) == 3
    assert set(labels.names) == names
    assert all(name.startswith("acceptance-") and name.endswith(".example") for name in names)


def test_entitlement_is_asked_by_label_and_action(world: World, labels: Labels) -> None:
    labels.entitle(world.reader_id, "apollo, colour/blue", ["read", "stamp"])

    world.questions.ask("stamp", "apollo")
    assert world.questions.decision.value.verdict.value == "permit"
    world.questions.ask("update", "apollo")
    assert world.questions.decision.value.verdict.value == "deny"


def test_what_a_scenario_made_is_removed(world: World, labels: Labels) -> None:
    labels.entitle(world.reader_id, "apollo", ["read"])
    world.gate.attempt("the admin role", "change the policy")
    first, second = labels.names

    world.close()

    for name in (first, second):
        answer = world.connect.call(
            NAMESPACES,
            "GetNamespace",
            {"fqn": f"https://{name}"},
            token=world.identity.token("admin"),
        )
        assert answer.code == "not_found"


@pytest.mark.usefixtures("labels")
def test_what_cannot_be_removed_is_told(
    world: World, attachments: Attachments, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Answer(403, "permission_denied", "no")
    monkeypatch.setattr(PolicyAuthor, "remove_namespace", lambda _self, _namespace: refusal)

    world.close()
    world.close()

    assert attachments.kinds == [AttachmentKind.LOG]


def test_a_unit_without_policy_has_nothing_to_remove(
    world: World, attachments: Attachments
) -> None:
    world.close()

    assert attachments.kinds == []


def test_policy_is_not_written_where_the_profile_does_not_allow_it(
    make_unit: MakeUnit, services: Services, sdk: Sdk, machine: Machine
) -> None:
    shared = Shared(People((), services, "test"), allow_writes=False)
    world = World(make_unit(), services, (sdk,), machine, shared)

    with pytest.raises(EnvironmentUnfitError, match="allow_writes: true"):
        _ = world.labels
