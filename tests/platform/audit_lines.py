"""Audit records as a platform writes them."""

import json

BINDING = "YmluZGluZw=="
LABEL = "https://a.example/attr/project/value/apollo"


def line(
    kind: str = "rewrap",
    result: str = "success",
    *,
    request_id: str = "request-1",
    done: str | None = None,
    **differing: object,
) -> bytes:
    """Return a line of a log; `differing` replaces members of the record."""
    audit = {
        "action": {"result": result, "type": done or kind},
        "actor": {"attributes": [], "id": ""},
        "clientInfo": {"platform": "kas", "requestIP": "", "userAgent": "a client"},
        "eventMetaData": {
            "algorithm": "rsa:2048",
            "keyID": "r1",
            "policyBinding": BINDING,
            "tdfFormat": "tdf3",
        },
        "object": {
            "attributes": {"assertions": [], "attrs": [LABEL], "permissions": []},
            "id": "policy-1",
            "name": "",
            "type": "key_object",
        },
        "original": None,
        "updated": None,
        "requestID": request_id,
        "timestamp": "2026-11-24T18:00:27Z",
        **differing,
    }
    record = {"time": "2026-11-24T18:00:27Z", "level": "AUDIT", "msg": kind, "audit": audit}
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"
