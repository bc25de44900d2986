"""The weakest role that can do each thing, on a real embedded platform."""

import ast
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from support.foundation.http import HttpSession
from support.foundation.settings import ROOT
from support.platform.connect import Answer, ConnectClient
from support.platform.decisions import AUTHORIZATION, Question, Resource, client, single_request
from support.platform.identity import Identity
from support.platform.policy import NAMESPACES
from support.platform.users import ENTITY_RESOLUTION
from support.stack.embedded import start_for_run
from support.world.duties import DUTIES, OPEN, ROLES

Call = Callable[[ConnectClient, str], Answer]
UNKNOWN = Resource("document", ("https://unknown.example/attr/a/value/b",))


def make_policy(connect: ConnectClient, token: str) -> Answer:
    return connect.call(NAMESPACES, "CreateNamespace", {"name": "duty.example"}, token=token)


def look_people_up(connect: ConnectClient, token: str) -> Answer:
    message = {"entities": [{"ephemeralId": "u", "userName": "sample-user"}]}
    return connect.call(ENTITY_RESOLUTION, "ResolveEntities", message, token=token)


def read_attributes(connect: ConnectClient, token: str) -> Answer:
    return connect.call(NAMESPACES, "ListNamespaces", {}, token=token)


def ask(connect: ConnectClient, token: str) -> Answer:
    question = single_request(Question(client("opentdf-sdk"), "read", (UNKNOWN,)))
    return connect.call(AUTHORIZATION, "GetDecision", question, token=token)


CALLS: Mapping[str, Call] = {
    "make policy": make_policy,
    "look people up": look_people_up,
    "protect a document": read_attributes,
    "ask for a decision": ask,
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ConnectClient, Identity]]:
    stack = start_for_run(tmp_path_factory.mktemp("stack"))
    http = HttpSession()
    yield ConnectClient(http, stack.services.platform_url), Identity(http, stack.services)
    http.close()
    stack.stop()


@pytest.mark.parametrize("duty", CALLS)
def test_the_role_of_a_duty_can_do_it_and_no_weaker_one_can(
    duty: str, platform: tuple[ConnectClient, Identity]
) -> None:
    connect, identity = platform
    role = DUTIES[duty].role

    codes = {name: CALLS[duty](connect, identity.token(name)).code for name in ROLES}

    weaker = ROLES[: ROLES.index(role)]
    assert codes[role] == "ok"
    assert weaker, "the weakest role of all needs no proof; list it apart"
    assert {codes[name] for name in weaker} == {"permission_denied"}


def test_every_duty_is_proved_or_says_why_it_has_a_stronger_role() -> None:
    assert set(DUTIES) - set(CALLS) == {"open a document"}
    assert "has to differ" in OPEN.because


ALLOWED = {
    "support/world/words.py",  # whom scenarios speak of
    "support/world/gate.py",  # attempts with every kind of access
}


def roles_named_in(path: Path) -> set[str]:
    names = {"token", "client_id", "credentials", "of_role"}
    return {
        argument.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", None) or getattr(node.func, "id", None)) in names
        for argument in node.args
        if isinstance(argument, ast.Constant) and argument.value in ROLES
    }


def test_units_act_in_roles_by_duty_only() -> None:
    """No scenario code picks a role by itself: it says what is to be done."""
    files = [*(ROOT / "support" / "world").glob("*.py"), *(ROOT / "steps").glob("*.py")]
    found = {str(path.relative_to(ROOT)): roles_named_in(path) for path in files}

    picked = {path for path, names in found.items() if names}
    assert picked <= ALLOWED
    assert "support/world/gate.py" in picked  # the search finds what is there
