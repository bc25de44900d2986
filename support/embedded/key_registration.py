"""The keys of a KAS in the registry, where clients find those that it does not tell everybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from support.embedded.faults import Fault
from support.embedded.policy.kas_keys import STATUS_ACTIVE
from support.embedded.policy.records import KasKey
from support.foundation import kems

if TYPE_CHECKING:
    from support.embedded.keys import KeyPair, KeyRing
    from support.embedded.policy.records import KeyAccessServer
    from support.embedded.policy.store import PolicyStore

MODE_ROOT_KEY = 1
ALGORITHMS = {
    "rsa:2048": 1,
    "rsa:4096": 2,
    "ec:secp256r1": 3,
    "ec:secp384r1": 4,
    "ec:secp521r1": 5,
    kems.XWING: 6,
    kems.P256_MLKEM_768: 7,
    kems.P384_MLKEM_1024: 8,
    kems.MLKEM_768: 20,
    kems.MLKEM_1024: 21,
}
"""The numbers of ``policy.Algorithm``."""


def register_keys(
    store: PolicyStore,
    server: KeyAccessServer,
    ring: KeyRing,
    faults: frozenset[Fault] = frozenset(),
) -> None:
    """List every key of a ring as the active one of its kind, made first where need be."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda pair: pair.make(), ring.pairs()))
    for pair in ring.pairs():
        record = KasKey(
            kas_id=server.id,
            kid=pair.kid,
            algorithm=ALGORITHMS[pair.algorithm],
            mode=MODE_ROOT_KEY,
            status=STATUS_ACTIVE,
            pem=_told(pair, ring, faults).public_pem,
            **store.times(),
        )
        store.keys[record.id] = record


def _told(pair: KeyPair, ring: KeyRing, faults: frozenset[Fault]) -> KeyPair:
    """Return the key whose public part is told for a pair: another one only by a fault."""
    smaller = ""
    if Fault.RSA_4096_NOT_SERVED in faults and pair.algorithm == "rsa:4096":
        smaller = "rsa:2048"
    if Fault.CURVE_CONFUSED in faults and pair.algorithm in {"ec:secp384r1", "ec:secp521r1"}:
        smaller = "ec:secp256r1"
    return ring.by_algorithm(smaller) or pair
