"""The questions by which a new profile is made, and the three files that the answers come to."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from support.foundation.documents import validator
from support.foundation.text import did_you_mean, listed
from support.profiles.catalog import Catalog
from support.profiles.profile import Profile, Strategy

NO = "none"
RISKS = ("high", "medium", "low")
STRATEGIES: tuple[str, ...] = get_args(Strategy)

Problem = Callable[[str], str]
"""Returns what is wrong with an answer, or an empty string."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        choices: what may be answered; empty for any text.
        many: several choices, separated by commas, are one answer.
    """

    text: str
    default: str
    choices: tuple[str, ...] = ()
    many: bool = False
    problem: Problem = lambda _: ""

    def problem_with(self, answer: str) -> str:
        """Return what is wrong with an answer, or an empty string."""
        parts = split(answer) if self.many else [answer]
        for part in parts if self.choices else ():
            if part not in self.choices:
                hint = did_you_mean(part, self.choices)
                return f'"{part}" is none of them.{hint} Known: {listed(self.choices)}.'
        if not "".join(parts):
            return "something has to be answered."
        return self.problem(answer)


Ask = Callable[[Question], str]
"""Returns an answer that has no problem."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A profile as answered.

    Attributes:
        extends: the base, or empty.
        timeouts: seconds by name.
    """

    description: str
    stack: str
    extends: str = ""
    capabilities: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strategy: str = "pairwise"
    max_variants: int | None = None
    tags: str = ""
    risks: Sequence[str] = ()
    timeouts: Mapping[str, float] = field(default_factory=dict)


def split(answer: str) -> list[str]:
    """Return the parts of an answer such as `go, python`."""
    return [part.strip() for part in answer.split(",") if part.strip()]


def stacks() -> tuple[str, ...]:
    """Return the stacks that a profile may name."""
    schema = validator("profile-config").schema
    return tuple(schema["properties"]["config"]["properties"]["stack"]["enum"])  # type: ignore[index]


def interview(
    ask: Ask, catalog: Catalog, pattern: Profile | None, extends: str, tags_problem: Problem
) -> Draft:
    """Ask everything that a profile needs.

    Args:
        ask: asks one question.
        catalog: gives dimensions and values to choose from.
        pattern: gives the defaults: the base, or a profile that is like most.
        extends: the base's id, or empty.
        tags_problem: says what is wrong with a tag expression.
    """
    given = pattern.capabilities if pattern else {}
    rules, limits = (pattern.selection, pattern.limits) if pattern else (None, None)
    return Draft(
        description=ask(Question("What does it prove, in one sentence?", _description(extends))),
        stack=ask(Question("On which stack?", pattern.stack if pattern else "embedded", stacks())),
        extends=extends,
        capabilities=_capabilities(ask, catalog, given, extends),
        strategy=ask(
            Question(
                "Which combinations of values?",
                rules.strategy if rules else STRATEGIES[0],
                STRATEGIES,
            )
        ),
        max_variants=_whole(
            ask(
                Question(
                    "At most how many variants of one scenario?",
                    str(rules.max_variants if rules and rules.max_variants else NO),
                    problem=_whole_problem,
                )
            )
        ),
        tags=_text(
            ask(
                Question(
                    "Only scenarios with which tags (a tag expression)?",
                    (rules.tags if rules else "") or NO,
                    problem=lambda answer: tags_problem(_text(answer)),
                )
            )
        ),
        risks=_many(
            ask(
                Question(
                    "Only scenarios of which risk?",
                    ", ".join(rules.risks if rules else ()) or NO,
                    (*RISKS, NO),
                    many=True,
                )
            )
        ),
        timeouts={
            name: seconds
            for name, seconds in (
                ("test", _asked_seconds(ask, "unit", limits.unit_seconds if limits else None)),
                ("suite", _asked_seconds(ask, "run", limits.suite_seconds if limits else None)),
            )
            if seconds is not None
        },
    )


def _description(extends: str) -> str:
    return f"As {extends}, made narrower" if extends else "Everything that one stack can prove"


def _capabilities(
    ask: Ask, catalog: Catalog, given: Mapping[str, Sequence[str]], extends: str
) -> dict[str, Sequence[str]]:
    """Ask which dimensions to list, and for each of them which values."""
    sources = {d.name: d for d in catalog.dimensions.values() if d.source == d.name}
    if extends:
        text = "Which dimensions shall differ from the base?"
        default = next(iter(given), next(iter(sources)))
    else:
        text, default = "Which dimensions do its scenarios vary?", ", ".join(given or sources)
    chosen = split(ask(Question(text, default, tuple(sources), many=True)))
    return {
        name: split(
            ask(
                Question(
                    f"Which values of {name} ({sources[name].title.lower()})?",
                    ", ".join(given.get(name) or sources[name].values),
                    sources[name].values,
                    many=True,
                )
            )
        )
        for name in dict.fromkeys(chosen)
    }


def _whole(answer: str) -> int | None:
    return None if answer == NO else int(answer)


def _whole_problem(answer: str) -> str:
    right = answer == NO or (answer.isascii() and answer.isdigit() and int(answer) > 0)
    return "" if right else f'"{answer}" is no whole number from 1 on, and not "{NO}".'


def _text(answer: str) -> str:
    return "" if answer == NO else answer


def _many(answer: str) -> list[str]:
    return [part for part in split(answer) if part != NO]


def _asked_seconds(ask: Ask, what: str, default: float | None) -> float | None:
    text = f"How many seconds may a {what} take?"
    shown = NO if default is None else f"{default:g}"
    return _whole(ask(Question(text, shown, problem=_whole_problem)))


def render(draft: Draft) -> dict[str, str]:
    """Return the three files of a profile, by name, with comments for whoever goes on with them."""
    return {
        "capabilities": _capabilities_file(draft),
        "config": _config_file(draft),
        "policies": _POLICIES,
    }


def _capabilities_file(draft: Draft) -> str:
    base = f"; the others are those of `{draft.extends}`" if draft.extends else ""
    lines = [
        f"# Values by dimension, the first one being the default{base}.",
        "# All dimensions and values stand in profiles/capability-catalog.yaml.",
        "capabilities:",
        *(f"  {name}: {json.dumps(list(values))}" for name, values in draft.capabilities.items()),
    ]
    return "\n".join(lines) + "\n"


def _config_file(draft: Draft) -> str:
    lines = ["# docs/profiles.md explains every key.", "config:"]
    lines.append(f"  description: {json.dumps(draft.description)}")
    if draft.extends:
        lines.append(f"  extends: {draft.extends}   # what is not said here is as there")
    lines += [f"  stack: {draft.stack}", "  selection:", f"    strategy: {draft.strategy}"]
    if draft.max_variants is not None:
        lines.append(f"    max_variants: {draft.max_variants}   # of one scenario")
    if draft.tags:
        lines.append(f"    tags: {json.dumps(draft.tags)}")
    if draft.risks:
        lines.append(f"    risk: {json.dumps(list(draft.risks))}")
    if draft.timeouts:
        lines.append("  timeouts:   # in seconds")
        lines += [f"    {name}: {seconds:g}" for name, seconds in draft.timeouts.items()]
    return "\n".join(lines) + "\n"


_POLICIES = """\
# What may be skipped or fail. Nothing yet, so these samples are comments:
#   expected_skips:
#     - condition: "sdk == 'swift' and format == 'ztdf-ecwrap'"
#       reason: "the Swift SDK does not support elliptic curves yet"
#   waivers:
#     - requirement: BR-003
#       variant: "encrypt_sdk=rust"
#       reason: "the Rust SDK writes one version only"
#       owner: somebody@example.org
#       issue: ISSUE-1
#       expires: "2030-12-31"
#   severities:
#     policy_mismatch: critical
policies: {}
"""
