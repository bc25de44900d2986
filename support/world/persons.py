"""The people whom one scenario names, and what it asks the platform about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from support.foundation.errors import EnvironmentUnfitError
from support.platform.connect import ConnectClient
from support.platform.decisions import DecisionClient, Entity, Holder, Naming, Sender, Who
from support.platform.entitlements import FirstVersion
from support.platform.identity import Identity
from support.platform.users import User
from support.services.secret import Secret
from support.world.duties import ASK, OPEN
from support.world.expectations import expect_equal
from support.world.labels import Labels
from support.world.people import People, Person, selector_of
from support.world.questions import Questions
from support.world.setup import Setup
from support.world.words import meaning_of, words_in

SOMEBODY_UNKNOWN = "somebody unknown"
OF_DIRECTORY = "the directory's "
"""Before a name: somebody of the directory (LDAP) of a stack, whom a run does not make."""
DIRECTORY_DOMAIN = "opentdf.test"
OWN_REQUEST = "a request of their own"
FIRST_VERSION_WAY = "name to the first version"


@dataclass(frozen=True, slots=True)
class _Property:
    """What a person can be told by: where it stands in what the platform knows, and its value."""

    selector: str
    value: Callable[[User], str]


def _email_of(user: User) -> str:
    if not user.email:
        raise EnvironmentUnfitError(
            f"The identity provider knows no e-mail address of {user.username}, which this "
            "scenario needs. Give the user one there."
        )
    return user.email


PROPERTIES: Mapping[str, _Property] = {
    "name": _Property(".username", lambda user: user.username),
    "name in capitals": _Property(".username", lambda user: user.username.upper()),
    "e-mail address": _Property(".email", _email_of),
}
"""Properties by the words that scenarios use."""


class Persons:
    """Introduces people of the profile to a scenario, and asks for decisions about them."""

    def __init__(
        self,
        people: People,
        identity: Identity,
        connect: ConnectClient,
        labels: Labels,
        questions: Questions,
    ) -> None:
        self._people = people
        self._identity = identity
        self._connect = connect
        self._labels = labels
        self._questions = questions
        self._tokens: dict[str, str] = {}
        self._unknown = f"unknown-{labels.fresh.token('unknown person')}"
        self._ways: Mapping[str, Callable[[str], Who]] = {
            "name": lambda name: (Entity(Naming.USER, self._user(name).username),),
            "name in capitals": lambda name: (
                Entity(Naming.USER, self._user(name).username.upper()),
            ),
            "e-mail address": lambda name: (Entity(Naming.EMAIL, _email_of(self._user(name))),),
            "e-mail address in capitals": lambda name: (
                Entity(Naming.EMAIL, _email_of(self._user(name)).upper()),
            ),
            "access token": lambda name: Holder(self.token(name)),
            FIRST_VERSION_WAY: lambda name: (Entity(Naming.USER, self._user(name).username),),
            OWN_REQUEST: lambda _: Sender(),
        }

    def introduce(self, name: str, labels: str) -> None:
        """Make sure of what the identity provider knows of a person, and let labels be used.

        Raises:
            AssertionError: the profile says something else of this person.
            SpecificationError: the profile has nobody of that name.
            EnvironmentUnfitError: the people cannot be made, or are others than the profile says.
        """
        person = self._people.named(name)
        expect_equal(
            f"What the profile says of {name}", sorted(person.labels), sorted(words_in(labels))
        )
        self._labels.adopt(self._people.attributes)

    def entitle(self, attribute: str, value: str, labels: str) -> None:
        """Allow people whose attribute has a value to read what carries the labels."""
        self._labels.entitle_where(selector_of(attribute), value, labels)

    def entitle_like(self, what: str, name: str, labels: str) -> None:
        """Allow people who share a property with a person to read what carries the labels."""
        found = meaning_of(what, PROPERTIES, "a property of people")
        self._labels.entitle_where(found.selector, found.value(self._user(name)), labels)

    def ask(self, name: str, way: str, action: str, needs: str) -> None:
        """Ask whether a person may do something with one document.

        Args:
            name: a person of the profile, or `somebody unknown`.
            way: how the request names the person.
            action: what the person wants to do.
            needs: the labels of the document.
        """
        who = meaning_of(way, self._ways, "a way to name a person")(name)
        asking = DecisionClient(self._connect, self.token(name)) if way == OWN_REQUEST else None
        if way == FIRST_VERSION_WAY:
            asking = FirstVersion(self._connect, self._identity.token(ASK.role))
        self._questions.ask_about(who, action, needs, asking)

    def ask_together(self, names: str, action: str, needs: str) -> None:
        """Ask whether several people may do something with one document together."""
        who = tuple(Entity(Naming.USER, self._user(name).username) for name in words_in(names))
        self._questions.ask_about(who, action, needs)

    def ask_with_client(self, name: str, action: str, needs: str) -> None:
        """Ask whether a person who uses the reader's client may do something with one document."""
        client = Entity(Naming.CLIENT, self._identity.client_id(OPEN.role), is_subject=False)
        who = (client, Entity(Naming.USER, self._user(name).username))
        self._questions.ask_about(who, action, needs)

    def set_up(self, name: str) -> Setup:
        """Return the set-up of a client that acts in the name of a person.

        Raises:
            EnvironmentUnfitError: see `token`.
        """
        return Setup(self._people.services, Secret(self.token(name)))

    def token(self, name: str) -> str:
        """Return an access token that a person got by password, the same in the whole scenario.

        Raises:
            EnvironmentUnfitError: nobody can sign in on this stack, or this person is refused.
        """
        if name not in self._tokens:
            person = self._people.named(name)
            self._tokens[name] = self._identity.person_token(
                person.user.username, _password_of(person)
            )
        return self._tokens[name]

    def _user(self, name: str) -> User:
        if name.startswith(OF_DIRECTORY):
            uid = name.removeprefix(OF_DIRECTORY)
            return User(uid, f"{uid}@{DIRECTORY_DOMAIN}", {})
        if name == SOMEBODY_UNKNOWN:
            return User(self._unknown, f"{self._unknown}@people.example", {})
        return self._people.named(name).user


def _password_of(person: Person) -> Secret:
    if person.password is None:
        raise EnvironmentUnfitError(
            f"{person.name} cannot sign in: no password is set. Set ACCEPTANCE_PEOPLE_CLIENT_ID "
            "and ACCEPTANCE_PEOPLE_PASSWORD."
        )
    return person.password
