"""What services say about time: how far their clock is from ours, and when to ask again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def clock_skew(response_headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how far ahead of `now` the clock of a service is; negative if it is behind.

    The header `Date` (RFC 9110 section 6.6.1) counts whole seconds, and the answer was on its way
    for a while: a second or two mean nothing. None where there is no such header, or no date in it.

    Args:
        response_headers: of any answer of the service.
        now: our time when the answer came, with a time zone.
    """
    said = http_date(header(response_headers, "Date"))
    return None if said is None else said - now


def retry_after(response_headers: Mapping[str, str], now: datetime) -> float | None:
    """Return in how many seconds a service wants to be asked again (RFC 9110 section 10.2.3)."""
    said = header(response_headers, "Retry-After").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    until = http_date(said)
    return None if until is None else max(0.0, (until - now).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return a date in any of the three forms of RFC 9110 section 5.6.7, or None."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    # Dates of HTTP are in GMT; the form of asctime does not say so.
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header whatever the case of its name, or an empty text."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")
