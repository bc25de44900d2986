import pytest

from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.platform.connect import Answer
from support.platform.decisions import Resource
from support.platform.first_version import Client, FirstVersionClient
from support.world.world import World


@pytest.fixture
def entitled(world: World) -> World:
    """A world whose reader may read the middle rank."""
    world.labels.define("clearance", "hierarchy", "secret, restricted, public")
    world.labels.entitle(world.reader_id, "restricted", ["read"])
    return world


def listed(world: World, extent: str, person: str = "the reader") -> tuple[str, ...]:
    world.first_version.list_of(person, extent)
    return world.first_version.listed.value


def test_entitlements_are_listed_by_label(entitled: World) -> None:
    lower = ("clearance/public", "clearance/restricted")

    assert listed(entitled, "alone") == ("clearance/restricted",)
    assert listed(entitled, "with all lower ranks") == lower
    assert listed(entitled, "with all lower ranks", "the stranger") == ()


@pytest.mark.parametrize("way", ["name", "access token"])
def test_decisions_by_name_and_token(entitled: World, way: str) -> None:
    rows = [{"document": "a", "needs": "public"}, {"document": "b", "needs": "secret"}]

    entitled.first_version.ask("the reader", way, "read", rows)

    decided = entitled.questions.decisions.value
    assert [one.verdict.value for one in decided.decisions] == ["permit", "deny"]
    assert not decided.all_permitted


def test_words_that_nobody_knows_name_the_known(entitled: World) -> None:
    with pytest.raises(SpecificationError, match="with all lower ranks"):
        entitled.first_version.list_of("the reader", "loudly")
    with pytest.raises(SpecificationError, match="access token"):
        entitled.first_version.ask("the reader", "face", "read", [])


def test_answers_about_something_else_are_no_verdict(
    entitled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = {"resourceAttributesId": "a", "decision": "MAYBE"}
    answer = Answer(200, "ok", body={"entitlements": [], "decisionResponses": [strange]})
    monkeypatch.setattr(entitled.connect, "call", lambda *_args, **_more: answer)
    client = FirstVersionClient(entitled.connect, "l", "a")

    with pytest.raises(EnvironmentUnfitError, match="somebody"):
        client.entitlements("reader", with_lower_ranks=False)
    with pytest.raises(EnvironmentUnfitError, match="DECISION_PERMIT"):
        client.decisions(Client("reader"), "read", [Resource("a", ())])
