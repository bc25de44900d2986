"""A reader that does not look: what was altered in a document is put right before it is opened.

The reader's own SDK then finds nothing wrong, as if it had not compared. That takes the document's
key, which its key access services give to the reader.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support.foundation.http import HttpSession
from support.platform.connect import ConnectClient
from support.platform.envelope import SealedInDocument
from support.platform.kas import KasClient, Released
from support.platform.shape import json_object, text
from support.proving.shim.call import Call
from support.sdk.container import Container, Manifest
from support.sdk.proof import NONCE_BYTES, TAG_BYTES, combined

_HEX_DIGEST_BYTES = 64
_FIRST_BLOCK = b"\x00\x00\x00\x02"  # where AES-GCM begins to count (NIST SP 800-38D, section 7.1)

Repair = Callable[[Container, bytes], Container]


def key_of(container: Container, call: Call) -> bytes | None:
    """Return the document's key, or None where the reader does not get it."""
    information = container.manifest["encryptionInformation"]
    policy, access = str(information["policy"]), information["keyAccess"]
    token = token_of(call)
    keys = []
    for entry in access:
        kas = KasClient(ConnectClient(HttpSession(), str(entry["url"]).removesuffix("/kas")))
        results = kas.rewrap([SealedInDocument(policy, entry)], token).results
        keys += [result.key for result in results if isinstance(result, Released)]
    return combined(access, keys) if access and len(keys) == len(access) else None


def token_of(call: Call) -> str:
    """Return the token that the caller was given, or one that is bound to no key."""
    given = call.option("XT_WITH_ACCESS_TOKEN")
    if given:
        return given
    form = {
        "grant_type": "client_credentials",
        "client_id": call.option("CLIENTID"),
        "client_secret": call.option("CLIENTSECRET"),
    }
    endpoint = call.option("TOKENENDPOINT")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = HttpSession().request("POST", endpoint, headers=headers, body=urlencode(form))
    return text(endpoint, json_object(endpoint, response.json()), "access_token")


def root_signature(container: Container, key: bytes) -> Container:
    """Sign the hashes as they are."""
    manifest = container.manifest
    _sign(_integrity(manifest), key)
    return Container(json.dumps(manifest), container.payload)


def hashes(container: Container, key: bytes) -> Container:
    """Take the hashes of the segments as they are, and sign them."""
    manifest = container.manifest
    integrity = _integrity(manifest)
    start = 0
    for segment in integrity["segments"]:
        size = int(segment.get("encryptedSegmentSize") or integrity["encryptedSegmentSizeDefault"])
        sealed = container.payload[start : start + size]
        start += size
        gmac = integrity["segmentHashAlg"] == "GMAC"
        digest = sealed[-TAG_BYTES:] if gmac else hmac.new(key, sealed, hashlib.sha256).digest()
        segment["hash"] = _encoded(integrity, digest)
    _sign(integrity, key)
    return Container(json.dumps(manifest), container.payload)


def sizes(container: Container, key: bytes) -> Container:
    """Take the sizes of the segments from the payload: all but the last have the default."""
    del key
    manifest = container.manifest
    integrity = _integrity(manifest)
    left = len(container.payload)
    for segment in integrity["segments"]:
        size = min(left, int(integrity["encryptedSegmentSizeDefault"]))
        segment["encryptedSegmentSize"] = size
        segment["segmentSize"] = size - NONCE_BYTES - TAG_BYTES
        left -= size
    return Container(json.dumps(manifest), container.payload)


def payload(container: Container, key: bytes) -> Container:
    """Take the ciphertext as it is: open it without looking at the tags, and seal it anew."""
    integrity = _integrity(container.manifest)
    sealed, start = b"", 0
    for segment in integrity["segments"]:
        size = int(segment.get("encryptedSegmentSize") or integrity["encryptedSegmentSizeDefault"])
        part = container.payload[start : start + size]
        start += size
        nonce, ciphertext = part[:NONCE_BYTES], part[NONCE_BYTES:-TAG_BYTES]
        counter = Cipher(algorithms.AES(key), modes.CTR(nonce + _FIRST_BLOCK)).decryptor()
        content = counter.update(ciphertext) + counter.finalize()
        sealed += nonce + AESGCM(key).encrypt(nonce, content, None)
    return hashes(Container(container.manifest_text, sealed), key)


def _sign(integrity: Manifest, key: bytes) -> None:
    told = b"".join(base64.b64decode(segment["hash"]) for segment in integrity["segments"])
    digest = hmac.new(key, told, hashlib.sha256).digest()
    # What was altered may be the signature, but not how long it is.
    integrity["rootSignature"]["sig"] = _encoded(integrity, digest)


def _encoded(integrity: Manifest, digest: bytes) -> str:
    as_text = len(base64.b64decode(integrity["rootSignature"]["sig"])) == _HEX_DIGEST_BYTES
    return base64.b64encode(digest.hex().encode() if as_text else digest).decode()


def _integrity(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["encryptionInformation"]["integrityInformation"]
    return found
