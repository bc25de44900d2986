"""Generated policies and requests, decided by the platform and by the reference rules.

Hypothesis makes them; where the two disagree it shrinks the case to the smallest one that shows it,
which is kept as a file that a person can read and turn into a scenario.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from support.foundation.documents import load_json
from support.model.events import AttachmentKind
from support.platform.connect import ConnectClient
from support.platform.decisions import AUTHORIZATION
from support.platform.policy import Attribute as Stored
from support.platform.policy import PolicyAuthor
from support.platform.shape import boolean, members
from support.world import reference_rules
from support.world.documents import Attach
from support.world.labels import Labels
from support.world.memory import Slot
from support.world.reference_rules import (
    Asked,
    Attribute,
    Condition,
    Entitling,
    Group,
    Operator,
    Policy,
)
from support.world.words import RULES, meaning_of

ASKED_PER_POLICY = 6
SEED = 42
KINDS: Mapping[str, tuple[str, ...]] = {
    "any of": ("any of",),
    "all of": ("all of",),
    "hierarchy": ("hierarchy",),
    "several rules": ("any of", "all of", "hierarchy"),
}
"""The rules of the attributes that are generated, by the words of scenarios."""

_WORDS = ("eng", "Eng", "engineering", "ops")
_SELECTORS = (".team", ".groups[]", ".groups[0]", ".groups[1]", ".site.city", ".level", ".nobody")
_ACTIONS = ("read", "update")
_VALUES = ("one", "two", "three", "four")


@dataclass(frozen=True, slots=True)
class Case:
    """One policy, and what is asked about it."""

    policy: Policy
    asked: tuple[Asked, ...]


class _DisagreementError(Exception):
    """Tells Hypothesis that a case is worth shrinking."""

    def __init__(self, found: "Disagreement") -> None:
        self.found = found
        super().__init__("disagreement")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A request that the platform decides otherwise than the reference rules say.

    Attributes:
        case: the smallest policy that shows it, with that one request.
        decided: whether the platform permits.
    """

    case: Case
    decided: bool

    @property
    def name(self) -> str:
        """A name for the case, the same for the same case."""
        return hashlib.sha256(_written(self.case).encode()).hexdigest()[:12]

    def __str__(self) -> str:
        words = ("permits", "deny") if self.decided else ("denies", "permit")
        return f"the platform {words[0]} what the rules say to {words[1]}:\n{_written(self.case)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of generated requests.

    Attributes:
        decided: how many the platform decided as the reference rules say.
        permitted: how many of them are permitted.
        disagreement: the smallest that it decides otherwise, if there is one.
    """

    decided: int
    permitted: int
    disagreement: Disagreement | None = None


def cases(rules: Sequence[str]) -> SearchStrategy[Case]:
    """Return a strategy for cases whose attributes have these rules."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Case:
        attributes = draw(_attributes(rules))
        labels = [(each.name, value) for each in attributes for value in each.values]
        mappings = draw(st.lists(_entitling(labels), min_size=1, max_size=5))
        asked = draw(
            st.lists(_asked(labels), min_size=ASKED_PER_POLICY // 2, max_size=ASKED_PER_POLICY)
        )
        return Case(Policy(tuple(attributes), tuple(mappings)), tuple(asked))

    return drawn()


@st.composite
def _attributes(draw: st.DrawFn, rules: Sequence[str]) -> list[Attribute]:
    count = draw(st.integers(1, 3 if len(rules) > 1 else 1))
    return [
        Attribute(f"attribute-{number}", draw(st.sampled_from(rules)), _VALUES[: draw(_COUNTS)])
        for number in range(count)
    ]


_COUNTS = st.integers(1, len(_VALUES))
_CONDITIONS = st.builds(
    Condition,
    st.sampled_from(_SELECTORS),
    st.sampled_from(Operator),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3).map(tuple),
)
_GROUPS = st.builds(Group, st.booleans(), st.lists(_CONDITIONS, min_size=1, max_size=2).map(tuple))
_CLAIMS = st.fixed_dictionaries(
    {"groups": st.lists(st.sampled_from(_WORDS), max_size=3)},
    optional={
        "team": st.sampled_from(_WORDS),
        "site": st.fixed_dictionaries({"city": st.sampled_from(_WORDS)}),
        "level": st.one_of(st.sampled_from(_WORDS), st.integers(0, 9)),
    },
)


def _entitling(labels: Sequence[tuple[str, str]]) -> SearchStrategy[Entitling]:
    return st.builds(
        lambda label, groups, actions: Entitling(
            label[0], label[1], tuple(groups), tuple(sorted(actions))
        ),
        st.sampled_from(labels),
        st.lists(_GROUPS, min_size=1, max_size=2),
        st.sets(st.sampled_from(_ACTIONS), min_size=1),
    )


def _asked(labels: Sequence[tuple[str, str]]) -> SearchStrategy[Asked]:
    return st.builds(
        lambda claims, action, needs: Asked(claims, action, tuple(sorted(needs))),
        _CLAIMS,
        st.sampled_from(_ACTIONS),
        st.sets(st.sampled_from(labels), min_size=1, max_size=4),
    )


class Generated:
    """Writes generated policies, and asks about them."""

    def __init__(
        self, connect: ConnectClient, admin: str, asking: str, labels: Labels, attach: Attach
    ) -> None:
        """Take what calls are made with.

        Args:
            connect: calls the platform.
            admin: token of a role that writes policy.
            asking: token of a role that asks for decisions.
            labels: removes what was made.
            attach: gets the case in which platform and rules disagree, and its scenario.
        """
        self._connect = connect
        self._author = PolicyAuthor(connect, admin)
        self._asking = asking
        self._labels = labels
        self._attach = attach
        self.verdict: Slot[Verdict] = Slot("decisions about generated requests")

    def check(self, kind: str, count: int, start: int = SEED) -> None:
        """Let the platform decide at least `count` generated requests, until one disagrees.

        Raises:
            SpecificationError: the kind is not known.
            EnvironmentUnfitError: the platform refuses a policy.
        """
        rules = meaning_of(kind, KINDS, "a kind of generated policies")
        seen: list[Case] = []
        disagreement: Disagreement | None = None
        while disagreement is None and _asked_in(seen) < count:
            missing = count - _asked_in(seen)
            policies = max(1, missing // (ASKED_PER_POLICY // 2))
            disagreement = self._first_disagreement(rules, policies, start, seen)
            start += 1
        if disagreement is not None:
            self._keep(disagreement)
        permitted = sum(
            reference_rules.permits(case.policy, one) for case in seen for one in case.asked
        )
        self.verdict.put(Verdict(_asked_in(seen), permitted, disagreement))

    def check_kept(self, path: Path) -> None:
        """Let the platform decide a case that was kept.

        Raises:
            ConfigurationError: there is no such file, or it is not of that form.
        """
        case = read_kept(path)
        (decided,) = self.decide(case)
        expected = reference_rules.permits(case.policy, case.asked[0])
        found = None if decided == expected else Disagreement(case, decided)
        self.verdict.put(Verdict(int(found is None), int(expected), found))

    def _keep(self, disagreement: Disagreement) -> None:
        """Add a case and the scenario that decides it again to the evidence."""
        kept = (_written(disagreement.case) + "\n").encode()
        kind, name = AttachmentKind.ATTACHMENT, disagreement.name
        self._attach(kind, name, "application/json", kept)
        scenario = scenario_of(disagreement).encode()
        self._attach(kind, f"{name}.feature", "text/plain", scenario)

    def _first_disagreement(
        self, rules: Sequence[str], policies: int, start: int, seen: list[Case]
    ) -> Disagreement | None:
        @seed(start)
        @settings(
            max_examples=policies,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
        )
        @given(cases(rules))
        def agree(case: Case) -> None:
            for one, decided in zip(case.asked, self.decide(case), strict=True):
                if decided != reference_rules.permits(case.policy, one):
                    found = Disagreement(Case(case.policy, (one,)), decided)
                    raise _DisagreementError(found)
            seen.append(case)

        try:
            agree()
        except _DisagreementError as error:
            return error.found
        return None

    def decide(self, case: Case) -> tuple[bool, ...]:
        """Write a policy in a namespace of its own, ask, and remove it."""
        space = self._author.create_namespace(self._labels.fresh_name())
        self._labels.own(space)
        stored = {
            each.name: self._author.create_attribute(
                space, each.name, meaning_of(each.rule, RULES, "a rule"), each.values
            )
            for each in case.policy.attributes
        }
        for mapping in case.policy.mappings:
            self._entitle(mapping, stored)
        answers = self._ask(case, stored)
        self._labels.remove_all()
        return answers

    def _entitle(self, mapping: Entitling, stored: Mapping[str, Stored]) -> None:
        value = stored[mapping.attribute].values[mapping.value]
        subject_set = {"conditionGroups": [_group(group) for group in mapping.groups]}
        made = self._author.entitle_under(value, [subject_set], mapping.actions)
        self._labels.own_condition_set(made)

    def _ask(self, case: Case, stored: Mapping[str, Stored]) -> tuple[bool, ...]:
        where = "GetDecisionBulk"
        message = {"decisionRequests": [_request(one, stored) for one in case.asked]}
        answer = self._connect.call(AUTHORIZATION, where, message, token=self._asking)
        body = answer.required("decide generated requests")
        return tuple(
            boolean(where, entry, "allPermitted")
            for entry in members(where, body, "decisionResponses")
        )


def _group(group: Group) -> dict[str, Any]:
    together = "AND" if group.all_needed else "OR"
    return {
        "booleanOperator": f"CONDITION_BOOLEAN_TYPE_ENUM_{together}",
        "conditions": [
            {
                "subjectExternalSelectorValue": each.selector,
                "operator": f"SUBJECT_MAPPING_OPERATOR_ENUM_{each.operator.value}",
                "subjectExternalValues": list(each.values),
            }
            for each in group.conditions
        ],
    }


def _request(asked: Asked, stored: Mapping[str, Stored]) -> dict[str, Any]:
    claims = {"@type": "type.googleapis.com/google.protobuf.Struct", "value": dict(asked.claims)}
    entity = {"ephemeralId": "somebody", "category": "CATEGORY_SUBJECT", "claims": claims}
    fqns = [stored[name].values[value].fqn for name, value in asked.needs]
    return {
        "entityIdentifier": {"entityChain": {"entities": [entity]}},
        "action": {"name": asked.action},
        "resources": [{"ephemeralId": "document", "attributeValues": {"fqns": fqns}}],
    }


def scenario_of(disagreement: Disagreement) -> str:
    """Return the feature that decides a case again, for features/authorization/."""
    return (
        "@req:BR-014 @risk:high @cap:operation=decide-in-bulk @cap:policy=abac-basic\n"
        "@needs:direct-entitlements\n"
        "Feature: Requests that were once decided wrongly\n\n"
        f"  Scenario: The kept case {disagreement.name} follows the rules\n"
        f'    When the kept case "{disagreement.name}" is decided\n'
        "    Then every decision is the one that the rules say\n"
    )


def read_kept(path: Path) -> Case:
    """Read a case that was kept.

    Raises:
        ConfigurationError: there is no such file, or it is not of that form.
    """
    value = load_json(path, "generated-case", "a disagreement, which leaves").value
    policy = value["policy"]
    return Case(
        Policy(
            tuple(
                Attribute(each["name"], each["rule"], tuple(each["values"]))
                for each in policy["attributes"]
            ),
            tuple(
                Entitling(
                    each["attribute"],
                    each["value"],
                    tuple(map(_read_group, each["groups"])),
                    tuple(each["actions"]),
                )
                for each in policy["mappings"]
            ),
        ),
        tuple(
            Asked(one["claims"], one["action"], tuple((n, v) for n, v in one["needs"]))
            for one in value["asked"]
        ),
    )


def _read_group(value: Mapping[str, Any]) -> Group:
    return Group(
        value["all_needed"],
        tuple(
            Condition(each["selector"], Operator(each["operator"]), tuple(each["values"]))
            for each in value["conditions"]
        ),
    )


def _asked_in(cases: Sequence[Case]) -> int:
    return sum(len(case.asked) for case in cases)


def _written(case: Case) -> str:
    return json.dumps(asdict(case), indent=2)
