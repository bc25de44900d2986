"""Somebody without a token, who reads what a platform tells everybody."""

from collections.abc import Mapping

from support.platform.connect import Answer, ConnectClient
from support.platform.discovery import Configuration, Discovery, NotPublicError, Preflight
from support.platform.envelope import KasKey
from support.platform.kas import KasClient, kas_key
from support.platform.sealing import algorithm_of
from support.platform.shape import JsonObject, member
from support.world.expectations import fail
from support.world.memory import Slot

WELL_KNOWN_SERVICE = "wellknownconfiguration.WellKnownService"
REWRAP_PATH = "/kas.AccessService/Rewrap"


class Visitor:
    """Reads the configuration, health and public keys, and remembers what it was told."""

    def __init__(self, discovery: Discovery, kas: KasClient, connect: ConnectClient) -> None:
        self._discovery = discovery
        self._kas = kas
        self._connect = connect
        self.configuration: Slot[Configuration] = Slot("the platform's configuration")
        self.health: Slot[str] = Slot("a health status")
        self.key: Slot[Answer] = Slot("the answer to a request for a public key")
        self.preflight: Slot[Preflight] = Slot("the answer to a web page's question")
        self.earlier_key: Slot[Answer] = Slot("an earlier answer to a request for a public key")

    def read_configuration(self) -> Configuration:
        """Read the platform's public configuration.

        Raises:
            AssertionError: it is not public.
        """
        try:
            self.configuration.put(self._discovery.configuration())
        except NotPublicError as error:
            fail(f"The platform's configuration: expected everybody to read it, but {error}")
        return self.configuration.value

    @property
    def configuration_by_procedure_call(self) -> JsonObject:
        """The configuration as the procedure call gives it."""
        where = "GetWellKnownConfiguration"
        body = self._connect.call(WELL_KNOWN_SERVICE, where, {}).required("read its configuration")
        return member(where, body, "configuration")

    def read_health(self, service: str = "") -> None:
        """Read the health of the platform or of one of its services."""
        self.health.put(self._discovery.health(service))

    def read_health_where_configured(self) -> None:
        """Read the health at the address that the configuration names."""
        self.health.put(self._discovery.health_at(self.read_configuration().health_endpoint))

    def ask_for_key(self, algorithm: str) -> None:
        """Ask for the public key of an algorithm such as `rsa:2048`."""
        self.key.put(self._kas.public_key(algorithm))

    def ask_twice_for_key(self, algorithm: str) -> None:
        """Ask for the same public key two times."""
        self.earlier_key.put(self._kas.public_key(algorithm))
        self.ask_for_key(algorithm)

    def ask_for_page(self, origin: str) -> None:
        """Ask, as a browser does, whether a page of `origin` may call the key service."""
        self.preflight.put(self._discovery.preflight(REWRAP_PATH, origin, "POST"))


def described_key(answer: Answer) -> Mapping[str, str]:
    """Return the algorithm and the name of a public key, read from the key itself.

    Raises:
        EnvironmentUnfitError: there is no key, or of a kind nobody asks for.
    """
    found: KasKey = kas_key(answer)
    return {"algorithm": algorithm_of(found.pem), "name": found.key_id}
