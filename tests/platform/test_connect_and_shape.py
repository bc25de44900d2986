import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.platform import shape
from support.platform.connect import Answer, ConnectClient
from tests.platform.conftest import ScriptedHttp, answer, scripted


def test_an_accepted_call_gives_its_body() -> None:
    http = ScriptedHttp(answer(200, '{"namespace": {"id": "1"}}'))

    result = ConnectClient(http, "http://platform/").call(
        "a.Service", "Method", {"name": "x"}, token="T", headers={"X-More": "1"}
    )

    assert result == Answer(200, "ok", body={"namespace": {"id": "1"}})
    method, url, headers, body = http.requests[0]
    assert (method, url, body) == ("POST", "http://platform/a.Service/Method", '{"name": "x"}')
    assert headers["Authorization"] == "Bearer T"
    assert headers["X-More"] == "1"


def test_without_a_token_none_is_sent() -> None:
    http = ScriptedHttp(answer(200, "{}"))

    ConnectClient(http, "http://platform").call("a.Service", "Method", {})

    assert "Authorization" not in http.requests[0][2]


def test_a_refusal_is_a_value() -> None:
    client = scripted('{"code": "permission_denied", "message": "no"}', 403)

    result = client.call("a.Service", "Method", {})

    assert result == Answer(403, "permission_denied", "no")
    assert not result.accepted
    with pytest.raises(EnvironmentUnfitError, match="refused to do it: HTTP 403 perm"):
        result.required("do it")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "404 page not found"),
        (200, "[]"),
        (200, ""),
        (403, '{"message": "no code"}'),
        (403, '{"code": 7}'),
    ],
)
def test_an_answer_of_another_shape_is_an_error(status: int, body: str) -> None:
    with pytest.raises(EnvironmentUnfitError, match="unexpected shape"):
        scripted(body, status).call("a.Service", "Method", {})


@pytest.mark.parametrize("code", ["internal", "unavailable", "unknown"])
def test_trouble_of_the_platform_is_no_verdict(code: str) -> None:
    client = scripted(f'{{"code": "{code}", "message": "db"}}', 500)

    with pytest.raises(EnvironmentUnfitError, match="trouble of its own"):
        client.call("a.Service", "Method", {})


def test_what_has_the_expected_shape_is_returned() -> None:
    parent = {"object": {"a": 1}, "list": [{"b": 2}], "text": "t", "texts": ["u"], "flag": False}

    assert shape.member("X", parent, "object") == {"a": 1}
    assert shape.members("X", parent, "list") == [{"b": 2}]
    assert shape.members("X", parent, "absent") == []
    assert shape.text("X", parent, "text") == "t"
    assert shape.texts("X", parent, "texts") == ("u",)
    assert shape.texts("X", parent, "absent") == ()
    assert shape.boolean("X", parent, "flag") is False


def test_what_has_another_shape_is_an_error() -> None:
    wrong = {"object": 1, "list": [1], "text": "", "texts": [1], "flag": "yes"}

    with pytest.raises(EnvironmentUnfitError, match='a JSON object "object"'):
        shape.member("X", wrong, "object")
    with pytest.raises(EnvironmentUnfitError, match='a list of JSON objects "list"'):
        shape.members("X", wrong, "list")
    with pytest.raises(EnvironmentUnfitError, match='a text "text"'):
        shape.text("X", wrong, "text")
    with pytest.raises(EnvironmentUnfitError, match='a list of texts "texts"'):
        shape.texts("X", wrong, "texts")
    with pytest.raises(EnvironmentUnfitError, match='true or false as "flag"'):
        shape.boolean("X", wrong, "flag")
