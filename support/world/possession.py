"""Whoever has a token that is bound to a key: the client with that key, and thieves without it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

from joserfc.jwk import ECKey

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession, Response
from support.platform.connect import ACCEPTED, Answer
from support.platform.kas import KasClient, Released, Withheld
from support.platform.policy import NAMESPACES
from support.platform.possession import (
    CURVE,
    MAKINGS,
    BoundToken,
    Proof,
    sign_in_with_proof,
)
from support.platform.shape import json_object, text
from support.services.locator import Services
from support.world.envelopes import Envelopes
from support.world.memory import Slot
from support.world.words import meaning_of

ROLE = "standard"
ASKED = f"{NAMESPACES}/ListNamespaces"
REWRAP = "kas.AccessService/Rewrap"
_NONCE = "dpop-nonce"
_ENVELOPE = "the envelope of a client with a bound token"

SIGNERS: Mapping[str, Callable[[BoundToken], ECKey]] = {
    "the key of its token": lambda bound: bound.key,
    "another key": lambda _: ECKey.generate_key(CURVE),
}
"""Who signs a request for a key, by the words that scenarios use."""

DEMANDS: Mapping[str, str] = {
    'DPoP error="invalid_dpop_proof"': "a valid proof",
    'DPoP error="use_dpop_nonce"': "a proof with its nonce",
    "": "nothing",
}
"""What a platform answers with a refusal (RFC 9449, sections 7.1 and 9), in words."""


class Possession:
    """Calls the platform with a bound token, and remembers what it is asked for in return."""

    def __init__(
        self,
        http: HttpSession,
        services: Services,
        kas: KasClient,
        envelopes: Envelopes,
        stolen: Callable[[], str],
    ) -> None:
        self._owners: Mapping[str, Callable[[], BoundToken]] = {
            "a client with a bound token": lambda: sign_in_with_proof(http, services, ROLE),
            # Who has stolen a token has a key, too, but another one.
            "a thief of the reader's token": lambda: BoundToken(
                stolen(), ECKey.generate_key(CURVE)
            ),
        }
        self._owner = ""
        self._http = http
        self._services = services
        self._kas = kas
        self._envelopes = envelopes
        self.demand: Slot[str] = Slot("an answer to a proof")
        self._ways: Mapping[str, Callable[[], Response]] = {
            "no proof": lambda: self._call(None),
            "no proof, as if its token were not bound": lambda: self._call(None, "Bearer"),
            "a good proof, as if its token were not bound": lambda: self._call(
                self._proof().signed(self._bound.key), "Bearer"
            ),
            "a proof that was used before": self._again,
            "a proof with the identifier of an earlier one": self._same_identifier,
            "a good proof with the platform's nonce": self._with_nonce,
            "a good proof with a nonce of its own": lambda: self._call(
                replace(self._proof(), nonce="0" * 32).signed(self._bound.key)
            ),
            **{words: self._made(making) for words, making in MAKINGS.items()},
        }

    @cached_property
    def _bound(self) -> BoundToken:
        return meaning_of(self._owner, self._owners, "somebody who has a bound token")()

    def attempt(self, owner: str, words: str) -> Answer:
        """Read the policy with a bound token and a proof that is made as the words say.

        Raises:
            SpecificationError: nobody knows who that is, or how to make such a proof.
            EnvironmentUnfitError: the platform gives no verdict.
        """
        self._owner = owner
        return self._answer(meaning_of(words, self._ways, "a way to prove possession")())

    def ask_for_key(self, owner: str, signer: str) -> Answer:
        """Ask for a key under no condition, with a good proof; one of `SIGNERS` signs the request.

        Raises:
            SpecificationError: nobody knows who that is, or no such signer.
            EnvironmentUnfitError: the platform gives no verdict.
        """
        self._owner = owner
        bound, url = self._bound, f"{self._services.platform_url}/{REWRAP}"
        key = meaning_of(signer, SIGNERS, "a signer of key requests")(bound)
        self._envelopes.make(_ENVELOPE, "nothing")
        headers = {
            "Authorization": f"DPoP {bound.token}",
            "DPoP": bound.proof(url).signed(bound.key),
        }
        sealed = self._envelopes.by_name[_ENVELOPE]
        outcome = self._kas.rewrap((sealed,), None, headers, key)
        if not outcome.results:
            return outcome.answer
        result, status = outcome.results[0], outcome.answer.status
        if isinstance(result, Withheld):
            return Answer(status, result.code, result.message)
        if result != Released(sealed.key):
            return Answer(status, "wrong_key", "the released key is not the one that was sealed")
        return outcome.answer

    @property
    def _url(self) -> str:
        return f"{self._services.platform_url}/{ASKED}"

    def _proof(self) -> Proof:
        return self._bound.proof(self._url)

    def _made(self, making: Callable[[BoundToken, Proof], str]) -> Callable[[], Response]:
        return lambda: self._call(making(self._bound, self._proof()))

    def _again(self) -> Response:
        proof = self._proof().signed(self._bound.key)
        self._accepted(self._call(proof))
        return self._call(proof)

    def _same_identifier(self) -> Response:
        first = self._proof()
        self._accepted(self._call(first.signed(self._bound.key)))
        second = replace(first, issued_at=first.issued_at + 1)
        return self._call(second.signed(self._bound.key))

    def _with_nonce(self) -> Response:
        first = self._call(self._proof().signed(self._bound.key))
        nonce = _header(first, _NONCE)
        return self._call(replace(self._proof(), nonce=nonce).signed(self._bound.key))

    def _call(self, proof: str | None, scheme: str = "DPoP") -> Response:
        headers = {"Authorization": f"{scheme} {self._bound.token}"}
        if proof is not None:
            headers["DPoP"] = proof
        return self._http.post_json(self._url, {"pagination": {"limit": 1}}, headers)

    def _accepted(self, response: Response) -> None:
        if not response.ok:
            raise EnvironmentUnfitError(
                f"The platform refused a good proof: HTTP {response.status}: {response.text}. "
                "Only a proof that was accepted can be used again."
            )

    def _answer(self, response: Response) -> Answer:
        told = _header(response, "www-authenticate")
        self.demand.put(DEMANDS.get(told, f'"{told}"'))
        if response.ok:
            return Answer(response.status, ACCEPTED)
        body = json_object(ASKED, response.json())
        return Answer(response.status, text(ASKED, body, "code"), str(body.get("message", "")))


def _header(response: Response, name: str) -> str:
    found = {key.lower(): value for key, value in response.headers.items()}
    return found.get(name, "")
