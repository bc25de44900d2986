from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.foundation.settings import Settings
from support.stack import manager


def test_the_stack_none_starts_nothing_and_has_nobody(tmp_path: Path) -> None:
    stack = manager.bring_up("none", Settings({}, {}), tmp_path / "stack")

    assert stack.services.stack == "none"
    assert stack.services.secrets() == ()
    assert stack.problem() == ""
    assert not (tmp_path / "stack").exists()
    stack.stop()
    with pytest.raises(EnvironmentUnfitError, match=r"without a stack .*Choose a profile"):
        stack.services.credentials("admin")


@pytest.mark.parametrize("name", ["fault", "stack_descriptor"])
def test_a_setting_for_a_stack_is_refused_without_one(tmp_path: Path, name: str) -> None:
    value = "skip-policy-binding" if name == "fault" else "stack.json"

    with pytest.raises(ConfigurationError, match=rf"--define {name} is .*{value}.*stack: none"):
        manager.bring_up("none", Settings({name: value}, {}), tmp_path)


def test_without_a_stack_nothing_is_served_that_scenarios_may_need() -> None:
    assert manager.features("none", Settings({}, {})) == ()
