"""Deliberate faults, off by default: each one breaks a promise that a scenario must notice."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable


class Fault(StrEnum):
    """One promise that the platform stops keeping while the fault is switched on."""

    SKIP_POLICY_BINDING = "skip-policy-binding"
    ANY_OF_FOR_ALL_OF = "any-of-for-all-of"
    IGNORE_HIERARCHY = "ignore-hierarchy"
    ACCEPT_EXPIRED_TOKEN = "accept-expired-token"  # noqa: S105 - a fault's name, not a secret
    WRONG_POLICY_KEY = "wrong-policy-key"
    FORGET_USERS = "forget-users"
    EVERYBODY_IS_ENTITLED = "everybody-is-entitled"

    @property
    def description(self) -> str:
        """One line that says what breaks."""
        return DESCRIPTIONS[self]


DESCRIPTIONS = {
    Fault.SKIP_POLICY_BINDING: "rewrap does not compare the policy with its binding",
    Fault.ANY_OF_FOR_ALL_OF: "one entitled value satisfies an ALL_OF attribute",
    Fault.IGNORE_HIERARCHY: "any value of a HIERARCHY attribute counts as high enough",
    Fault.ACCEPT_EXPIRED_TOKEN: "an access token is accepted after its expiry",
    Fault.WRONG_POLICY_KEY: "rewrap answers with the data key of another policy",
    Fault.FORGET_USERS: "a user whom the identity provider knows is resolved like an unknown one",
    Fault.EVERYBODY_IS_ENTITLED: "whoever asks meets the conditions of every subject mapping",
}


def parse_faults(names: Iterable[str]) -> frozenset[Fault]:
    """Turn names from the command line into faults.

    Raises:
        ConfigurationError: A name is unknown; the message proposes the nearest known one.
    """
    return frozenset(_parse(name) for name in names)


def _parse(name: str) -> Fault:
    known = [fault.value for fault in Fault]
    if name in known:
        return Fault(name)
    raise ConfigurationError(
        f'There is no fault "{name}".{did_you_mean(name, known)} Known faults: {listed(known)}.'
    )
