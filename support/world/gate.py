"""Who may do what: attempts at the platform's door, with good, bad and missing tokens."""

from collections.abc import Callable, Mapping

from support.platform import forgery
from support.platform.connect import ACCEPTED, IMPOSSIBLE, Answer, ConnectClient
from support.platform.decisions import AUTHORIZATION, Question, Resource, client, single_request
from support.platform.identity import Identity
from support.platform.kas import Released, Withheld
from support.platform.key_registry import REGISTRY
from support.platform.policy import NAMESPACES, UNSAFE, stored_namespace
from support.world.envelopes import Envelopes
from support.world.labels import Labels
from support.world.words import meaning_of

OUTCOMES: Mapping[str, str] = {
    "allowed": ACCEPTED,
    "forbidden": "permission_denied",
    "unauthenticated": "unauthenticated",
    "refused as nonsense": "invalid_argument",
    "refused as a duplicate": "already_exists",
    "refused as unknown": "not_found",
    "impossible for now": IMPOSSIBLE,
}
"""Words for the outcome of an attempt, and the code that the platform answers with."""

UNKNOWN_FQN = "https://acceptance-unknown.example/attr/unknown/value/unknown"
_ENVELOPE = "the envelope of an attempt"

Attempt = Callable[[str | None], Answer]


class Gate:
    """Tries operations with the access that a scenario names."""

    def __init__(
        self,
        identity: Identity,
        connect: ConnectClient,
        labels: Labels,
        envelopes: Envelopes,
        readings: Mapping[str, Attempt] | None = None,
    ) -> None:
        self._identity = identity
        self._connect = connect
        self._labels = labels
        self._envelopes = envelopes
        self._access: Mapping[str, Callable[[], str | None]] = {
            "the admin role": lambda: identity.token("admin"),
            "the standard role": lambda: identity.token("standard"),
            "no role": lambda: identity.token("unprivileged"),
            "the role of the key service in the north": lambda: identity.token("north"),
            "the role of the key service in the south": lambda: identity.token("south"),
            "an expired token": lambda: identity.token("expired"),
            "a token for another audience": lambda: identity.token("foreign_audience"),
            "a token of another issuer": lambda: identity.token("foreign_issuer"),
            "no token": lambda: None,
            "a garbled token": lambda: forgery.garbled(identity.token("admin")),
            "a token with altered claims": lambda: forgery.with_altered_claims(
                identity.token("admin")
            ),
            "a token signed by a stranger": lambda: forgery.signed_by_a_stranger(
                identity.token("admin")
            ),
        }
        self._operations: Mapping[str, Attempt] = {
            "read the policy": self._read_policy,
            "read the key registry": self._read_registry,
            "change the policy": self._change_policy,
            "delete policy for good": self._delete_policy,
            "ask for a decision": self._decide,
            "ask for entitlements": self._entitlements,
            "open a key envelope": self.open_envelope,
            **(readings or {}),
        }

    def attempt(self, access: str, operation: str) -> Answer:
        """Try an operation; a refusal is an answer like any other.

        Raises:
            SpecificationError: the access or the operation is not known.
            EnvironmentUnfitError: the platform gives no verdict.
        """
        token = self.token(access)
        return meaning_of(operation, self._operations, "an operation")(token)

    def token(self, access: str) -> str | None:
        """Return the token that a kind of access consists in.

        Raises:
            SpecificationError: the access is not known.
        """
        return meaning_of(access, self._access, "a kind of access")()

    def _read_policy(self, token: str | None) -> Answer:
        message = {"pagination": {"limit": 1}}
        return self._connect.call(NAMESPACES, "ListNamespaces", message, token=token)

    def _read_registry(self, token: str | None) -> Answer:
        message = {"pagination": {"limit": 1}}
        return self._connect.call(REGISTRY, "ListKeyAccessServers", message, token=token)

    def _change_policy(self, token: str | None) -> Answer:
        method, name = "CreateNamespace", self._labels.fresh_name()
        answer = self._connect.call(NAMESPACES, method, {"name": name}, token=token)
        if answer.accepted:
            self._labels.own(stored_namespace(method, answer.body))
        return answer

    def _delete_policy(self, token: str | None) -> Answer:
        namespace = self._labels.namespace
        message = {"id": namespace.id, "fqn": namespace.fqn}
        return self._connect.call(UNSAFE, "UnsafeDeleteNamespace", message, token=token)

    def _decide(self, token: str | None) -> Answer:
        message = single_request(self._question)
        return self._connect.call(AUTHORIZATION, "GetDecision", message, token=token)

    def _entitlements(self, token: str | None) -> Answer:
        message = {"entityIdentifier": single_request(self._question)["entityIdentifier"]}
        return self._connect.call(AUTHORIZATION, "GetEntitlements", message, token=token)

    @property
    def _question(self) -> Question:
        """A question that the platform can answer whatever its policy says."""
        unknown = Resource("document", (UNKNOWN_FQN,))
        return Question(client(self._identity.client_id("standard")), "read", (unknown,))

    def open_envelope(self, token: str | None) -> Answer:
        """Try to have a key released that was sealed under no condition at all."""
        self._envelopes.make(_ENVELOPE, "nothing")
        outcome = self._envelopes.open(token)
        if not outcome.results:
            return outcome.answer
        result = outcome.results[0]
        status = outcome.answer.status
        if isinstance(result, Withheld):
            return Answer(status, result.code, result.message)
        if result != Released(self._envelopes.by_name[_ENVELOPE].key):
            return Answer(status, "wrong_key", "the released key is not the one that was sealed")
        return outcome.answer
