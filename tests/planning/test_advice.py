"""Each kind of advice: given where it is due, and not where it is not."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from support.model.inventory import Inventory
from support.model.spec import Spec, SpecStep
from support.planning.advice import Advice, advice
from support.planning.planner import Basis
from support.planning.preparation import CATALOG
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles

KNOWN = catalogs.load(CATALOG)
TODAY = date(2026, 11, 24)
WAIVER = "owner: me, issue: X-1, expires: {expires}"


def spec(*tags: str, name: str = "One", step: str = "it opens") -> Spec:
    return Spec(
        id=f"f.feature:{name.lower()}",
        feature_path="f.feature",
        feature_name="F",
        rule_name="",
        name=name,
        line=3,
        tags=("req:BR-001", *tags),
        steps=(SpecStep("Then", step, 4),),
    )


TRAVEL = spec("cap:encrypt_sdk=any", "cap:decrypt_sdk=any", "cap:format=any", name="Travel")
GOOD = {
    "capabilities": "capabilities:\n  sdk: [go, python]\n  format: [ztdf]\n",
    "config": "config:\n  stack: embedded\n",
    "policies": "policies: {}\n",
}


@pytest.fixture
def advise(tmp_path: Path) -> "Advise":
    return Advise(tmp_path)


class Advise:
    """Gives advice on a profile made of texts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, specs: Sequence[Spec] = (TRAVEL,), *, shipped: bool = True, **files: str
    ) -> list[Advice]:
        (self.folder / "mine").mkdir()
        for name, text in {**GOOD, **files}.items():
            (self.folder / "mine" / f"{name}.yaml").write_text(text)
        profile = profiles.load(self.folder, "mine", KNOWN)
        return list(advice(Basis(profile, KNOWN, Inventory(), today=TODAY), specs, shipped=shipped))


def test_a_sound_profile_gets_none(advise: Advise) -> None:
    assert advise() == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config", "config:\n  selection:\n    tags: '@nobody'\n"),
        ("config", "config:\n  selection:\n    requirements: [BR-002]\n"),
        ("capabilities", "capabilities:\n  policy: [abac-basic]\n"),
        (
            "policies",
            (
                "policies:\n  expected_skips:\n"
                "    - {condition: \"format == 'ztdf'\", reason: because it is so}\n"
            ),
        ),
    ],
)
def test_nothing_to_run_is_an_error_with_the_reasons(tmp_path: Path, file: str, text: str) -> None:
    texts = {**GOOD, file: text}

    first, *_ = Advise(tmp_path)(
        capabilities=texts["capabilities"], config=texts["config"], policies=texts["policies"]
    )

    assert first.severity == "error"
    assert first.message.startswith("the profile runs nothing, even where every SDK is installed")
    assert "x). Select more" in first.message


def test_units_that_need_what_the_stack_never_has_are_an_error(advise: Advise) -> None:
    (found,) = advise([TRAVEL, spec("cap:format=any", "needs:people", name="Two")])

    assert found.severity == "error"
    assert found.message.startswith("1 units cannot run, wherever that is: the stack has no people")


@pytest.mark.parametrize(
    ("shipped", "severity"), [(True, "error"), (False, "warning")], ids=["shipped", "elsewhere"]
)
@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("", "the waiver has no owner, issue, end date (expires)."),
        (", owner: me, expires: 2030-01-01", "the waiver has no issue."),
        (f", {WAIVER.format(expires='2026-11-23')}", "the waiver ended on 2026-11-23."),
    ],
)
def test_a_waiver_for_ever_or_of_the_past(
    advise: Advise, rest: str, message: str, severity: str, *, shipped: bool
) -> None:
    text = f"policies:\n  waivers:\n    - {{test: Travel, reason: because it is so{rest}}}\n"

    (found,) = advise(shipped=shipped, policies=text)

    assert found.severity == severity
    assert found.message.startswith(message)
    assert found.where.endswith("mine/policies.yaml:3")


def test_a_waiver_holds_on_its_last_day_and_has_to_fit_a_scenario(advise: Advise) -> None:
    rest = WAIVER.format(expires="2026-11-24")

    (found,) = advise(
        policies="policies:\n  waivers:\n"
        f"    - {{test: Travel, reason: because it is so, {rest}}}\n"
        f"    - {{test: Travels, reason: because it is so, {rest}}}\n"
    )

    assert found == Advice(
        "warning",
        str(advise.folder / "mine" / "policies.yaml") + ":4",
        'the waiver fits no scenario: none is called "Travels". Correct or drop it.',
    )


def test_a_value_that_nothing_goes_with(advise: Advise) -> None:
    """NanoTDF needs a key on an elliptic curve, and this profile has none."""
    text = "capabilities:\n  sdk: [go]\n  format: [ztdf, nano]\n  wrapping: [rsa-2048]\n"

    found = [a for a in advise(capabilities=text) if "no variant can have" in a.message]

    assert [entry.severity for entry in found] == ["warning"]
    assert found[0].where.endswith("capabilities.yaml:3")
    assert "format=nano" in found[0].message
    assert '"NanoTDF is sealed for elliptic-curve keys"' in found[0].message


def test_a_role_that_nobody_speaks_of(advise: Advise) -> None:
    roles = "    {}: {{attributes: ['group:a']}}\n"
    config = "config:\n  roles:\n" + roles.format("alice") + roles.format("bob")
    asking = spec("cap:format=any", name="Asking", step='"Alice" asks for a document')

    (found,) = advise([TRAVEL, asking], config=config)

    assert 'speaks of "bob"' in found.message
    assert found.where.endswith("config.yaml:4")


@pytest.mark.parametrize(
    ("condition", "fires"),
    [
        ("encrypt_sdk == 'go' and decrypt_sdk == 'python'", True),
        ("sdk == 'java'", False),
        ("missing == 'python'", True),
        ("missing == 'java'", False),
        ("missing == 'go' and format == 'ztdf'", True),
        ("unsupported == 'go:encrypt'", True),
        ("unsupported == 'go:nano'", False),
        ("unsupported == 'java:encrypt'", False),
        ("lacking == 'browser'", True),
        ("lacking == 'printer'", False),
        ("format == 'ztdf-ecwrap'", False),
        ("not missing == 'go' and encrypt_sdk == 'go-v0.36.0'", True),
        ("encrypt_sdk == 'java-v0.36.0'", False),
    ],
)
def test_a_skip_that_no_unit_can_meet(advise: Advise, condition: str, *, fires: bool) -> None:
    browsing = spec("cap:format=any", "needs:browser", name="Browsing")
    text = (
        "policies:\n  expected_skips:\n"
        "    - {condition: \"lacking == 'browser'\", reason: because it is so}\n"
        f'    - {{condition: "{condition}", reason: because it is so}}\n'
    )

    found = [a for a in advise([TRAVEL, browsing], policies=text) if "can be skipped" in a.message]

    assert [entry.where.rpartition(":")[2] for entry in found] == ([] if fires else ["4"])


def test_what_a_profile_inherits_is_its_base_s_business(advise: Advise) -> None:
    (advise.folder / "base").mkdir()
    for name, text in {
        **GOOD,
        "config": "config:\n  roles: {bob: {attributes: ['group:a']}}\n",
        "policies": "policies:\n  expected_skips:\n"
        "    - {condition: \"sdk == 'java'\", reason: because it is so}\n",
    }.items():
        (advise.folder / "base" / f"{name}.yaml").write_text(text)

    assert advise(config="config:\n  extends: base\n") == []


def test_what_max_variants_takes_away_is_told_with_the_pairs(advise: Advise) -> None:
    (found,) = advise(config="config:\n  selection: {max_variants: 3}\n")

    assert found.severity == "warning"
    assert found.where == "f.feature:3"
    assert "max_variants keeps 3 of 4 variants; uncovered: encrypt_sdk=python" in found.message


def test_versions_of_an_sdk_may_be_listed(advise: Advise) -> None:
    assert advise(capabilities="capabilities:\n  sdk: [go-v0.36.0]\n  format: [ztdf]\n") == []


def test_more_combinations_than_can_be_looked_at_give_no_advice_on_skips(advise: Advise) -> None:
    names = [name for name, d in KNOWN.dimensions.items() if d.source == name and name != "sdk"]
    text = "".join(f"  {name}: [{', '.join(KNOWN.dimensions[name].values)}]\n" for name in names)
    everything = spec(*(f"cap:{name}=any" for name in names), name="Everything")

    found = advise(
        [everything],
        capabilities="capabilities:\n" + text.replace("4.2.2", '"4.2.2"'),
        policies="policies:\n  expected_skips:\n"
        "    - {condition: \"storage == 'object'\", reason: because it is so}\n",
    )

    assert [a for a in found if a.severity == "error"] == []


def test_errors_come_first(advise: Advise) -> None:
    found = advise(
        config="config:\n  roles: {bob: {attributes: ['group:a']}}\n  selection: {tags: '@no'}\n"
    )

    assert [entry.severity for entry in found] == ["error", "warning"]
