"""The smallest plug-in that selects pytest nodes by a plan; the real one has more to it."""

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    plan = json.loads(Path(str(config.rootpath), "plan.json").read_text())

    def wanted(item: pytest.Item) -> bool:
        marks = {mark.args[0] for mark in item.iter_markers("req")}
        sdks = {mark.args[0] for mark in item.iter_markers("sdk")}
        return any(
            (fnmatchcase(item.nodeid, test["pattern"]) or marks & set(test["requirements"]))
            and sdks <= set(test["capabilities"]["sdk"])
            for test in plan["tests"]
        )

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]
