"""Readers of the values of a network: plain text in, a value or a ValueError that explains out."""

import math
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from support.foundation import tls
from support.foundation.addresses import Address
from support.foundation.errors import ConfigurationError

MOST_RETRIES: Final = 10
MOST_REQUESTS_PER_SECOND: Final = 100_000.0
LEAST_REQUESTS_PER_SECOND: Final = 0.001
LONGEST_TIME_LIMIT_SECONDS: Final = 3600.0


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("expected true or false.")
    return text.lower() == "true"


def _file(text: str) -> Path:
    if not text:
        raise ValueError("expected the path of a file.")
    path = Path(text).expanduser().absolute()
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise ValueError(
            f"{path}: {error.strerror}. Expected a file that can be read; correct the path or its "
            "permissions."
        ) from None


def _private(path: Path) -> Path:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ValueError(
            f"others can read the private key in it (mode {mode:o}). Expected 600 or 400: "
            f"chmod 600 {path}"
        )
    return path


def _bundle(text: str) -> Path:
    path = _file(text)
    try:
        tls.trusting(path)
    except ConfigurationError as error:
        raise ValueError(str(error)) from None
    return path


def _certificate(text: str) -> Path:
    path = _file(text)
    return _private(path) if b"PRIVATE KEY" in path.read_bytes() else path


def _pins(text: str) -> tuple[str, ...]:
    pins = tuple(pin for pin in text.replace(",", " ").split() if pin)
    try:
        parsed = [tls.Pin.parse(pin) for pin in pins]
    except ValueError as error:
        raise ValueError(f"{error}. Expected {tls.PIN_FORM}.") from None
    if not parsed:
        raise ValueError(f"expected {tls.PIN_FORM}.")
    return tuple(str(pin) for pin in parsed)


def _proxy(text: str) -> str:
    form = "such as http://proxy.example:3128. A user and password may stand before the host."
    try:
        Address.of(text)
    except ValueError as error:
        raise ValueError(f"{error}, {form}") from None
    if urlsplit(text).path.strip("/"):
        raise ValueError(f"expected an address without a path, {form}")
    return text


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise ValueError(f"expected a number from {least:g} to {most:g}.")
        return number

    return read


def _count(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # Short first: Python refuses to read a number of thousands of digits.
        if not (
            len(text) <= len(str(most))
            and text.isascii()
            and text.isdigit()
            and least <= int(text) <= most
        ):
            raise ValueError(f"expected a whole number from {least} to {most}.")
        return int(text)

    return read


READERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "verify": ("verify", _boolean),
    "ca_bundle": ("ca_bundle", _bundle),
    "client_certificate": ("client_certificate", _certificate),
    "client_key": ("client_key", lambda text: _private(_file(text))),
    "pin": ("pins", _pins),
    "proxy": ("proxy", _proxy),
    "requests_per_second": (
        "requests_per_second",
        _number(LEAST_REQUESTS_PER_SECOND, MOST_REQUESTS_PER_SECOND),
    ),
    "burst": ("burst", _count(1, 100_000)),
    "timeout": ("time_limit_seconds", _number(0.001, LONGEST_TIME_LIMIT_SECONDS)),
    "retries": ("retries", _count(0, MOST_RETRIES)),
}
"""By name of the value: the field of `Network` it becomes, and how it is read."""
