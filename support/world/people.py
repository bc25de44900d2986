"""The people of a profile: users of the identity provider, and what their attributes entitle to.

They are made for a run, and only when a scenario first names one: users where the stack takes any
in, and policy in a namespace of the run's own, by which each attribute of a person entitles to
read what is labelled with the same.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from support.determinism.streams import DEFAULT_SEED, FreshNames
from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.foundation.text import listed
from support.platform.connect import ACCEPTED, ConnectClient
from support.platform.identity import Identity
from support.platform.keycloak_directory import KeycloakDirectory
from support.platform.policy import Attribute, Namespace, PolicyAuthor, Rule
from support.platform.users import Directory, User, known_user
from support.profiles.profile import Role
from support.services.locator import Control, Services
from support.services.secret import Secret
from support.world.duties import LOOK_PEOPLE_UP, MAKE_POLICY
from support.world.words import meaning_of
from support.world.writing import refuse_writing

PASSWORD_BYTES = 24


def selector_of(attribute: str) -> str:
    """Return where the values of a person's attribute stand in what the platform knows."""
    return f".attributes.{attribute}[]"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom scenarios name.

    Attributes:
        labels: what the person's attributes entitle to, such as `group/engineering`.
        password: None where the person cannot sign in.
    """

    name: str
    user: User
    labels: frozenset[str]
    password: Secret | None


@dataclass(slots=True)
class _Made:
    """What was made on the platform, to be removed again."""

    users: list[str] = field(default_factory=list)
    namespaces: list[Namespace] = field(default_factory=list)
    condition_sets: list[str] = field(default_factory=list)


class People:
    """The people of one run. Nothing is made before `named` or `attributes` is asked."""

    def __init__(
        self,
        roles: Sequence[Role],
        services: Services,
        prefix: str,
        *,
        allow_writes: bool = True,
        fresh: FreshNames | None = None,
    ) -> None:
        self._roles = {role.name: role for role in roles}
        self.services = services
        self._prefix = prefix
        self._allow_writes = allow_writes
        self._fresh = fresh or FreshNames(DEFAULT_SEED, "people", secrets.token_hex(8))
        self._mark = self._fresh.token("mark")
        self._passwords = {
            name: Secret(secrets.token_urlsafe(PASSWORD_BYTES)) for name in self._roles
        }
        self._made = _Made()
        self._persons: dict[str, Person] = {}
        self._attributes: dict[str, Attribute] = {}
        self._left: list[str] = []
        self._http = HttpSession(networks=services.networks)

    def secrets(self) -> tuple[str, ...]:
        """Return the passwords that this run gives, for redaction."""
        return tuple(password.reveal() for password in self._passwords.values())

    def named(self, name: str) -> Person:
        """Return a person.

        Raises:
            SpecificationError: the profile has nobody of that name.
            EnvironmentUnfitError: the people cannot be made, or are others than the profile says.
        """
        meaning_of(name, self._roles, "a person of the profile (`roles` in its config.yaml)")
        self._make()
        return self._persons[name]

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        """The attributes by which people are entitled, by name.

        Raises:
            EnvironmentUnfitError: see `named`.
        """
        self._make()
        return self._attributes

    def remove(self) -> tuple[str, ...]:
        """Remove what was made, and return what could not be removed, each with the reason."""
        made, self._made = self._made, _Made()
        self._persons, self._attributes = {}, {}
        left, self._left = self._left, []
        try:
            return (*left, *self._remove_policy(made), *self._remove_users(made))
        except EnvironmentUnfitError as error:
            names = [namespace.name for namespace in made.namespaces] + made.users
            return (*left, f"{listed(names)}, or some of that: {error}")

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def _make(self) -> None:
        if self._persons:
            return
        if not self._allow_writes:
            refuse_writing(self.services.platform_url)
        try:
            persons = {role.name: self._person(role) for role in self._roles.values()}
            self._attributes = self._policy(self._author())
        except BaseException:
            self._left += self.remove()
            raise
        self._persons = persons

    def _person(self, role: Role) -> Person:
        control = self.services.control
        if control is None:
            user, password = self._found(role), self._common_password
        else:
            user, password = self._new_user(role), self._passwords[role.name]
            self._made.users.append(user.username)
            self._directory(control).add(user, password)
        labels = frozenset(f"{attribute}/{value}" for attribute, value in role.attributes)
        return Person(role.name, user, labels, password)

    def _new_user(self, role: Role) -> User:
        """Return a user whom nobody else has made: several runs may share a standing platform."""
        username = f"{role.name}-{self._mark}"
        return User(username, f"{username}@people.example", attributes_of(role))

    def _found(self, role: Role) -> User:
        """Return the user that has to be there already, with what the profile says.

        Raises:
            EnvironmentUnfitError: nobody is there, or somebody else.
        """
        if self.services.stack == "embedded":
            raise EnvironmentUnfitError(
                f"The embedded platform at {self.services.platform_url} takes nobody in: its "
                "descriptor has no `control`, so it was started by an earlier version. End it "
                "(`acceptance stack down`) and start it again."
            )
        connect = ConnectClient(self._http, self.services.platform_url)
        token = Identity(self._http, self.services).token(LOOK_PEOPLE_UP.role)
        user = known_user(connect, token, role.name)
        spoken_of = {name for entry in self._roles.values() for name, _ in entry.attributes}
        expected = attributes_of(role)
        seen = {n: v for n, v in user.attributes.items() if n in spoken_of} if user else None
        if user is None or _sets(seen or {}) != _sets(expected):
            known = "nobody of that name" if seen is None else f"{role.name} with {_told(seen)}"
            raise EnvironmentUnfitError(
                f"ACCEPTANCE_PEOPLE says that the identity provider of "
                f"{self.services.platform_url} knows {role.name} with {_told(expected)}, but it "
                f"knows {known}. Correct the user's attributes there, or leave {role.name} out."
            )
        return user

    @property
    def _common_password(self) -> Secret | None:
        return self.services.sign_in.password if self.services.sign_in else None

    def _policy(self, author: PolicyAuthor) -> dict[str, Attribute]:
        values: dict[str, dict[str, None]] = {}
        for role in self._roles.values():
            for attribute, value in role.attributes:
                values.setdefault(attribute, {})[value] = None
        name = f"{self._prefix}-people-{self._mark}-{self._fresh.token('namespace', 2)}.example"
        namespace = author.create_namespace(name)
        self._made.namespaces.append(namespace)
        attributes: dict[str, Attribute] = {}
        for attribute, names in values.items():
            made = author.create_attribute(namespace, attribute, Rule.ANY_OF, tuple(names))
            for stored in made.values.values():
                selector = selector_of(attribute)
                entitled = author.entitle_where(stored, selector, stored.name, ["read"])
                self._made.condition_sets.append(entitled)
            attributes[attribute] = made
        return attributes

    def _remove_policy(self, made: _Made) -> Iterator[str]:
        if not made.namespaces:
            return
        author = self._author()
        answers = {entry.name: author.remove_namespace(entry) for entry in made.namespaces}
        answers |= {entry: author.remove_condition_set(entry) for entry in made.condition_sets}
        for name, answer in answers.items():
            if answer.code not in {ACCEPTED, "not_found"}:
                yield f"{name}: {answer.code}: {answer.message}"

    def _remove_users(self, made: _Made) -> Iterator[str]:
        control = self.services.control
        if control is None:
            return
        directory = self._directory(control)
        for name in made.users:
            if problem := directory.remove(name):
                yield f"user {name}: {problem}"

    def _directory(self, control: Control) -> Directory | KeycloakDirectory:
        if control.kind == "keycloak":
            return KeycloakDirectory(self._http, control)
        return Directory(self._http, control)

    def _author(self) -> PolicyAuthor:
        connect = ConnectClient(self._http, self.services.platform_url)
        return PolicyAuthor(connect, Identity(self._http, self.services).token(MAKE_POLICY.role))


def attributes_of(role: Role) -> dict[str, tuple[str, ...]]:
    """Return the attributes of a user who is to be what a role says."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in role.attributes:
        found[name] = (*found.get(name, ()), value)
    return found


def _sets(attributes: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in attributes.items()}


def _told(attributes: Mapping[str, tuple[str, ...]]) -> str:
    pairs = [f"{name} {value}" for name, values in attributes.items() for value in values]
    return listed(pairs) if pairs else "no attribute that the profile speaks of"
