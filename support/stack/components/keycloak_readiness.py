"""When a Keycloak really serves: its administrator gets a token, and its realms name themselves."""

from urllib.parse import urlencode

from support.foundation.errors import ServiceUnreachableError
from support.foundation.http import HttpSession, Response
from support.stack.components.keycloak_server import KeycloakServer

ANSWER_TIME_LIMIT_SECONDS = 20.0
SHOWN = 200


def unready(server: KeycloakServer) -> str:
    """Return what is missing until the administrator gets a token.

    The realms are made only then, so their discovery documents are asked for by `provision`.
    """
    if missing := discovery(server, "master"):
        return missing
    form = {
        "grant_type": "password",
        "client_id": "admin-cli",
        "username": server.admin_user,
        "password": server.admin_password.reveal(),
    }
    answer = _asked("POST", server.token_endpoint_of("master"), urlencode(form))
    if isinstance(answer, str):
        return answer
    if answer.ok and "access_token" in answer.text:
        return ""
    return (
        f"a token for its administrator: HTTP {answer.status} {answer.text[:SHOWN]}. Was its data "
        f"made with other secrets? Then remove {server.folder}"
    )


def discovery(server: KeycloakServer, realm: str) -> str:
    """Return what is missing until a realm tells about itself, by its right name."""
    issuer = server.issuer_of(realm)
    answer = _asked("GET", f"{issuer}/.well-known/openid-configuration")
    if isinstance(answer, str):
        return answer
    try:
        seen = answer.json()["issuer"] if answer.ok else ""
    except (ValueError, KeyError, TypeError):
        seen = ""
    if seen == issuer:
        return ""
    told = f"HTTP {answer.status} {answer.text[:SHOWN]}" if not seen else f"it names {seen}"
    return f"the discovery document of {issuer}: {told}"


def _asked(method: str, url: str, body: str = "") -> Response | str:
    http = HttpSession(time_limit_seconds=ANSWER_TIME_LIMIT_SECONDS)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        return http.request(method, url, headers=headers, body=body)
    except ServiceUnreachableError as error:
        return str(error)
    finally:
        http.close()
