"""The identity provider: keys, discovery and the token endpoint, after the development Keycloak.

Pure of HTTP: a request comes in as form fields and headers, an answer goes out as status and data.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from joserfc.jwk import RSAKey

from support.embedded import jose
from support.embedded.account_claims import service_claims, user_claims
from support.embedded.dpop import ProofChecker, ProofError, ProofTarget
from support.embedded.faults import Fault
from support.embedded.jose import TokenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.embedded.clock import Clock
    from support.embedded.directory import Client, Directory, User

ACCESS_TOKEN_SECONDS = 300
REFRESH_TOKEN_SECONDS = 1800
GRANT_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type name
_DEFAULT_ROLES = ("default-roles-opentdf", "offline_access", "uma_authorization")
_ACCOUNT_ROLES = ("manage-account", "manage-account-links", "view-profile")
_SCOPE = "email profile"
_SIGNING_ALGORITHMS = (
    "PS384",
    "RS384",
    "EdDSA",
    "ES384",
    "HS256",
    "HS512",
    "ES256",
    "RS256",
    "HS384",
    "ES512",
    "PS256",
    "PS512",
    "RS512",
)
_RESPONSE_TYPES = (
    "code",
    "none",
    "id_token",
    "token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A call of the token endpoint."""

    form: Mapping[str, str]
    authorization: str = ""
    proofs: tuple[str, ...] = ()
    client_host: str = "127.0.0.1"


class GrantError(Exception):
    """The token endpoint refuses; ``error`` and ``description`` are those of the real one."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True)
class _Grant:
    """Whom an access token is for, and how."""

    client: Client
    user: User | None = None
    session: str | None = None
    jti_prefix: str = "trrtcc"
    thumbprint: str | None = None


@dataclass(slots=True)
class SigningKeys:
    """The current signing key and the earlier ones, newest first; made at the first use."""

    _keys: list[RSAKey] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def current(self) -> RSAKey:
        """The key that signs now."""
        with self._lock:
            if not self._keys:
                self._keys.append(_new_signing_key())
            return self._keys[0]

    def rotate(self) -> str:
        """Sign with a new key from now on, keep publishing the old; returns the new key's id."""
        _ = self.current
        key = _new_signing_key()
        with self._lock:
            self._keys.insert(0, key)
        return str(key.kid)

    def private(self) -> list[dict[str, Any]]:
        """Return every key with its private part, newest first."""
        _ = self.current
        return [key.as_dict(private=True) for key in self._keys]

    def keep(self, keys: list[dict[str, Any]]) -> None:
        """Have the keys that were made before."""
        with self._lock:
            self._keys[:] = [RSAKey.import_key(key) for key in keys]

    def public(self) -> list[dict[str, Any]]:
        """Return every key in its published form."""
        _ = self.current
        return [{**key.as_dict(private=False), "alg": "RS256", "use": "sig"} for key in self._keys]


def _new_signing_key() -> RSAKey:
    key = RSAKey.generate_key(2048, auto_kid=True)
    _ = key.thumbprint()
    return key


class IdentityProvider:
    """One realm: its keys, clients, users, and the tokens it gives."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        directory: Directory,
        clock: Clock,
        *,
        faults: frozenset[Fault] = frozenset(),
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self.directory = directory
        self.clock = clock
        self.keys = SigningKeys()
        self._proofs = ProofChecker(clock)
        self._faults = faults

    @property
    def token_endpoint(self) -> str:
        """The URL that gives tokens."""
        return f"{self.issuer}/protocol/openid-connect/token"

    def discovery(self) -> dict[str, Any]:
        """Return the OpenID discovery document."""
        return {
            **self.platform_configuration(),
            "introspection_endpoint": f"{self.token_endpoint}/introspect",
            "end_session_endpoint": f"{self.issuer}/protocol/openid-connect/logout",
            "grant_types_supported": [
                "client_credentials",
                "password",
                "refresh_token",
                GRANT_EXCHANGE,
            ],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
            ],
            "scopes_supported": ["openid", "email", "profile"],
            "dpop_signing_alg_values_supported": list(jose.ASYMMETRIC_ALGORITHMS),
        }

    def platform_configuration(self) -> dict[str, Any]:
        """Return the part of the discovery document that the platform publishes as ``idp``."""
        base = f"{self.issuer}/protocol/openid-connect"
        return {
            "authorization_endpoint": f"{base}/auth",
            "id_token_signing_alg_values_supported": list(_SIGNING_ALGORITHMS),
            "issuer": self.issuer,
            "jwks_uri": f"{base}/certs",
            "require_request_uri_registration": True,
            "response_types_supported": list(_RESPONSE_TYPES),
            "subject_types_supported": ["public", "pairwise"],
            "token_endpoint": self.token_endpoint,
            "userinfo_endpoint": f"{base}/userinfo",
        }

    def jwks(self) -> dict[str, Any]:
        """Return the key set: the signing key and the earlier ones."""
        return {"keys": self.keys.public()}

    def rotate_signing_key(self) -> str:
        """Start to sign with a new key; tokens of the old one stay valid. Returns the new id."""
        return self.keys.rotate()

    def token(self, request: TokenRequest) -> tuple[int, dict[str, Any]]:
        """Answer a call of the token endpoint: status and body."""
        try:
            return 200, self._grant(request)
        except GrantError as refusal:
            return refusal.status, refusal.body

    def _grant(self, request: TokenRequest) -> dict[str, Any]:
        grant_type = request.form.get("grant_type", "")
        if not grant_type:
            raise GrantError(400, "invalid_request", "Missing form parameter: grant_type")
        grants = {
            "client_credentials": self._client_credentials,
            "password": self._password,
            "refresh_token": self._refresh,
            GRANT_EXCHANGE: self._exchange,
        }
        handler = grants.get(grant_type)
        client = self._authenticate(request)
        if handler is None:
            raise GrantError(400, "unsupported_grant_type", "Unsupported grant_type")
        return handler(request, client)

    def _authenticate(self, request: TokenRequest) -> Client:
        client_id, secret = _credentials(request)
        client = self.directory.clients.get(client_id)
        wrong = "Invalid client or Invalid client credentials"
        if client is None:
            raise GrantError(401, "invalid_client", wrong)
        if client.secret is not None and not hmac.compare_digest(
            client.secret.encode(), secret.encode()
        ):
            if Fault.WRONG_SECRET_ACCEPTED in self._faults:
                return client
            if Fault.WRONG_SECRET_UNEXPLAINED in self._faults:
                raise GrantError(500, "unknown_error", "Internal server error")
            repeated = f": {secret}" if Fault.SECRET_REPEATED in self._faults else ""
            raise GrantError(401, "unauthorized_client", f"{wrong}{repeated}")
        return client

    def _client_credentials(self, request: TokenRequest, client: Client) -> dict[str, Any]:
        if client.secret is None:
            raise GrantError(
                401, "unauthorized_client", "Public client not allowed to retrieve service account"
            )
        grant = _Grant(client, thumbprint=self._thumbprint(request, client))
        return self._answer(grant, self._access_claims(grant, request), refresh=False)

    def _password(self, request: TokenRequest, client: Client) -> dict[str, Any]:
        if not client.direct_access:
            raise GrantError(
                400, "unauthorized_client", "Client not allowed for direct access grants"
            )
        name = request.form.get("username", "")
        user = self.directory.user(name) or self.directory.user_by_email(name)
        password = request.form.get("password", "")
        if user is None or not hmac.compare_digest(user.password.encode(), password.encode()):
            raise GrantError(400, "invalid_grant", "Invalid user credentials")
        thumbprint = self._thumbprint(request, client)
        grant = _Grant(client, user, secrets.token_urlsafe(18), "onrtro", thumbprint)
        return self._answer(grant, self._access_claims(grant, request), refresh=True)

    def _refresh(self, request: TokenRequest, client: Client) -> dict[str, Any]:
        claims = self._own_claims(request.form.get("refresh_token", ""))
        valid = claims is not None and claims.get("typ") == "Refresh"
        user = self.directory.users.get(str(claims.get("preferred_username"))) if claims else None
        if claims is None or not valid or user is None or claims.get("azp") != client.client_id:
            raise GrantError(400, "invalid_grant", "Invalid refresh token")
        thumbprint = self._thumbprint(request, client)
        grant = _Grant(client, user, str(claims["sid"]), "onrtrt", thumbprint)
        return self._answer(grant, self._access_claims(grant, request), refresh=True)

    def _exchange(self, request: TokenRequest, client: Client) -> dict[str, Any]:
        claims = self._own_claims(request.form.get("subject_token", ""))
        if claims is None or claims.get("typ") != "Bearer":
            raise GrantError(400, "invalid_request", "Invalid token")
        target = request.form.get("audience", client.client_id)
        if target != client.client_id and target not in client.extra_audience:
            raise GrantError(400, "invalid_request", f"Requested audience not available: {target}")
        now = int(self.clock.timestamp())
        dropped = ("resource_access", "client_id", "clientHost", "clientAddress", "sid")
        exchanged = {
            **{name: value for name, value in claims.items() if name not in dropped},
            "exp": now + ACCESS_TOKEN_SECONDS,
            "iat": now,
            "jti": f"trrtte:{uuid.uuid4()}",
            "aud": target,
            "azp": client.client_id,
            "resource_access": {},
        }
        answer = self._answer(_Grant(client), exchanged, refresh=False)
        return {**answer, "issued_token_type": ACCESS_TOKEN_TYPE}

    def _thumbprint(self, request: TokenRequest, client: Client) -> str | None:
        if not request.proofs:
            if client.dpop_bound:
                raise GrantError(400, "invalid_request", "DPoP proof is missing")
            return None
        target = ProofTarget("POST", (self.token_endpoint,))
        try:
            return self._proofs.check(list(request.proofs), target).thumbprint()
        except ProofError as problem:
            raise GrantError(400, "invalid_dpop_proof", str(problem)) from problem

    def _own_claims(self, token: str) -> dict[str, Any] | None:
        """Return the claims of an unexpired token that this realm signed."""
        for published in self.keys.public():
            try:
                claims = jose.verify(token, jose.import_public_jwk(published), "RS256")
            except TokenError:
                continue
            return claims if jose.is_within(claims, self.clock.timestamp(), 0) else None
        return None

    def _access_claims(self, grant: _Grant, request: TokenRequest) -> dict[str, Any]:
        client, user = grant.client, grant.user
        issued = int(self.clock.timestamp()) - client.issued_seconds_ago
        holder_roles = user.realm_roles if user else client.realm_roles
        client_roles = user.client_roles if user else client.client_roles
        platform = client.audience or self.audience
        audience = [*client.extra_audience, platform, *client_roles, "account"]
        resources = {**client_roles, "account": _ACCOUNT_ROLES}
        claims: dict[str, Any] = {
            "exp": issued + ACCESS_TOKEN_SECONDS,
            "iat": issued,
            "jti": f"{grant.jti_prefix}:{uuid.uuid4()}",
            "iss": client.issuer or self.issuer,
            "aud": audience,
            "sub": user.id if user else client.service_account_id,
            "typ": "DPoP" if grant.thumbprint else "Bearer",
            "azp": client.client_id,
            **({"sid": grant.session} if grant.session else {}),
            "acr": "1",
            "realm_access": {"roles": sorted((*_DEFAULT_ROLES, *holder_roles))},
            "resource_access": {name: {"roles": list(roles)} for name, roles in resources.items()},
            **({"cnf": {"jkt": grant.thumbprint}} if grant.thumbprint else {}),
            "scope": _SCOPE,
        }
        return {
            **claims,
            **(user_claims(user) if user else service_claims(client, request.client_host)),
        }

    def _answer(self, grant: _Grant, claims: dict[str, Any], *, refresh: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "access_token": self._sign(claims),
            "expires_in": ACCESS_TOKEN_SECONDS,
            "refresh_expires_in": REFRESH_TOKEN_SECONDS if refresh else 0,
            **({"refresh_token": self._refresh_token(grant)} if refresh else {}),
            "token_type": "DPoP" if grant.thumbprint else "Bearer",
            "not-before-policy": 0,
            **({"session_state": grant.session} if grant.session else {}),
            "scope": _SCOPE,
        }
        return answer

    def _refresh_token(self, grant: _Grant) -> str:
        now = int(self.clock.timestamp())
        return self._sign(
            {
                "exp": now + REFRESH_TOKEN_SECONDS,
                "iat": now,
                "jti": str(uuid.uuid4()),
                "iss": self.issuer,
                "aud": self.issuer,
                "sub": grant.user.id if grant.user else "",
                "typ": "Refresh",
                "azp": grant.client.client_id,
                "sid": grant.session,
                "scope": _SCOPE,
                "preferred_username": grant.user.username if grant.user else "",
            }
        )

    def _sign(self, claims: dict[str, Any]) -> str:
        key = self.keys.current
        return jose.sign({"alg": "RS256", "typ": "JWT", "kid": key.kid}, claims, key)


def _credentials(request: TokenRequest) -> tuple[str, str]:
    scheme, _, encoded = request.authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        name, _, secret = text.partition(":")
        return unquote_plus(name), unquote_plus(secret)
    return request.form.get("client_id", ""), request.form.get("client_secret", "")
