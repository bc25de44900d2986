"""The ways to platform, identity provider and key services, disturbed for a scenario's reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from support.foundation.wire import UNDISTURBED, Disturbance, Wire
from support.sdk.container import with_key_services
from support.world.documents import Documents
from support.world.key_services import DEFAULT, KeyServices
from support.world.reader import Reader
from support.world.words import meaning_of

DISTURBANCES: Mapping[str, Disturbance] = {
    "is closed": Disturbance(closed=True),
    "is slow": Disturbance(delay_seconds=0.5),
    "is narrow": Disturbance(bytes_per_second=4000),
    "is cut before an answer": Disturbance(cut_after_bytes=0),
    # More than the first line of an answer, less than the sealed key in it.
    "is cut in the middle of an answer": Disturbance(cut_after_bytes=300),
    # Every sealed key is longer than this, so each loses a bit.
    "spoils answers": Disturbance(spoil_every=64),
    "swallows answers": Disturbance(swallowed=True),
    "is open again": UNDISTURBED,
}
"""What happens to a way, by the words that scenarios use."""

PLATFORM = "the platform"
IDENTITY_PROVIDER = "the identity provider"


@dataclass(slots=True)
class Ways:
    """Lays a wire on the way that is to be disturbed, and has the reader go along it.

    Attributes:
        seed: from which it follows what is spoiled.
    """

    key_services: KeyServices
    documents: Callable[[], Documents]
    reader: Callable[[], Reader]
    seed: int = 0
    _wires: dict[str, Wire] = field(default_factory=dict)
    _token_endpoint: str = ""

    def to_key_service(self, name: str, disturbance: str) -> None:
        """Disturb the way to a key service.

        Raises:
            SpecificationError: the key service or the disturbance is not known.
        """
        wanted = meaning_of(disturbance, DISTURBANCES, "a disturbance of a way")
        if name not in self._wires:
            self._lay(name, name)
        self._wires[name].disturb(wanted)

    def to_platform(self, disturbance: str) -> None:
        """Disturb the way to the platform, which is also that to its key service.

        Raises:
            SpecificationError: the disturbance is not known.
        """
        wanted = meaning_of(disturbance, DISTURBANCES, "a disturbance of a way")
        if PLATFORM not in self._wires:
            wire = self._lay(PLATFORM, DEFAULT)
            setup = self.reader().setup
            address = wire.url.removesuffix("/kas")
            services = replace(setup.services, platform_url=address)
            self.reader().setup = replace(setup, services=services)
        self._wires[PLATFORM].disturb(wanted)

    def to_identity_provider(self, disturbance: str) -> None:
        """Disturb the way to where the reader's client gets its tokens.

        An undisturbed way is the straight one: clients prove possession (RFC 9449) for the address
        that they call, which is to be the identity provider's own.

        Raises:
            SpecificationError: the disturbance is not known.
        """
        wanted = meaning_of(disturbance, DISTURBANCES, "a disturbance of a way")
        reader = self.reader()
        if IDENTITY_PROVIDER not in self._wires:
            self._token_endpoint = reader.setup.services.token_endpoint
            self._wires[IDENTITY_PROVIDER] = Wire(self._token_endpoint, self.seed)
        wire = self._wires[IDENTITY_PROVIDER]
        wire.disturb(wanted)
        address = self._token_endpoint if wanted == UNDISTURBED else wire.url
        services = replace(reader.setup.services, token_endpoint=address)
        reader.setup = replace(reader.setup, services=services)

    def close(self) -> None:
        """Take every wire away."""
        for wire in self._wires.values():
            wire.close()

    def _lay(self, way: str, name: str) -> Wire:
        """Lay a wire to a key service, and let reader and document name its address instead."""
        url = self.key_services.url(name)
        wire = self._wires[way] = Wire(url, self.seed)
        documents, reader = self.documents(), self.reader()
        documents.put_in_place(with_key_services(documents.current.data, {url: wire.url}))
        known = (wire.url, *self.key_services.urls.values(), *(reader.allow_list or ()))
        reader.allow_list = tuple(dict.fromkeys(known))
        if name == DEFAULT:
            services = reader.setup.services
            kas_urls = {**services.kas_urls, DEFAULT: wire.url}
            reader.setup = replace(reader.setup, services=replace(services, kas_urls=kas_urls))
        return wire
