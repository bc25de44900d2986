"""The ways to platform, identity provider and key services, disturbed or secured for a scenario."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from support.foundation.certificates import Certificates, Flaw
from support.foundation.errors import EnvironmentUnfitError
from support.foundation.tls_front import TlsFront
from support.foundation.wire import UNDISTURBED, Disturbance, Wire
from support.sdk.container import with_key_services
from support.world.documents import Documents
from support.world.key_services import DEFAULT, KeyServices
from support.world.reader import Reader
from support.world.setup import Setup
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
    "is overheard": Disturbance(overheard=True),
    "is open again": UNDISTURBED,
}
"""What happens to a way, by the words that scenarios use."""

_SECURED = "is secured by a certificate that"
CERTIFICATES: Mapping[str, Flaw] = {
    f"{_SECURED} the reader can trust": Flaw.NONE,
    f"{_SECURED} the author can trust": Flaw.NONE,
    f"{_SECURED} has expired": Flaw.EXPIRED,
    f"{_SECURED} is not valid yet": Flaw.NOT_YET_VALID,
    f"{_SECURED} names another host": Flaw.OTHER_HOST,
    f"{_SECURED} an unknown authority has signed": Flaw.UNKNOWN_AUTHORITY,
    f"{_SECURED} nobody but its owner has signed": Flaw.SELF_SIGNED,
}
"""What the server at the end of a way shows, by the words that scenarios use."""

HAPPENINGS: Mapping[str, Disturbance | Flaw] = {**DISTURBANCES, **CERTIFICATES}
"""All that may happen to a way."""

_TOKEN = re.compile(rb"(?i)\r\nauthorization: (?:dpop|bearer) ([\w.~+/=-]+)\r\n")

PLATFORM = "the platform"
IDENTITY_PROVIDER = "the identity provider"


@dataclass(slots=True)
class Ways:
    """Lays a wire on the way that is to be disturbed, and has the reader go along it.

    Attributes:
        certificates: those that secure a way.
        seed: from which it follows what is spoiled.
    """

    key_services: KeyServices
    documents: Callable[[], Documents]
    reader: Callable[[], Reader]
    certificates: Certificates
    seed: int = 0
    _wires: dict[str, Wire] = field(default_factory=dict)
    _token_endpoint: str = ""
    _fronts: list[TlsFront] = field(default_factory=list)
    _led: dict[str, str] = field(default_factory=dict)

    def to_key_service(self, name: str, happening: str) -> None:
        """Disturb or secure the way to a key service, whatever the way to the platform is.

        Raises:
            SpecificationError: the key service, the disturbance or the certificate is not known.
        """
        wanted = meaning_of(happening, HAPPENINGS, "what happens to a way")
        if isinstance(wanted, Flaw):
            self._lead(name, self._secured(self.key_services.url(name), wanted).url)
            return
        if name not in self._wires:
            self._lay(name, name)
        self._wires[name].disturb(wanted)

    def once_key_service_answers(self, event: Callable[[], None]) -> None:
        """Let something happen as soon as the platform's key service has answered the reader."""
        if DEFAULT not in self._wires:
            self._lay(DEFAULT, DEFAULT)
        self._wires[DEFAULT].once_answered = event

    def to_platform(self, happening: str) -> None:
        """Disturb or secure the way to the platform, which is also that to its key service.

        Raises:
            SpecificationError: the disturbance or the certificate is not known.
        """
        wanted = meaning_of(happening, HAPPENINGS, "what happens to a way")
        if isinstance(wanted, Flaw):
            front = self._secured(self.key_services.url(DEFAULT), wanted)
            self._lead(DEFAULT, front.url)
            self._move_platform(front.url)
            return
        if PLATFORM not in self._wires:
            self._move_platform(self._lay(PLATFORM, DEFAULT).url)
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

    def of_author(self, setup: Setup, happening: str) -> Setup:
        """Secure the way of an author to the platform; return the author's set-up with it.

        Documents that the author makes from now on name the key service as the author knows it.

        Raises:
            SpecificationError: the certificate is not known.
        """
        flaw = meaning_of(happening, CERTIFICATES, "what secures the way of an author")
        front = self._entrance(self.key_services.url(DEFAULT), flaw)
        self._led[DEFAULT] = front.url
        moved = with_platform(with_platform_key_service(setup, front.url), front.url)
        return replace(moved, authorities=self.certificates.authority)

    @property
    def overheard_token(self) -> str:
        """An access token that somebody has read on an overheard way, however it was presented.

        Raises:
            EnvironmentUnfitError: there is none, so nothing can be said about it.
        """
        heard = b"".join(bytes(wire.heard) for wire in self._wires.values())
        found = _TOKEN.search(heard)
        if found is None:
            raise EnvironmentUnfitError(
                f"A step speaks of a token that was overheard, but in {len(heard)} bytes of "
                "requests none stands in an Authorization header. Expected a way that is "
                "overheard before the reader opens the document, and a request along it."
            )
        return found[1].decode("ascii")

    def close(self) -> None:
        """Take every wire and every secure entrance away."""
        for wire in self._wires.values():
            wire.close()
        for front in self._fronts:
            front.close()

    def _secured(self, url: str, flaw: Flaw) -> TlsFront:
        """Open a secure entrance; the reader trusts one authority from now on."""
        reader = self.reader()
        reader.setup = replace(reader.setup, authorities=self.certificates.authority)
        return self._entrance(url, flaw)

    def _entrance(self, url: str, flaw: Flaw) -> TlsFront:
        front = TlsFront(url, self.certificates.server(flaw))
        self._fronts.append(front)
        return front

    def _lay(self, way: str, name: str) -> Wire:
        """Lay a wire to a key service."""
        wire = self._wires[way] = Wire(self.key_services.url(name), self.seed)
        self._lead(name, wire.url)
        return wire

    def _lead(self, name: str, instead: str) -> None:
        """Let reader and document name another address instead of a key service's own."""
        documents, reader = self.documents(), self.reader()
        before = self._led.get(name) or self.key_services.url(name)
        documents.put_in_place(with_key_services(documents.current.data, {before: instead}))
        self._led[name] = instead
        known = (instead, *self.key_services.urls.values(), *(reader.allow_list or ()))
        reader.allow_list = tuple(dict.fromkeys(known))
        if name == DEFAULT:
            reader.setup = with_platform_key_service(reader.setup, instead)

    def _move_platform(self, kas_url: str) -> None:
        """Let the reader look for the platform where its key service is."""
        self.reader().setup = with_platform(self.reader().setup, kas_url)


def with_platform_key_service(setup: Setup, url: str) -> Setup:
    """Return a set-up that finds the platform's key service at another address."""
    services = setup.services
    kas_urls = {**services.kas_urls, DEFAULT: url}
    return replace(setup, services=replace(services, kas_urls=kas_urls))


def with_platform(setup: Setup, kas_url: str) -> Setup:
    """Return a set-up that finds the platform where a key service is."""
    platform_url = kas_url.removesuffix("/kas")
    return replace(setup, services=replace(setup.services, platform_url=platform_url))
