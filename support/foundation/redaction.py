"""Taking secrets out of text before it reaches a terminal, a log or a file.

Known secret values are replaced wherever they stand, also base64- or URL-encoded; tokens, private
keys and authorization headers are recognised by their form. A typed mark stays in their place.
"""

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

# Shorter values, such as the documented development secrets, would blank out ordinary words.
SHORTEST_SECRET = 8

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*")),
    (
        "private key",
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            re.DOTALL,
        ),
    ),
)
_MARK = re.compile(r"\[redacted: [a-z ]+\]")
_FIELDS = re.compile(
    r"(?P<before>\b(?:authorization\"?\s*[:=]\s*\"?(?:bearer|basic|dpop)\s+"
    r"|(?:client_?secret|password|(?:refresh|access|subject)_token)\"?\s*[=:]\s*\"?))"
    r"(?P<value>(?:\[redacted: [a-z ]+\]|[^\s\"&,;}])+)",
    re.IGNORECASE,
)


class Redactor:
    """Removes known secret values and anything that has the form of a secret.

    It learns further ones while it is in use: a rotated secret, or those of a stack that is
    started later.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Know further secret values from now on; very short ones are ordinary words."""
        found: set[str] = set()
        for secret in secrets:
            if len(secret) >= SHORTEST_SECRET:
                found |= _spellings(secret)
        if found <= self._forms:
            return
        self._forms |= found
        longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """Return `text` with every secret replaced by `[redacted: kind]`."""
        if self._known is not None:
            text = self._known.sub("[redacted: secret]", text)
        for kind, form in _FORMS:
            text = form.sub(f"[redacted: {kind}]", text)
        return _FIELDS.sub(_mask_field, text)

    def data(self, data: bytes) -> bytes:
        """Return bytes with the secrets in their text replaced; binary data passes unharmed."""
        text = data.decode(errors="surrogateescape")
        return self.text(text).encode(errors="surrogateescape")


def _spellings(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }


def _mask_field(match: re.Match[str]) -> str:
    if _MARK.fullmatch(match["value"]):
        return match[0]
    return f"{match['before']}[redacted: field]"
