import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform.users import Directory, User, known_user
from support.services.locator import Control
from support.services.secret import Secret
from tests.platform.conftest import ScriptedHttp, answer, scripted

CONTROL = Control("http://platform/control/people", Secret("hidden-value"))
ALICE = User("alice", "alice@people.example", {"group": ("engineering",)})


def test_a_user_is_added_with_the_secret_of_the_platform() -> None:
    http = ScriptedHttp(answer(201, "{}"), answer(200, "{}"))
    directory = Directory(http, CONTROL)

    directory.add(ALICE, Secret("a password"))
    left = directory.remove("alice")

    (method, url, headers, body), (removed, *_) = http.requests
    assert (method, url) == ("PUT", "http://platform/control/people/alice")
    assert headers["Authorization"] == "Bearer hidden-value"
    assert '"password": "a password"' in body
    assert (removed, left) == ("DELETE", "")


def test_a_refusal_names_the_user_and_not_the_secrets() -> None:
    directory = Directory(ScriptedHttp(answer(409, "taken"), answer(404, "gone")), CONTROL)

    with pytest.raises(EnvironmentUnfitError, match="take in the user alice: HTTP 409: taken") as e:
        directory.add(ALICE, Secret("a password"))

    assert "a password" not in str(e.value)
    assert "hidden-value" not in str(e.value)
    assert directory.remove("alice") == "HTTP 404: gone"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, '{"code": "not_found", "message": "resource retrieval failed"}'),
        (200, '{"entityRepresentations": [{"originalId": "user"}]}'),
        (200, '{"entityRepresentations": [{"additionalProps": [{"userName": "alice"}]}]}'),
    ],
)
def test_a_user_whom_nobody_knows_is_none(status: int, body: str) -> None:
    assert known_user(scripted(body, status), "T", "alice") is None


def test_a_user_is_read_with_all_values() -> None:
    body = (
        '{"entityRepresentations": [{"additionalProps": [{"username": "alice", "email": "a@b.c",'
        ' "attributes": {"group": ["x", "y"]}}]}]}'
    )
    bare = '{"entityRepresentations": [{"additionalProps": [{"username": "alice"}]}]}'

    assert known_user(scripted(body), "T", "alice") == User("alice", "a@b.c", {"group": ("x", "y")})
    assert known_user(scripted(bare), "T", "alice") == User("alice", "", {})


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"entityRepresentations": [{}, {}]}',
        '{"entityRepresentations": [{"additionalProps": ["x"]}]}',
        '{"entityRepresentations": [{"additionalProps": [{"username": "a", "attributes": 1}]}]}',
    ],
)
def test_another_shape_is_an_error(body: str) -> None:
    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        known_user(scripted(body), "T", "alice")


def test_a_refusal_to_resolve_is_an_error() -> None:
    refusal = '{"code": "permission_denied", "message": "permission denied"}'

    with pytest.raises(EnvironmentUnfitError, match="tell what it knows of alice"):
        known_user(scripted(refusal, 403), "T", "alice")
