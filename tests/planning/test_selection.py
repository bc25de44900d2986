from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.model.unit import Unit
from support.planning import selection
from support.planning.planner import Basis, Plan, plan
from support.planning.selection import Criteria, risk_of
from support.planning.tag_expressions import parse
from support.profiles.catalog import Catalog
from support.profiles.profile import Limits, Profile, SelectionRules
from support.specs.requirements import Requirement

GO = InstalledSdk("go-v1", "go", "v1", "x")
PYTHON = InstalledSdk("python-v1", "python", "v1", "x")
REGISTRY = {
    name: Requirement(name, "Title", "Statement.", "Why.", risk, "policy_mismatch", "KAS", "x")
    for name, risk in (("BR-001", "high"), ("BR-002", "low"))
}


def spec(name: str, *tags: str) -> Spec:
    every = tags if any(t.startswith("req:") for t in tags) else ("req:BR-001", *tags)
    every = every if any(t.startswith("cap:") for t in every) else (*every, "cap:format=any")
    slug = name.lower().replace(" ", "-")
    return Spec(f"f.feature:{slug}", "f.feature", "F", "", name, 3, every, ())


SPECS = [
    spec("One", "smoke"),
    spec("Two", "risk:low", "req:BR-002"),
    spec("Three", "cap:encrypt_sdk=any"),
]


class Known:
    """Gives a reason for one unit."""

    title = "the diff"

    def reasons(self, unit: Unit) -> tuple[str, ...]:
        return ("steps changed",) if unit.spec.name == "Two" else ()


def planned(
    catalog: Catalog,
    *criteria: Criteria,
    rules: SelectionRules | None = None,
    specs: Sequence[Spec] = SPECS,
) -> Plan:
    profile = Profile(
        id="mine",
        capabilities={"sdk": ("go", "python"), "format": ("ztdf",)},
        stack="embedded",
        allow_writes=True,
        namespace_prefix="acceptance",
        limits=Limits(),
        expected_skips=(),
        selection=rules or SelectionRules(),
    )
    basis = Basis(profile, catalog, Inventory((GO, PYTHON)), REGISTRY, criteria)
    return plan(specs, basis)


def names(found: Plan) -> list[str]:
    return list(dict.fromkeys(unit.spec.name for unit in found.units))


@pytest.mark.parametrize(
    ("criteria", "expected", "reason"),
    [
        (Criteria(tags="@smoke"), ["One"], "the command line selects @smoke"),
        (Criteria(tags="not @smoke and @cap:*=any"), ["Two", "Three"], "not @smoke"),
        (Criteria(requirements=("BR-002",)), ["Two"], "selects BR-002"),
        (Criteria(risks=("high",)), ["One", "Three"], "selects high risk"),
        (Criteria(risks=("low", "medium")), ["Two"], "selects low/medium risk"),
        (Criteria(names=("^T", "nothing")), ["Two", "Three"], "names with ^T, nothing"),
        (Criteria(capabilities=("encrypt_sdk=go",)), ["Three"], "selects encrypt_sdk=go"),
        (Criteria(wanted=(Known(),)), ["Two"], "steps changed"),
    ],
)
def test_each_criterion_selects_with_a_reason(
    catalog: Catalog, criteria: Criteria, expected: list[str], reason: str
) -> None:
    found = planned(catalog, criteria)

    assert names(found) == expected
    assert all(any(reason in told for told in unit.reasons) for unit in found.units)
    assert {left.spec.name for left in found.left_out} == {"One", "Two", "Three"} - set(expected)
    assert all(left.reason for left in found.left_out)


def test_a_capability_selects_units_not_whole_scenarios(catalog: Catalog) -> None:
    found = planned(catalog, Criteria(capabilities=("encrypt_sdk=go-*",)))

    assert [unit.variant.get("encrypt_sdk") for unit in found.units] == ["go-v1"]


def test_why_something_is_left_out_is_told(catalog: Catalog) -> None:
    by_tag = planned(catalog, Criteria(tags="@smoke"), rules=SelectionRules(risks=("high",)))
    by_change = planned(catalog, Criteria(wanted=(Known(),)))
    by_value = planned(catalog, Criteria(capabilities=("encrypt_sdk=go",)))

    assert {left.spec.name: left.reason for left in by_tag.left_out} == {
        "Two": "profile mine selects high risk, and this one is low",
        "Three": "the command line selects @smoke",
    }
    assert {left.reason for left in by_change.left_out} == {"nothing of the diff reaches it"}
    assert {left.reason for left in by_value.left_out} == {
        "the command line selects encrypt_sdk=go"
    }


@pytest.mark.parametrize(
    ("criteria", "rules", "expected"),
    [
        ((), SelectionRules(), ["One"]),
        ((), SelectionRules(slow=True), ["One", "Big"]),
        ((), SelectionRules(tags="@slow"), ["Big"]),
        ((Criteria(tags="@slow or @smoke"),), SelectionRules(), ["One", "Big"]),
        ((Criteria(wanted=(Known(),), slow=True),), SelectionRules(), []),
    ],
)
def test_slow_scenarios_are_in_when_they_are_asked_for(
    catalog: Catalog,
    criteria: tuple[Criteria, ...],
    rules: SelectionRules,
    expected: list[str],
) -> None:
    specs = [spec("One", "smoke"), spec("Big", "slow")]

    found = planned(catalog, *criteria, rules=rules, specs=specs)

    assert names(found) == expected
    told = {left.spec.name: left.reason for left in found.left_out}
    if "Big" in told and not criteria:
        assert told["Big"] == "profile mine leaves out what is @slow"


def test_without_criteria_everything_is_in_and_says_so(catalog: Catalog) -> None:
    found = planned(catalog)

    assert names(found) == ["One", "Two", "Three"]
    assert {unit.reasons for unit in found.units} == {("profile mine selects all",)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # nothing changes it
@given(st.sets(st.sampled_from(("@smoke", "@risk:low", "@req:BR-002", "@cap:encrypt_sdk=any"))))
def test_more_criteria_never_select_more(catalog: Catalog, tags: set[str]) -> None:
    criteria = [Criteria(tags=tag) for tag in sorted(tags)]

    for count in range(len(criteria)):
        more = planned(catalog, *criteria[: count + 1])
        assert set(names(more)) <= set(names(planned(catalog, *criteria[:count])))
        assert len(more.left_out) + len(names(more)) == len(SPECS)


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        (Criteria(requirements=("BR-003",)), '"BR-003" is not a requirement of the registry'),
        (Criteria(risks=("hihg",)), 'is not a risk. Did you mean "high"'),
        (Criteria(capabilities=("formt=ztdf",)), 'Did you mean "format"'),
        (Criteria(capabilities=("format",)), "is not a capability dimension=value"),
    ],
)
def test_criteria_that_name_what_is_not_there_are_refused(
    catalog: Catalog, criteria: Criteria, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        selection.check(criteria, catalog, REGISTRY)

    assert message in str(caught.value)


def test_a_name_that_is_no_regular_expression_is_refused(catalog: Catalog) -> None:
    with pytest.raises(ConfigurationError, match=r'the name "\(" is not a regular expression'):
        planned(catalog, Criteria(names=("(",)))


@pytest.mark.parametrize("text", ["@a and", "and @a", "(@a", "@a or or @b", "@a)", "not"])
def test_what_is_no_tag_expression_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a tag expression"):
        parse(text, "x")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("@smoke", True),
        ("smoke", True),
        ("@req:BR-*", True),
        ("@req:BR-00?", True),
        ("@req:BR-[2-9]*", False),
        ("not @smoke", False),
        ("@other or (@smoke and not @slow)", True),
    ],
)
def test_tag_expressions_mean_what_behave_means(text: str, *, fits: bool) -> None:
    assert parse(text, "x")(("smoke", "req:BR-001")) is fits


def test_the_nearest_risk_counts_and_then_that_of_the_requirement() -> None:
    assert risk_of(spec("A", "risk:high", "risk:low"), REGISTRY) == "low"
    assert risk_of(spec("A"), REGISTRY) == "high"
    assert risk_of(spec("A", "req:BR-002"), REGISTRY) == "low"
    assert risk_of(spec("A", "req:BR-099"), REGISTRY) == "medium"
