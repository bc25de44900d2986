"""What a platform keeps while its process is away: policy, keys, clients, people.

A real one keeps it in a database, in files and at its identity provider. Here it is one file for
its owner's eyes, which whoever started the platform asks for by the control interface, and which
the next start reads and removes.
"""

from __future__ import annotations

import base64
import io
import pickle
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from google.protobuf.message import Message as ProtobufMessage

from support.embedded.faults import Fault
from support.embedded.keys import KeyRing
from support.foundation.errors import ConfigurationError
from support.foundation.files import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from support.embedded.keys import Keys
    from support.embedded.platform import EmbeddedPlatform
    from support.embedded.protocol import Protocol

_OF_THE_PROCESS = frozenset({"clock", "faults"})
_SIGNING = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)


class _Writer(pickle.Pickler):
    """Writes messages of the protocol by name and bytes: their classes are made at run time."""

    def persistent_id(self, obj: Any) -> tuple[str, bytes] | None:  # noqa: ANN401 -- of pickle
        if isinstance(obj, ProtobufMessage):
            return (obj.DESCRIPTOR.full_name, obj.SerializeToString())
        return None


class _Reader(pickle.Unpickler):
    """Reads what `_Writer` wrote."""

    def __init__(self, data: bytes, protocol: Protocol) -> None:
        super().__init__(io.BytesIO(data))
        self._protocol = protocol

    def persistent_load(self, pid: Any) -> Any:  # noqa: ANN401 -- of pickle
        name, content = pid
        return self._protocol.message(name).FromString(content)


def write(platform: EmbeddedPlatform, path: Path) -> None:
    """Keep the state of a platform in a file, in place of an earlier one.

    Raises:
        OSError: The directory is missing or not writable.
    """
    store = platform.store
    faults = platform.settings.faults
    content: dict[str, Any] = {"root_key": platform.root_key, "store": {}, "keys": {}}
    if Fault.POLICY_LOST_AT_RESTART not in faults:
        names = [item.name for item in fields(store) if item.name not in _OF_THE_PROCESS]
        content["store"] = {name: getattr(store, name) for name in names}
    if Fault.KEYS_LOST_AT_RESTART not in faults:
        content["keys"] = {name: _private_keys(ring) for name, ring in platform.rings.items()}
    if (built_in := platform.built_in) is not None:
        content["clients"] = built_in.directory.clients
        content["users"] = built_in.directory.users
        content["control"] = built_in.control.secret
        content["signing"] = built_in.identity.keys.private()
    buffer = io.BytesIO()
    _Writer(buffer).dump(content)
    path.unlink(missing_ok=True)
    write_private(path, base64.b64encode(buffer.getvalue()).decode())


def read(platform: EmbeddedPlatform, path: Path) -> None:
    """Give a platform that has just been made the state in a file, and remove the file.

    Raises:
        ConfigurationError: The file holds something else.
    """
    try:
        data = base64.b64decode(path.read_text(encoding="utf-8"), validate=True)
        content = _Reader(data, platform.protocol).load()
        _restore(platform, content)
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError) as problem:
        raise ConfigurationError(
            f"{path} is no state of an embedded platform ({problem}). Leave --state out, or name "
            "a file that the control interface has written."
        ) from problem
    path.unlink()


def _restore(platform: EmbeddedPlatform, content: dict[str, Any]) -> None:
    platform.root_key = content["root_key"]
    for name, value in content["store"].items():
        setattr(platform.store, name, value)
    for name, kept in content["keys"].items():
        for kid, pem in kept.items():
            pair, private = platform.rings[name].by_kid(kid), load_pem_private_key(pem, None)
            if pair is not None and isinstance(private, _SIGNING):
                pair.keep(private)
    if (built_in := platform.built_in) is not None:
        built_in.directory.clients = content["clients"]
        built_in.directory.users = content["users"]
        built_in.control.secret = content["control"]
        built_in.identity.keys.keep(content["signing"])


def _private_keys(ring: Keys) -> dict[str, bytes]:
    """Return the private keys that are kept beside the policy, by their ids."""
    pairs = ring.pairs() if isinstance(ring, KeyRing) else []
    return {
        pair.kid: private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for pair in pairs
        if isinstance(private := pair.private, _SIGNING)
    }
