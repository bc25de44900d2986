"""What has the form of a secret, whoever gave it: tokens, private keys, credentials, cloud keys.

An engine finds where a form may begin or end (`Form.anchor`); `Form.confirm` looks at the text
around that place, never further than `AHEAD` and `BEHIND`, and says what is to be hidden.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

AHEAD = 20_000
"""No form needs to see more bytes than these after its anchor to know that it is there."""

BEHIND = 600
"""… and before it."""

MARK = re.compile(rb"\[redacted: [a-z ]{1,30}\]")
LONGEST_MARK = 45

_LONGEST_HEADER = 16_384  # of a token; with a chain of certificates in it, it is long
_LONGEST_VALUE = 4_096


class Span(NamedTuple):
    """A piece of text to hide.

    Attributes:
        tail: what belongs to it as well, however long, from its end on.
        quote: what goes around the mark, for it takes the place of a number in JSON.
    """

    start: int
    end: int
    kind: str
    tail: re.Pattern[bytes] | None = None
    quote: bytes = b""


@dataclass(slots=True)
class Text:
    """The text that forms are confirmed in.

    Attributes:
        run_end: the end of the last run of base64url characters that was looked at; a run that
            holds `eyJ` many times is measured once.
        token_end: the end of the last token; what begins in it is part of it.
        value_end: the end of the last unquoted value of a field; names in it are part of it.
    """

    data: bytes
    run_end: int = -1
    token_end: int = -1
    value_end: int = -1


Confirm = Callable[[Text, int], Span | None]


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        anchor: expression in the engine's language, of bounded width.
        confirm: gets the text and the place where a match of the anchor ends.
        any_case: whether the anchor's letters may have any case.
    """

    anchor: str
    confirm: Confirm
    any_case: bool = False


_RUN = re.compile(rb"[\w-]*+")
_TOKEN_TAIL = re.compile(rb"(?:[\w-]|\.(?=[\w-]))*+")
_SECOND_PART = re.compile(rb"\.[\w-]{4}")


def _token(text: Text, end: int) -> Span | None:
    """JSON Web Signatures and Encryptions (RFC 7515, 7516): `eyJ` is base64url of `{"`."""
    start = end - len(b"eyJ")
    if start < text.token_end:
        return None
    if text.run_end < end:
        match = _RUN.match(text.data, end)
        text.run_end = match.end() if match else end
    if not len(b"eyJ") + 8 <= text.run_end - start <= _LONGEST_HEADER:
        return None
    second = _SECOND_PART.match(text.data, text.run_end)
    whole = _TOKEN_TAIL.match(text.data, second.end()) if second else None
    if whole is None:
        return None
    text.token_end = whole.end()
    return Span(start, whole.end(), "token", _TOKEN_TAIL)


_PEM_BEGIN = rb"-----BEGIN(?:[A-Z0-9 +]|%20){1,60}PRIVATE(?: |\+|%20)KEY(?:(?: |\+|%20)BLOCK)?-----"
# An RSA key of 16,384 bits, its line ends escaped, has fewer than 17,000 characters.
_PEM = re.compile(
    _PEM_BEGIN
    + rb"(?:[A-Za-z0-9+/=\s\\:,.%]|-(?!----)){0,17000}+(?:-----END[A-Z0-9 +%]{1,60}-----)?"
)


def _pem(text: Text, end: int) -> Span | None:
    """Private keys in PEM (RFC 7468), also percent-encoded, escaped in JSON, or cut off."""
    match = _PEM.match(text.data, end - len(b"-----BEGIN"))
    return Span(match.start(), match.end(), "private key") if match else None


_BASE64_TAIL = re.compile(rb"(?:[A-Za-z0-9+/_=-]|\\/)*+")


def _encoded_pem(text: Text, end: int) -> Span | None:
    """PEM in base64, as Kubernetes and key services keep it."""
    start = end - len(b"LS0tLS1CRUdJTi")
    head = base64.b64decode(text.data[start : start + 64].split(b"\\")[0][:60] + b"==")
    is_private = b"PRIVATE KEY" in head
    return Span(start, end, "private key", _BASE64_TAIL) if is_private else None


_JWK_VALUE = re.compile(rb"[\w-]{22,}+")
_WORD_TAIL = re.compile(rb"[\w-]*+")


def _key_member(text: Text, end: int) -> Span | None:
    """The private members of a JSON Web Key (RFC 7518 section 6)."""
    match = _JWK_VALUE.match(text.data, end, end + _LONGEST_VALUE)
    return Span(end, match.end(), "private key", _WORD_TAIL) if match else None


_AFTER_SEPARATOR = re.compile(rb"[ \t]{0,4}(?P<open>\[?(?P<escapes>\\{0,7})(?P<quote>[\"']))?")
_NAME_END = re.compile(rb"(?P<quote>\\{0,7}\")\s{0,4}[=:]\Z")
_JSON_PLAIN = re.compile(rb"(?P<value>[^\s\"&,;}\]\\\[]{1,4096}+)")
_PLAIN = re.compile(
    rb"(?:\[(?!redacted: ))?(?P<value>(?:\[redacted: [a-z ]{1,30}\]|[^\s\"&,;}\]]){1,4096}+)"
)
_PLAIN_TAIL = re.compile(rb"[^\s\"&,;}\]]*+")
_NO_SECRET = frozenset((b"true", b"false", b"null", b"None", b"nil"))
_JSON_NUMBER = re.compile(rb"-?\d[\d.eE+-]*")
_INSIDE = {
    b'"': re.compile(rb"(?:[^\"\\\n]|\\[^\n]){1,4096}+"),
    b"'": re.compile(rb"(?:[^'\\\n]|\\[^\n]){1,4096}+"),
}
_INSIDE_TAIL = {
    b'"': re.compile(rb"(?:[^\"\\\n]|\\[^\n])*+"),
    b"'": re.compile(rb"(?:[^'\\\n]|\\[^\n])*+"),
}


def _field(text: Text, end: int) -> Span | None:
    """The value of a field whose name says that it is a secret."""
    match = _AFTER_SEPARATOR.match(text.data, end)
    start = match.end() if match else end
    if match and match["quote"]:
        return _quoted(text.data, start, match["escapes"], match["quote"])
    if start < text.value_end:
        return None
    name_end = _NAME_END.search(text.data, max(0, end - 16), end)
    span = _unquoted(text.data, start, name_end["quote"] if name_end else b"")
    text.value_end = span.end if span else text.value_end
    return span


def _quoted(data: bytes, start: int, escapes: bytes, quote: bytes) -> Span | None:
    if MARK.match(data, start) or data[start : start + 1] == quote:
        return None
    if not escapes:
        match = _INSIDE[quote].match(data, start)
        if match is None:
            return None
        tail = _INSIDE_TAIL[quote] if match.end() - start >= _LONGEST_VALUE else None
        return Span(start, match.end(), "field", tail)
    closing = re.compile(rb"(?<!\\)" + re.escape(escapes + quote) + rb"|\n")
    found = closing.search(data, start, start + _LONGEST_VALUE)
    until = found.start() if found else min(len(data), start + _LONGEST_VALUE)
    return Span(start, until, "field") if until > start else None


def _unquoted(data: bytes, start: int, quote: bytes) -> Span | None:
    """Return the value of a field; after a name in quotes it can only be JSON."""
    match = (_JSON_PLAIN if quote else _PLAIN).match(data, start)
    if match is None:
        return None
    value = match["value"]
    if MARK.match(value) or value in _NO_SECRET or value[:1] in b"{(":
        return None
    number = bool(quote) and _JSON_NUMBER.fullmatch(value) is not None
    tail = _PLAIN_TAIL if len(value) >= _LONGEST_VALUE else None
    return Span(match.start("value"), match.end(), "field", tail, quote if number else b"")


_SCHEME = re.compile(
    rb"[\s\"'\\\[]{0,12}(?:bearer|basic|dpop|digest|negotiate|token|apikey)(?:\s|\+|%20){1,4}",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(rb"(?:\[redacted: [a-z ]{1,30}\]|[^\s\"'&,;}\]\\]){1,4096}+")
_CREDENTIALS_TAIL = re.compile(rb"[^\s\"'&,;}\]\\]*+")


def _authorization(text: Text, end: int) -> Span | None:
    """The credentials of an authorization header (RFC 9110 section 11.4)."""
    scheme = _SCHEME.match(text.data, end)
    match = _CREDENTIALS.match(text.data, scheme.end()) if scheme else None
    if match is None or MARK.match(match[0]):
        return None
    tail = _CREDENTIALS_TAIL if len(match[0]) >= _LONGEST_VALUE else None
    return Span(match.start(), match.end(), "field", tail)


_BEARER = re.compile(rb"(?:\s|\+|%20){0,3}(?P<value>(?=[^\s]{0,200}\d)[\w.~+/-]{20,4096}+=*)")
_BEARER_TAIL = re.compile(rb"[\w.~+/=-]*+")


def _bearer(text: Text, end: int) -> Span | None:
    """A bearer token (RFC 6750) outside a header; words of prose have no digits."""
    match = _BEARER.match(text.data, end)
    return Span(match.start("value"), match.end(), "token", _BEARER_TAIL) if match else None


_BASIC = re.compile(rb"(?:\s|\+|%20){0,3}(?P<value>[A-Za-z0-9+/]{8,4096}+={0,2})")


def _basic(text: Text, end: int) -> Span | None:
    """Name and password in base64 (RFC 7617) outside a header."""
    match = _BASIC.match(text.data, end)
    if match is None:
        return None
    value = match["value"].rstrip(b"=")
    try:
        decoded = base64.b64decode(value + b"=" * (-len(value) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    pair = ":" in decoded and decoded.isprintable()
    return Span(match.start("value"), match.end(), "credentials") if pair else None


_COOKIE = re.compile(rb"[ \t]{0,4}[\"'\\\[]{0,10}(?P<value>[\w-]{1,100}=[^\r\n\"'\\\]]{0,4096}+)")
_COOKIE_TAIL = re.compile(rb"[^\r\n\"'\\\]]*+")


def _cookie(text: Text, end: int) -> Span | None:
    """Cookies (RFC 6265): all of the header, for each part may be a session."""
    match = _COOKIE.match(text.data, end)
    return Span(match.start("value"), match.end(), "cookie", _COOKIE_TAIL) if match else None


_USER = re.compile(rb"://[^\s/@:\"'<>\\]{0,128}:(?P<password>[^\s/\"'<>\\]{1,256})@")


def _userinfo(text: Text, end: int) -> Span | None:
    """The password in an address (RFC 3986 section 3.2.1)."""
    start = text.data.rfind(b"://", max(0, end - 400), end)
    match = _USER.match(text.data, start, end) if start >= 0 else None
    if match is None or MARK.match(match["password"]):
        return None
    return Span(match.start("password"), match.end("password"), "password")


def _prefixed(length: int, rest: bytes) -> Confirm:
    """Return what confirms a key that begins with a fixed prefix and goes on by a rule."""
    pattern = re.compile(rest)

    def confirm(text: Text, end: int) -> Span | None:
        match = pattern.match(text.data, end)
        return Span(end - length, match.end(), "cloud key") if match else None

    return confirm


def _inside(rest: bytes) -> Confirm:
    """Return what confirms a value after a fixed name."""
    pattern = re.compile(rest)

    def confirm(text: Text, end: int) -> Span | None:
        match = pattern.match(text.data, end)
        return Span(end, match.end(), "cloud key") if match else None

    return confirm


# By the makers' own descriptions of their keys; what follows the prefix, in bytes.
_CLOUD_KEYS: tuple[tuple[str, bytes], ...] = (
    ("AKIA", rb"[A-Z0-9]{16}(?![A-Za-z0-9])"),  # Amazon Web Services, access key ids
    ("ASIA", rb"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("AIza", rb"[\w-]{35}(?![\w-])"),  # Google Cloud, API keys
    ("ya29.", rb"[\w-]{20,2048}+"),  # Google, access tokens
    ("GOCSPX-", rb"[\w-]{20,64}+"),  # Google, client secrets
    ("8Q~", rb"[\w.~-]{31,34}(?![\w~])"),  # Microsoft Entra, client secrets
    *((f"gh{kind}_", rb"[A-Za-z0-9]{36,255}+") for kind in "pousr"),  # GitHub
    ("github_pat_", rb"\w{22,255}+"),
    ("glpat-", rb"[\w-]{20,255}+"),  # GitLab
    *((f"xox{kind}-", rb"[\w-]{10,255}+") for kind in "abeoprs"),  # Slack
    ("xapp-", rb"[\w-]{10,255}+"),
    ("hooks.slack.com/services/", rb"[\w/]{20,255}+"),
    ("sk_live_", rb"[A-Za-z0-9]{16,255}+"),  # Stripe
    ("rk_live_", rb"[A-Za-z0-9]{16,255}+"),
    ("npm_", rb"[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    ("pypi-AgE", rb"[\w-]{40,512}+"),
    ("hvs.", rb"[\w-]{24,512}+"),  # HashiCorp Vault
    ("hvb.", rb"[\w-]{24,512}+"),
    ("SG.", rb"[\w-]{22}\.[\w-]{43}"),  # SendGrid
    ("AGE-SECRET-KEY-1", rb"[0-9A-Z]{58}"),
    ("sk-ant-", rb"[\w-]{20,255}+"),
    ("sk-proj-", rb"[\w-]{20,255}+"),
    ("dop_v1_", rb"[a-f0-9]{64}"),  # DigitalOcean
)

_BETWEEN = r"""(?:\\{0,7}["'])?\s{0,4}[=:]"""
_NAMES = (
    r"(?:client[_-]?secret|pass(?:word|wd|phrase)|secret[_-]?(?:access[_-]?)?key|secret[_-]?id"
    r"|(?:access|refresh|subject|actor|id|session|auth|security)[_-]?token|api[_-]?key"
    r"|private[_-]?key|root[_-]?key|account[_-]?key|client[_-]?assertion|code[_-]?verifier"
    r"|shared[_-]?access[_-]?signature)"
)

FORMS: tuple[Form, ...] = (
    Form("eyJ", _token),
    Form("-----BEGIN", _pem),
    Form("LS0tLS1CRUdJTi", _encoded_pem),
    Form(r"""["'](?:d|p|q|dp|dq|qi|k)\\{0,7}["']\s{0,4}:\s{0,4}\\{0,7}["']""", _key_member),
    Form(_NAMES + _BETWEEN, _field, any_case=True),
    Form(r"""["']secret\\{0,7}["']\s{0,4}:""", _field, any_case=True),
    Form("authorization" + _BETWEEN, _authorization, any_case=True),
    Form(r"bearer(?:\s|\+|%20)", _bearer, any_case=True),
    Form(r"basic(?:\s|\+|%20)", _basic, any_case=True),
    Form("cookie" + _BETWEEN, _cookie, any_case=True),
    Form("@", _userinfo),
    *(Form(re.escape(prefix), _prefixed(len(prefix), rest)) for prefix, rest in _CLOUD_KEYS),
    Form("AccountKey=", _inside(rb"[A-Za-z0-9+/]{43,88}={0,2}")),  # Azure Storage
    Form(r"[?&]sig=", _inside(rb"[A-Za-z0-9%+/]{40,100}+=?")),  # … and its shared signatures
    Form("X-Amz-Signature=", _inside(rb"[0-9a-f]{64}")),
    Form("X-Goog-Signature=", _inside(rb"[0-9a-f]{64,1024}+")),
)
