"""The key services of a stack by their names, their keys, and what is sealed for which of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from support.foundation.errors import EnvironmentUnfitError
from support.platform.connect import ACCEPTED, Answer
from support.platform.envelope import KasKey
from support.platform.kas import KasClient, kas_key
from support.platform.key_services import KeyServiceRegistry
from support.world.labels import Labels
from support.world.words import meaning_of, words_in

DEFAULT = "default"
ALGORITHMS: Mapping[str, str] = {
    "rsa-2048": "rsa:2048",
    "rsa-4096": "rsa:4096",
    "p-256": "ec:secp256r1",
    "p-384": "ec:secp384r1",
    "p-521": "ec:secp521r1",
    "x-wing": "hpqt:xwing",
    "p-256-ml-kem-768": "hpqt:secp256r1-mlkem768",
    "p-384-ml-kem-1024": "hpqt:secp384r1-mlkem1024",
    "ml-kem-768": "mlkem:768",
    "ml-kem-1024": "mlkem:1024",
}
"""The platform's name of each kind of key, by the values of the dimension `wrapping`."""

USUAL = "rsa-2048"


def algorithm_name(wrapping: str) -> str:
    """Return the platform's name of a kind of key: `rsa:2048` for the capability `rsa-2048`.

    Raises:
        SpecificationError: no such kind.
    """
    return meaning_of(wrapping, ALGORITHMS, "a kind of key")


@dataclass(frozen=True, slots=True)
class KeyServices:
    """Finds key services and their keys, and has labels sealed for them.

    Attributes:
        urls: the address of each key service by its name, as manifests name it.
        client: speaks to the key service at an address.
    """

    urls: Mapping[str, str]
    registry: Callable[[], KeyServiceRegistry]
    client: Callable[[str], KasClient]
    labels: Callable[[], Labels]

    def url(self, name: str) -> str:
        """Return the address of a key service.

        Raises:
            SpecificationError: the stack has none of that name.
        """
        return meaning_of(name, self.urls, "a key service of this stack")

    def name_of(self, url: str) -> str:
        """Return the name of the key service at an address; the address itself for a stranger's."""
        return next((name for name, known in self.urls.items() if known == url), url)

    def key(self, name: str, algorithm: str) -> KasKey:
        """Return the key of a key service: as it tells it, or else as it is listed.

        Raises:
            EnvironmentUnfitError: it has no key of that algorithm.
        """
        told = self.client(self.url(name)).public_key(algorithm)
        return kas_key(told) if told.accepted else self.listed(name, algorithm)

    def listed(self, name: str, algorithm: str) -> KasKey:
        """Return the key of a key service as the registry lists it.

        Raises:
            EnvironmentUnfitError: it is listed with no key of that algorithm.
        """
        found = self.registry().key(self.url(name), algorithm)
        if found is None:
            raise EnvironmentUnfitError(
                f"The registry lists no active key {algorithm} of {self.url(name)}, and the key "
                "service tells none either. Expected a stack whose keys are managed, with one of "
                "every kind (option every-mechanism)."
            )
        return found

    def told_by_registry(self, name: str, algorithm: str) -> Answer:
        """Return the listed key in the form in which a key service tells its own.

        Raises:
            EnvironmentUnfitError: it is listed with no key of that algorithm.
        """
        found = self.listed(name, algorithm)
        return Answer(HTTPStatus.OK, ACCEPTED, body={"publicKey": found.pem, "kid": found.key_id})

    def seal(self, labels: str, names: str, wrapping: str = USUAL) -> None:
        """Have documents with any of some labels sealed for a key of each named key service.

        Raises:
            SpecificationError: a label, a name or the kind of key is not known.
            EnvironmentUnfitError: the platform refuses.
        """
        algorithm, registry = algorithm_name(wrapping), self.registry()
        for name in words_in(names):
            key = self.key(name, algorithm)
            for value in self.labels().find(labels):
                registry.seal_for(value, self.url(name), algorithm, key)
