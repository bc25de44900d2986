"""Matching steps with phrases, fast enough for tens of thousands of steps."""

from collections.abc import Sequence

import parse

from support.foundation.text import did_you_mean
from support.specs.phrases import Phrase

# Looking for what was meant takes milliseconds: a tree of foreign steps gets it this often.
SUGGESTIONS = 200
LONGEST_PHRASE = 300


class Vocabulary:
    """The phrases of a project; remembers each text that it was asked for."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.phrases = tuple(phrases)
        self._parsers = [parse.compile(phrase.pattern) for phrase in self.phrases]
        self._index: dict[tuple[str, str], list[int]] = {}
        self._matches: dict[tuple[str, str], int | None] = {}
        self._suggestions = 0
        for number, phrase in enumerate(self.phrases):
            self._index.setdefault((phrase.keyword, _first_word(phrase.pattern)), []).append(number)

    def match(self, keyword: str, text: str) -> int | None:
        """Return the number of the phrase that a step is, or None.

        Args:
            keyword: given, when or then.
            text: the step's text, placeholders filled in.
        """
        key = (keyword, text)
        if key not in self._matches:
            self._matches[key] = self._found(keyword, text)
        return self._matches[key]

    def nearest(self, keyword: str, text: str) -> str:
        """Return ` Did you mean "…"?` for the phrase that is most like a text, if one is."""
        self._suggestions += 1
        if self._suggestions > SUGGESTIONS:
            return ""
        return did_you_mean(
            text[:LONGEST_PHRASE], [p.pattern for p in self.phrases if p.keyword == keyword]
        )

    def _found(self, keyword: str, text: str) -> int | None:
        first = (text.split(maxsplit=1) or [""])[0].lower()
        candidates = [*self._index.get((keyword, first), ()), *self._index.get((keyword, ""), ())]
        return next((n for n in sorted(candidates) if self._parsers[n].parse(text)), None)


def _first_word(pattern: str) -> str:
    """Return the first word of a pattern, or nothing when it may vary; parse ignores case."""
    literal = pattern.partition("{")[0]
    word, blank, _ = literal.partition(" ")
    return word.lower() if blank or literal == pattern else ""
