"""Every way to prove possession is told apart on a real embedded platform."""

import json

import pytest

from support.embedded import jose
from support.embedded.faults import Fault
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.foundation.http import HttpSession
from support.platform.possession import MAKINGS, Proof, sign_in_with_proof
from support.services.locator import Services
from support.stack.embedded import start_for_run
from support.world.documents import Wishes
from support.world.machine import Machine
from support.world.possession import ASKED
from support.world.world import World
from tests.conftest import MakeUnit

CLIENT = "a client with a bound token"
THIEF = "a thief of the reader's token"
ACCEPTED = ("a good proof", "a good proof, as if its token were not bound")
REFUSED = (
    *(words for words in MAKINGS if words not in ACCEPTED),
    "no proof",
    "no proof, as if its token were not bound",
    "a proof that was used before",
    "a proof with the identifier of an earlier one",
)


def tried(world: World, words: str) -> tuple[str, str]:
    code = world.possession.attempt(CLIENT, words).code
    return code, world.possession.demand.value


@pytest.mark.parametrize("words", ACCEPTED)
def test_a_good_proof_is_accepted(world: World, words: str) -> None:
    assert tried(world, words) == ("ok", "nothing")


@pytest.mark.parametrize("words", REFUSED)
def test_every_other_proof_is_refused(world: World, words: str) -> None:
    assert tried(world, words) == ("unauthenticated", "a valid proof")


def test_a_request_for_a_key_is_signed_by_the_key_of_the_token(world: World) -> None:
    assert world.possession.ask_for_key(CLIENT, "the key of its token").code == "ok"
    assert world.possession.ask_for_key(CLIENT, "another key").code == "unauthenticated"
    with pytest.raises(SpecificationError, match="another key"):
        world.possession.ask_for_key(CLIENT, "nobody")


@pytest.mark.parametrize("words", ["no proof", *ACCEPTED])
def test_a_stolen_token_is_worth_nothing(world: World, words: str) -> None:
    steal(world)

    assert world.possession.attempt(THIEF, words).code == "unauthenticated"
    assert world.possession.ask_for_key(THIEF, "another key").code == "unauthenticated"


def steal(world: World) -> None:
    """Have a client with a bound token ask along an overheard way."""
    world.documents.make(b"text", world.author, Wishes())
    world.documents.name_key_service(world.key_services.url("default"))
    world.ways.to_platform("is overheard")
    bound = sign_in_with_proof(HttpSession(), world.services, "standard")
    url = f"{world.reader.setup.services.platform_url}/{ASKED}"
    proof = bound.proof(url).signed(bound.key)
    headers = {"Authorization": f"DPoP {bound.token}", "DPoP": proof}
    assert HttpSession().post_json(url, {}, headers).ok
    assert world.ways.overheard_token == bound.token


def test_who_has_stolen_nothing_is_told_so(world: World) -> None:
    with pytest.raises(EnvironmentUnfitError, match="in 0 bytes of requests none stands"):
        world.possession.attempt(THIEF, "no proof")
    with pytest.raises(SpecificationError, match="a thief of the reader's token"):
        world.possession.attempt("a finder", "no proof")


def test_a_way_that_nobody_knows_names_the_known(world: World) -> None:
    with pytest.raises(SpecificationError, match="a good proof"):
        world.possession.attempt(CLIENT, "a handshake")


def test_a_platform_that_wants_nonces_tells_them(
    make_unit: MakeUnit, machine: Machine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    running = start_for_run(tmp_path_factory.mktemp("nonces"), options=["dpop-nonce"])
    try:
        world = World(make_unit(), running.services, (), machine)
        wanted = "a proof with its nonce"
        assert tried(world, "a good proof") == ("unauthenticated", wanted)
        assert tried(world, "a good proof with a nonce of its own") == ("unauthenticated", wanted)
        assert tried(world, "a good proof with the platform's nonce") == ("ok", "nothing")
        with pytest.raises(EnvironmentUnfitError, match="refused a good proof"):
            world.possession.attempt(CLIENT, "a proof that was used before")
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.REPLAYED_PROOF_ACCEPTED, "a proof that was used before"),
        (Fault.PROOF_METHOD_NOT_CHECKED, "a proof for another method"),
        (Fault.PROOF_ADDRESS_NOT_CHECKED, "a proof for another address"),
        (Fault.PROOF_TOKEN_NOT_CHECKED, "a proof for another token"),
        (Fault.PROOF_KEY_NOT_COMPARED, "a proof by another key"),
        (Fault.PROOF_SIGNATURE_NOT_CHECKED, "a proof that was altered after signing"),
        (Fault.PROOF_AGE_NOT_CHECKED, "a proof of long ago"),
        (Fault.BOUND_TOKEN_AS_BEARER, "no proof, as if its token were not bound"),
    ],
)
def test_a_platform_that_looks_away_accepts(
    make_unit: MakeUnit,
    machine: Machine,
    tmp_path_factory: pytest.TempPathFactory,
    fault: Fault,
    words: str,
) -> None:
    running = start_for_run(tmp_path_factory.mktemp("fault"), [fault.value])
    try:
        assert tried(World(make_unit(), running.services, (), machine), words)[0] == "ok"
    finally:
        running.stop()


def test_a_proof_says_what_it_is_for(services: Services) -> None:
    session = HttpSession()
    bound = sign_in_with_proof(session, services, "standard")
    session.close()
    proof = Proof.of("POST", "http://localhost/a", bound.token)

    parsed = jose.parse_unverified(proof.signed(bound.key))

    assert parsed.header["typ"] == "dpop+jwt"
    assert parsed.claims["htu"] == "http://localhost/a"
    assert parsed.claims["ath"] == jose.access_token_hash(bound.token)
    assert "nonce" not in parsed.claims
    assert "d" not in json.dumps(parsed.header["jwk"]).split('"')
    assert jose.parse_unverified(bound.token).claims["cnf"]["jkt"] == bound.key.thumbprint()
