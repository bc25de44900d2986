import pytest

from support.foundation.errors import SpecificationError
from support.platform.connect import Answer
from support.platform.decisions import Decision, DecisionSet, Verdict
from support.platform.kas import Released, RewrapAnswer
from support.world.envelopes import answers_of
from support.world.gate import OUTCOMES
from support.world.questions import like, overall
from support.world.world import World


@pytest.fixture
def entitled(world: World) -> World:
    """A world whose reader holds apollo and not gemini."""
    world.labels.define("project", "any of", "apollo, gemini")
    world.labels.entitle(world.reader_id, "apollo", ["read"])
    return world


def test_several_documents_are_told_as_a_table(entitled: World) -> None:
    rows = [{"document": "a", "needs": "apollo"}, {"document": "b", "needs": "gemini"}]

    entitled.questions.ask_each("read", rows)

    decided = entitled.questions.decisions.value
    assert entitled.questions.told(decided) == [
        {"document": "a", "decision": "permit", "obligations": "nothing"},
        {"document": "b", "decision": "deny", "obligations": "nothing"},
    ]
    assert overall(decided) == "deny"
    permitted = DecisionSet(all_permitted=True, decisions=(Decision("a", Verdict.PERMIT),))
    assert overall(permitted) == "permit"


def test_a_bulk_is_told_by_request(entitled: World) -> None:
    entitled.questions.ask_in_bulk(
        [
            {"request": "1", "person": "the reader", "action": "read", "document": "a", "needs": n}
            for n in ("apollo",)
        ]
        + [
            {
                "request": "2",
                "person": "the stranger",
                "action": "read",
                "document": "a",
                "needs": "apollo",
            }
        ]
    )

    assert like([{"request": "", "decision": ""}], entitled.questions.bulk.value) == [
        {"request": "1", "decision": "permit"},
        {"request": "2", "decision": "deny"},
    ]
    assert [row["overall"] for row in entitled.questions.bulk.value] == ["permit", "deny"]


def test_entitlements_are_those_to_labels_of_the_scenario(entitled: World) -> None:
    entitled.questions.list_entitlements(entitled.connect)

    assert entitled.questions.entitlements.value == {"apollo": "read"}
    assert entitled.labels.label_of("https://elsewhere/attr/a/value/b") is None


def test_an_unknown_person_names_the_known(entitled: World) -> None:
    row = {"request": "1", "person": "the pope", "action": "read", "document": "a", "needs": ""}

    with pytest.raises(SpecificationError, match="the reader, the author, the stranger"):
        entitled.questions.ask_in_bulk([row])


def test_envelopes_are_answered_in_words(entitled: World) -> None:
    envelopes = entitled.envelopes
    for name, needs in {"a": "apollo", "b": "gemini", "c": "apollo", "d": "nothing"}.items():
        envelopes.make(name, needs)
    envelopes.alter("c", "one bit of the binding is flipped")
    envelopes.borrow_policy("d", "a")

    answer = envelopes.open(entitled.identity.token("standard"))

    assert answers_of(envelopes.by_name, answer) == {
        "a": "its own key",
        "b": "forbidden",
        "c": "invalid",
        "d": "invalid",
    }
    assert len(set(envelopes.policy_ids)) == 4


def test_another_key_than_was_sealed_is_told(world: World) -> None:
    world.envelopes.make("a", "nothing")
    answer = RewrapAnswer(Answer(200, "ok"), (Released(b"other"),))

    assert answers_of(world.envelopes.by_name, answer) == {"a": "a key that was never sealed in it"}


def test_a_request_refused_as_a_whole_is_the_answer_for_each(world: World) -> None:
    world.envelopes.make("a", "nothing")
    world.envelopes.make("b", "nothing")

    refused = answers_of(world.envelopes.by_name, world.envelopes.open(None))
    strange = answers_of(world.envelopes.by_name, RewrapAnswer(Answer(418, "teapot")))

    assert refused == dict.fromkeys("ab", "unauthenticated")
    assert strange == dict.fromkeys("ab", "teapot (unexpected)")


def test_an_unknown_alteration_of_an_envelope_names_the_known(world: World) -> None:
    world.envelopes.make("a", "nothing")
    with pytest.raises(SpecificationError, match="the binding is empty"):
        world.envelopes.alter("a", "it is painted green")


@pytest.mark.parametrize(
    ("access", "operation", "outcome"),
    [
        ("the admin role", "read the policy", "allowed"),
        ("the admin role", "read the key registry", "allowed"),
        ("the admin role", "change the policy", "allowed"),
        ("the admin role", "delete policy for good", "allowed"),
        ("the standard role", "ask for a decision", "allowed"),
        ("the standard role", "ask for entitlements", "forbidden"),
        ("no role", "open a key envelope", "allowed"),
        ("no token", "open a key envelope", "unauthenticated"),
        ("a garbled token", "read the policy", "unauthenticated"),
        ("a token with altered claims", "read the policy", "unauthenticated"),
        ("a token signed by a stranger", "read the policy", "unauthenticated"),
        ("an expired token", "read the policy", "unauthenticated"),
        ("a token for another audience", "read the policy", "unauthenticated"),
        ("a token of another issuer", "ask for a decision", "unauthenticated"),
    ],
)
def test_every_access_and_operation_has_an_outcome(
    world: World, access: str, operation: str, outcome: str
) -> None:
    assert world.gate.attempt(access, operation).code == OUTCOMES[outcome]


def test_an_unknown_operation_names_the_known(world: World) -> None:
    with pytest.raises(SpecificationError, match="open a key envelope"):
        world.gate.attempt("no token", "dance")
    with pytest.raises(SpecificationError, match="an expired token"):
        world.gate.attempt("a golden token", "read the policy")


@pytest.mark.parametrize(
    ("results", "code"),
    [((Released(b"other"),), "wrong_key")],
)
def test_a_wrong_key_is_not_an_allowed_attempt(
    world: World, results: tuple[Released, ...], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = RewrapAnswer(Answer(200, "ok"), results)
    monkeypatch.setattr(type(world.envelopes), "open", lambda _self, _token: answer)

    assert world.gate.attempt("no role", "open a key envelope").code == code
