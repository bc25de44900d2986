"""Where the keys come from that access tokens are verified with."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from support.embedded import jose
from support.embedded.jose import TokenError
from support.foundation.errors import EnvironmentUnfitError, ServiceUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from joserfc.jwk import Key

    from support.embedded.outbound import Outbound

SECONDS_BETWEEN_FETCHES = 1.0
# What the platform's own key cache does: a key that the issuer withdrew is forgotten after this.
REFRESH_SECONDS = 15 * 60.0
LOG = logging.getLogger(__name__)


class KeySource(Protocol):
    """Keys by their ids."""

    def find(self, kid: str) -> Key | None:
        """Return a key, if it is known."""

    async def learn(self, kid: str) -> None:
        """See to it that a key is known, if there is one of that id."""


@dataclass(slots=True)
class OwnKeys:
    """The keys of the identity provider in this process."""

    publish: Callable[[], dict[str, Any]]
    _keys: dict[str, Key] = field(default_factory=dict)

    def find(self, kid: str) -> Key | None:
        """Return a key; the key set is read again for an unknown one."""
        if kid not in self._keys:
            self._keys = usable_keys(self.publish())
        return self._keys.get(kid)

    async def learn(self, kid: str) -> None:
        """Do nothing: to find a key costs nothing."""


@dataclass(slots=True)
class PublishedKeys:
    """The key set that an issuer publishes, fetched again for an unknown key id.

    However many callers name however many unknown ids, there is at most one request per interval:
    they wait for it together. While the issuer is away, the keys of the last fetch go on.
    """

    url: str
    outbound: Outbound
    now: Callable[[], float] = time.monotonic
    _keys: dict[str, Key] = field(default_factory=dict)
    _asked_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    refreshing: asyncio.Task[None] | None = None

    def load(self) -> None:
        """Fetch the key set for the first time.

        Raises:
            EnvironmentUnfitError: It cannot be had, or holds no key that signs.
        """
        self._asked_at = self.now()
        self._keys = self._fetch()

    def find(self, kid: str) -> Key | None:
        """Return a key of the last fetch."""
        return self._keys.get(kid)

    async def learn(self, kid: str) -> None:
        """Fetch the key set if it lacks a key; once it is old, renew it beside the call."""
        if kid not in self._keys:
            await self._fetch_for(kid)
        elif self.now() - self._asked_at > REFRESH_SECONDS:
            self._asked_at = self.now()
            self.refreshing = asyncio.create_task(self._renew())

    async def _fetch_for(self, kid: str) -> None:
        arrived = self.now()
        async with self._lock:
            # What was asked for after the caller came may answer for this caller, too.
            if kid in self._keys or self._asked_at > arrived:
                return
            pause = self._asked_at + SECONDS_BETWEEN_FETCHES - self.now()
            if pause > 0:
                await asyncio.sleep(pause)
            self._asked_at = self.now()
            await self._renew()

    async def _renew(self) -> None:
        try:
            self._keys = await self.outbound.run(self._fetch)
        except EnvironmentUnfitError as problem:
            LOG.warning("going on with %d known keys: %s", len(self._keys), problem)

    def _fetch(self) -> dict[str, Key]:
        try:
            answer = self.outbound.request("GET", self.url)
        except ServiceUnreachableError as problem:
            raise EnvironmentUnfitError(f"The issuer's key set: {problem}") from problem
        found: dict[str, Key] = {}
        if answer.ok:
            try:
                found = usable_keys(answer.json())
            except ValueError:
                found = {}
        if not found:
            raise EnvironmentUnfitError(
                f"The issuer's key set at {self.url}: answer {answer.status} without a key for "
                "RS256. Expected a JSON Web Key Set; is this the jwks_uri of the right realm?"
            )
        return found


def usable_keys(key_set: object) -> dict[str, Key]:
    """Return the keys of a key set that may have signed with RS256, by id; others are left out."""
    published = key_set.get("keys") if isinstance(key_set, dict) else None
    keys: dict[str, Key] = {}
    for entry in published if isinstance(published, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        if entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
            continue
        if entry.get("kty") != "RSA":
            continue
        try:
            keys[entry["kid"]] = jose.import_public_jwk(entry)
        except TokenError as problem:
            LOG.warning("the key %r of the issuer is not used: %s", entry["kid"], problem)
    return keys
