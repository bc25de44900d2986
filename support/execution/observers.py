"""What was done to the system under test, as the lines that evidence keeps."""

import dataclasses
import json
from datetime import datetime

from support.model.records import CommandRecord, ExchangeRecord

# Header values that are credentials by definition; everything else is redacted by form.
_SECRET_HEADERS = {"authorization", "dpop", "cookie", "set-cookie"}


def command_data(record: CommandRecord) -> bytes:
    """Return a command as one line of JSON."""
    return _line(dataclasses.asdict(record))


def exchange_data(record: ExchangeRecord) -> bytes:
    """Return an HTTP exchange as one line of JSON, without its credentials."""
    value = dataclasses.asdict(record)
    for headers in (value["request_headers"], value["response_headers"]):
        for name in headers:
            if name.lower() in _SECRET_HEADERS:
                headers[name] = "[redacted: header]"
    return _line(value)


def _line(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_text).encode()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
