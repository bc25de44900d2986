"""How multi-strategy identity is configured here: which strategies there are, and when each is met.

After ``service/entityresolution/multi-strategy`` of the platform's source. One and the same list
configures the embedded platform and a real one, see ``support/stack/identity_options.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from support.embedded.conditions import text_of
from support.embedded.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping


class Operator(StrEnum):
    """How a claim is compared with the values of a condition, one of which is enough."""

    EXISTS = "exists"
    EQUALS = "equals"
    CONTAINS = "contains"
    REGEX = "regex"


class Provider(StrEnum):
    """Who answers for a strategy."""

    CLAIMS = "claims"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class ClaimCondition:
    """What one claim has to be for a strategy to be chosen."""

    claim: str
    operator: Operator
    values: tuple[str, ...] = ()

    def holds(self, claims: Mapping[str, Any], faults: frozenset[Fault] = frozenset()) -> bool:
        """Tell whether claims meet the condition; letters count in any case but for patterns."""
        value = claims.get(self.claim)
        if value is None:
            return False
        if self.operator is Operator.EXISTS:
            return True
        items = [value, *value] if isinstance(value, list) else [value]
        texts = [_written(item) for item in items]
        contains = self.operator is Operator.CONTAINS or (
            self.operator is Operator.EQUALS and Fault.STRATEGY_CONTAINS_FOR_EQUALS in faults
        )
        # Only a part may also be one of a single entry of a list.
        compared = texts if contains else texts[:1]
        return any(
            self._fits(wanted, text, contains=contains, faults=faults)
            for wanted in self.values
            for text in compared
            if text
        )

    def _fits(self, wanted: str, text: str, *, contains: bool, faults: frozenset[Fault]) -> bool:
        if contains:
            return wanted.lower() in text.lower()
        if self.operator is Operator.REGEX and Fault.STRATEGY_REGEX_AS_TEXT not in faults:
            return re.search(wanted, text) is not None
        if Fault.STRATEGY_CASE_COUNTS in faults:
            return wanted == text
        return wanted.lower() == text.lower()


@dataclass(frozen=True, slots=True)
class Output:
    """What is kept of an answer: a field, under which name, and whether it is a list in a text."""

    source: str
    name: str
    comma_separated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One way to learn who a subject is.

    Attributes:
        conditions: All have to hold.
        search: The directory's attribute that has to equal a claim, and the claim.
    """

    name: str
    provider: Provider
    conditions: tuple[ClaimCondition, ...]
    outputs: tuple[Output, ...]
    search: tuple[str, str] = ("", "")

    def is_met_by(self, claims: Mapping[str, Any], faults: frozenset[Fault] = frozenset()) -> bool:
        """Tell whether the strategy is one for a subject of these claims."""
        met = [condition.holds(claims, faults) for condition in self.conditions]
        return any(met) if Fault.STRATEGY_AND_READ_AS_OR in faults else all(met)


def _written(value: object) -> str:
    """Return a claim as text; what is no text is written without spaces, brackets and capitals."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_written, value)).replace(" ", "").lower()
    return text_of(value)


def _exists(claim: str) -> ClaimCondition:
    return ClaimCondition(claim, Operator.EXISTS)


def _equals(claim: str, *values: str) -> ClaimCondition:
    return ClaimCondition(claim, Operator.EQUALS, values)


def _contains(claim: str, *values: str) -> ClaimCondition:
    return ClaimCondition(claim, Operator.CONTAINS, values)


def _matches(claim: str, *patterns: str) -> ClaimCondition:
    return ClaimCondition(claim, Operator.REGEX, patterns)


def _believed(name: str, *conditions: ClaimCondition, outputs: tuple[Output, ...]) -> Strategy:
    return Strategy(name=name, provider=Provider.CLAIMS, conditions=conditions, outputs=outputs)


def _looked_up(name: str, *conditions: ClaimCondition, by: tuple[str, str]) -> Strategy:
    return Strategy(
        name=name,
        provider=Provider.DIRECTORY,
        conditions=conditions,
        outputs=_FROM_DIRECTORY,
        search=by,
    )


_USERNAME = Output("userName", "username")
_DEPARTMENT = Output("department", "department")
_FROM_DIRECTORY = (
    Output("uid", "username"),
    Output("mail", "email"),
    Output("departmentNumber", "department"),
)

CLAIMS_STRATEGIES = (
    # Memberships come as a text or as a list: what one strategy cannot read, the next one can.
    _believed(
        "memberships-as-text",
        _exists("memberships"),
        outputs=(_USERNAME, Output("memberships", "groups", comma_separated=True)),
    ),
    _believed(
        "memberships-as-list",
        _exists("memberships"),
        outputs=(_USERNAME, Output("memberships", "groups")),
    ),
    _believed(
        "people",
        _exists("userName"),
        outputs=(_USERNAME, _DEPARTMENT, Output("groups", "groups")),
    ),
    _believed(
        "clients",
        _exists("azp"),
        outputs=(Output("azp", "clientId"), Output("preferred_username", "username")),
    ),
)
"""Of the option ``claims-identity``."""

DIRECTORY_STRATEGIES = (
    _believed("people", _exists("userName"), outputs=(_USERNAME, _DEPARTMENT)),
    _looked_up("names", _exists("userName"), by=("uid", "userName")),
    _looked_up(
        "addresses", _contains("emailAddress", "@opentdf.test"), by=("mail", "emailAddress")
    ),
    _looked_up("staff", _equals("employer", "Acme", "Globex"), by=("uid", "login")),
    _looked_up("partners", _contains("partner", "ROCKET"), by=("uid", "login")),
    _looked_up("contractors", _matches("badge", "^C-[0-9]{4}$"), by=("uid", "login")),
    _looked_up(
        "auditors",
        _contains("role", "audit"),
        _contains("role", "senior"),
        by=("uid", "login"),
    ),
    _looked_up(
        "inspectors",
        _matches("duty", "^inspect"),
        _contains("site", "north"),
        by=("uid", "login"),
    ),
    # A run's people have user names of the run's own; their first names are the directory's names.
    _looked_up(
        "tokens", _exists("given_name"), _matches("azp", "^opentdf"), by=("uid", "given_name")
    ),
)
"""Of the options ``directory`` and ``directory-fail-fast``."""
