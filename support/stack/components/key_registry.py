"""Keys of key access services that are managed in the platform's registry, below a root key.

Source: policy.kasregistry.KeyAccessServerRegistryService of the platform, key mode
KEY_MODE_CONFIG_ROOT_KEY: the private key stands in the registry, sealed by AES-256-GCM under the
root key as nonce, ciphertext and tag.
"""

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support.foundation import kems
from support.foundation.errors import StackError
from support.foundation.http import HttpSession
from support.foundation.kems import KemKey
from support.stack.components.key_material import PUBLIC_EXPONENT, RSA_BITS

SERVICE = "policy.kasregistry.KeyAccessServerRegistryService"
NONCE_BYTES = 12
ROOT_KEY_ID = "root"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | KemKey
Keys = Mapping[str, tuple[str, Callable[[], PrivateKey]]]


def _rsa(bits: int) -> Callable[[], PrivateKey]:
    return lambda: rsa.generate_private_key(PUBLIC_EXPONENT, bits)


def _curve(curve: ec.EllipticCurve) -> Callable[[], PrivateKey]:
    return lambda: ec.generate_private_key(curve)


def _kem(name: str) -> Callable[[], PrivateKey]:
    return lambda: KemKey.generate(name)


KEYS: Keys = {
    "r1": ("ALGORITHM_RSA_2048", _rsa(RSA_BITS)),
    "e1": ("ALGORITHM_EC_P256", _curve(ec.SECP256R1())),
}
"""Algorithm and maker of each usual managed key by its id."""

EVERY_KEY: Keys = {
    **KEYS,
    "r4": ("ALGORITHM_RSA_4096", _rsa(2 * RSA_BITS)),
    "e384": ("ALGORITHM_EC_P384", _curve(ec.SECP384R1())),
    "e521": ("ALGORITHM_EC_P521", _curve(ec.SECP521R1())),
    "x768": ("ALGORITHM_HPQT_XWING", _kem(kems.XWING)),
    "h768": ("ALGORITHM_HPQT_SECP256R1_MLKEM768", _kem(kems.P256_MLKEM_768)),
    "h1024": ("ALGORITHM_HPQT_SECP384R1_MLKEM1024", _kem(kems.P384_MLKEM_1024)),
    "m768": ("ALGORITHM_MLKEM_768", _kem(kems.MLKEM_768)),
    "m1024": ("ALGORITHM_MLKEM_1024", _kem(kems.MLKEM_1024)),
}
"""One managed key of every kind."""


@dataclass(frozen=True, slots=True)
class KeyRegistry:
    """The registry of one platform, as its admin sees it.

    Attributes:
        url: of the platform.
        token: returns an access token of the admin.
    """

    url: str
    token: Callable[[], str]

    def manage(self, name: str, uri: str, root_key: bytes, keys: Keys = KEYS) -> None:
        """List a key access service with keys of its own, unless it is listed.

        Args:
            name: what it is called.
            uri: its address, as it knows it itself (`registered_kas_uri`).
            root_key: the 32 bytes that its keys are sealed under.
            keys: those that it gets.

        Raises:
            StackError: the platform refuses.
            ServiceUnreachableError: it does not answer.
        """
        service = self._server(name, uri)
        for key_id, (algorithm, make) in keys.items():
            key = make()
            request = {
                "kasId": service,
                "keyId": key_id,
                "keyAlgorithm": algorithm,
                "keyMode": "KEY_MODE_CONFIG_ROOT_KEY",
                "publicKeyCtx": {"pem": _encoded(_public(key))},
                "privateKeyCtx": {
                    "keyId": ROOT_KEY_ID,
                    "wrappedKey": _encoded(seal(_private(key), root_key)),
                },
            }
            self._call("CreateKey", request, HTTPStatus.CONFLICT)

    def _server(self, name: str, uri: str) -> str:
        found = self._call("GetKeyAccessServer", {"uri": uri}, HTTPStatus.NOT_FOUND)
        if not found:
            found = self._call("CreateKeyAccessServer", {"uri": uri, "name": name})
        return str(found["keyAccessServer"]["id"])

    def _call(
        self, method: str, request: Mapping[str, Any], allowed: HTTPStatus | None = None
    ) -> dict[str, Any]:
        """Return the answer; nothing where it is the one refusal that is allowed."""
        session = HttpSession()
        try:
            answer = session.post_json(
                f"{self.url}/{SERVICE}/{method}",
                request,
                {"Authorization": f"Bearer {self.token()}"},
            )
        finally:
            session.close()
        if answer.status == allowed:
            return {}
        if not answer.ok:
            raise StackError(
                f"The key registry of {self.url} refuses {method}: HTTP {answer.status} "
                f"{answer.text[:300]}"
            )
        body: dict[str, Any] = answer.json()
        return body


def seal(plain: bytes, root_key: bytes) -> bytes:
    """Return a private key sealed under the root key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(root_key).encrypt(nonce, plain, None)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _private(key: PrivateKey) -> bytes:
    if isinstance(key, KemKey):
        return key.private_pem.encode()
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public(key: PrivateKey) -> bytes:
    if isinstance(key, KemKey):
        return key.public_pem.encode()
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
