"""The ways in which programs write one known value: escaped, encoded, or inside something encoded.

Every spelling is what some common encoder makes of the value; docs/redaction.md lists them, and
says which ones nobody looks for.
"""

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote

# What encoders leave alone: RFC 3986, paths, encodeURIComponent, encodeURI, Go's paths, Java.
_SAFE = ("", "/", "!*'()~", ";,/?:@&=+$#!*'()~", "$&+=:@", "*")
# Characters that Go, PHP and others escape in JSON although they need not.
_NEEDLESS = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("'", "\\u0027"),
    ("+", "\\u002b"),
)


def spellings(secret: str) -> frozenset[bytes]:
    """Return every spelling of a value that is looked for; the longest holds the most."""
    raw = secret.encode(errors="surrogatepass")
    texts = {secret, *_percent(secret), *_json(secret), *_whole(secret), html.escape(secret)}
    texts |= {html.escape(secret, quote=False), repr(secret)[1:-1], repr(raw)[2:-1]}
    texts |= {twice for once in _json(secret) for twice in _json(once)}
    texts |= {raw.hex(), raw.hex().upper()}
    for encoded in _base64(raw):
        texts |= {encoded, *_percent(encoded), encoded.replace("/", "\\/")}
    found = {text.encode(errors="surrogatepass") for text in texts}
    if secret.isascii():
        found |= {secret.encode("utf-16-le"), secret.encode("utf-16-be")}
    return frozenset(found)


def _percent(text: str) -> Iterator[str]:
    """Yield what encoders of URLs and forms make of a text."""
    for safe in _SAFE:
        encoded = quote(text, safe=safe, errors="surrogatepass")
        for spelled in (encoded, encoded.replace("~", "%7E")):
            yield from (spelled, _lower_escapes(spelled))
            yield from (spelled.replace("%20", "+"), _lower_escapes(spelled).replace("%20", "+"))


def _lower_escapes(text: str) -> str:
    first, *others = text.split("%")
    return "".join((first, *(f"%{part[:2].lower()}{part[2:]}" for part in others)))


def _json(text: str) -> Iterator[str]:
    """Yield what encoders of JSON make of a text, without the quotes around it."""
    for ascii_only in (True, False):
        spelled = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (spelled, spelled.replace("/", "\\/"))
        needless = spelled
        for character, escape in _NEEDLESS:
            needless = needless.replace(character, escape)
        yield from (needless, needless.replace("/", "\\/"))
        go = spelled
        for character, escape in _NEEDLESS[:3]:
            go = go.replace(character, escape)
        yield go


def _whole(text: str) -> Iterator[str]:
    """Yield the text with every character escaped."""
    raw = text.encode(errors="surrogatepass")
    units = text.encode("utf-16-be", errors="surrogatepass")
    codes = [units[place : place + 2].hex() for place in range(0, len(units), 2)]
    for escape, parts in (
        ("%", [f"{byte:02x}" for byte in raw]),
        ("\\x", [f"{byte:02x}" for byte in raw]),
        ("\\u", codes),
    ):
        yield "".join(escape + part for part in parts)
        yield "".join(escape + part.upper() for part in parts)


def _base64(raw: bytes) -> Iterator[str]:
    """Yield what stands in base64 (RFC 4648) of anything that holds the value.

    It depends on where the value begins in a group of three bytes; characters that its neighbours
    have a share in are left out.
    """
    for before in range(3):
        bits = 8 * (before + len(raw))
        encoded = base64.b64encode(b"\0" * before + raw).decode()[-(-8 * before // 6) : bits // 6]
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")
