import pytest

from support.embedded.faults import Fault, parse_faults
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.specs import faults
from support.specs.faults import Place


def test_names_become_faults() -> None:
    assert parse_faults(["skip-policy-binding", "wrong-policy-key"]) == {
        Fault.SKIP_POLICY_BINDING,
        Fault.WRONG_POLICY_KEY,
    }


def test_every_fault_of_the_platform_is_in_the_list_and_the_reverse() -> None:
    listed = faults.load(ROOT / "features" / "faults.yaml")

    of_the_platform = {fault.name for fault in listed if fault.place is Place.PLATFORM}

    assert of_the_platform == {fault.value for fault in Fault}


def test_an_unknown_name_is_answered_with_the_nearest_and_with_where_all_stand() -> None:
    with pytest.raises(ConfigurationError, match=r'Did you mean "ignore-hierarchy".*docs/faults'):
        parse_faults(["ignore-hierachy"])


def test_a_name_like_nothing_known_is_answered_with_where_all_stand() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_faults(["zzz"])

    assert "Did you mean" not in str(caught.value)
    assert "docs/faults.md" in str(caught.value)
