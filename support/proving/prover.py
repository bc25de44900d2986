"""The proof: a green control run, then one trial for each fault, several at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass

from support.foundation.errors import AcceptanceError
from support.model.unit import Unit
from support.proving.candidates import candidates
from support.proving.proof import Catch
from support.proving.trial import Verdict
from support.specs.faults import BrokenPromise

REASON_CHARACTERS = 300
TOLD = 5

Told = Callable[[Catch], None]
Attempt = Callable[[Sequence[Unit], str], Verdict]
"""Runs units until one fails, with a fault or with none (an empty name)."""


class ControlRedError(AcceptanceError):
    """Without a fault something is red, so a failure with one would prove nothing."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Tries faults on the units of a plan.

    Attributes:
        units: what is planned.
        quick_sdk: id of the SDK that stands for all.
        attempt: runs units until one fails.
        jobs: how many trials run at a time.
        end_trials: ends the trials that run.
    """

    units: Sequence[Unit]
    quick_sdk: str
    attempt: Attempt
    jobs: int
    end_trials: Callable[[], None] = lambda: None

    def control(self, faults: Iterable[BrokenPromise]) -> int:
        """Run every unit that will try a fault without one, and return how many there are.

        Raises:
            ControlRedError: one of them does not pass.
        """
        wanted: dict[str, Unit] = {}
        for requirement in {fault.requirement: None for fault in faults}:
            wanted |= {unit.id: unit for unit in self._candidates(requirement)}
        parts = _parts(list(wanted.values()), self.jobs)
        with self._pool() as pool:
            verdicts = list(pool.map(lambda part: self.attempt(part, ""), parts))
        for part, verdict in zip(parts, verdicts, strict=True):
            _require_green(part, verdict)
        return len(wanted)

    def prove(self, faults: Sequence[BrokenPromise], told: Told) -> list[Catch]:
        """Try each fault, tell what becomes of it, and return all in the order given."""
        done: dict[str, Catch] = {}
        with self._pool() as pool:
            trials: Mapping[Future[Catch], BrokenPromise] = {
                pool.submit(self.try_fault, fault): fault for fault in faults
            }
            for trial in as_completed(trials):
                done[trials[trial].name] = trial.result()
                told(trial.result())
        return [done[fault.name] for fault in faults]

    def try_fault(self, fault: BrokenPromise) -> Catch:
        """Run the units of a fault's requirement with it, until one fails."""
        units = self._candidates(fault.requirement)
        if not units:
            return Catch(fault.name, fault.requirement, (), "no unit of the requirement can run")
        verdict = self.attempt(units, fault.name)
        failed = verdict.with_status("failed")
        if failed:
            return Catch(fault.name, fault.requirement, tuple(failed))
        return Catch(fault.name, fault.requirement, (), _why_not(verdict))

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        """Run trials several at a time; when interrupted, end those that run and begin no other."""
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self.end_trials()
                raise

    def _candidates(self, requirement: str) -> tuple[Unit, ...]:
        return candidates(self.units, requirement, self.quick_sdk)


def _parts(units: Sequence[Unit], count: int) -> list[list[Unit]]:
    """Deal units out by feature, so that each part has about the same number of them."""
    by_feature: dict[str, list[Unit]] = {}
    for unit in units:
        by_feature.setdefault(unit.spec.feature_path, []).append(unit)
    parts: list[list[Unit]] = [[] for _ in range(count)]
    for some in sorted(by_feature.values(), key=len, reverse=True):
        min(parts, key=len).extend(some)
    return [part for part in parts if part]


def _require_green(units: Sequence[Unit], verdict: Verdict) -> None:
    passed = set(verdict.with_status("passed"))
    red = [unit.id for unit in units if unit.id not in passed]
    if not red:
        return
    seen = [unit_id for unit_id in red if unit_id in verdict.outcomes]
    reasons = [f"{unit_id}: {': '.join(verdict.outcomes[unit_id])}" for unit_id in seen]
    raise ControlRedError(
        f"The control run without a fault is red, so nothing can be proved: {len(red)} of "
        f"{len(units)} units did not pass. {'; '.join(reasons[:TOLD]) or verdict.said} Mend that "
        "first; `behave --tags @req:BR-nnn` shows it."
    )


def _why_not(verdict: Verdict) -> str:
    errors = verdict.with_status("error")
    passed = len(verdict.with_status("passed"))
    if errors:
        first = verdict.outcomes[errors[0]][1].strip()[-REASON_CHARACTERS:]
        return f"{passed} units passed, {len(errors)} ended without a verdict, such as: {first}"
    if passed:
        return f"all {passed} units passed"
    return f"nothing ran: {verdict.said[-REASON_CHARACTERS:]}"
