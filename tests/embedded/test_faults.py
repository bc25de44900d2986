import pytest

from support.embedded.faults import Fault, parse_faults
from support.foundation.errors import ConfigurationError


def test_names_become_faults() -> None:
    assert parse_faults(["skip-policy-binding", "wrong-policy-key"]) == {
        Fault.SKIP_POLICY_BINDING,
        Fault.WRONG_POLICY_KEY,
    }


def test_every_fault_says_what_it_breaks_in_one_line() -> None:
    for fault in Fault:
        assert fault.description
        assert "\n" not in fault.description


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match='Did you mean "ignore-hierarchy"'):
        parse_faults(["ignore-hierachy"])


def test_a_name_like_nothing_known_is_answered_with_all() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_faults(["zzz"])
    assert "Did you mean" not in str(caught.value)
    assert all(fault.value in str(caught.value) for fault in Fault)
