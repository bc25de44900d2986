"""Rewraps a second on one core, and the memory that many of them leave behind.

The reference is what no KAS can avoid, the private operation on the wrapped key (RSA-2048 OAEP),
measured in the same run on the same machine; so the ratio holds on another machine too.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from support.foundation.process import BackgroundProcess, start

WARM_UP = 200
REFERENCE_OPERATIONS = 500
TARGET_PER_SECOND = 300
GROWTH_LIMIT_KIB = 2048
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one run of the benchmark found."""

    count: int
    wall_seconds: float
    cpu_seconds: float
    memory_before_kib: int
    memory_after_kib: int
    reference_per_second: float

    @property
    def per_core_second(self) -> float:
        """Rewraps for each second of processor time that the platform used."""
        return self.count / self.cpu_seconds


class Client:
    """One kept-alive connection to the platform."""

    def __init__(self, url: str) -> None:
        host = urlsplit(url)
        self._connection = http.client.HTTPConnection(host.hostname or "", host.port)
        self._headers = {"content-type": "application/json"}

    def sign_in(self, path: str, role: dict[str, str]) -> None:
        """Get a token and use it from now on."""
        form = urlencode({"grant_type": "client_credentials", **role})
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = self._send(path, form.encode(), headers)
        self._headers["authorization"] = f"Bearer {answer['access_token']}"

    def call(self, procedure: str, body: bytes) -> dict[str, object]:
        """Call a procedure."""
        return self._send(f"/{procedure}", body, self._headers)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, object]:
        self._connection.request("POST", path, body, headers)
        response = self._connection.getresponse()
        content: dict[str, object] = json.loads(response.read())
        if response.status != http.client.OK:
            raise SystemExit(f"{path} answered {response.status}: {content}")
        return content


def rewrap_request(kas_key_pem: str) -> bytes:
    """Return the body of a rewrap of one RSA-wrapped key, without attributes."""
    kas_key = load_pem_public_key(kas_key_pem.encode())
    if not isinstance(kas_key, rsa.RSAPublicKey):
        raise SystemExit(f"expected an RSA key, got {type(kas_key).__name__}")
    data_key = os.urandom(32)
    content = {"uuid": str(uuid.uuid4()), "body": {"dataAttributes": [], "dissem": []}}
    policy = base64.b64encode(json.dumps(content).encode()).decode()
    digest = hmac.new(data_key, policy.encode(), hashlib.sha256).hexdigest()
    session = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    key_access = {
        "type": "wrapped",
        "url": "http://localhost/kas",
        "protocol": "kas",
        "kid": "r1",
        "policyBinding": {"alg": "HS256", "hash": base64.b64encode(digest.encode()).decode()},
        "wrappedKey": base64.b64encode(kas_key.encrypt(data_key, OAEP)).decode(),
    }
    request = {
        "clientPublicKey": session.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode(),
        "requests": [
            {
                "keyAccessObjects": [{"keyAccessObjectId": "kao-0", "keyAccessObject": key_access}],
                "policy": {"id": "policy-0", "body": policy},
            }
        ],
    }
    claims = {"requestBody": json.dumps(request)}
    # Nobody checks the signature of a request under an unbound access token.
    token = ".".join([_part({"alg": "RS256", "typ": "JWT"}), _part(claims), "c2ln"])
    return json.dumps({"signedRequestToken": token}).encode()


def _part(content: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def reference_per_second() -> float:
    """Return how often one core opens an RSA-2048 wrapped key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    wrapped = key.public_key().encrypt(os.urandom(32), OAEP)
    begun = time.process_time()
    for _ in range(REFERENCE_OPERATIONS):
        key.decrypt(wrapped, OAEP)
    return REFERENCE_OPERATIONS / (time.process_time() - begun)


def measure(process_id: int, client: Client, body: bytes, count: int) -> Measurement:
    """Rewrap one after the other and watch the platform's process."""
    for _ in range(WARM_UP):
        client.call("kas.AccessService/Rewrap", body)
    memory, cpu, begun = _memory_kib(process_id), _cpu_seconds(process_id), time.perf_counter()
    for _ in range(count):
        client.call("kas.AccessService/Rewrap", body)
    return Measurement(
        count=count,
        wall_seconds=time.perf_counter() - begun,
        cpu_seconds=_cpu_seconds(process_id) - cpu,
        memory_before_kib=memory,
        memory_after_kib=_memory_kib(process_id),
        reference_per_second=reference_per_second(),
    )


def _memory_kib(process_id: int) -> int:
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise SystemExit("this benchmark reads memory from /proc, which this system lacks")


def _cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(count: int) -> Measurement:
    """Start a platform, measure, stop it."""
    with tempfile.TemporaryDirectory() as folder:
        ready_file = Path(folder) / "ready.json"
        arguments = ["-m", "support.embedded", "--stop-with-stdin", "--ready-file", str(ready_file)]
        platform = start(
            "embedded platform",
            [sys.executable, *arguments],
            environment={"PATH": os.defpath, "PYTHONPATH": str(Path(__file__).parents[1])},
            log=Path(folder) / "log",
        )
        try:
            return _measure_started(platform, ready_file, count)
        finally:
            platform.stop()


def _measure_started(platform: BackgroundProcess, ready_file: Path, count: int) -> Measurement:
    begun = time.monotonic()
    while not ready_file.exists():
        if platform.exit_code is not None or time.monotonic() > begun + 30:
            raise SystemExit(f"the platform did not start: {platform.last_output()}")
        os.sched_yield()
    descriptor = json.loads(ready_file.read_text())
    with contextlib.closing(Client(descriptor["platform"]["url"])) as client:
        client.sign_in(
            urlsplit(descriptor["idp"]["token_endpoint"]).path, descriptor["roles"]["standard"]
        )
        key = client.call("kas.AccessService/PublicKey", b'{"algorithm":"rsa:2048"}')
        body = rewrap_request(str(key["publicKey"]))
        return measure(platform.process_id, client, body, count)


def table(found: Measurement) -> str:
    """Return the findings as lines of a table."""
    growth = found.memory_after_kib - found.memory_before_kib
    rows = [
        ("rewraps", f"{found.count}"),
        ("per second of one core", f"{found.per_core_second:.0f}  (at least {TARGET_PER_SECOND})"),
        ("per second, one client", f"{found.count / found.wall_seconds:.0f}"),
        ("bare RSA-2048 decryptions per second", f"{found.reference_per_second:.0f}"),
        (
            "ratio to the bare decryption",
            f"{found.per_core_second / found.reference_per_second:.2f}",
        ),
        (
            "memory before and after, MiB",
            f"{found.memory_before_kib / 1024:.1f}, {found.memory_after_kib / 1024:.1f}",
        ),
        ("growth, KiB", f"{growth}  (at most {GROWTH_LIMIT_KIB})"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def main() -> int:
    """Measure, print the table, and say by the exit code whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="rewraps to measure")
    found = run(parser.parse_args().count)
    print(table(found))
    growth = found.memory_after_kib - found.memory_before_kib
    return int(found.per_core_second < TARGET_PER_SECOND or growth > GROWTH_LIMIT_KIB)


if __name__ == "__main__":
    sys.exit(main())
