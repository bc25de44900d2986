import pytest

from support.model.inventory import InstalledSdk, Inventory
from support.model.unit import Unit
from support.model.variant import Variant
from support.planning.inputs import (
    SDK_DIMENSIONS,
    digest_of,
    digests_of_units,
    sdks_in_use,
    spec_text,
    step_arguments,
)
from support.specs import reader
from tests.conftest import MakeUnit

FEATURE = """\
@req:BR-001 @cap:encrypt_sdk=any
Feature: Small

  Background:
    Given a document

  Scenario: One
    When it is opened with
      | name | value |
      | a    | 1     |
    Then it says
      '''text
      hello
      '''
"""

INVENTORY = Inventory(
    (
        InstalledSdk("go-v1", "go", "v1", "sdks", digest="g"),
        InstalledSdk("java-v1", "java", "v1", "sdks", digest="j"),
    )
)


def digest(text: str = FEATURE, profile: str = "p", sdks: Inventory = INVENTORY) -> str:
    document = reader.parse("features/small.feature", text.replace("'''", '"""'))
    (spec,) = reader.specs_of(document)
    unit = Unit(spec, Variant.of({"encrypt_sdk": "go-v1"}))
    (found,) = digests_of_units([unit], [document], profile, sdks, "java-v1").values()
    return found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a document", "a letter"),
        ("| 1     |", "| 2     |"),
        ("hello", "goodbye"),
        ("'''text", "'''json"),
        ("@req:BR-001", "@req:BR-002"),
        ("Given", "When"),
    ],
)
def test_whatever_a_spec_states_changes_the_digest(old: str, new: str) -> None:
    assert digest(FEATURE.replace(old, new, 1)) != digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Feature: Small\n", "# a remark\n\nFeature: Small\n  It is described.\n"),
        ("| a    | 1     |", "| a | 1 |"),
        ("  Scenario: One\n", "  Scenario: One\n    Described.\n"),
    ],
)
def test_lines_remarks_and_descriptions_do_not(old: str, new: str) -> None:
    assert digest(FEATURE.replace(old, new, 1)) == digest()


def test_profile_and_sdks_change_the_digest() -> None:
    other = Inventory(
        (InstalledSdk("go-v1", "go", "v1", "sdks", digest="other"), INVENTORY.sdks[1])
    )
    default = Inventory(
        (INVENTORY.sdks[0], InstalledSdk("java-v1", "java", "v1", "sdks", digest="other"))
    )

    assert len({digest(), digest(profile="q"), digest(sdks=other), digest(sdks=default)}) == 4


def test_the_variant_changes_the_digest(make_unit: MakeUnit) -> None:
    units = [make_unit(variant=(("format", value),)) for value in ("nano", "ztdf")]

    digests = digests_of_units(units, [], "p", INVENTORY)

    assert len(set(digests.values())) == 2


def test_the_default_sdk_serves_what_a_unit_does_not_name(make_unit: MakeUnit) -> None:
    one = make_unit(variant=(("encrypt_sdk", "go-v1"), ("format", "ztdf")))
    both = make_unit(variant=(("encrypt_sdk", "go-v1"), ("decrypt_sdk", "go-v1")))
    missing = make_unit(variant=(("encrypt_sdk", "swift"), ("decrypt_sdk", "go-v1")))

    assert sdks_in_use(one, INVENTORY, "java-v1", SDK_DIMENSIONS) == ("go-v1", "java-v1")
    assert sdks_in_use(one, INVENTORY, "java-v1", ()) == ("go-v1",)
    assert sdks_in_use(both, INVENTORY, "java-v1", SDK_DIMENSIONS) == ("go-v1",)
    assert sdks_in_use(missing, INVENTORY, "java-v1", SDK_DIMENSIONS) == ("go-v1",)


def test_a_document_without_a_feature_has_no_arguments() -> None:
    assert step_arguments(reader.parse("features/empty.feature", "")) == {}


def test_a_spec_of_a_file_that_is_not_known_has_a_text_all_the_same(make_unit: MakeUnit) -> None:
    spec = make_unit().spec

    assert spec_text(spec, {}) == spec_text(spec, {})
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
