"""What a platform tells everybody: its configuration, its health, who may call it from a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from support.foundation.errors import EnvironmentUnfitError
from support.foundation.http import HttpSession, Response
from support.platform.shape import JsonObject, json_object, member, text, unexpected

CONFIGURATION_PATH = "/.well-known/opentdf-configuration"
HEALTH_PATH = "/healthz"


class NotPublicError(EnvironmentUnfitError):
    """What everybody should be able to read is refused without a token."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The platform's public configuration; `document` is all of it."""

    issuer: str
    token_endpoint: str
    health_endpoint: str
    document: JsonObject


@dataclass(frozen=True, slots=True)
class Preflight:
    """The answer to a browser's question whether a page may call (Fetch standard, CORS)."""

    asked_origin: str
    allowed_origin: str
    allowed_methods: tuple[str, ...]
    allowed_headers: tuple[str, ...]


class Discovery:
    """Reads what is public; never sends a token."""

    def __init__(self, http: HttpSession, base_url: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")

    def configuration(self) -> Configuration:
        """Read the well-known configuration.

        Raises:
            NotPublicError: it is refused to whoever has no token.
            EnvironmentUnfitError: there is none, or it lacks what clients need.
        """
        response = self._get(CONFIGURATION_PATH)
        if response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise NotPublicError(f"{CONFIGURATION_PATH} asks for a token: {response.text}")
        if response.status != HTTPStatus.OK:
            unexpected(CONFIGURATION_PATH, f"HTTP {response.status}: {response.text}", "HTTP 200")
        document = _json(CONFIGURATION_PATH, response)
        provider = member(CONFIGURATION_PATH, document, "idp")
        return Configuration(
            issuer=text(CONFIGURATION_PATH, document, "platform_issuer"),
            token_endpoint=text(CONFIGURATION_PATH, provider, "token_endpoint"),
            health_endpoint=text(
                CONFIGURATION_PATH, member(CONFIGURATION_PATH, document, "health"), "endpoint"
            ),
            document=document,
        )

    def health(self, service: str = "") -> str:
        """Return the health status of the platform or one of its services, such as `SERVING`.

        Raises:
            EnvironmentUnfitError: the answer is no health status.
        """
        return self.health_at(
            HEALTH_PATH + (f"?{urlencode({'service': service})}" if service else "")
        )

    def health_at(self, path: str) -> str:
        """Return the health status that a path of the platform tells.

        Raises:
            EnvironmentUnfitError: the answer is no health status.
        """
        response = self._get(path)
        status = text(path, _json(path, response), "status")
        expected = (
            HTTPStatus.OK if status == "SERVING" else HTTPStatus.SERVICE_UNAVAILABLE
        )  # a load balancer looks at the HTTP status alone
        if response.status != expected:
            unexpected(path, f"HTTP {response.status}: {status}", f"HTTP {expected.value}")
        return status

    def preflight(self, path: str, origin: str, method: str) -> Preflight:
        """Ask, as a browser does, whether a page from `origin` may use `method` on `path`.

        Raises:
            ServiceUnreachableError: no answer at all.
        """
        response = self._http.request(
            "OPTIONS",
            self._base_url + path,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Preflight(
            asked_origin=origin,
            allowed_origin=headers.get("access-control-allow-origin", ""),
            allowed_methods=_names(headers, "access-control-allow-methods"),
            allowed_headers=_names(headers, "access-control-allow-headers"),
        )

    def _get(self, path: str) -> Response:
        return self._http.request("GET", self._base_url + path)


def _json(where: str, response: Response) -> JsonObject:
    try:
        return json_object(where, response.json())
    except ValueError:
        unexpected(where, f"HTTP {response.status}: {response.text}", "JSON")


def _names(headers: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in headers.get(name, "").split(",") if part.strip())
