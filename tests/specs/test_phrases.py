"""Which phrases a step is: quickly, and never others than the library says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.specs.phrases import KEYWORDS, Matcher, Phrase, compiled

PATTERNS = (
    "a document",
    "a document with {label}",
    "A  Document labelled {label:w}",
    "{count:d} documents",
    "the reader's {thing} is “{value}”",
    "\N{LATIN SMALL LETTER LONG S}ome document",
    "",
)


def phrase(pattern: str, keyword: str = "given") -> Phrase:
    return Phrase(keyword, pattern, "It is so.", "module", "Module", "function", 1)


def by_the_library(patterns: tuple[str, ...], text: str) -> tuple[int, ...]:
    return tuple(n for n, pattern in enumerate(patterns) if compiled(pattern).parse(text))


WORDS = (
    "a",
    "A",
    "document",
    "documents",
    "DOCUMENT",
    "with",
    "x",
    "7",
    "labelled",
    "\N{LATIN SMALL LETTER LONG S}ome",
    "K",
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=5).flatmap(
    lambda words: st.sampled_from((" ", "  ", "\t")).map(lambda blank: blank.join(words))
)


@given(TEXTS)
def test_the_same_phrases_are_found_as_by_parsing_with_every_one(text: str) -> None:
    matcher = Matcher([phrase(pattern) for pattern in PATTERNS])

    assert matcher.matches("given", text) == by_the_library(PATTERNS, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a document", "A DOCUMENT"),
        ("a  document", "a \t document"),
        ("a document with {label}", "A document  with x"),
        ("some key", "\N{LATIN SMALL LETTER LONG S}ome \N{KELVIN SIGN}ey"),
        ("{{a}} document", "{a} document"),
    ],
)
def test_spelling_counts_as_much_as_for_the_library(pattern: str, text: str) -> None:
    assert Matcher([phrase(pattern)]).matches("given", text) == by_the_library((pattern,), text)


def test_a_step_of_another_keyword_is_another_step() -> None:
    matcher = Matcher([phrase("it holds", keyword) for keyword in ("when", "then", "then")])

    assert [matcher.matches(keyword, "it holds") for keyword in KEYWORDS] == [(), (0,), (1, 2)]
    assert matcher.matches("then", "it does not hold") == ()
