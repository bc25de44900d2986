"""Evidence of older versions, brought to the version of today when it is read."""

from collections.abc import Callable, Mapping
from typing import Any

OLDEST, CURRENT = 1, 2
UNKNOWN = "unknown"
"""A digest that an older version did not keep."""

_KINDS_OF_LOGS = {"commands": "command", "exchanges": "exchange", "audit": "audit"}
_MEDIA_TYPES = {
    "json": "application/json",
    "jsonl": "application/json",
    "txt": "text/plain",
    "png": "image/png",
    "zip": "application/zip",
}


def migrated(record: Any) -> Any:  # noqa: ANN401 -- whatever a file holds
    """Return a record in the current version; what is no record of a known version stays as it is.

    The schema then says what is wrong with it.
    """
    while isinstance(record, Mapping) and record.get("schema_version") in _STEPS:
        try:
            record = _STEPS[record["schema_version"]](record)
        except (KeyError, TypeError, AttributeError):
            return record
    return record


def _from_version_1(record: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(record)
    logs, screenshots = kept.pop("logs"), kept.pop("screenshots")
    attachments = kept.pop("attachments")
    files = [
        *(_file(path, _kind_of_log(path)) for path in logs),
        *(_file(path, "screenshot") for path in screenshots),
        *(_file(path, _kind_of_attachment(path)) for path in attachments),
    ]
    return {
        **kept,
        "schema_version": 2,
        "begun": True,
        "requirements": [{"id": each, "title": ""} for each in record["req_ids"]],
        "profile_digest": UNKNOWN,
        "plan_digest": UNKNOWN,
        "seed": None,
        "order": UNKNOWN,
        "clocks": [],
        "at_time": None,
        "severity": record.get("severity", "medium"),
        "feature": {**record["feature"], "digest": UNKNOWN},
        "scenario": {**record["scenario"], "text": ""},
        "stack": {**record["stack"], "components": []},
        "sdks": [_sdk(each) for each in record["sdks"]],
        "environment": {},
        "commands": [],
        "observed": {
            name: [] for name in ("answers", "decisions", "obligations", "refusals", "audit")
        },
        "files": files,
        "links": [],
    }


_STEPS: Mapping[object, Callable[[Mapping[str, Any]], dict[str, Any]]] = {1: _from_version_1}


def _sdk(sdk_id: str) -> dict[str, str]:
    language, _, version = sdk_id.partition("-")
    return {"id": sdk_id, "language": language, "version": version, "digest": UNKNOWN}


def _file(path: str, kind: str) -> dict[str, Any]:
    media_type = _MEDIA_TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    return {"path": path, "kind": kind, "media_type": media_type, "bytes": None, "sha256": UNKNOWN}


def _kind_of_log(path: str) -> str:
    return _KINDS_OF_LOGS.get(path.rpartition("-")[2].removesuffix(".jsonl"), "log")


def _kind_of_attachment(path: str) -> str:
    return "manifest" if "-manifest" in path.rpartition("/")[2] else "attachment"
