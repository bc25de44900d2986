"""Policy bindings: whether a policy is the one that a data key was sealed with."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from support.embedded.faults import Fault

_HEX_DIGEST_BYTES = 64
_WEAK_CHARACTERS = 16


def is_bound(binding: str, policy_body: str, data_key: bytes, faults: frozenset[Fault]) -> bool:
    """Tell whether a binding holds, or whether a fault does not look."""
    if Fault.SKIP_POLICY_BINDING in faults:
        return True
    if Fault.MISSING_BINDING_ACCEPTED in faults and not binding:
        return True
    if Fault.WEAK_BINDING_COMPARISON in faults:
        return _begins_well(binding, policy_body, data_key)
    return binding_holds(binding, policy_body, data_key)


def binding_holds(binding: str, policy_body: str, data_key: bytes) -> bool:
    """Tell, in constant time, whether a binding is the HMAC of the policy under the data key.

    Accepted is base64 of the hexadecimal digest. Base64 of the raw digest is refused: the platform
    means to accept it, but compares it with one byte too many (measured at service 0.25.0).
    """
    try:
        decoded = base64.b64decode(binding, validate=True)
        digest = bytes.fromhex(decoded.decode()) if len(decoded) == _HEX_DIGEST_BYTES else b""
    except (binascii.Error, ValueError):
        return False
    expected = hmac.new(data_key, policy_body.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(digest, expected)


def _begins_well(binding: str, policy_body: str, data_key: bytes) -> bool:
    """Compare the beginning alone, which is the fault of it."""
    sound = hmac.new(data_key, policy_body.encode(), hashlib.sha256).hexdigest()
    return binding.startswith(base64.b64encode(sound.encode()).decode()[:_WEAK_CHARACTERS])
