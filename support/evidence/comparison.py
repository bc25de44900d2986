"""What differs between the evidence of two runs, beyond what differs between any two.

Left out are run ids, timestamps and durations, and of files their sizes and digests: what is
encrypted or signed is never the same twice. In texts, ports, process ids, times, tokens, temporary
folders, and what is made at random are replaced by a mark.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from support.evidence.reading import records_in
from support.foundation.errors import ConfigurationError

Record = Mapping[str, Any]

OF_RUN = ("profile_id", "profile_digest", "plan_digest", "seed", "order", "commit_sha")
OF_UNIT = (
    "status",
    "reason",
    "begun",
    "variant",
    "capabilities",
    "severity",
    "feature",
    "scenario",
    "tags",
    "sdks",
    "clocks",
    "at_time",
    "links",
)

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}"), "<run>"),
    (re.compile(r"\S*/[\w.-]*acceptance-unit-\w+"), "<folder>"),
    (re.compile(r"\S+(?=/\w+/dist/[^/\s]+/cli\.sh)"), "<SDKs>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"(?<=localhost:)\d+|(?<=127\.0\.0\.1:)\d+|(?<=\[::1\]:)\d+"), "<port>"),
    (re.compile(r"(?i)(?<=process )\d+|(?<=pid[ =:])\d+"), "<process>"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"\b[0-9a-f]{8,}\b"), "<hex>"),
    (re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}"), "<bytes>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds)\b"), "<duration>"),
)


def normalized(text: str) -> str:
    """Return a text without what differs between any two runs."""
    for form, mark in _FORMS:
        text = form.sub(mark, text)
    return text


def differences(left: Path, right: Path) -> Iterator[str]:
    """Yield what differs between two runs, one line each; nothing where they are alike.

    Raises:
        ConfigurationError: there is no evidence, or it breaks its schema.
    """
    ours, theirs = _by_unit(left), _by_unit(right)
    yield from _of_run(next(iter(ours.values())), next(iter(theirs.values())))
    for key in sorted(ours.keys() | theirs.keys()):
        name = key[0] if key[1] == 1 else f"{key[0]}, attempt {key[1]}"
        if key not in theirs:
            yield f"{name}: only in {left.name}"
        elif key not in ours:
            yield f"{name}: only in {right.name}"
        else:
            one, other = _plain(ours[key]), _plain(theirs[key])
            for member, value in one.items():
                if value != other[member]:
                    yield f"{name}: {member}: {_change(value, other[member])}"


def _by_unit(folder: Path) -> dict[tuple[str, int], Record]:
    found: dict[tuple[str, int], Record] = {
        (record["unit_id"], record["attempt"]): record for _, record in records_in(folder)
    }
    if not found:
        raise ConfigurationError(f"{folder}: there is no evidence. Name a run: artifacts/<run>.")
    return found


def _of_run(left: Record, right: Record) -> Iterator[str]:
    pairs = {name: (left[name], right[name]) for name in OF_RUN}
    pairs["environment"] = (left["environment"], right["environment"])
    for name in ("name", "platform_version", "faults", "components"):
        pairs[f"stack {name}"] = (left["stack"][name], right["stack"][name])
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            yield f"the run: {name}: {_change(ours, theirs)}"


def _plain(record: Record) -> dict[str, Any]:
    """Return what of a record has to be the same in two runs."""
    return {
        **{name: _clean(record[name]) for name in OF_UNIT},
        "steps": [
            _clean([step["keyword"], step["text"], step["status"], step["error"]])
            for step in record["steps"]
        ],
        "commands": _clean(record["commands"]),
        "observed": _clean(record["observed"]),
        "files": sorted(f"{file['kind']} {file['media_type']}" for file in record["files"]),
    }


def _clean(value: Any) -> Any:  # noqa: ANN401 -- any tree
    if isinstance(value, str):
        return normalized(value)
    if isinstance(value, Mapping):
        return {name: _clean(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return value


def _change(ours: Any, theirs: Any) -> str:  # noqa: ANN401 -- any tree
    """Return the first place in which two values differ, from left to right."""
    if isinstance(ours, list) and isinstance(theirs, list):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            if one != other:
                return f"{index + 1}: {_change(one, other)}"
        return f"{len(ours)} against {len(theirs)}"
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name in sorted(ours.keys() | theirs.keys()):
            if ours.get(name) != theirs.get(name):
                return f"{name}: {_change(ours.get(name), theirs.get(name))}"
    return f"{ours!r} against {theirs!r}"
