"""Obligations and registered resources of a scenario, on a real embedded platform."""

import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.platform.kas import RewrapAnswer
from support.platform.registered import registered_fqn
from support.sdk.model import Refusal, RefusalReason
from support.world.envelopes import by_envelope, rows_about
from support.world.gate import OUTCOMES
from support.world.obligations import NOBODY_KNOWS, expect_named
from support.world.questions import like
from support.world.reader import FORBIDDEN, Opened, expect_refused, words_of_refusal
from support.world.registered import FORMS
from support.world.words import in_words
from support.world.world import World


@pytest.fixture
def entitled(world: World) -> World:
    """A world whose reader holds apollo and not gemini."""
    world.labels.define("project", "any of", "apollo, gemini")
    world.labels.entitle(world.reader_id, "apollo", ["read"])
    return world


@pytest.fixture
def burdened(entitled: World) -> World:
    """A world in which apollo is read under a watermark."""
    entitled.terms.obligations.require("read", "apollo", "watermark")
    return entitled


@pytest.fixture
def printing(entitled: World) -> World:
    """A world with a printer that is read with apollo."""
    rows = [{"action": "read", "label": "apollo"}]
    entitled.terms.registered.register("printers/hall", rows)
    return entitled


def decided(world: World) -> tuple[str, str]:
    return world.questions.decision.value.verdict.value, world.questions.told_obligations


# Obligations


def test_obligations_are_required_declared_and_told_by_their_words(burdened: World) -> None:
    obligations = burdened.terms.obligations
    obligations.require("read", "apollo, gemini", "no-copy")
    burdened.questions.ask("read", "apollo")
    assert decided(burdened) == ("deny", "no-copy, watermark")

    obligations.declare("WATERMARK, no-copy")
    burdened.questions.ask("read", "apollo")
    assert decided(burdened) == ("permit", "no-copy, watermark")
    burdened.questions.ask("read", "gemini")
    assert decided(burdened) == ("deny", "nothing")

    assert obligations.told(["https://x"]) == "https://x"
    assert len(obligations.all_fqns) == 2


def test_an_obligation_of_one_client_is_that_of_a_person(burdened: World) -> None:
    terms = burdened.terms
    terms.obligations.require("read", "apollo", "watermark", terms.client_of("the reader"))
    terms.obligations.require("read", "apollo", "log", terms.client_of("the author"))
    terms.change("it is no longer required")

    burdened.questions.ask("read", "apollo")

    assert decided(burdened) == ("deny", "watermark")
    with pytest.raises(SpecificationError, match="the reader, the author, the stranger"):
        terms.client_of("the pope")


def test_an_obligation_that_nobody_required_names_the_known(burdened: World) -> None:
    with pytest.raises(SpecificationError, match=r'Did you mean "watermark".*nobody knows'):
        burdened.terms.obligations.declare("watermarks")
    assert burdened.terms.obligations.fqn(NOBODY_KNOWS).endswith("/value/never-made")


def test_deeds_and_changes_need_an_obligation_or_a_resource_to_speak_of(entitled: World) -> None:
    for deed in ("require it for an unknown label", "register the resource again"):
        with pytest.raises(SpecificationError, match='"it" is not'):
            entitled.terms.attempt(deed)
    with pytest.raises(SpecificationError, match="a deed of authors"):
        entitled.terms.attempt("fly")
    with pytest.raises(SpecificationError, match="a change of policy"):
        entitled.terms.change("it flies")


@pytest.mark.parametrize(
    ("deed", "outcome"),
    [
        ("make the obligation again", "refused as a duplicate"),
        ("make the obligation again in capital letters", "refused as a duplicate"),
        ("add the same value to the obligation again", "refused as a duplicate"),
        ("require it again for the same action and label", "refused as a duplicate"),
        ("require it again through one client alone", "allowed"),
        ("require it for an unknown label", "refused as unknown"),
        ("require it for the label in capital letters", "refused as unknown"),
        ("require it for an unknown action", "refused as unknown"),
        ("require an unknown obligation", "refused as unknown"),
        ("remove an unknown obligation", "refused as unknown"),
        ("make an obligation in an unknown namespace", "refused as unknown"),
        ("require it for an action that has no name", "refused as nonsense"),
        (
            "make an obligation whose name begins with a hyphen",
            "refused as nonsense",
        ),
    ],
)
def test_every_deed_with_obligations_has_an_outcome(
    burdened: World, deed: str, outcome: str
) -> None:
    assert burdened.terms.attempt(deed).code == OUTCOMES[outcome]


@pytest.mark.parametrize(
    "change",
    [
        "it is no longer required",
        "it is required for updating instead",
        "the value of the obligation is removed",
        "the obligation is removed",
    ],
)
def test_changes_take_the_obligation_away(burdened: World, change: str) -> None:
    burdened.terms.change(change)
    burdened.questions.ask("read", "apollo")
    assert decided(burdened) == ("permit", "nothing")


def test_a_change_that_is_refused_is_told(burdened: World) -> None:
    burdened.terms.change("the obligation is removed")
    with pytest.raises(EnvironmentUnfitError, match="see that the obligation is removed"):
        burdened.terms.change("the obligation is removed")


def test_what_the_client_can_fulfil_may_stand_in_a_bulk(burdened: World) -> None:
    row = {"person": "the reader", "action": "read", "document": "a", "needs": "apollo"}
    burdened.questions.ask_in_bulk(
        [
            {"request": "1", **row, "can fulfil": "watermark"},
            {"request": "2", **row, "can fulfil": "nothing"},
            {"request": "3", **row},
        ]
    )
    told = burdened.questions.bulk.value
    assert [(row["decision"], row["obligations"]) for row in told] == [
        ("permit", "watermark"),
        ("deny", "watermark"),
        ("deny", "watermark"),
    ]


def test_an_obligation_that_a_table_leaves_out_is_none(burdened: World) -> None:
    burdened.questions.ask_each("read", [{"document": "a", "needs": "apollo"}])
    told = burdened.questions.told(burdened.questions.decisions.value)
    expected = [{"document": "a", "decision": "deny"}]

    assert like(expected, told) == [{**expected[0], "obligations": "watermark"}]
    assert like(expected, [{**expected[0], "obligations": "nothing"}]) == expected
    assert like([], [{"document": "a", "obligations": "nothing"}])[0] == {"obligations": "nothing"}


def test_the_key_service_tells_obligations_to_the_entitled_alone(burdened: World) -> None:
    obligations = burdened.terms.obligations
    obligations.require("read", "gemini", "watermark")
    for name, needs in (("a", "apollo"), ("b", "gemini"), ("c", "nothing")):
        burdened.envelopes.make(name, needs)

    refused = burdened.envelopes.open(burdened.reader_token)
    obligations.declare("WATERMARK")
    opened = burdened.envelopes.open(burdened.reader_token, fulfillable=obligations.fulfillable)

    def told(answer: RewrapAnswer) -> list[tuple[str, str]]:
        rows = by_envelope(rows_about(burdened.envelopes, answer, obligations.told))
        return [(row["answer"], row["obligations"]) for row in rows.values()]

    last = [("forbidden", "nothing"), ("its own key", "nothing")]
    assert told(refused) == [("forbidden", "watermark"), *last]
    assert told(opened) == [("its own key", "watermark"), *last]
    assert told(burdened.envelopes.open(None)) == [("unauthenticated", "nothing")] * 3


def test_names_are_looked_for_in_what_was_said() -> None:
    expect_named("the refusal", "required obligations: a, b", ["a", "b"])
    with pytest.raises(AssertionError, match="What the refusal names: \\['c'\\] is missing"):
        expect_named("the refusal", "required obligations: a, b", ["a", "c"])


def test_a_refusal_has_words_and_an_opened_document_has_none() -> None:
    refusal = Refusal(RefusalReason.OBLIGATION, "required obligations: x")
    assert words_of_refusal(refusal) == "required obligations: x"
    with pytest.raises(AssertionError, match="but it opened"):
        words_of_refusal(Opened(b"x"))


def test_the_key_service_forbids_with_a_reason_or_without() -> None:
    for reason in (RefusalReason.OBLIGATION, RefusalReason.NOT_ENTITLED):
        expect_refused(Refusal(reason, "no"), FORBIDDEN)
    with pytest.raises(AssertionError, match=r"not_entitled.*integrity"):
        expect_refused(Refusal(RefusalReason.INTEGRITY, "no"), FORBIDDEN)
    with pytest.raises(AssertionError, match=r"not_entitled.*obligation"):
        expect_refused(Refusal(RefusalReason.OBLIGATION, "no"), "the reader is not entitled")


def test_words_are_listed_in_order_and_none_is_nothing() -> None:
    assert in_words(["b", "a"]) == "a, b"
    assert in_words([]) == "nothing"


# Registered resources


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_name_is_decided(printing: World, form: str) -> None:
    printing.questions.ask_registered("read", "printers/hall", form)
    permitted = form.startswith(("its full name", "the older form"))
    assert decided(printing) == ("permit" if permitted else "deny", "nothing")


def test_a_resource_may_stand_in_a_table_and_may_ask(printing: World) -> None:
    rows = [{"document": "a", "needs": "the registered resource printers/hall"}]
    printing.questions.ask_each("read", rows)
    assert printing.questions.decisions.value.all_permitted
    printing.questions.ask_as_registered("printers/hall", "read", "apollo")
    assert decided(printing) == ("permit", "nothing")
    printing.questions.ask_as_registered("printers/hall", "read", "gemini")
    assert decided(printing) == ("deny", "nothing")


def test_a_resource_that_nobody_registered_names_the_known(printing: World) -> None:
    with pytest.raises(SpecificationError, match="printers/hall"):
        printing.terms.registered.fqn("printers/attic")
    with pytest.raises(SpecificationError, match="its full name"):
        printing.terms.registered.fqn("printers/hall", "its nickname")
    with pytest.raises(SpecificationError, match="a value of it"):
        printing.terms.registered.register("printers", [])


def test_one_of_no_namespace_is_removed_with_the_scenario(entitled: World) -> None:
    rows = [{"action": "read", "label": "apollo"}]
    entitled.terms.registered.register("printers/hall", rows, namespaced=False)
    entitled.questions.ask_registered("read", "printers/hall", "the older form of its name")
    assert decided(entitled) == ("permit", "nothing")
    assert entitled.terms.attempt("register the resource again").code == "already_exists"

    assert entitled.labels.remove_all() == ()

    with pytest.raises(EnvironmentUnfitError, match="not_found"):
        entitled.terms.change("the registered resource is removed")


@pytest.mark.parametrize(
    ("deed", "outcome"),
    [
        ("register the resource again", "refused as a duplicate"),
        ("register the resource again in capital letters", "refused as a duplicate"),
        (
            "add the same value to the registered resource again",
            "refused as a duplicate",
        ),
        (
            "tie the registered resource to the same label twice",
            "refused as a duplicate",
        ),
        (
            "tie the registered resource to an unknown label",
            "refused as unknown",
        ),
        ("register a resource in an unknown namespace", "refused as unknown"),
        ("remove an unknown registered resource", "refused as unknown"),
        (
            "tie the registered resource to a label of another namespace",
            "refused as nonsense",
        ),
        (
            "register a resource whose name ends with a hyphen",
            "refused as nonsense",
        ),
    ],
)
def test_every_deed_with_resources_has_an_outcome(printing: World, deed: str, outcome: str) -> None:
    assert printing.terms.attempt(deed).code == OUTCOMES[outcome]


@pytest.mark.parametrize(
    "what", ["the value of the registered resource", "the registered resource"]
)
def test_what_is_removed_is_open_to_nobody(printing: World, what: str) -> None:
    printing.terms.change(f"{what} is removed")
    printing.questions.ask_registered("read", "printers/hall", "its full name")
    assert decided(printing) == ("deny", "nothing")


def test_names_have_two_forms() -> None:
    assert registered_fqn("a.example", "b", "c") == "https://a.example/reg_res/b/value/c"
    assert registered_fqn("", "b", "c") == "https://reg_res/b/value/c"
