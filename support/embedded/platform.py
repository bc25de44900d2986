"""The parts of the platform put together, and what each listener serves."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connectrpc.server import ConnectASGIApplication

from support.embedded import roles
from support.embedded.audit import AuditLog
from support.embedded.authorization import AuthorizationService
from support.embedded.authorization_v1 import AuthorizationServiceV1
from support.embedded.calls import Gate
from support.embedded.clock import Clock
from support.embedded.control import Control
from support.embedded.database import Database
from support.embedded.directory import Directory
from support.embedded.dpop import Nonces
from support.embedded.entities import EntityService
from support.embedded.entitlements import EntitlementPolicy
from support.embedded.faults import Fault
from support.embedded.health import Health
from support.embedded.http import CrossOrigin, send_response, text_response
from support.embedded.identity import IdentityProvider
from support.embedded.kas import KeyAccessService
from support.embedded.key_registration import register_keys
from support.embedded.key_sources import OwnKeys
from support.embedded.keys import KEY_IDS, STOCK, KeyRing
from support.embedded.managed_keys import ROOT_KEY_BYTES, ManagedKeys, published_base_key
from support.embedded.modes import Modes
from support.embedded.multi_strategy import multi_strategy_resolver
from support.embedded.opening import EC_WRAPPED, KINDS, RSA_WRAPPED, KeyOpener
from support.embedded.options import (
    CLAIMS_IDENTITY,
    DIRECT_ENTITLEMENTS,
    DIRECTORY,
    DIRECTORY_FAIL_FAST,
    DPOP_NONCE,
    EC_WRAPPING,
    EVERY_MECHANISM,
    KEY_MANAGEMENT,
    MAINTENANCE,
    MANAGED_KAS,
    OWN_CLOCK,
    SCOPED_ROLES,
)
from support.embedded.people import DirectoryPeople
from support.embedded.policy import services as policy_services
from support.embedded.policy.records import KeyAccessServer
from support.embedded.policy.render import Renderer
from support.embedded.policy.store import PolicyStore
from support.embedded.protocol import load_protocol
from support.embedded.resolvers import ClaimsResolver, DirectoryResolver
from support.embedded.rewrap import Rewrapper
from support.embedded.rewrap_decisions import RewrapDecider
from support.embedded.routes import Routes
from support.embedded.scoped_roles import ScopedRoles
from support.embedded.tokens import TokenVerifier
from support.embedded.transcoding import Transcoder
from support.embedded.wellknown import WellKnown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.embedded.calls import Allows, AnyEndpoint, Handler
    from support.embedded.http import App, Receive, Scope, Send
    from support.embedded.key_sources import KeySource
    from support.embedded.keys import Keys
    from support.embedded.people import People
    from support.embedded.protocol import Protocol
    from support.embedded.resolvers import Resolver
    from support.embedded.wellknown import Issuer

ADMINISTRATOR = "opentdf"
AUDIENCE = "http://localhost:8080"
REALM_PATH = "/auth/realms/opentdf"
PROCEDURE_PATH = re.compile(r"/[\w.]+\.[\w.]+/\w+")
PROCEDURE_METHODS = frozenset({"GET", "POST", "OPTIONS"})
KAS_SERVICES = frozenset({"kas.AccessService", "grpc.health.v1.Health"})


@dataclass(slots=True, kw_only=True)
class Settings:
    """What the command line decides; ``kas_urls`` maps the names of further KAS to base URLs."""

    url: str
    kas_urls: Mapping[str, str] = field(default_factory=dict)
    faults: frozenset[Fault] = frozenset()
    random_secrets: bool = False
    audience: str = AUDIENCE
    options: frozenset[str] = frozenset()
    golden_keys: bool = False


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tokens the platform trusts, and who knows the people behind them."""

    issuer: Issuer
    keys: KeySource
    people: People


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """The identity provider of this process, with its directory and what adds people to it."""

    identity: IdentityProvider
    directory: Directory
    control: Control

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> BuiltIn:
        """Make it for a platform, whose clock may be moved where it is not that of this one too."""
        movable = clock if OWN_CLOCK in settings.options else None
        directory = Directory(random_secrets=settings.random_secrets)
        issuer = f"{settings.url}{REALM_PATH}"
        identity = IdentityProvider(
            issuer,
            settings.audience,
            directory,
            Clock() if movable else clock,
            faults=settings.faults,
        )
        return cls(identity, directory, Control(directory, secrets.token_urlsafe(24), movable))

    @property
    def trust(self) -> Trust:
        """The platform's trust in it."""
        keys = OwnKeys(self.identity.jwks)
        return Trust(self.identity, keys, DirectoryPeople(self.directory))


class _Endpoints(ConnectASGIApplication[None]):
    """All procedures of one listener as one Connect application."""

    def __init__(self, endpoints: Mapping[str, AnyEndpoint]) -> None:
        super().__init__(service=None, endpoints=lambda _service: endpoints)

    @property
    def path(self) -> str:
        """Mounted at the root: paths are those of the procedures."""
        return "/"


class Listener:
    """What answers on one port: procedures, and plain routes for the rest."""

    def __init__(
        self,
        protocol: Protocol,
        endpoints: Mapping[str, AnyEndpoint],
        routes: App,
        faults: frozenset[Fault] = frozenset(),
    ) -> None:
        self._paths = frozenset(endpoints)
        self._procedures = Transcoder(protocol, _Endpoints(endpoints))
        self._routes = routes
        self._app = CrossOrigin(self._dispatch, faults)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one life-span event."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._app(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in self._paths:
            await self._procedures(scope, receive, send)
        elif scope["method"] in PROCEDURE_METHODS and PROCEDURE_PATH.fullmatch(scope["path"]):
            # What looks like a procedure and is none is not found, whoever asks.
            await send_response(send, text_response(404, "404 page not found"))
        else:
            await self._routes(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


class EmbeddedPlatform:
    """Everything of one start: policy, decisions, several KAS, and who is trusted.

    Args:
        settings: What the command line decides.
        trust: An identity provider outside; without, the platform has one of its own.
        clock: The time that all parts of it see.
        audit_log: Where audit records go; by default to standard output.
    """

    def __init__(
        self,
        settings: Settings,
        trust: Trust | None = None,
        *,
        clock: Clock | None = None,
        audit_log: AuditLog | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.protocol = load_protocol()
        self.built_in: BuiltIn | None = None
        if trust is None:
            self.built_in = BuiltIn.of(settings, self.clock)
            trust = self.built_in.trust
        self.trust = trust
        self.database = Database(settings.faults)
        self.verifier = self._new_verifier()
        self.root_key = secrets.token_bytes(ROOT_KEY_BYTES)
        self.store = PolicyStore(self.clock, settings.faults, self.root_key)
        self.renderer = Renderer(self.protocol, self.store)
        self.audit_log = audit_log or AuditLog(self.clock, faults=settings.faults)
        self.entities = EntityService(self.protocol, self._resolver())
        decision_parts = (
            self.protocol,
            self.entities,
            EntitlementPolicy(self.store, settings.faults),
            settings.faults,
        )
        modes = Modes.of(settings.options, settings.faults)
        self.authorization = AuthorizationService(*decision_parts, modes)
        self.authorization_v1 = AuthorizationServiceV1(*decision_parts)
        self._register_own_kas()
        self.rings = {name: self._keys(name) for name in self.kas_uris}

    @property
    def kas_uris(self) -> dict[str, str]:
        """The URI of every KAS by name, as manifests name it; that of managed ones has no path."""
        urls = {"default": self.settings.url, **self.settings.kas_urls}
        return {name: url if name in MANAGED_KAS else f"{url}/kas" for name, url in urls.items()}

    def main_listener(self) -> Listener:
        """Return what answers on the platform's port: everything."""
        faults = self.settings.faults
        health = Health(self.protocol, frozenset({"kas", "authorization"}), faults)
        well_known = WellKnown(
            self.protocol,
            self.trust.issuer,
            nonce_required=self.verifier.nonces is not None,
            faults=faults,
            base_key=lambda: published_base_key(self.store),
        )
        handlers: dict[str, Handler] = {
            **health.handlers(),
            **well_known.handlers(),
            **self._kas("default").handlers(),
            **self.database.deciding(self.authorization.handlers()),
            **self.database.deciding(self.authorization_v1.handlers()),
            **self.entities.handlers(),
            **self.database.keeping(policy_services.handlers(self.renderer)),
        }
        gate = Gate(self.protocol, self.verifier, self.audit_log, self._access)
        routes = Routes(health, self.verifier, well_known)
        if self.built_in is not None:
            identity, control = self.built_in.identity, self.built_in.control
            if MAINTENANCE in self.settings.options:
                control.database = self.database
            routes = replace(routes, identity=identity, control=control)
        return Listener(self.protocol, gate.endpoints(handlers), routes, self.settings.faults)

    def kas_listener(self, name: str) -> Listener:
        """Return what answers on the port of a further KAS: key access and health alone.

        It is a server of its own, so proofs and nonces of another one mean nothing to it.
        """
        health = Health(self.protocol, frozenset({"kas"}))
        handlers = {**health.handlers(), **self._kas(name).handlers()}
        verifier = self._new_verifier()
        gate = Gate(self.protocol, verifier, self.audit_log)
        endpoints = gate.endpoints(handlers, KAS_SERVICES)
        return Listener(self.protocol, endpoints, Routes(health, verifier))

    def warm_up(self) -> None:
        """Make the keys that nearly every run needs; slow, so for a thread beside the server."""
        if self.built_in is not None:
            _ = self.built_in.identity.keys.current
        for ring in self.rings.values():
            ring.warm_up()

    def _resolver(self) -> Resolver:
        faults, options = self.settings.faults, self.settings.options
        if DIRECT_ENTITLEMENTS in options:
            return ClaimsResolver(self.protocol)
        if options & {CLAIMS_IDENTITY, DIRECTORY, DIRECTORY_FAIL_FAST}:
            return multi_strategy_resolver(self.protocol, options, faults)
        return DirectoryResolver(self.protocol, self.trust.people, faults)

    def _new_verifier(self) -> TokenVerifier:
        return TokenVerifier(
            self.trust.issuer.issuer,
            self.settings.audience,
            self.trust.keys,
            self.clock,
            self.settings.faults,
            Nonces(self.clock) if DPOP_NONCE in self.settings.options else None,
        )

    @property
    def _access(self) -> Allows:
        if SCOPED_ROLES in self.settings.options:
            return ScopedRoles(self.renderer).allows
        return roles.allows

    def _register_own_kas(self) -> None:
        """List every KAS of this process in the registry, as an operator would."""
        for name, uri in self.kas_uris.items():
            record = KeyAccessServer(uri=uri, name=name, **self.store.times())
            self.store.servers[record.id] = record

    def _keys(self, name: str) -> Keys:
        managed = name in MANAGED_KAS or (
            name == "default" and KEY_MANAGEMENT in self.settings.options
        )
        if not managed:
            return self._own_ring(name)
        keys = ManagedKeys(self.store, self.kas_uris[name])
        keys.register_first(self.renderer)
        return keys

    def _own_ring(self, name: str) -> KeyRing:
        golden = self.settings.golden_keys
        if EVERY_MECHANISM not in self.settings.options or name != "default":
            return KeyRing(STOCK, golden=golden)
        ring, uri = KeyRing(KEY_IDS, golden=golden), self.kas_uris[name]
        server = next(entry for entry in self.store.servers.values() if entry.uri == uri)
        register_keys(self.store, server, ring, self.settings.faults)
        return ring

    def _kas(self, name: str) -> KeyAccessService:
        ring = self.rings[name]
        faults = self.settings.faults
        # A key service of its own signs in as the administrator's client when it asks.
        client_id = "" if name == "default" else ADMINISTRATOR
        decider = RewrapDecider(self.authorization, faults, client_id, self.database)
        others = [other for other in self.rings.values() if other is not ring]
        opener = KeyOpener(ring, kinds_taken(self.settings.options), others, faults)
        audited = name == "default" or Fault.SPLIT_PART_NOT_AUDITED not in faults
        rewrapper = Rewrapper(self.protocol, opener, decider, self.clock, faults, audited=audited)
        return KeyAccessService(self.protocol, ring, rewrapper)


def kinds_taken(options: frozenset[str]) -> frozenset[str]:
    """Return the kinds of key access objects that options switch on."""
    if EVERY_MECHANISM in options:
        return frozenset(KINDS)
    return frozenset((RSA_WRAPPED, EC_WRAPPED) if EC_WRAPPING in options else (RSA_WRAPPED,))
