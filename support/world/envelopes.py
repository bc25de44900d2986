"""Key envelopes of one scenario: made by hand, altered, and handed to the key access service."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import ec

from support.platform.envelope import ALTERATIONS, Envelope, seal
from support.platform.kas import KasClient, KeyResult, RewrapAnswer, Unreadable, Withheld
from support.world.key_services import DEFAULT, USUAL, KeyServices, algorithm_name
from support.world.labels import Labels
from support.world.words import meaning_of

SESSIONS: Mapping[str, Callable[[], ec.EllipticCurvePrivateKey] | None] = {
    "rsa-2048": None,
    "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p-521": lambda: ec.generate_private_key(ec.SECP521R1()),
}
"""What makes the key that a key service seals its answer for, by kind; RSA is the client's own."""
DATA_KEY_BYTES = 32

OWN_KEY = "its own key"
ANSWERS: Mapping[str, str] = {
    "invalid_argument": "invalid",
    "permission_denied": "forbidden",
    "unauthenticated": "unauthenticated",
}
"""Codes with which the key service refuses, and the words that scenarios use for them."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of keys of one unit: what envelopes are sealed for, and what answers are."""

    wrapping: str = USUAL
    session: str = USUAL


class Envelopes:
    """Makes envelopes and keeps them by the names that a scenario gives them."""

    def __init__(
        self, kas: KasClient, key_services: KeyServices, labels: Labels, kinds: Kinds
    ) -> None:
        self._kas = kas
        self._key_services = key_services
        self._labels = labels
        self._kinds = kinds
        self.by_name: dict[str, Envelope] = {}
        self.policy_ids: list[str] = []

    def make(self, name: str, needs: str) -> None:
        """Seal a fresh data key under a policy that requires some labels.

        Raises:
            EnvironmentUnfitError: the key access service gives no usable public key.
        """
        policy_id = self._labels.fresh.identifier("policy of an envelope")
        self.policy_ids.append(policy_id)
        key = self._key_services.key(DEFAULT, algorithm_name(self._kinds.wrapping))
        url = self._key_services.url(DEFAULT)
        fqns = self._labels.fqns(needs)
        self.by_name[name] = seal(os.urandom(DATA_KEY_BYTES), fqns, policy_id, key, url)

    def alter(self, name: str, alteration: str) -> None:
        """Put an altered copy of an envelope in its place.

        Raises:
            SpecificationError: no such alteration.
        """
        change = meaning_of(alteration, ALTERATIONS, "an alteration of a key envelope")
        self.by_name[name] = change(self.by_name[name])

    def borrow_policy(self, name: str, other: str) -> None:
        """Put the policy of another envelope into one whose key and binding stay."""
        policy = self.by_name[other].policy
        self.by_name[name] = replace(self.by_name[name], policy=policy)

    def open(
        self,
        token: str | None,
        claims: Mapping[str, str] | None = None,
        fulfillable: Sequence[str] = (),
    ) -> RewrapAnswer:
        """Ask the key access service for the keys of all envelopes in one request.

        Args:
            token: of whoever asks.
            claims: headers in which the request says something of itself.
            fulfillable: full names of the obligations that whoever asks can fulfil.
        """
        return self.ask(tuple(self.by_name.values()), token, claims, fulfillable)

    def ask(
        self,
        envelopes: Sequence[Envelope],
        token: str | None,
        claims: Mapping[str, str] | None = None,
        fulfillable: Sequence[str] = (),
    ) -> RewrapAnswer:
        """Ask the key access service for the keys of some envelopes in one request."""
        make = meaning_of(self._kinds.session, SESSIONS, "a kind of session key")
        session = make() if make is not None else None
        return self._kas.rewrap(envelopes, token, claims, fulfillable=fulfillable, session=session)


def answers_of(envelopes: Mapping[str, Envelope], answer: RewrapAnswer) -> dict[str, str]:
    """Return the answer for each envelope, by name, in the words that scenarios use.

    A request that was refused as a whole has the same answer for every envelope.
    """
    if not answer.answer.accepted:
        return dict.fromkeys(envelopes, _word(answer.answer.code))
    pairs = zip(envelopes.items(), answer.results, strict=True)
    return {name: _told(envelope, result) for (name, envelope), result in pairs}


def rows_about(
    envelopes: Envelopes, answer: RewrapAnswer, told: Callable[[Sequence[str]], str]
) -> list[dict[str, str]]:
    """Return the answer for each envelope in the form of a scenario's table.

    Args:
        envelopes: that were handed over.
        answer: of the key service.
        told: returns full names of obligations as scenarios write them.
    """
    named = answer.obligations or ((),) * len(envelopes.by_name)
    return [
        {"envelope": name, "answer": word, "obligations": told(fqns)}
        for (name, word), fqns in zip(
            answers_of(envelopes.by_name, answer).items(), named, strict=True
        )
    ]


def by_envelope(rows: Iterable[Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """Return rows by the envelope that they are about: the key service may choose the order."""
    return {row["envelope"]: row for row in rows}


def _told(envelope: Envelope, result: KeyResult) -> str:
    if isinstance(result, Withheld):
        return _word(result.code)
    if isinstance(result, Unreadable):
        return "a key that the reader cannot read"
    return OWN_KEY if result.key == envelope.key else "a key that was never sealed in it"


def _word(code: str) -> str:
    return ANSWERS.get(code, f"{code} (unexpected)")
