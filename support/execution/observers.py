"""What was done to the system under test, as the lines that evidence keeps."""

import dataclasses
import json
from datetime import datetime

from support.foundation.redaction import Redactor
from support.model.records import CommandRecord, ExchangeRecord

# Header values that are credentials by definition; everything else is redacted by form.
_SECRET_HEADERS = {"authorization", "dpop", "cookie", "set-cookie"}


def command_data(record: CommandRecord, redactor: Redactor) -> bytes:
    """Return a command as one line of JSON."""
    return _line(dataclasses.asdict(record), redactor)


def exchange_data(record: ExchangeRecord, redactor: Redactor) -> bytes:
    """Return an HTTP exchange as one line of JSON, without its credentials."""
    value = dataclasses.asdict(record)
    for headers in (value["request_headers"], value["response_headers"]):
        for name in headers:
            if name.lower() in _SECRET_HEADERS:
                headers[name] = "[redacted: header]"
    return _line(value, redactor)


def _line(value: dict[str, object], redactor: Redactor) -> bytes:
    """Return a line whose texts were redacted before JSON escaped them once more."""
    return json.dumps(_clean(value, redactor), ensure_ascii=False, default=_text).encode()


def _clean(value: object, redactor: Redactor) -> object:
    match value:
        case str():
            return redactor.text(value)
        case dict():
            return {name: _clean(entry, redactor) for name, entry in value.items()}
        case list() | tuple():
            return [_clean(entry, redactor) for entry in value]
    return value


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
