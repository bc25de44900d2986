import pytest

from support.foundation.errors import ConfigurationError
from support.foundation.settings import from_environment
from support.stack import faults
from support.stack.faults import Faults


def test_none_is_on_unless_it_is_named() -> None:
    assert faults.asked_for(from_environment()) == Faults()


def test_each_is_switched_on_where_it_belongs() -> None:
    settings = from_environment({"fault": "labels-dropped,ignore-hierarchy,action-ignored"})

    found = faults.asked_for(settings)

    assert found == Faults(("ignore-hierarchy", "action-ignored"), "labels-dropped")
    assert found.names == ("ignore-hierarchy", "action-ignored", "labels-dropped")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("lables-dropped", 'Did you mean "labels-dropped"'),
        ("labels-dropped,statement-dropped", "one fault at a time"),
    ],
)
def test_what_cannot_be_switched_on_is_refused(named: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        faults.asked_for(from_environment({"fault": named}))
