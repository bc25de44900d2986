"""Which variants a profile's strategy chooses, and that nothing is proved by nobody."""

import dataclasses
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError
from support.model.capability import Answer, Capability
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec
from support.model.unit import Unit
from support.planning.planner import Basis, Plan, plan
from support.profiles import conditions
from support.profiles.catalog import Catalog, Dimension
from support.profiles.constraints import Constraint
from support.profiles.profile import ExpectedSkip, Limits, Profile, SelectionRules, Strategy

SDKS = ("go", "java", "rust")
FORMATS = ("ztdf", "nano")
VERSIONS = ("4.3.0", "4.2.2")


def dimension(name: str, values: tuple[str, ...], source: str = "") -> Dimension:
    return Dimension(name, name, values, source or name, values[0], {})


def catalog_of(*constraints: Constraint) -> Catalog:
    dimensions = (
        dimension("sdk", SDKS),
        dimension("encrypt_sdk", SDKS, "sdk"),
        dimension("decrypt_sdk", SDKS, "sdk"),
        dimension("format", FORMATS),
        dimension("version", VERSIONS),
        dimension("wrapping", ("rsa", "p-256")),
    )
    needs = {Capability("format", "nano"): {"encrypt_sdk": ("nano",), "decrypt_sdk": ("nano",)}}
    return Catalog({d.name: d for d in dimensions}, needs, constraints)


def rule(*exclusions: dict[str, str], title: str = "Rule") -> Constraint:
    frozen = tuple({name: frozenset({v}) for name, v in e.items()} for e in exclusions)
    return Constraint(title, "because", "catalog.yaml:1", frozen)


def profile_of(
    strategy: Strategy = "pairwise", most: int | None = None, *skips: str, **values: tuple[str, ...]
) -> Profile:
    names = dict.fromkeys(("sdk", "encrypt_sdk", "decrypt_sdk", "format", "version", "unsupported"))
    return Profile(
        id="mine",
        capabilities={"sdk": SDKS, "format": FORMATS, "version": VERSIONS, **values},
        stack="embedded",
        allow_writes=True,
        namespace_prefix="acceptance",
        limits=Limits(),
        expected_skips=tuple(
            ExpectedSkip(conditions.parse(text, names, "x"), f"declared: {text}") for text in skips
        ),
        selection=SelectionRules(strategy=strategy, max_variants=most),
    )


def inventory_of(*no_nano: str) -> Inventory:
    return Inventory(
        tuple(
            InstalledSdk(
                f"{name}-v1", name, "v1", "x", {"nano": Answer("no" if name in no_nano else "yes")}
            )
            for name in SDKS
        )
    )


ALL_VARY = ("encrypt_sdk=any", "decrypt_sdk=any", "format=any", "version=any")


def spec(*capabilities: str) -> Spec:
    tags = ("req:BR-001", *(f"cap:{capability}" for capability in capabilities or ALL_VARY))
    return Spec("f.feature:one", "f.feature", "F", "", "One", 3, tags, ())


def planned(
    profile: Profile,
    catalog: Catalog | None = None,
    inventory: Inventory | None = None,
    *capabilities: str,
) -> Plan:
    basis = Basis(profile, catalog or catalog_of(), inventory or inventory_of())
    return plan([spec(*capabilities)], basis)


def pairs(units: tuple[Unit, ...]) -> set[tuple[str, str]]:
    return {
        (str(one), str(other))
        for unit in units
        for one, other in combinations(unit.variant.capabilities, 2)
    }


def running(found: Plan) -> tuple[Unit, ...]:
    return tuple(unit for unit in found.units if unit.expectation.disposition == "run")


def test_pairwise_covers_every_pair_in_fewer_variants() -> None:
    everything = planned(profile_of("exhaustive"))
    few = planned(profile_of("pairwise"))

    assert len(everything.units) == 3 * 3 * 2 * 2
    assert pairs(few.units) == pairs(everything.units)
    assert len(few.units) < len(everything.units) / 2


def test_each_covers_every_value_once() -> None:
    found = planned(profile_of("each"))

    values = {str(capability) for unit in found.units for capability in unit.variant}
    assert values == {
        *(f"{role}={name}-v1" for role in ("encrypt_sdk", "decrypt_sdk") for name in SDKS),
        *(f"format={value}" for value in FORMATS),
        *(f"version={value}" for value in VERSIONS),
    }
    assert len(found.units) < len(planned(profile_of("pairwise")).units)


def test_the_first_variant_has_the_first_values() -> None:
    for strategy in ("pairwise", "exhaustive", "each"):
        first = planned(profile_of(strategy)).units[0]
        expected = "encrypt_sdk=go-v1,decrypt_sdk=go-v1,format=ztdf,version=4.3.0"
        assert first.variant.id == expected, strategy


def test_coverage_never_relies_on_what_is_skipped() -> None:
    """A pair that could run must not stand only in rows that are skipped for another value."""
    skips = (
        "unsupported in ['rust:nano', 'java:nano']",
        "encrypt_sdk == 'java' and version == '4.2.2'",
    )
    inventory = inventory_of("java", "rust")
    few = planned(profile_of("pairwise", None, *skips), None, inventory)
    everything = planned(profile_of("exhaustive", None, *skips), None, inventory)

    assert pairs(running(few)) == pairs(running(everything))
    assert pairs(few.units) == pairs(everything.units)
    assert {unit.expectation.disposition for unit in few.units} == {"run", "skip"}


values = st.lists(
    st.dictionaries(
        st.sampled_from(("encrypt_sdk", "decrypt_sdk", "format", "version")),
        st.integers(0, 2),
        min_size=1,
        max_size=3,
    ),
    max_size=4,
)


@given(values, st.sets(st.sampled_from(SDKS)))
def test_every_pair_that_can_run_runs_and_every_other_is_shown(
    skipped: list[dict[str, int]], no_nano: set[str]
) -> None:
    known = {"encrypt_sdk": SDKS, "decrypt_sdk": SDKS, "format": FORMATS, "version": VERSIONS}
    skips = [
        " and ".join(
            f"{name} == '{known[name][at % len(known[name])]}'" for name, at in one.items()
        )
        for one in skipped
    ]
    skips.append("unsupported in ['go:nano', 'java:nano', 'rust:nano']")
    inventory = inventory_of(*no_nano)
    few = planned(profile_of("pairwise", None, *skips), None, inventory)
    everything = planned(profile_of("exhaustive", None, *skips), None, inventory)

    assert pairs(running(few)) == pairs(running(everything))
    assert pairs(few.units) == pairs(everything.units)
    assert {unit.id for unit in few.units} <= {unit.id for unit in everything.units}


def test_no_variant_breaks_a_constraint() -> None:
    catalog = catalog_of(
        rule({"format": "nano", "version": "4.2.2"}, {"encrypt_sdk": "rust", "format": "nano"})
    )

    for strategy in ("pairwise", "exhaustive", "each"):
        ids = [unit.variant.id for unit in planned(profile_of(strategy), catalog).units]
        assert ids
        assert not [
            i for i in ids if "format=nano" in i and ("4.2.2" in i or "encrypt_sdk=rust" in i)
        ]


def test_a_dimension_that_is_not_named_takes_a_value_that_goes_with_the_others() -> None:
    catalog = catalog_of(rule({"format": "nano", "wrapping": "rsa"}))

    free = planned(profile_of(), catalog, None, "format=any")
    bound = planned(profile_of(wrapping=("rsa",)), catalog, None, "format=any")

    assert [unit.variant.id for unit in free.units] == ["format=ztdf", "format=nano"]
    assert [unit.variant.id for unit in bound.units] == ["format=ztdf"]
    (note,) = bound.notes
    assert note.startswith("f.feature:3: no variant has format=nano: the catalog's constraints")


def test_what_cannot_go_together_is_not_applicable_and_says_why() -> None:
    catalog = catalog_of(rule({"format": "nano", "version": "4.2.2"}, title="Versions are ZTDF's"))

    (unit,) = planned(profile_of(), catalog, None, "format=nano", "version=4.2.2").units

    assert unit.expectation.disposition == "not_applicable"
    assert 'no values that go together: "Versions are ZTDF\'s"' in unit.expectation.reason


def test_max_variants_keeps_the_first_and_tells_what_is_uncovered() -> None:
    found = planned(profile_of("pairwise", 4))

    assert len(found.units) == 4
    (note,) = found.notes
    assert "max_variants keeps 4 of" in note
    told, _, more = note.partition("uncovered: ")[2].rpartition(" and ")
    left = pairs(planned(profile_of("exhaustive")).units) - pairs(found.units)
    named = {tuple(pair.split(" with ")) for pair in told.split(", ")}
    assert len(named) == 10
    assert named < left
    assert more == f"{len(left) - 10} more"


def test_every_combination_cut_short_still_covers_pairs_first() -> None:
    enough = len(planned(profile_of("pairwise")).units)

    found = planned(profile_of("exhaustive", enough))

    assert len(found.units) == enough
    assert pairs(found.units) == pairs(planned(profile_of("exhaustive")).units)


def test_too_many_combinations_are_refused() -> None:
    wide = tuple(f"v{number}" for number in range(50))
    dimensions = {f"d{number}": dimension(f"d{number}", wide) for number in range(3)}
    profile = dataclasses.replace(
        profile_of("exhaustive"), capabilities=dict.fromkeys(dimensions, wide)
    )
    basis = Basis(profile, Catalog(dimensions, {}), Inventory())

    with pytest.raises(ConfigurationError, match=r"one scenario has 125000\. At most 100000"):
        plan([spec(*(f"{name}=any" for name in dimensions))], basis)


def test_the_same_inputs_give_the_same_variants_whatever_was_planned_before() -> None:
    basis = Basis(profile_of(), catalog_of(), inventory_of())
    alone = plan([spec()], basis)
    after = plan([spec("format=any"), spec("format=nano", "version=any"), spec()], basis)

    assert [u.id for u in after.units][-len(alone.units) :] == [u.id for u in alone.units]


def test_an_unknown_answer_is_an_error_and_not_relied_on() -> None:
    silent = Inventory(tuple(InstalledSdk(f"{name}-v1", name, "v1", "x", {}) for name in SDKS))
    found = planned(profile_of(), None, silent)

    errors = [unit for unit in found.units if unit.expectation.disposition == "error"]
    assert all(unit.variant.get("format") == "nano" for unit in errors)
    assert errors
    ran = {(u.variant.get("encrypt_sdk"), u.variant.get("decrypt_sdk")) for u in running(found)}
    assert ran == set(product((f"{name}-v1" for name in SDKS), repeat=2))
