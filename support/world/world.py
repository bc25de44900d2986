"""What a step may touch: everything that belongs to the unit that is running.

One World per unit. Steps reach it as `context.world`; it is typed, so a misspelt attribute is
found by the type checker and not at run time. Its parts are built when they are first needed.
"""

from functools import cached_property
from typing import NoReturn, TypeVar

from support.determinism.streams import FreshNames, Streams
from support.foundation.certificates import Certificates
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.model.events import AttachmentKind
from support.model.records import CommandRecord
from support.model.unit import Unit
from support.platform.administration import Administrator
from support.platform.clock import PlatformClock
from support.platform.connect import Answer, ConnectClient
from support.platform.decisions import AUTHORIZATION, DecisionClient
from support.platform.discovery import Discovery
from support.platform.first_version import FirstVersionClient
from support.platform.identity import Identity
from support.platform.kas import KasClient, RewrapAnswer
from support.platform.key_registry import KeyRegistry
from support.platform.key_services import KeyServiceRegistry
from support.platform.policy import PolicyAuthor
from support.sdk.client import SdkClient
from support.sdk.model import Refusal, Sdk
from support.services.locator import Services
from support.world.administration import Administration
from support.world.audit import Audit
from support.world.audited_keys import Found
from support.world.claims import Claims
from support.world.clock import Clock
from support.world.documents import ClientFactory, Document, Documents
from support.world.duties import ASK, MAKE_POLICY, OPEN, PROTECT
from support.world.dynamic import Dynamic
from support.world.envelopes import Envelopes, Kinds
from support.world.fences import Fences
from support.world.first_version import FirstVersion
from support.world.gate import Gate
from support.world.generated import Generated
from support.world.inspection import Finding
from support.world.key_choice import KeyChoice
from support.world.key_services import USUAL, KeyServices
from support.world.keys import Keys
from support.world.labels import Labels
from support.world.large import LargeFiles, LaunchedClient, Launcher
from support.world.machine import DEFAULT_NAMESPACE_PREFIX, Machine, Shared
from support.world.memory import Slot
from support.world.people import People
from support.world.persons import Persons
from support.world.policy_changes import PolicyOwner
from support.world.possession import Possession
from support.world.questions import Questions
from support.world.reader import Reader
from support.world.secrecy import fit_to_look_for, secrets_of
from support.world.setup import Setup, of_role
from support.world.statements import KeyPair
from support.world.stranger import Stranger
from support.world.sweep import Sweep
from support.world.tampering import Tampering
from support.world.terms import Terms
from support.world.upkeep import Upkeep
from support.world.visitor import Visitor
from support.world.ways import Ways
from support.world.writing import refuse_writing

Part = TypeVar("Part")

EC_WRAPPING = "p-256"
"""The kind of key that SDKs take where they are asked for elliptic curves, and no more is said."""


class World:
    """The state of one unit."""

    def __init__(
        self,
        unit: Unit,
        services: Services,
        sdks: tuple[Sdk, ...],
        machine: Machine,
        shared: Shared | None = None,
    ) -> None:
        self.unit = unit
        self.services = services
        self.machine = machine
        self._sdks = sdks
        self._shared = shared or Shared(People((), services, DEFAULT_NAMESPACE_PREFIX))
        self.data = Streams(self._shared.seed, unit.id)
        self.fresh = FreshNames(self._shared.seed, unit.id, self._shared.mark)
        self._records: list[CommandRecord] = []
        self._secrets: set[str] = set()
        self.attempt: Slot[Answer] = Slot("an attempt")
        self.protecting: Slot[Refusal | None] = Slot("an author's attempt")
        self.rewrap: Slot[RewrapAnswer] = Slot("the key service's answer")
        self.earlier_rewrap: Slot[RewrapAnswer] = Slot("an earlier answer of the key service")
        self.read: Slot[tuple[Document, ...]] = Slot("the manifest")
        self.findings: Slot[tuple[Finding, ...]] = Slot("an inspection")
        self.messages: Slot[dict[str, str]] = Slot("messages")
        self.stranger: Slot[Stranger] = Slot("a stranger's key service")
        self.statement_keys: Slot[tuple[KeyPair, KeyPair]] = Slot("the key of a statement")
        self.audited: Slot[Found] = Slot("audit records of keys")
        self.audit = self._audit()  # now: it reads from where the logs end

    @cached_property
    def author(self) -> Setup:
        """The set-up of the author's client, without mistakes until a step says otherwise."""
        return of_role(self.services, PROTECT.role)

    @cached_property
    def identity(self) -> Identity:
        """Signs in as the stack's roles."""
        return Identity(self.machine.http, self.services)

    @cached_property
    def connect(self) -> ConnectClient:
        """Calls the platform's methods."""
        return self._connect(self.services.platform_url)

    def _connect(self, url: str) -> ConnectClient:
        http, fresh = self.machine.http, self.fresh
        return ConnectClient(http, url, lambda: fresh.identifier("request"))

    @cached_property
    def labels(self) -> Labels:
        """The attributes of this scenario.

        Raises:
            EnvironmentUnfitError: the profile does not allow scenarios to create policy.
        """
        if not self._shared.allow_writes:
            refuse_writing(self.services.platform_url)
        author = PolicyAuthor(self.connect, self.identity.token(MAKE_POLICY.role))
        return Labels(self.fresh, author, self._shared.namespace_prefix)

    @cached_property
    def policy_owner(self) -> PolicyOwner:
        """Who changes policy of every kind, under the eyes of the audit."""
        return PolicyOwner(self.connect, self.identity.token(MAKE_POLICY.role), self.labels)

    @cached_property
    def questions(self) -> Questions:
        """What this scenario asks the decision service."""
        client = DecisionClient(self.connect, self.identity.token(ASK.role))
        return Questions(client, self.identity, self.labels, self.terms)

    @cached_property
    def terms(self) -> Terms:
        """What clients have to fulfil in this scenario, and what it registers by name."""
        return Terms(self.connect, self.identity, self.labels)

    @cached_property
    def generated(self) -> Generated:
        """Generated policies, and requests about them."""
        admin, asking = (self.identity.token(duty.role) for duty in (MAKE_POLICY, ASK))
        return Generated(self.connect, admin, asking, self.labels, self.machine.attach)

    @cached_property
    def persons(self) -> Persons:
        """The people whom this scenario names."""
        people = self._shared.people
        return Persons(people, self.identity, self.connect, self.labels, self.questions)

    @cached_property
    def claims(self) -> Claims:
        """The person of this scenario of whom requests say everything."""
        return Claims(self.labels, self.questions)

    @cached_property
    def dynamic(self) -> Dynamic:
        """What people are entitled to by their own properties."""
        author = PolicyAuthor(self.connect, self.identity.token(MAKE_POLICY.role))
        return Dynamic(self.labels, author, self.reader_id)

    @cached_property
    def key_services(self) -> KeyServices:
        """The key services of the stack."""
        return KeyServices(
            self.services.kas_urls,
            self._key_service_registry,
            lambda url: KasClient(self._connect(url.removesuffix("/kas"))),
            lambda: self.labels,
        )

    def _key_service_registry(self) -> KeyServiceRegistry:
        token = self.identity.token(MAKE_POLICY.role)
        return KeyServiceRegistry(KeyRegistry(self.connect, token))

    @cached_property
    def envelopes(self) -> Envelopes:
        """The key envelopes of this scenario."""
        variant = self.unit.variant
        kinds = Kinds(variant.get("wrapping") or USUAL, variant.get("session_key") or USUAL)
        return Envelopes(self.kas, self.key_services, self.labels, kinds)

    @cached_property
    def tampering(self) -> Tampering:
        """Copies with one bit other."""
        return Tampering(self.data)

    @cached_property
    def kas(self) -> KasClient:
        """The platform's key service."""
        return KasClient(self.connect)

    @cached_property
    def gate(self) -> Gate:
        """Attempts with good, bad and missing tokens."""
        readings = self.key_choice.readings()
        return Gate(self.identity, self.connect, self.labels, self.envelopes, readings)

    @cached_property
    def administration(self) -> Administration:
        """What an administrator does in this scenario."""
        token = self.identity.token(MAKE_POLICY.role)
        return Administration(Administrator(self.connect, token), self.labels)

    @cached_property
    def first_version(self) -> FirstVersion:
        """What the first version of the decision service says."""
        listing, asking = (self.identity.token(duty.role) for duty in (MAKE_POLICY, ASK))
        client = FirstVersionClient(self.connect, listing, asking)
        return FirstVersion(client, self.identity, self.labels, self.questions)

    @cached_property
    def possession(self) -> Possession:
        """Whoever has a token that is bound to a key."""
        return Possession(
            self.machine.http,
            self.services,
            self.kas,
            self.envelopes,
            lambda: self.ways.overheard_token,
        )

    @cached_property
    def sweep(self) -> Sweep:
        """Attempts at every operation with every kind of access."""
        return Sweep(self.identity, self.connect, self.gate)

    @cached_property
    def keys(self) -> Keys:
        """The key services and keys of this scenario."""
        registry = KeyRegistry(self.connect, self.identity.token(MAKE_POLICY.role))
        services = self.services
        return Keys(registry, self.labels, services.kas_urls["default"], services.root_key)

    @cached_property
    def key_choice(self) -> KeyChoice:
        """Which keys writers are told to seal documents with."""
        return KeyChoice(self.connect, self.identity.token(PROTECT.role), self.keys)

    @cached_property
    def visitor(self) -> Visitor:
        """Somebody without a token who reads what is public."""
        discovery = Discovery(self.machine.http, self.services.platform_url)
        return Visitor(discovery, self.kas, self.connect)

    @cached_property
    def documents(self) -> Documents:
        """The protected documents of this scenario."""
        author = self._client_factory("encrypt_sdk")
        ec_wrap = self.unit.variant.get("wrapping") == EC_WRAPPING
        return Documents(self.machine.workspace, author, self.machine.attach, ec_wrap, self.data)

    @cached_property
    def ways(self) -> Ways:
        """The ways of this scenario's reader."""
        seed = self.data.number("what is spoiled on the way")
        certificates = Certificates(self.machine.workspace)
        return Ways(
            self.key_services, lambda: self.documents, lambda: self.reader, certificates, seed
        )

    @cached_property
    def clock(self) -> Clock:
        """The platform's clock.

        Raises:
            EnvironmentUnfitError: nobody may move it on this stack.
        """
        platform = PlatformClock.of(self.machine.http, self.services)
        return Clock(platform, self.ways.once_key_service_answers)

    @cached_property
    def upkeep(self) -> Upkeep:
        """What happens to the platform of this scenario."""
        return Upkeep(self.machine.maintenance, self.connect)

    @cached_property
    def large_files(self) -> LargeFiles:
        """The large files of this scenario."""
        author, reader = self._launched("encrypt_sdk"), self._launched("decrypt_sdk")
        return LargeFiles(self.machine.workspace, author, reader, self.data)

    @cached_property
    def reader(self) -> Reader:
        """The reader of this scenario, set up without mistakes until a step says otherwise."""
        client = self._client_factory("decrypt_sdk")
        reader = Reader(self.machine.workspace, client, of_role(self.services, OPEN.role))
        reader.ec_session_key = self.unit.variant.get("session_key") == EC_WRAPPING
        reader.fulfillable = self._fulfillable
        return reader

    def _fulfillable(self) -> tuple[str, ...]:
        terms = self._built("terms", Terms)
        return terms.obligations.fulfillable if terms else ()

    def _audit(self) -> Audit:
        def client(url: str) -> ConnectClient:
            # Not that of the scenario, of whose calls steps speak.
            return self._connect(url)

        fences = Fences(self.services, client, lambda: self.reader_token, lambda: self.reader_id)
        return Audit(self.machine.audit_logs, fences.of)

    @property
    def logged(self) -> str:
        """Everything that the stack has written to its logs."""
        logs = self.machine.logs()
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in logs)

    @property
    def last_decision_request(self) -> str:
        """The id of the last request for decisions.

        Raises:
            SpecificationError: no step asked for any.
        """
        sent = [entry.request_id for entry in self.connect.sent if entry.service == AUTHORIZATION]
        if not sent:
            problem = "A step speaks of audited decisions, but no step before it asked for any."
            raise SpecificationError((problem,))
        return sent[-1]

    @property
    def key_requests(self) -> tuple[str, ...]:
        """The ids of all requests for keys that were not made by an SDK."""
        return tuple(entry.request_id for entry in self.connect.sent if entry.method == "Rewrap")

    @property
    def reader_token(self) -> str:
        """An access token of the client that the reader of this scenario acts as."""
        return self.identity.token(OPEN.role)

    @property
    def reader_id(self) -> str:
        """The client that the reader of this scenario acts as."""
        return self.identity.client_id(OPEN.role)

    def targeted(self, dimension: str) -> str:
        """Return the value that this unit's variant gives to a dimension.

        Raises:
            SpecificationError: the scenario does not name that dimension in a tag.
        """
        value = self.unit.variant.get(dimension)
        if value is None:
            self._missing_dimension(dimension)
        return value

    def sdk_for(self, dimension: str) -> Sdk:
        """Return the SDK of `encrypt_sdk` or `decrypt_sdk`.

        A dimension that the scenario does not name does not vary: the first SDK of the profile
        that is installed then stands for all.

        Raises:
            EnvironmentUnfitError: that SDK is not installed, or none is.
        """
        wanted = self.unit.variant.get(dimension)
        if wanted is None and self._sdks:
            return self._sdks[0]
        found = next((sdk for sdk in self._sdks if sdk.id == wanted), None)
        if found is None:
            installed = ", ".join(sdk.id for sdk in self._sdks) or "none"
            raise EnvironmentUnfitError(
                f"A step needs the SDK {wanted or 'of the profile'} as {dimension}, which is not "
                f"installed (installed: {installed}). `acceptance sdk list` shows where it looked."
            )
        return found

    @property
    def printed(self) -> str:
        """Everything that SDKs printed in this unit, exactly as they did."""
        return "\n".join(record.stdout + record.stderr for record in self._records)

    @property
    def secrets_in_use(self) -> tuple[str, ...]:
        """The secrets that SDKs were given in this unit.

        Shorter ones, such as a development stack's "secret", are ordinary words, which a message
        may well contain.

        Raises:
            SpecificationError: no SDK was given a secret.
            EnvironmentUnfitError: all that were given are too short to look for.
        """
        return fit_to_look_for(self._secrets)

    @property
    def secrets_to_keep(self) -> list[str]:
        """What nobody may write down of this scenario."""
        documents = self._built("documents", Documents)
        return secrets_of(
            self.envelopes.by_name,
            documents.made if documents else (),
            (self.reader_token, self.identity.token(MAKE_POLICY.role)),
            self.services.secrets(),
        )

    @property
    def correlation(self) -> tuple[str, ...]:
        """Marks that only this unit leaves in the platform's audit log."""
        connect, labels = self._built("connect", ConnectClient), self._built("labels", Labels)
        envelopes = self._built("envelopes", Envelopes)
        documents = self._built("documents", Documents)
        return (
            *((sent.request_id for sent in connect.sent) if connect else ()),
            *(labels.names if labels else ()),
            *(envelopes.policy_ids if envelopes else ()),
            *(documents.marks if documents else ()),
        )

    def close(self) -> None:
        """Remove what this unit made on the platform; what cannot be removed is told, no more.

        Raises:
            EnvironmentUnfitError: the platform is gone.
        """
        if ways := self._built("ways", Ways):
            ways.close()
        if clock := self._built("clock", Clock):
            clock.close()
        if upkeep := self._built("upkeep", Upkeep):
            upkeep.close()
        labels, keys = self._built("labels", Labels), self._built("keys", Keys)
        left = labels.remove_all() if labels else ()
        left += keys.remove_all() if keys else ()
        if left:
            text = "The platform would not remove:\n" + "\n".join(left)
            self.machine.attach(AttachmentKind.LOG, "left behind", "text/plain", text.encode())

    def _built(self, name: str, kind: type[Part]) -> Part | None:
        """Return a part if some step has needed it: to ask for it would build it."""
        part = self.__dict__.get(name)
        return part if isinstance(part, kind) else None

    def _client_factory(self, dimension: str) -> ClientFactory:
        launched = self._launched(dimension)
        return lambda setup: launched(setup, ())

    def _launched(self, dimension: str) -> LaunchedClient:
        def client(setup: Setup, launcher: Launcher) -> SdkClient:
            sdk = self.sdk_for(dimension)
            self._secrets.update(setup.secrets)
            made = SdkClient(
                sdk,
                setup.services,
                setup.caller,
                time_limit_seconds=self.machine.command_time_limit_seconds,
                observer=self._observe,
                launcher=launcher,
            )
            if setup.authorities is not None:
                made.trust(setup.authorities)
            return made

        return client

    def _observe(self, record: CommandRecord) -> None:
        self._records.append(record)
        self.machine.observe_command(record)

    def _missing_dimension(self, dimension: str) -> NoReturn:
        spec = self.unit.spec
        problem = (
            f"{spec.feature_path}:{spec.line}: a step speaks of the targeted {dimension}, but the "
            f"scenario names none. Tag it @cap:{dimension}=any."
        )
        raise SpecificationError((problem,))
