"""Secrets to plant, where, and a search for them that shares nothing with redaction."""

import base64
import codecs
import json
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote, quote_plus

ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Canary:
    """One secret: how the run comes to know it, how it is written, and where that is done.

    Attributes:
        setting: the variable or file that gives it; empty where only its form tells what it is.
    """

    name: str
    value: str
    channel: str
    spelled: str
    setting: str = ""


SETTINGS = (
    *("admin_client_secret", "standard_client_secret", "unprivileged_client_secret"),
    *("expired_client_secret", "foreign_audience_client_secret", "foreign_issuer_client_secret"),
    *("north_client_secret", "south_client_secret", "idp_admin_secret", "database_secret"),
    *("artifact_store_secret", "jira_secret", "telemetry_secret", "people_client_secret"),
    "people_password",
)
CHANNELS = (
    *("print", "stderr", "log", "text", "json", "binary", "name", "header", "query", "body"),
    *("child output", "child errors", "child arguments", "broken off", "warning"),
)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64, second place": lambda v: base64.b64encode(f"x{v}yz".encode()).decode(),
    "base64, third place": lambda v: base64.b64encode(f"xy{v}z".encode()).decode(),
    "base64url": lambda v: base64.urlsafe_b64encode(f"x:{v}".encode()).decode(),
    "url": lambda v: quote(v, safe=""),
    "url, small": lambda v: quote(v, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "form": quote_plus,
    "json": lambda v: json.dumps(v)[1:-1].replace("/", "\\/"),
    "json, escaped": lambda v: "".join(f"\\u{ord(c):04x}" for c in v),
    "json in json": lambda v: json.dumps(json.dumps({"value": v})),
    "hex": lambda v: v.encode().hex(),
    "HEX": lambda v: v.encode().hex().upper(),
    "every character": lambda v: "".join(f"%{b:02X}" for b in v.encode()),
    "utf-16": lambda v: v.encode("utf-16-le").decode("latin-1"),
}


def _word(source: random.Random, length: int) -> str:
    return "".join(source.choices(ALPHABET, k=length))


def planted() -> list[Canary]:
    """Return 50 canaries; further ones are made by the stack itself."""
    source = random.Random("canaries")  # noqa: S311 -- no secrets but what looks like some
    found: list[Canary] = []
    for number, setting in enumerate(SETTINGS):
        value = f'{_word(source, 9)}/{_word(source, 6)}+"{_word(source, 7)}'
        for turn in range(2):
            place = (number * 4 + turn * 7) % len(CHANNELS)
            spelling = list(SPELLINGS)[(number + turn * 8) % len(SPELLINGS)]
            name = f"{setting}, {spelling}, {CHANNELS[place]}"
            spelled = SPELLINGS[spelling](value)
            found.append(Canary(name, value, CHANNELS[place], spelled, setting))
    for number, (kind, value) in enumerate(_forms(source).items()):
        channel = CHANNELS[number % len(CHANNELS)]
        found.append(Canary(f"{kind}, {channel}", value, channel, _around(kind).format(value)))
    return found


def _forms(source: random.Random) -> dict[str, str]:
    payload = base64.urlsafe_b64encode(_word(source, 60).encode()).decode().rstrip("=")
    return {
        "token": f"eyJhbGciOiJSUzI1NiJ9.{payload}.{_word(source, 60)}",
        "token in words": f"eyJhbGciOiJFUzI1NiJ9.{payload}.{_word(source, 43)}",
        "private key": _word(source, 64),
        "bearer": _word(source, 40),
        "basic": base64.b64encode(f"me:{_word(source, 20)}".encode()).decode(),
        "password in an address": _word(source, 16),
        "AWS": "AKIA" + _word(source, 16).upper(),
        "Google": "AIza" + _word(source, 35),
        "Azure": _word(source, 86) + "==",
        "GitHub": "ghp_" + _word(source, 36),
        "Slack": "xoxb-" + _word(source, 40),
        "field": _word(source, 20),
        "query": _word(source, 24),
        "cookie": _word(source, 24),
        "key member": _word(source, 43),
        "vault": "hvs." + _word(source, 40),
        "npm": "npm_" + _word(source, 36),
        "encoded key": base64.b64encode(
            f"-----BEGIN PRIVATE KEY-----\n{_word(source, 64)}".encode()
        ).decode(),
        "GitLab": "glpat-" + _word(source, 20),
        "Stripe": "sk_live_" + _word(source, 24),
    }


def _around(kind: str) -> str:
    return {
        "private key": "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----",
        "bearer": "Authorization: Bearer {}",
        "basic": "authorization=Basic {}",
        "password in an address": "postgres://me:{}@127.0.0.1/x",
        "Azure": "AccountName=x;AccountKey={};EndpointSuffix=y",
        "field": "client_secret: '{}'",
        "query": "grant_type=refresh_token&refresh_token={}&x=1",
        "cookie": "Set-Cookie: session={}; HttpOnly",
        "key member": '{{"kty":"EC","crv":"P-256","d":"{}"}}',
    }.get(kind, "saw {} there")


def needles(value: str, spelled: str = "") -> set[bytes]:
    """Return what would be a canary: its common encodings, made in another way."""
    raw = value.encode()
    found = {raw, spelled.encode(), json.dumps(value)[1:-1].encode(), codecs.encode(raw, "hex")}
    found |= {json.dumps(spelled)[1:-1].encode(), quote(value, safe="").encode()}
    for start in (b"", b"A", b"AB"):
        group = base64.b64encode(start + raw)
        found.add(group[4 if start else 0 : len(group) - 4])
    return {needle for needle in found if len(needle) >= 8}


def traces(found: Iterable[tuple[str, bytes]], value: str, spelled: str = "") -> list[str]:
    """Return the places at which a canary stands."""
    wanted = needles(value, spelled)
    return [name for name, data in found if any(needle in data for needle in wanted)]


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below folders, with its name before its content."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path), path.name.encode() + b"\n" + path.read_bytes()


class ProcessList:
    """Collects the arguments of every process of the machine, as `ps` shows them."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.look()
            if self._over.wait(0.05):
                return

    def look(self) -> None:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.seen.add(entry.read_bytes())
            except OSError:  # it has ended
                continue
