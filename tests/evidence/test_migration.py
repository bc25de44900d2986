import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.evidence.migration import migrated
from support.evidence.reading import paths_of, read_record
from support.foundation.errors import ConfigurationError
from tests.evidence.runs import record, write


def test_a_record_of_version_1_is_read_as_one_of_today(tmp_path: Path) -> None:
    old = record("a:b#c", capabilities={"encrypt_sdk": "go-v0.36.0"}) | {
        "sdks": ["go-v0.36.0"],
        "logs": ["x/1-commands.jsonl", "x/1-exchanges.jsonl", "x/1-output.txt"],
        "screenshots": ["x/1-page.png"],
        "attachments": ["x/1-manifest-2.json", "x/1-odd.bin"],
    }
    write(tmp_path, old)
    (path,) = tmp_path.rglob("*-evidence.json")

    new = read_record(path)

    assert new["schema_version"] == 2
    assert [file["kind"] for file in new["files"]] == [
        "command",
        "exchange",
        "log",
        "screenshot",
        "manifest",
        "attachment",
    ]
    assert new["sdks"] == [
        {"id": "go-v0.36.0", "language": "go", "version": "v0.36.0", "digest": "unknown"}
    ]
    assert paths_of(new, "exchange") == ("x/1-exchanges.jsonl",)
    assert (new["seed"], new["begun"], new["status"]) == (None, True, "passed")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 3}, "schema_version is 3"),
        ({"schema_version": "1"}, "schema_version"),
        ({"logs": None}, "run|logs|schema_version"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_no_record_of_a_known_version_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    write(tmp_path, record("a:b#c") | change)
    (path,) = tmp_path.rglob("*-evidence.json")

    with pytest.raises(ConfigurationError, match=message):
        read_record(path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(values, st.sampled_from(["logs", "sdks", "stack", "req_ids", "feature", "attachments"]))
def test_no_content_breaks_the_migration(value: Any, name: str) -> None:  # noqa: ANN401
    json.dumps(migrated(record("a:b#c") | {name: value}))
    assert migrated(value) == value or isinstance(value, dict)
