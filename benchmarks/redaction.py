"""Redaction of typical logs, beside copying and hashing the same bytes, on one core.

python benchmarks/redaction.py [--megabytes 20]
"""

import argparse
import hashlib
import random
import time
from collections.abc import Callable

from support.foundation.redaction import Redactor

LINE = (
    '{"time":"2026-01-01T00:00:00.000000Z","level":"INFO","msg":"rewrap","status":200,'
    '"path":"/kas/v2/rewrap","resource":"https://example.com/attr/department/value/finance"}\n'
)
TOKEN = "eyJhbGciOiJSUzI1NiJ9." + "eyJ" + "zdWIiOiJhbGljZSJ9" * 20 + ".c2lnbmF0dXJl"
EXCHANGE = (
    '{"method":"POST","url":"http://127.0.0.1:8080/policy.attributes.AttributesService/Get",'
    '"request_headers":{"Authorization":"[redacted: header]","Content-Type":"application/json"},'
    f'"response_body":"{{\\"id\\":\\"7f1c\\",\\"token\\":\\"{TOKEN}\\"}}"}}\n'
)


def main() -> None:
    """Print one row for each kind of log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=20)
    size = parser.parse_args().megabytes * 1_000_000
    source = random.Random(1)  # noqa: S311 -- values to look for, not secrets
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-_"
    secrets = ["".join(source.choices(letters, k=24)) for _ in range(30)]
    redactor = Redactor(secrets)
    redactor.text("compiled")
    print("| text | MB/s of one core | of a plain copy | of SHA-256 |\n| --- | --- | --- | --- |")
    for name, unit in (
        ("lines of a log", LINE * 50),
        ("exchanges with a token each", (LINE * 8 + EXCHANGE) * 50),
        ("a secret in every second line", (LINE + f"saw {secrets[3]}\n") * 50),
    ):
        data = unit.encode() * (size // len(unit))
        speed = _speed(redactor.data, data)
        copy, digest = _speed(bytearray, data), _speed(lambda d: hashlib.sha256(d).digest(), data)
        print(f"| {name} | {speed:.0f} | {speed / copy:.2f} | {speed / digest:.2f} |")


def _speed(work: Callable[[bytes], object], data: bytes) -> float:
    begun = time.process_time()
    work(data)
    return len(data) / 1e6 / (time.process_time() - begun)


if __name__ == "__main__":
    main()
