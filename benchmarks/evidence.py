"""What evidence costs: writing it, as milliseconds a unit, and verifying it, against plain SHA-256.

`python -m benchmarks.evidence [units]`, 10,000 by default. The ratio is what to compare between
machines: how much longer verifying takes than reading and hashing the same bytes.
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.evidence import sealing
from support.evidence.recorder import EvidenceRecorder
from support.evidence.signing_key import SigningKey
from support.evidence.verification import verify
from support.model.events import (
    Attached,
    AttachmentKind,
    RunFinished,
    RunStarted,
    StackSummary,
    StepFinished,
    UnitFinished,
    UnitStarted,
)
from support.model.inventory import Inventory
from support.model.outcome import Outcome, Status
from support.model.spec import Spec, SpecStep
from support.model.unit import Unit
from support.model.variant import Variant

UNITS = 10_000
STEPS = 5
EXCHANGE = (
    b'{"url": "http://localhost:1/policy.attributes.AttributesService/CreateAttribute",'
    b' "status": 200, "response_body": "' + b"x" * 2000 + b'"}'
)


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else UNITS
    with tempfile.TemporaryDirectory(prefix="acceptance-benchmark-") as name:
        folder = Path(name) / "run"
        written = _timed(lambda: _record(folder, count))
        key = SigningKey(Ed25519PrivateKey.generate(), configured=True)
        sealed = _timed(lambda: sealing.attest(folder, key, None))
        problems: list[str] = []
        verified = _timed(lambda: problems.extend(verify(folder).problems))
        hashed = _timed(lambda: _hash(folder))
    print(f"write   {written / count * 1000:8.2f} ms a unit")
    print(f"seal    {sealed:8.2f} s for {count} units")
    print(
        f"verify  {verified:8.2f} s for {count} units, {verified / hashed:.1f} times as long as "
        f"SHA-256 of the same bytes; {len(problems)} problem(s)"
    )


def _timed(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _hash(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            hashlib.sha256(path.read_bytes()).hexdigest()


def _record(folder: Path, count: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    units = tuple(_unit(number) for number in range(count))
    recorder = EvidenceRecorder(folder)
    stack = StackSummary("embedded", "http://localhost:1", "1")
    recorder.handle(RunStarted(at, "run", "embedded", "a" * 40, stack, Inventory(), units))
    for number, unit in enumerate(units):
        now = at + timedelta(seconds=number)
        recorder.handle(UnitStarted(now, unit))
        kind = AttachmentKind.EXCHANGE
        recorder.handle(Attached(now, unit.id, kind, "exchange", "application/json", EXCHANGE))
        for index in range(STEPS):
            text = "a document that needs something"
            recorder.handle(StepFinished(now, unit.id, index, "Given", text, "passed", 0.01))
        recorder.handle(UnitFinished(now, unit, Outcome(Status.PASSED), started_at=now))
    recorder.handle(RunFinished(at, "run"))
    recorder.close()


def _unit(number: int) -> Unit:
    name = f"unit-{number}"
    tags = ("req:BR-001", "risk:high", "cap:format=any")
    steps = (SpecStep("Given", "a document that needs something", 2),)
    spec = Spec(f"features/a.feature:{name}", "features/a.feature", "A", "", name, 1, tags, steps)
    return Unit(spec, Variant.of({"format": "ztdf", "policy": f"p{number % 50}"}))


if __name__ == "__main__":
    main()
