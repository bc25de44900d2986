"""What the first version of the decision service says in a scenario."""

from collections.abc import Callable, Iterable, Mapping

from support.platform.decisions import Resource
from support.platform.first_version import Bearer, Client, FirstVersionClient
from support.platform.identity import Identity
from support.world.labels import Labels
from support.world.memory import Slot
from support.world.questions import Questions
from support.world.words import PERSONS, meaning_of

Row = Mapping[str, str]

EXTENTS: Mapping[str, bool] = {"alone": False, "with all lower ranks": True}
"""Whether a list holds what stands below a rank, by the words that scenarios use."""


class FirstVersion:
    """Asks the first version; decisions are remembered beside those of the second."""

    def __init__(
        self, client: FirstVersionClient, identity: Identity, labels: Labels, questions: Questions
    ) -> None:
        self._client = client
        self._identity = identity
        self._labels = labels
        self._questions = questions
        self.listed: Slot[tuple[str, ...]] = Slot("a list of the first version")

    def list_of(self, person: str, extent: str) -> None:
        """List what somebody is entitled to of the scenario's own labels.

        Raises:
            SpecificationError: nobody knows the person or the extent.
            EnvironmentUnfitError: the platform refuses.
        """
        who = self._identity.client_id(meaning_of(person, PERSONS, "a person of scenarios"))
        whole = meaning_of(extent, EXTENTS, "an extent of a list")
        found = self._client.entitlements(who, with_lower_ranks=whole)
        known = self._labels.by_fqn
        self.listed.put(tuple(sorted(known[fqn] for fqn in found if fqn in known)))

    def ask(self, person: str, way: str, action: str, rows: Iterable[Row]) -> None:
        """Ask about documents; a row names a document and what it needs.

        Raises:
            SpecificationError: nobody knows the person or the way to name them.
            EnvironmentUnfitError: the platform gives no verdict.
        """
        role = meaning_of(person, PERSONS, "a person of scenarios")
        ways: Mapping[str, Callable[[], Client | Bearer]] = {
            "name": lambda: Client(self._identity.client_id(role)),
            "access token": lambda: Bearer(self._identity.token(role)),
        }
        who = meaning_of(way, ways, "a way to name a client")()
        resources = [Resource(row["document"], self._labels.fqns(row["needs"])) for row in rows]
        self._questions.decisions.put(self._client.decisions(who, action, resources))
