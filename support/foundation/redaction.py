"""Taking secrets out of text and bytes before they reach a terminal, a log or a file.

Known values are replaced in every spelling (`secret_spellings`), and whatever has the form of a
secret (`secret_forms`, configured patterns). A typed mark stays in their place. docs/redaction.md
says what is found and what cannot be.
"""

import functools
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import hyperscan

from support.foundation.errors import ConfigurationError
from support.foundation.secret_forms import AHEAD, BEHIND, FORMS, LONGEST_MARK, MARK, Span, Text
from support.foundation.secret_spellings import spellings

# Shorter values, such as the documented development secrets, would blank out ordinary words.
SHORTEST_SECRET = 8

PIECE = 512 * 1024
"""How many bytes of a stream are looked at together."""

LONGEST_CONFIGURED = 1_024
"""The longest match of a configured pattern, in bytes."""

# Before a place from which spans count: enough for the names and anchors of forms.
_CONTEXT = 256
# Tails look this far ahead of their end.
_UNSURE = 8
# At the same place the kind that says most is told.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        ("secret", "private key", "cloud key", "token", "credentials", "password", "cookie")
    )
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A configured pattern: its kind, as marks name it, and an expression of bounded width."""

    kind: str
    expression: str


Hit = tuple[int, int, int]
"""Number of an expression, and where a match of it begins (if the engine was to say) and ends."""


class _Engine:
    """A set of expressions that is looked for in one pass (Hyperscan)."""

    def __init__(self, expressions: Sequence[bytes], flags: Sequence[int]) -> None:
        self._lock = threading.Lock()
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=list(expressions),
            ids=list(range(len(expressions))),
            elements=len(expressions),
            flags=list(flags),
        )

    def hits(self, data: bytes, limit: int) -> list[Hit]:
        """Return the matches that end at a limit or before."""
        hits: list[Hit] = []
        with self._lock:  # the engine's scratch space is for one thread at a time
            self._database.scan(
                data, lambda number, start, end, _flags, _: hits.append((number, start, end))
            )
        return [hit for hit in hits if hit[2] <= limit]


@functools.cache
def _forms() -> _Engine:
    """Return the engine of all built-in forms; it takes a moment to make."""
    return _Engine(
        [form.anchor.encode() for form in FORMS],
        [hyperscan.HS_FLAG_CASELESS if form.any_case else 0 for form in FORMS],
    )


class _Scanner:
    """Finds what is to be hidden; knows a fixed set of spellings and patterns."""

    def __init__(self, known: Iterable[bytes], patterns: Sequence[Pattern]) -> None:
        self._known = sorted(known)
        self._patterns = patterns
        literals = [b"".join(b"\\x%02x" % byte for byte in value) for value in self._known]
        configured = [pattern.expression.encode() for pattern in patterns]
        flags = [0] * len(literals) + [hyperscan.HS_FLAG_SOM_LEFTMOST] * len(configured)
        self._own = _Engine(literals + configured, flags) if flags else None
        longest = max(map(len, self._known), default=0)
        self.ahead = max(AHEAD, longest) + LONGEST_MARK
        self.behind = max(BEHIND, longest, LONGEST_CONFIGURED if patterns else 0)

    def spans(self, data: bytes, limit: int) -> list[Span]:
        """Return what is to be hidden of anchors that end before `limit`, in order."""
        text = Text(data)
        found = [FORMS[number].confirm(text, end) for number, _, end in _forms().hits(data, limit)]
        if self._own is not None:
            found += [self._span(data, hit) for hit in self._own.hits(data, limit)]
        spans = [span for span in found if span is not None]
        spans.sort(key=lambda span: (span.start, _RANK.get(span.kind, len(_RANK)), -span.end))
        return spans

    def _span(self, data: bytes, hit: Hit) -> Span | None:
        """Return what a known value or a configured pattern hides."""
        number, start, end = hit
        kind = "secret"
        if number < len(self._known):
            start = end - len(self._known[number])
        else:
            kind = self._patterns[number - len(self._known)].kind
            if end - start > LONGEST_CONFIGURED:
                return None
        return None if _is_in_mark(data, start, end) else Span(start, end, kind)


class Redactor:
    """Removes known secret values and anything that has the form of a secret.

    It learns further ones while it is in use: a rotated secret, or those of a stack that is
    started later.

    Args:
        secrets: known values.
        patterns: configured ones beside the built-in forms.
    """

    def __init__(self, secrets: Iterable[str] = (), patterns: Sequence[Pattern] = ()) -> None:
        self._patterns = tuple(patterns)
        self._secrets: set[str] = set()
        self._spellings: set[bytes] = set()
        self._made: _Scanner | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Know further secret values from now on; very short ones are ordinary words."""
        new = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET} - self._secrets
        if not new:
            return
        self._secrets |= new
        for secret in new:
            self._spellings |= spellings(secret)
        self._made = None

    def text(self, text: str) -> str:
        """Return `text` with every secret replaced by `[redacted: kind]`."""
        if not text:
            return text
        data = text.encode(errors="surrogatepass")
        clean = self.data(data)
        return text if clean == data else clean.decode(errors="surrogatepass")

    def data(self, data: bytes) -> bytes:
        """Return bytes with the secrets in their text replaced; binary data passes unharmed."""
        stream = self.stream()
        return b"".join((stream.feed(data), stream.finish()))

    def stream(self) -> "RedactionStream":
        """Return what redacts one stream of bytes piece by piece."""
        return RedactionStream(self)

    @property
    def scanner(self) -> _Scanner:
        """What finds all that is known now."""
        made = self._made
        if made is None:
            made = self._made = _Scanner(self._spellings, self._patterns)
        return made


class RedactionStream:
    """Redacts a stream of bytes in bounded memory; how it is cut into pieces changes nothing.

    The last bytes are kept until it is certain that no secret begins in them.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._waiting: list[bytes] = []
        self._size = 0
        self._kept = b""
        self._floor = 0  # what of the kept bytes is written already
        self._masked = 0  # up to where a mark that is written stands for them
        self._tails: dict[re.Pattern[bytes], int] = {}  # tails that may go on, and from where

    def feed(self, data: bytes) -> bytes:
        """Take bytes; return what is certain by now."""
        if len(data) + self._size < PIECE:
            self._waiting.append(data)
            self._size += len(data)
            return b""
        whole = b"".join((*self._waiting, data))
        self._waiting, self._size = [], 0
        pieces = (whole[start : start + PIECE] for start in range(0, len(whole), PIECE))
        return b"".join(self._take(piece) for piece in pieces)

    def finish(self) -> bytes:
        """Return the rest; nothing can be fed afterwards."""
        data, self._waiting, self._size = b"".join(self._waiting), [], 0
        return self._take(data, final=True)

    def _take(self, data: bytes, *, final: bool = False) -> bytes:
        scanner = self._redactor.scanner
        text = self._kept = self._kept + data if self._kept else data
        limit = len(text) if final else len(text) - scanner.ahead
        until = limit if final else limit - scanner.behind
        if until <= self._floor and not final:
            return b""
        self._continue_tails(text, final=final)
        written: list[bytes] = []
        position = self._floor
        for span in scanner.spans(text, limit):
            if self._floor <= span.start < until:
                if span.start >= self._masked:
                    start = _whole_escape(text, span)
                    written += (text[max(position, self._masked) : start], _mark(span))
                    position = start
                self._hide(text, span, final=final)
        written.append(text[max(position, self._masked) : until])
        self._keep(text, until, scanner.behind + _CONTEXT)
        return b"".join(written)

    def _hide(self, text: bytes, span: Span, *, final: bool) -> None:
        self._masked = max(self._masked, span.end)
        if span.tail is not None:
            self._follow(span.tail, span.end, text, final=final)

    def _continue_tails(self, text: bytes, *, final: bool) -> None:
        tails, self._tails = self._tails, {}
        for tail, start in tails.items():
            self._follow(tail, start, text, final=final)

    def _follow(self, tail: re.Pattern[bytes], start: int, text: bytes, *, final: bool) -> None:
        match = tail.match(text, start)
        end = match.end() if match else start
        self._masked = max(self._masked, end)
        if end > len(text) - _UNSURE and not final:
            self._tails[tail] = max(end, self._tails.get(tail, 0))

    def _keep(self, text: bytes, until: int, context: int) -> None:
        """Keep what is not written yet, and enough before it to know what it is."""
        cut = max(0, until - context)
        self._kept = text[cut:]
        self._floor = until - cut
        self._masked -= cut
        self._tails = {tail: start - cut for tail, start in self._tails.items()}


def read_patterns(path: Path) -> tuple[Pattern, ...]:
    """Return the patterns of a file with one `kind: expression` a line; `#` begins a comment.

    Raises:
        ConfigurationError: it cannot be read, or a line of it is no pattern.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path}: the patterns of secrets cannot be read: {error}. The setting "
            "`redact_patterns` names a text file."
        ) from error
    return tuple(_patterns(path, lines))


def _patterns(path: Path, lines: Iterable[str]) -> Iterator[Pattern]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        kind, separator, expression = (part.strip() for part in line.partition(":"))
        problem = _problem(kind, expression) if separator else "it has no colon"
        if problem:
            raise ConfigurationError(
                f"{path}:{number}: {line.strip()!r} is no pattern of a secret: {problem}. Expected "
                "`kind: expression`, such as `badge number: BADGE-[0-9]{8}`."
            )
        yield Pattern(kind, expression)


def _problem(kind: str, expression: str) -> str:
    """Return what is wrong with a pattern, or an empty string."""
    if not re.fullmatch(r"[a-z][a-z ]{0,28}[a-z]", kind):
        return f'its kind "{kind}" is not 2 to 30 small letters and blanks'
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", expression)
    if re.search(r"[*+]|\{\d*,\}", bare):
        return "it has no bound, for it uses *, + or {n,}; write {n,m}"
    try:
        scanner = _Scanner((), (Pattern(kind, expression),))
    except hyperscan.HyperscanError as error:
        return f"the engine refuses it: {error}"
    if scanner.spans(b"", 0) or scanner.spans(b" ", 1):
        return "it matches nothing at all"
    return ""


def _is_in_mark(data: bytes, start: int, end: int) -> bool:
    """Tell whether a place is inside a mark that stands there already."""
    if end - start > LONGEST_MARK:
        return False
    before = max(0, start - LONGEST_MARK)
    if data.find(b"[redacted: ", before, end) < 0:
        return False
    around = MARK.finditer(data, before, end + LONGEST_MARK)
    return any(mark.start() <= start and end <= mark.end() for mark in around)


def _mark(span: Span) -> bytes:
    return span.quote + f"[redacted: {span.kind}]".encode() + span.quote


_ESCAPE = re.compile(rb"[\"\\/bfnrt]|u[0-9a-fA-F]{4}")


def _whole_escape(text: bytes, span: Span) -> int:
    """Return where to begin so that no escape of JSON is cut after its backslash."""
    start = span.start
    if text[start - 1 : start] != b"\\" or start == 0:
        return start
    before = text[max(0, start - 64) : start]
    escape = _ESCAPE.match(text, start)
    if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0 or escape is None:
        return start
    return min(escape.end(), span.end - 1)
