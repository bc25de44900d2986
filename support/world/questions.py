"""What a scenario asks the decision service, and what it was told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from support.platform.connect import ConnectClient
from support.platform.decisions import (
    Decision,
    DecisionClient,
    DecisionSet,
    Question,
    Resource,
    Thing,
    Who,
    client,
)
from support.platform.entitlements import entitlements
from support.platform.identity import Identity
from support.world.duties import MAKE_POLICY
from support.world.labels import Labels
from support.world.memory import Slot
from support.world.registered import INTRODUCTION
from support.world.terms import Terms
from support.world.words import NOTHING, PERSONS, meaning_of

CAN_FULFIL = "can fulfil"
OBLIGATIONS = "obligations"
READER = "the reader"
DOCUMENT = "document"

Row = Mapping[str, str]


class Questions:
    """Asks about documents by the labels that they need."""

    def __init__(
        self, client: DecisionClient, identity: Identity, labels: Labels, terms: Terms
    ) -> None:
        self._client = client
        self._identity = identity
        self._labels = labels
        self._obligations = terms.obligations
        self._registered = terms.registered
        self.decision: Slot[Decision] = Slot("a decision")
        self.decisions: Slot[DecisionSet] = Slot("decisions about several documents")
        self.entitlements: Slot[dict[str, str]] = Slot("a list of entitlements")
        self.bulk: Slot[list[dict[str, str]]] = Slot("decisions in bulk")

    def ask(self, action: str, needs: str) -> None:
        """Ask whether the reader may do something with one document."""
        self.decision.put(self._client.decide(self._question(READER, action, {DOCUMENT: needs})))

    def ask_in(self, space: str, action: str, needs: str) -> None:
        """Ask whether the reader may take an action of one namespace on one document."""
        question = self._question(READER, action, {DOCUMENT: needs})
        namespaced = replace(question, action_namespace=self._labels.space(space).fqn)
        self.decision.put(self._client.decide(namespaced))

    def ask_about(
        self, who: Who, action: str, needs: str, asking: DecisionClient | None = None
    ) -> None:
        """Ask whether somebody may do something with one document.

        Args:
            who: whom to ask about.
            action: what they want to do.
            needs: the labels of the document.
            asking: who sends the request; the client of the role standard by default.
        """
        question = self._asked(who, action, {DOCUMENT: needs})
        self.decision.put((asking or self._client).decide(question))

    def list_entitlements(self, connect: ConnectClient) -> None:
        """Have an administrator ask what the reader is entitled to, among this scenario's labels.

        What the reader is entitled to by others' policy is left out.
        """
        who = client(self._identity.client_id(PERSONS[READER]))
        token = self._identity.token(MAKE_POLICY.role)
        listed = entitlements(connect, token, who)
        named = {self._labels.label_of(fqn): actions for fqn, actions in listed.items()}
        self.entitlements.put(
            {label: ", ".join(sorted(actions)) for label, actions in named.items() if label}
        )

    def ask_registered(self, action: str, name: str, form: str) -> None:
        """Ask whether the reader may do something with a registered resource, called so."""
        who = client(self._identity.client_id(PERSONS[READER]))
        resource = Resource(DOCUMENT, registered=self._registered.fqn(name, form))
        question = Question(who, action, (resource,), fulfillable=self._obligations.fulfillable)
        self.decision.put(self._client.decide(question))

    def ask_as_registered(self, name: str, action: str, needs: str) -> None:
        """Ask whether a registered resource itself may do something with one document."""
        self.ask_about(Thing(self._registered.fqn(name)), action, needs)

    @property
    def told_obligations(self) -> str:
        """What the last decision says that has to be fulfilled, as scenarios write it."""
        return self._obligations.told(self.decision.value.obligations)

    def ask_each(self, action: str, rows: Iterable[Row]) -> None:
        """Ask about several documents at once; a row names a document and what it needs."""
        needs = {row["document"]: row["needs"] for row in rows}
        self.decisions.put(self._client.decide_each(self._question(READER, action, needs)))

    def ask_in_bulk(self, rows: Iterable[Row]) -> None:
        """Send several requests at once.

        Rows of one request share its name, person and action, and what the client can fulfil where
        the table says that. Answers carry no name of the request: they come in its order.
        """
        grouped: dict[tuple[str, str, str, str], dict[str, str]] = {}
        for row in rows:
            request = (row["request"], row["person"], row["action"], row.get(CAN_FULFIL, ""))
            grouped.setdefault(request, {})[row["document"]] = row["needs"]
        questions = [
            replace(
                self._question(person, action, needs),
                fulfillable=self._obligations.fqns(fulfillable),
            )
            if fulfillable
            else self._question(person, action, needs)
            for (_, person, action, fulfillable), needs in grouped.items()
        ]
        names = [request[0] for request in grouped]
        self.bulk.put(self._bulk(names, self._client.decide_in_bulk(questions)))

    def _question(self, person: str, action: str, needs: Mapping[str, str]) -> Question:
        role = meaning_of(person, PERSONS, "a person of scenarios")
        return self._asked(client(self._identity.client_id(role)), action, needs)

    def _asked(self, who: Who, action: str, needs: Mapping[str, str]) -> Question:
        resources = tuple(self._resource(name, text) for name, text in needs.items())
        return Question(who, action, resources, fulfillable=self._obligations.fulfillable)

    def _resource(self, name: str, needs: str) -> Resource:
        if needs.startswith(INTRODUCTION):
            return Resource(name, registered=self._registered.fqn(needs[len(INTRODUCTION) :]))
        return Resource(name, self._labels.fqns(needs))

    def told(self, decisions: DecisionSet) -> list[dict[str, str]]:
        """Return what was decided about each document, in the form of a scenario's table."""
        return [
            {
                "document": entry.resource,
                "decision": entry.verdict.value,
                OBLIGATIONS: self._obligations.told(entry.obligations),
            }
            for entry in decisions.decisions
        ]

    def _bulk(self, names: list[str], answers: tuple[DecisionSet, ...]) -> list[dict[str, str]]:
        # An answer too many or too few shows up as a row without the name of a request.
        padded = [*names, *("no such request" for _ in answers[len(names) :])]
        return [
            {"request": name, **row, "overall": overall(answer)}
            for name, answer in zip(padded, answers, strict=False)
            for row in self.told(answer)
        ]


def overall(decisions: DecisionSet) -> str:
    """Return the overall decision as a word."""
    return "permit" if decisions.all_permitted else "deny"


def like(expected: Sequence[Row], told: Sequence[Row]) -> list[dict[str, str]]:
    """Return rows with the columns that are expected; obligations may be left out of a table.

    Left out, they are none: an obligation that nobody expected is told.
    """
    wanted = set(expected[0]) if expected else {OBLIGATIONS}
    return [
        {
            column: cell
            for column, cell in row.items()
            if column in wanted or (column == OBLIGATIONS and cell != NOTHING)
        }
        for row in told
    ]
