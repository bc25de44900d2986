"""Steps that say the same of several things: which thing is meant, by the words of scenarios."""

from support.platform.sealing import kind_for
from support.world.dynamic import why_refused
from support.world.envelopes import OWN_KEY, answers_of
from support.world.expectations import expect_absent, expect_equal
from support.world.golden import golden_document
from support.world.inspection import kept_document
from support.world.key_attempts import expect_refused as expect_attempt_refused
from support.world.key_services import DEFAULT, algorithm_name
from support.world.manifests import key_services, seals
from support.world.reader import expect_opened, expect_refused
from support.world.setup import with_mistake
from support.world.tampering import expect_each_refused
from support.world.words import meaning_of
from support.world.world import World


def expect_refusal(world: World, what: str, reason: str) -> None:
    """Expect that something was refused, for a reason of its own kind.

    Raises:
        SpecificationError: nothing of that name is ever refused, or never for that reason.
    """
    checks = {
        "access": lambda: expect_refused(world.reader.outcome.value, reason),
        "protection": lambda: expect_refused(world.protecting.value, reason),
        "each copy": lambda: expect_each_refused(world.tampering.tries, reason),
        "it": lambda: expect_attempt_refused(world.attempt.value, reason),
        "that policy": lambda: expect_equal("The reason", why_refused(world.attempt.value), reason),
    }
    meaning_of(what, checks, "something that is refused")()


def expect_openable(world: World, what: str) -> None:
    """Have the reader open something before it is altered, and make sure that it opens.

    Raises:
        SpecificationError: nobody opens anything of that name.
    """

    def document() -> None:
        current = world.documents.current
        expect_opened(world.reader.open(current), current)

    def copy() -> None:
        untouched = world.documents.untouched_copy()
        expect_opened(world.reader.open(untouched), untouched)

    def envelopes() -> None:
        made = world.envelopes.by_name
        answer = world.envelopes.open(world.reader_token)
        expected = dict.fromkeys(made, OWN_KEY)
        expect_equal("The untouched envelopes", answers_of(made, answer), expected)

    openings = {
        "the document": document,
        "an untouched copy of the document": copy,
        "the envelopes": envelopes,
    }
    meaning_of(what, openings, "something that readers open")()


def set_up_wrongly(world: World, whose: str, mistake: str) -> None:
    """Set up the client of the reader or the author with one mistake.

    Raises:
        SpecificationError: nobody makes that mistake, or has no client to make it with.
    """

    def of_reader() -> None:
        world.reader.setup = with_mistake(world.reader.setup, mistake)

    def of_author() -> None:
        world.author = with_mistake(world.author, mistake)

    meaning_of(whose, {"the reader": of_reader, "the author": of_author}, "who has a client")()


def take_kept(world: World, name: str, since: str) -> None:
    """Take a document in hand that an earlier `run` or `release` has left.

    Raises:
        SpecificationError: none of that name is kept.
    """
    kept = {
        "run": lambda: kept_document(name),
        "release": lambda: golden_document(name, world.services.kas_urls[DEFAULT]),
    }
    world.documents.take(meaning_of(since, kept, "since when documents are kept")())


def hold_key(world: World, which: str) -> None:
    """Give the reader a key to verify statements with.

    Raises:
        SpecificationError: there is no such key.
    """
    right, wrong = world.statement_keys.value
    known = {
        "the key that verifies the statement": right,
        "a key that belongs to somebody else": wrong,
    }
    world.reader.keys = meaning_of(which, known, "a key of statements")


def expect_seals(world: World, whom: str) -> None:
    """Expect for whom every key of a document is sealed.

    Raises:
        SpecificationError: nobody of that name.
    """
    document = world.read.value[0]

    def for_platform() -> None:
        expected = {world.services.kas_urls[DEFAULT]}
        expect_equal("The key services", key_services(document), expected)

    def for_kind() -> None:
        algorithm = algorithm_name(world.targeted("wrapping"))
        key = world.key_services.key(DEFAULT, algorithm)
        expected = {"type": kind_for(algorithm), "key": key.key_id}
        for seal in seals(document):
            expect_equal("The seal of a key", seal, expected)

    known = {"the platform's key service": for_platform, "the targeted kind of key": for_kind}
    meaning_of(whom, known, "whom keys are sealed for")()


def expect_unprinted(world: World, what: str) -> None:
    """Expect that nothing which SDKs printed in this scenario tells something.

    Raises:
        SpecificationError: nobody knows how to look for that.
    """
    sought = {
        "reveals a secret": lambda: world.secrets_in_use,
        "names an obligation": lambda: world.terms.obligations.all_fqns,
    }
    tokens = meaning_of(what, sought, "what printed words may not do")()
    expect_absent("What was printed", world.printed, tokens)


def expect_named_to_everybody(world: World, what: str) -> None:
    """Compare an address that the platform's configuration names with the stack's own.

    Raises:
        SpecificationError: the configuration names nothing of the kind.
    """
    told, services = world.visitor.configuration.value, world.services
    known = {
        "the identity provider that issues this stack's tokens": (told.issuer, services.issuer),
        "the address where clients get their tokens": (
            told.token_endpoint,
            services.token_endpoint,
        ),
    }
    actual, expected = meaning_of(what, known, "what the configuration names")
    expect_equal(what, actual, expected)
