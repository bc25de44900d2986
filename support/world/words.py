"""The words of scenarios that stand for values of the model; an unknown word names the known."""

from collections.abc import Iterable, Mapping
from typing import NoReturn, TypeVar

from support.foundation.errors import SpecificationError
from support.foundation.text import did_you_mean, listed
from support.platform.policy import Rule

Meaning = TypeVar("Meaning")

NOTHING = "nothing"

RULES: Mapping[str, Rule] = {
    "any of": Rule.ANY_OF,
    "all of": Rule.ALL_OF,
    "hierarchy": Rule.HIERARCHY,
}

PERSONS: Mapping[str, str] = {
    "the reader": "standard",
    "the author": "admin",
    "the stranger": "unprivileged",
}
"""Persons of scenarios, and the role of the stack in which each of them acts."""


def meaning_of(word: str, known: Mapping[str, Meaning], what: str) -> Meaning:
    """Return what a word stands for.

    Raises:
        SpecificationError: the word is not known; the message lists those that are.
    """
    if word not in known:
        unknown(word, tuple(known), what)
    return known[word]


def unknown(word: str, known: tuple[str, ...], what: str) -> NoReturn:
    """Raise the error for a word that a scenario uses and nobody knows.

    Raises:
        SpecificationError: always.
    """
    raise SpecificationError(
        (f'"{word}" is not {what}.{did_you_mean(word, known)} Known: {listed(known)}.',)
    )


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a list such as `apollo, gemini`; `nothing` stands for none."""
    if text.strip() == NOTHING:
        return ()
    return tuple(part.strip() for part in text.split(",") if part.strip())


def in_words(words: Iterable[str]) -> str:
    """Return words as a list in the order of the alphabet; none of them is `nothing`."""
    return ", ".join(sorted(words)) or NOTHING
