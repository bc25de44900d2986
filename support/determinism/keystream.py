"""Bytes that look random and are not: the same for the same seed, from any place on.

They fill documents and files of tests. Whoever knows the seed knows all of them, and the seed
stands in the evidence; so they are never a key, a nonce, a password or a token. Such values come
from `secrets` and `os.urandom`.

Source: the ChaCha20 block function of RFC 8439, section 2.3, with a block counter of 32 bits.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

SEED_BYTES = 32
BLOCK_BYTES = 64
_COUNTER_BYTES = 4
_NONCE_BYTES = 12
MOST_BYTES = BLOCK_BYTES << (8 * _COUNTER_BYTES)
"""Where the counter of blocks would begin anew: 256 GiB."""


class PredictableBytes:
    """A sequence of predictable bytes that can be read from any place on.

    Args:
        seed: 32 bytes from which all others follow; known to everybody, so no key.
        nonce: 12 bytes that tell sequences of one seed apart.
    """

    def __init__(self, seed: bytes, nonce: bytes = bytes(_NONCE_BYTES)) -> None:
        if len(seed) != SEED_BYTES or len(nonce) != _NONCE_BYTES:
            raise ValueError(
                f"Predictable bytes need a seed of {SEED_BYTES} bytes and a nonce of "
                f"{_NONCE_BYTES}, not {len(seed)} and {len(nonce)}."
            )
        self._seed = seed
        self._nonce = nonce

    def at(self, place: int, size: int) -> bytes:
        """Return `size` bytes from a place on, counted from 0.

        Raises:
            ValueError: the sequence does not reach so far.
        """
        if place < 0 or size < 0 or place + size > MOST_BYTES:
            raise ValueError(f"Predictable bytes go from 0 to {MOST_BYTES}, not {place} + {size}.")
        if not size:
            return b""
        block, skipped = divmod(place, BLOCK_BYTES)
        counter = block.to_bytes(_COUNTER_BYTES, "little")
        stream = Cipher(ChaCha20(self._seed, counter + self._nonce), mode=None).encryptor()
        return stream.update(bytes(skipped + size))[skipped:]
