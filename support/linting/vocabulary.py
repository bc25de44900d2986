"""Matching steps with phrases, fast enough for tens of thousands of steps."""

from collections.abc import Sequence

from support.foundation.text import did_you_mean
from support.specs.phrases import Matcher, Phrase

# Looking for what was meant takes milliseconds: a tree of foreign steps gets it this often.
SUGGESTIONS = 200
LONGEST_PHRASE = 300


class Vocabulary:
    """The phrases of a project; remembers each text that it was asked for."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.phrases = tuple(phrases)
        self._matcher = Matcher(self.phrases)
        self._suggestions = 0

    def match(self, keyword: str, text: str) -> int | None:
        """Return the number of the phrase that a step is, or None.

        Args:
            keyword: given, when or then.
            text: the step's text, placeholders filled in.
        """
        return next(iter(self._matcher.matches(keyword, text)), None)

    def nearest(self, keyword: str, text: str) -> str:
        """Return ` Did you mean "…"?` for the phrase that is most like a text, if one is."""
        self._suggestions += 1
        if self._suggestions > SUGGESTIONS:
            return ""
        return did_you_mean(
            text[:LONGEST_PHRASE], [p.pattern for p in self.phrases if p.keyword == keyword]
        )
