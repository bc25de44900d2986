import dataclasses
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.foundation.errors import SpecificationError
from support.model.capability import Answer
from support.model.inventory import InstalledSdk, Inventory
from support.model.spec import Spec, SpecStep
from support.model.unit import Unit
from support.planning.planner import Basis, plan
from support.profiles import conditions
from support.profiles.catalog import Catalog, Dimension
from support.profiles.profile import ExpectedSkip, Limits, Profile, SelectionRules

YES = {"hexaflexible": Answer("yes"), "hexless": Answer("yes")}


def profile(*skips: tuple[str, str]) -> Profile:
    words = ("sdk", "encrypt_sdk", "decrypt_sdk", "format", "missing", "unsupported", "lacking")
    names = dict.fromkeys(words)
    return Profile(
        id="mine",
        capabilities={
            "sdk": ("go", "python"),
            "format": ("ztdf",),
            "target_version": ("4.2.2", "4.3.0"),
        },
        stack="embedded",
        allow_writes=True,
        namespace_prefix="acceptance",
        limits=Limits(),
        expected_skips=tuple(
            ExpectedSkip(conditions.parse(condition, names, "x"), reason)
            for condition, reason in skips
        ),
    )


def sdk(name: str, features: Mapping[str, Answer] = YES) -> InstalledSdk:
    language, _, version = name.partition("-")
    return InstalledSdk(name, language, version, "somewhere", features)


GO, PYTHON = sdk("go-v0.36.0"), sdk("python-v0.11.0")
BOTH = Inventory((GO, PYTHON))


def spec(*tags: str, name: str = "One") -> Spec:
    return Spec(
        id=f"f.feature:{name.lower()}",
        feature_path="f.feature",
        feature_name="F",
        rule_name="",
        name=name,
        line=3,
        tags=("req:BR-001", *tags),
        steps=(SpecStep("Then", "it opens", 4),),
    )


def units(
    catalog: Catalog, *tags: str, inventory: Inventory = BOTH, using: Profile | None = None
) -> tuple[Unit, ...]:
    return plan([spec(*tags)], Basis(using or profile(), catalog, inventory)).units


def variants(found: tuple[Unit, ...]) -> list[str]:
    return [unit.variant.id for unit in found]


def only(found: tuple[Unit, ...]) -> tuple[str, str]:
    assert len(found) == 1
    return found[0].expectation.disposition, found[0].expectation.reason


def test_any_varies_over_every_installed_sdk_in_a_stable_order(catalog: Catalog) -> None:
    found = units(catalog, "cap:encrypt_sdk=any", "cap:decrypt_sdk=any", "cap:format=any")

    assert variants(found) == [
        "encrypt_sdk=go-v0.36.0,decrypt_sdk=go-v0.36.0,format=ztdf",
        "encrypt_sdk=go-v0.36.0,decrypt_sdk=python-v0.11.0,format=ztdf",
        "encrypt_sdk=python-v0.11.0,decrypt_sdk=go-v0.36.0,format=ztdf",
        "encrypt_sdk=python-v0.11.0,decrypt_sdk=python-v0.11.0,format=ztdf",
    ]
    assert {unit.expectation.disposition for unit in found} == {"run"}


def test_a_language_stands_for_each_of_its_versions(catalog: Catalog) -> None:
    inventory = Inventory((sdk("go-v0.35.0"), GO))

    assert variants(units(catalog, "cap:encrypt_sdk=go", inventory=inventory)) == [
        "encrypt_sdk=go-v0.35.0",
        "encrypt_sdk=go-v0.36.0",
    ]
    assert variants(units(catalog, "cap:encrypt_sdk=go-v0.35.0", inventory=inventory)) == [
        "encrypt_sdk=go-v0.35.0"
    ]


def test_repeated_tags_are_a_set_and_nearer_tags_replace_any(catalog: Catalog) -> None:
    repeated = units(catalog, "cap:target_version=4.3.0", "cap:target_version=4.2.2")
    nearer = units(catalog, "cap:target_version=any", "cap:target_version=4.3.0")
    wider = units(catalog, "cap:target_version=4.3.0", "cap:target_version=any")

    assert variants(repeated) == ["target_version=4.3.0", "target_version=4.2.2"]
    assert variants(nearer) == ["target_version=4.3.0"]
    assert variants(wider) == ["target_version=4.2.2", "target_version=4.3.0"]


def test_a_pinned_value_that_the_profile_lacks_is_not_applicable(catalog: Catalog) -> None:
    disposition, reason = only(units(catalog, "cap:format=nano"))

    assert disposition == "not_applicable"
    assert reason == "profile mine has no format=nano (it has ztdf)"


def test_a_missing_sdk_is_an_error_unless_the_skip_is_declared(catalog: Catalog) -> None:
    inventory = Inventory((PYTHON,))
    undeclared = units(catalog, "cap:encrypt_sdk=go", inventory=inventory)
    declared = units(
        catalog,
        "cap:encrypt_sdk=go",
        inventory=inventory,
        using=profile(("missing == 'go'", "no Go here")),
    )

    assert only(undeclared)[0] == "error"
    assert "no go SDK is installed" in only(undeclared)[1]
    assert only(declared) == ("skip", "no Go here")


def test_what_an_sdk_lacks_is_an_error_unless_the_skip_is_declared(catalog: Catalog) -> None:
    weak = Inventory((sdk("python-v0.11.0", {"hexaflexible": Answer("no")}),))
    tags = ("cap:encrypt_sdk=python", "cap:target_version=4.2.2")
    rule = ("unsupported == 'python:hexaflexible'", "Python cannot")

    assert only(units(catalog, *tags, inventory=weak))[0] == "error"
    assert only(units(catalog, *tags, inventory=weak, using=profile(rule))) == (
        "skip",
        "Python cannot",
    )


@pytest.mark.parametrize(
    ("features", "said"),
    [({"hexaflexible": Answer("unknown", "it crashed")}, "it crashed"), ({}, "was not probed")],
)
def test_an_sdk_that_does_not_answer_is_an_error_never_a_skip(
    catalog: Catalog, features: Mapping[str, Answer], said: str
) -> None:
    silent = Inventory((sdk("python-v0.11.0", features),))
    generous = profile(("unsupported == 'python:hexaflexible'", "declared for a clear no"))

    disposition, reason = only(
        units(
            catalog,
            "cap:encrypt_sdk=python",
            "cap:target_version=4.2.2",
            inventory=silent,
            using=generous,
        )
    )

    assert disposition == "error"
    assert said in reason


def test_only_the_sdk_in_the_role_needs_the_feature(catalog: Catalog) -> None:
    reader = sdk("python-v0.11.0", {"hexless": Answer("no"), "hexaflexible": Answer("yes")})

    found = units(
        catalog,
        "cap:encrypt_sdk=python",
        "cap:target_version=4.2.2",
        inventory=Inventory((reader,)),
    )

    assert only(found) == ("run", "")


def test_what_the_stack_lacks_is_an_error_unless_declared(catalog: Catalog) -> None:
    tags = ("cap:format=ztdf", "needs:expired-token")
    has = dataclasses.replace(BOTH, stack_features=("expired-token",))
    rule = ("lacking == 'expired-token'", "not on this stack")

    assert only(units(catalog, *tags))[0] == "error"
    assert only(units(catalog, *tags, using=profile(rule))) == ("skip", "not on this stack")
    assert only(units(catalog, *tags, inventory=has)) == ("run", "")


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        (("req:BR-001",), "names no capability"),
        (("cap:format=ztdf",), "names no requirement"),
        (("req:BR-001", "cap:formt=ztdf"), 'Did you mean "format"?'),
        (("req:BR-001", "cap:format=zdtf"), 'Did you mean "ztdf"?'),
    ],
)
def test_wrong_tags_are_told_before_anything_runs(
    catalog: Catalog, tags: tuple[str, ...], problem: str
) -> None:
    wrong = dataclasses.replace(spec(), tags=tags)

    with pytest.raises(SpecificationError) as caught:
        plan([wrong, wrong], Basis(profile(), catalog, BOTH))

    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith("f.feature:3: ")
    assert problem in caught.value.problems[0]


@settings(max_examples=50)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_number_of_units_is_the_product_of_the_values(sizes: list[int], random: object) -> None:
    del random
    dimensions = {
        f"d{index}": Dimension(
            f"d{index}", "", tuple(f"v{n}" for n in range(size)), f"d{index}", "v0", {}
        )
        for index, size in enumerate(sizes)
    }
    wide = dataclasses.replace(
        profile(),
        capabilities={name: d.values for name, d in dimensions.items()},
        selection=SelectionRules(strategy="exhaustive"),
    )
    found = plan(
        [spec(*(f"cap:{name}=any" for name in dimensions))],
        Basis(wide, Catalog(dimensions, {}), Inventory()),
    ).units

    product = 1
    for size in sizes:
        product *= size
    assert len(found) == len({unit.id for unit in found}) == product
