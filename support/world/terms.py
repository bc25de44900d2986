"""The terms of one scenario: what clients have to fulfil, and what is registered by name."""

from support.platform.connect import Answer, ConnectClient
from support.platform.identity import Identity
from support.platform.obligations import ObligationAuthor
from support.platform.registered import RegisteredAuthor
from support.world.duties import MAKE_POLICY
from support.world.labels import Labels
from support.world.obligations import Obligations
from support.world.registered import Registered
from support.world.words import PERSONS, meaning_of


class Terms:
    """Holds obligations and registered resources, and knows deeds and changes by their words.

    Attributes:
        obligations: what clients have to fulfil.
        registered: the registered resources.
    """

    def __init__(self, connect: ConnectClient, identity: Identity, labels: Labels) -> None:
        token = identity.token(MAKE_POLICY.role)
        self._identity = identity
        self.obligations = Obligations(ObligationAuthor(connect, token), labels)
        self.registered = Registered(RegisteredAuthor(connect, token), labels)
        self._deeds = {**self.obligations.deeds, **self.registered.deeds}
        self._changes = {**self.obligations.changes, **self.registered.changes}

    def client_of(self, person: str) -> str:
        """Return the client that a person of scenarios uses.

        Raises:
            SpecificationError: no such person.
        """
        return self._identity.client_id(meaning_of(person, PERSONS, "a person of scenarios"))

    def attempt(self, words: str) -> Answer:
        """Try a deed; a refusal is an answer like any other.

        Raises:
            SpecificationError: no such deed.
        """
        return meaning_of(words, self._deeds, "a deed of authors")()

    def change(self, words: str) -> None:
        """Change what a step before made.

        Raises:
            SpecificationError: no such change.
            EnvironmentUnfitError: the platform refuses.
        """
        meaning_of(words, self._changes, "a change of policy")().required(f"see that {words}")
