"""Files encrypted at rest: AES-256-GCM in chunks, so that any size streams in little memory.

    magic "ACCSEAL1" · length of the header (4 bytes) · header (JSON) · chunk · chunk · …

The header names the key, the salt and the size of chunks. A key of the file's own is derived from
the key and the salt (HKDF-SHA256), so a nonce never comes twice under one key. Each chunk's nonce
is its number and whether it is the last, and its associated data is the whole header: chunks that
are changed, left out, added, moved or taken from another file, and a changed header, are refused
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import base64
import hashlib
import io
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support.foundation.errors import ConfigurationError

MAGIC = b"ACCSEAL1"
CHUNK_BYTES = 256 * 1024
KEY_BYTES = 32
_SALT_BYTES = 32
_TAG_BYTES = 16
_LARGEST_HEADER_BYTES = 4096
_LARGEST_CHUNK_BYTES = 16 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_NONCE = struct.Struct(">3xQB")


@dataclass(frozen=True, slots=True)
class Key:
    """A key for artifacts; its id, by which files name it, is a digest that tells nothing of it."""

    value: bytes

    @property
    def id(self) -> str:
        """The first half of a digest, with a prefix so that it serves nothing else."""
        return hashlib.sha256(b"acceptance artifact key\n" + self.value).hexdigest()[:32]

    def __repr__(self) -> str:
        return f"Key({self.id})"


def key_of(text: str, origin: str) -> Key:
    """Read a key: 32 bytes in base64 or hexadecimal.

    Raises:
        ConfigurationError: it is none; the message does not show it.
    """
    for decode in (bytes.fromhex, _base64):
        try:
            value = decode(text.strip())
        except ValueError:
            continue
        if len(value) == KEY_BYTES:
            return Key(value)
    raise ConfigurationError(
        f"The artifact key from {origin} is no key: {len(text)} characters that are not "
        "32 bytes in base64 or hexadecimal. Expected such a key."
    )


def _base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


class Keys:
    """The keys that files may be opened with, by their id; the first one encrypts."""

    def __init__(self, *keys: Key) -> None:
        self._keys: Mapping[str, Key] = {key.id: key for key in keys}
        self.current = keys[0] if keys else None

    def find(self, key_id: str, name: str) -> Key:
        """Return the key of an id.

        Raises:
            ConfigurationError: it is not there.
        """
        key = self._keys.get(key_id)
        if key is None:
            known = ", ".join(self._keys) or "none"
            raise ConfigurationError(
                f"{name} is encrypted with the key {key_id}, which is not here (known: {known}). "
                "Name the key that it was encrypted with as well."
            )
        return key


class EncryptingWriter:
    """Encrypts what is written into a file; `finish` writes the last chunk."""

    def __init__(self, file: IO[bytes], key: Key, chunk_bytes: int = CHUNK_BYTES) -> None:
        salt = os.urandom(_SALT_BYTES)
        fields = {
            "version": 1,
            "cipher": "AES-256-GCM",
            "key": key.id,
            "salt": base64.b64encode(salt).decode(),
            "chunk_bytes": chunk_bytes,
        }
        self._header = json.dumps(fields, sort_keys=True).encode()
        self._file = file
        self._chunk_bytes = chunk_bytes
        self._cipher = _cipher(key, salt)
        self._buffer = bytearray()
        self._number = 0
        file.write(MAGIC + _LENGTH.pack(len(self._header)) + self._header)

    def write(self, data: bytes) -> int:
        """Take some plain content."""
        self._buffer += data
        while len(self._buffer) > self._chunk_bytes:  # the last chunk is told by `finish`
            piece = bytes(self._buffer[: self._chunk_bytes])
            del self._buffer[: self._chunk_bytes]
            self._put(piece, last=False)
        return len(data)

    def finish(self) -> None:
        """Write what is left as the last chunk; the file stays open."""
        self._put(bytes(self._buffer), last=True)
        self._buffer.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        nonce = _NONCE.pack(self._number, last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._header))
        self._number += 1


def open_encrypted(file: BinaryIO, name: str, keys: Keys | None) -> BinaryIO:
    """Open the plain content of an encrypted file; seekable, and each chunk is verified.

    Raises:
        ConfigurationError: it is no such file, or its key is not here.
    """
    return io.BufferedReader(_DecryptingFile(file, name, keys or Keys()), CHUNK_BYTES)


def key_id_of(file: BinaryIO, name: str) -> str:
    """Return the id of the key that an encrypted file names."""
    return str(_header(file, name)[1]["key"])


class _DecryptingFile(io.RawIOBase):
    """The plain content of an encrypted file; holds one chunk."""

    def __init__(self, file: BinaryIO, name: str, keys: Keys) -> None:
        super().__init__()
        self._file = file
        self._name = name
        self._header, fields = _header(file, name)
        self._begin = file.tell()
        try:
            self._chunk_bytes = int(fields["chunk_bytes"])
            salt = base64.b64decode(fields["salt"], validate=True)
            key_id = str(fields["key"])
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(name, f"its header lacks what it needs ({error})") from error
        if not 0 < self._chunk_bytes <= _LARGEST_CHUNK_BYTES:
            raise _damaged(name, f"chunks of {self._chunk_bytes} bytes")
        self._cipher = _cipher(keys.find(key_id, name), salt)
        stored = file.seek(0, os.SEEK_END) - self._begin
        whole = self._chunk_bytes + _TAG_BYTES
        self._chunks = max(1, -(-stored // whole))
        self._size = stored - self._chunks * _TAG_BYTES
        if self._size < 0:
            raise _damaged(name, "it ends too early")
        self._chunk(self._chunks - 1)  # a file that was cut at a chunk has another last one
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}
        self._position = max(0, base[whence] + offset)
        return self._position

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # typeshed names the buffer's protocol
        if self._position >= self._size or not view:
            return 0
        number, within = divmod(self._position, self._chunk_bytes)
        piece = self._chunk(number)[within : within + len(view)]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        held: tuple[int, bytes] | None = getattr(self, "_held", None)
        if held is None or held[0] != number:
            whole = self._chunk_bytes + _TAG_BYTES
            self._file.seek(self._begin + number * whole)
            nonce = _NONCE.pack(number, number == self._chunks - 1)
            try:
                plain = self._cipher.decrypt(nonce, self._file.read(whole), self._header)
            except InvalidTag:
                raise _damaged(self._name, f"chunk {number} is not what was written") from None
            held = (number, plain)
            self._held = held
        return held[1]


def _header(file: BinaryIO, name: str) -> tuple[bytes, Mapping[str, str]]:
    start = file.read(len(MAGIC) + _LENGTH.size)
    if not start.startswith(MAGIC) or len(start) != len(MAGIC) + _LENGTH.size:
        raise _damaged(name, "it does not begin as one")
    (length,) = _LENGTH.unpack(start[len(MAGIC) :])
    if length > _LARGEST_HEADER_BYTES:
        raise _damaged(name, f"its header claims {length} bytes")
    header = file.read(length)
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise _damaged(name, f"its header is no JSON ({error})") from error
    if not isinstance(fields, dict) or fields.get("version") != 1:
        raise _damaged(name, "its header has another version")
    return header, fields


def _cipher(key: Key, salt: bytes) -> AESGCM:
    derive = HKDF(hashes.SHA256(), length=KEY_BYTES, salt=salt, info=b"acceptance artifact file")
    return AESGCM(derive.derive(key.value))


def _damaged(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} is no encrypted artifact, or was altered: {why}. It is not used. Fetch it again "
        "from the artifact store, or from a copy."
    )
