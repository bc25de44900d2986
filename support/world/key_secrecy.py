"""That nobody is told the private part of a key: no caller, no log, and no audit."""

import base64
from collections.abc import Iterator

from support.platform.audit import POLICY_CHANGE
from support.platform.key_registry import REGISTRY
from support.world.audit import Heard, expect_heard
from support.world.expectations import expect_absent
from support.world.keys import Keys

# Where the secret numbers of an RSA key stand, clear of the modulus, which is public.
_SECRET_LINE = 20
_SECRET_PART = slice(1400, 1440)
_SEALED_PART = slice(400, 440)


def expect_no_private_part(keys: Keys, heard: Heard, logs: str) -> None:
    """Expect that no private part of the scenario's keys was told.

    The registry answers with sealed ones, as key services need them. The audit may not hold even
    those. The keys are read once more, so that every way to read them has been tried.

    Args:
        keys: of the scenario.
        heard: what the audit says.
        logs: everything that the platform has written.

    Raises:
        ValueError: the scenario has made no key, so nothing would be proven.
        AssertionError: one was told.
        EnvironmentUnfitError: the audit may say more than was heard.
    """
    keys.told()
    for made in keys.made.values():
        keys.registry.call(REGISTRY, "GetKey", {"id": made.stored.id})
    private = [needle for made in keys.made.values() for needle in _needles(made.pair.private)]
    answers = "\n".join(str(answer.body) for answer in keys.registry.answers)
    expect_absent("An answer of the key registry", answers, private)
    expect_absent("The platform's log", logs, private)
    sealed = [text[_SEALED_PART] for text in keys.sealed]
    audit = "\n".join(record.text for record in heard.of(POLICY_CHANGE))
    expect_absent("The audit", audit, [*private, *sealed])
    recorded = {made.stored.id in audit for made in keys.made.values() if made.created}
    expect_heard("Whether the audit says of each key that it was created", heard, recorded, {True})


def _needles(pem: str) -> Iterator[str]:
    """Yield pieces of a private key in the forms in which it could be told."""
    yield pem.splitlines()[_SECRET_LINE]
    yield base64.b64encode(pem.encode()).decode()[_SECRET_PART]
