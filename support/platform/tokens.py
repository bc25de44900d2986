"""Access tokens of roles: how long they are good, and how they are had anew."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

RENEWED_BEFORE_SECONDS = 15.0
"""A token that ends sooner is not used any more: a call made with it could come too late."""


class RoleToken(str):
    """The access token of a role: text that knows how to be had anew.

    Whatever is made of it, such as a forgery, is plain text: only the token itself is renewed.
    """

    __slots__ = ("_renew",)

    _renew: Callable[[str | None], str]

    def __new__(cls, token: str, renew: Callable[[str | None], str]) -> Self:
        """Make one.

        Args:
            token: the token.
            renew: returns the role's token of now; given a token that was refused, another one.
        """
        made = super().__new__(cls, token)
        made._renew = renew
        return made

    def current(self) -> str:
        """Return the role's token that is good now: this one, until it is about to end."""
        return self._renew(None)

    def instead_of(self, refused: str) -> str:
        """Return another token of the role than one that was refused."""
        return self._renew(refused)


@dataclass(frozen=True, slots=True)
class Granted:
    """A token as it was granted.

    Attributes:
        ends_at: when it ends, in seconds since 1970; None if it does not say, or had ended before.
    """

    text: str
    ends_at: float | None

    def good_at(self, now: float) -> bool:
        """Whether it can still be used at a time."""
        return self.ends_at is None or now < self.ends_at - RENEWED_BEFORE_SECONDS


def granted(token: str, expires_in: object, now: float) -> Granted:
    """Return a token with its end, as the token itself and the answer tell it.

    The sooner one holds. One that is over already says nothing of when to ask again: such tokens
    are granted on purpose, or by a clock that differs from ours.

    Args:
        token: a JWT, or any other text.
        expires_in: what the answer says (RFC 6749, section 5.1).
        now: when it was granted, by our clock.
    """
    ends = [_expiry(token)]
    if isinstance(expires_in, int | float):
        ends.append(now + expires_in)
    to_come = [end for end in ends if end is not None and end > now]
    return Granted(token, min(to_come, default=None))


def subject_of(token: str) -> str:
    """Return the `sub` of a JWT, unverified: it is our own token; empty if it has none."""
    return str(_claims(token).get("sub", ""))


def _expiry(token: str) -> float | None:
    """Return the `exp` of a JWT; None if it has none."""
    try:
        return float(_claims(token)["exp"])
    except (KeyError, TypeError, ValueError):
        return None


def _claims(token: str) -> dict[str, Any]:
    """Return what a JWT says, unverified; nothing where it is no JWT."""
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
