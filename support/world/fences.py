"""Audited calls that change nothing: where their records are, all earlier ones are, too."""

import os
import uuid
from collections.abc import Callable, Sequence

from support.platform.connect import ConnectClient
from support.platform.decisions import AUTHORIZATION, Question, Resource, client, single_request
from support.platform.envelope import seal
from support.platform.kas import KasClient, kas_key
from support.services.locator import Services
from support.world.audit import Fence
from support.world.envelopes import DATA_KEY_BYTES
from support.world.key_services import USUAL, algorithm_name

PLATFORM = "default"
UNKNOWN_FQN = "https://acceptance-unknown.example/attr/unknown/value/unknown"
Token = Callable[[], str]


class Fences:
    """Makes audited calls to the platform and to its key access services.

    Args:
        services: where they are.
        client: makes a client of the service at an address.
        asking: returns the token of somebody who may ask for decisions and keys.
        client_id: whom to ask about.
    """

    def __init__(
        self,
        services: Services,
        client: Callable[[str], ConnectClient],
        asking: Token,
        client_id: Callable[[], str],
    ) -> None:
        self._services = services
        self._client = client
        self._asking = asking
        self._client_id = client_id

    def of(self, name: str) -> Sequence[Fence]:
        """Return the ways to leave a record in the log of a key access service.

        Only the platform itself decides; a record of either kind will do, so that one that is
        never written does not hide the other.
        """
        if name == PLATFORM:
            return (self._decision, lambda: self._key_request(name))
        return (lambda: self._key_request(name),)

    def _decision(self) -> str:
        connect = self._client(self._services.platform_url)
        unknown = Resource("fence", (UNKNOWN_FQN,))
        question = Question(client(self._client_id()), "read", (unknown,))
        connect.call(
            AUTHORIZATION, "GetDecision", single_request(question), token=self._asking()
        ).required("decide about an unknown label")
        return connect.sent[-1].request_id

    def _key_request(self, name: str) -> str:
        url = self._services.kas_urls[name]
        base = self._services.platform_url if name == PLATFORM else url.removesuffix("/kas")
        connect = self._client(base)
        kas = KasClient(connect)
        key = kas_key(kas.public_key(algorithm_name(USUAL)))
        envelope = seal(os.urandom(DATA_KEY_BYTES), (), str(uuid.uuid4()), key, url)
        kas.rewrap((envelope,), self._asking()).answer.required("open an unlabelled envelope")
        return connect.sent[-1].request_id
