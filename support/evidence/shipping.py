"""Whether a version of an SDK may ship against a platform: judged by recorded results alone.

A version may ship when it passed, as the writer or the reader of documents, everything that was
tried of each requirement below, together with every other version. What was never tried is
unknown, and so is what ended without a verdict; neither is a yes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from support.evidence.reading import records_in
from support.foundation.errors import ConfigurationError

JUDGED: Mapping[str, str] = {
    "BR-001": "round trip",
    "BR-005": "earlier documents",
    "BR-007": "altered payloads",
    "BR-008": "altered policies",
}
"""What a release must not break, by requirement, and what the table calls it."""

_COUNTED = {"passed": "passed", "failed": "failed", "waived": "failed", "error": "without_verdict"}


class Answer(StrEnum):
    """Whether something holds."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """What became of the units of one requirement with one pair of SDKs on one platform.

    Attributes:
        writer: SDK with its version; empty where the document was there already.
        reader: likewise; empty where nobody opened it.
        broken: the ids of units that failed.
    """

    platform: str
    requirement: str
    writer: str
    reader: str
    passed: int = 0
    without_verdict: int = 0
    broken: tuple[str, ...] = ()

    def concerns(self, sdk: str) -> bool:
        """Whether an SDK took part."""
        return sdk in {self.writer, self.reader}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one version of an SDK may ship against one platform.

    Attributes:
        by_requirement: the answer of each requirement that is judged.
        why: what keeps it from being a yes, one line each.
    """

    sdk: str
    platform: str
    by_requirement: Mapping[str, Answer]
    why: tuple[str, ...]

    @property
    def answer(self) -> Answer:
        """No when one requirement says so; yes when all do."""
        answers = set(self.by_requirement.values())
        if Answer.NO in answers:
            return Answer.NO
        return Answer.YES if answers == {Answer.YES} else Answer.UNKNOWN


def of_runs(folders: Iterable[Path]) -> tuple[Result, ...]:
    """Read what runs recorded; of a unit that was run again, the last record counts.

    Raises:
        ConfigurationError: there is no evidence, or it breaks its schema.
    """
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for folder in folders:
        for _, record in records_in(folder):
            if record["stack"]["faults"] or not set(record["req_ids"]) & set(JUDGED):
                continue
            key = (_platform(record), record["unit_id"])
            if key not in last or last[key]["end_timestamp"] <= record["end_timestamp"]:
                last[key] = record
    if not last:
        raise ConfigurationError(
            "There is no evidence to judge by. Run the versions first: "
            "behave --define profile=version-matrix; docs/versions.md tells how."
        )
    return tuple(sorted(_added_up(last.values())))


def _platform(record: Mapping[str, Any]) -> str:
    stack = record["stack"]
    return f"{stack['name']} {stack['platform_version'].removeprefix(stack['name'] + '-')}"


def _added_up(records: Iterable[Mapping[str, Any]]) -> Iterator[Result]:
    groups: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
    for record in records:
        outcome = _COUNTED.get(record["status"])
        if outcome is None:  # skipped, or not applicable: nothing was tried
            continue
        values = record["capabilities"]
        writer, reader = values.get("encrypt_sdk", ""), values.get("decrypt_sdk", "")
        for requirement in set(record["req_ids"]) & set(JUDGED):
            key = (_platform(record), requirement, writer, reader)
            groups.setdefault(key, []).append((outcome, record["unit_id"]))
    for key, outcomes in groups.items():
        counts = [outcome for outcome, _ in outcomes]
        broken = tuple(sorted(unit for outcome, unit in outcomes if outcome == "failed"))
        yield Result(*key, counts.count("passed"), counts.count("without_verdict"), broken)


def sdks_of(results: Sequence[Result]) -> tuple[str, ...]:
    """Return every SDK that took part."""
    found = {sdk for result in results for sdk in (result.writer, result.reader) if sdk}
    return tuple(sorted(found, key=_as_people_count))


def platforms_of(results: Sequence[Result]) -> tuple[str, ...]:
    """Return every platform that results are about."""
    return tuple(sorted({result.platform for result in results}))


def _as_people_count(sdk: str) -> tuple[str, list[int]]:
    language, _, version = sdk.partition("-v")
    return language, [int(part) for part in version.split(".") if part.isdigit()]


def judge(results: Sequence[Result], sdk: str, platform: str) -> Verdict:
    """Judge one version against one platform."""
    answers: dict[str, Answer] = {}
    why: list[str] = []
    for requirement, what in JUDGED.items():
        all_of_it = [
            result
            for result in results
            if (result.platform, result.requirement) == (platform, requirement)
        ]
        mine = [result for result in all_of_it if result.concerns(sdk)]
        answers[requirement], reasons = _answer(mine, sdk, _untried(all_of_it, sdk))
        why.extend(f"{requirement} ({what}): {reason}" for reason in reasons)
    return Verdict(sdk, platform, answers, tuple(why))


def _untried(results: Sequence[Result], sdk: str) -> list[str]:
    """Return with whom a version was never tried although both took part in the same role."""
    writers = {result.writer for result in results if result.writer and result.reader}
    readers = {result.reader for result in results if result.writer and result.reader}
    tried = {(result.writer, result.reader) for result in results}
    to = [f"to {each}" for each in readers if sdk in writers and (sdk, each) not in tried]
    by = [f"from {each}" for each in writers if sdk in readers and (each, sdk) not in tried]
    return [f"never tried {pair}" for pair in sorted((*to, *by))]


def _answer(
    results: Sequence[Result], sdk: str, untried: Sequence[str]
) -> tuple[Answer, list[str]]:
    broken = [
        f"failed {_pair(result, sdk)}: {', '.join(result.broken)}"
        for result in results
        if result.broken
    ]
    if broken:
        return Answer.NO, broken
    undecided = [
        f"{result.without_verdict} without a verdict {_pair(result, sdk)}"
        for result in results
        if result.without_verdict
    ]
    undecided += untried
    if undecided or not any(result.passed for result in results):
        return Answer.UNKNOWN, undecided or ["not run"]
    return Answer.YES, []


def _pair(result: Result, sdk: str) -> str:
    """Say with whom: the other side, where there is one."""
    if result.writer == result.reader or not (result.writer and result.reader):
        return "by itself"
    return f"to {result.reader}" if result.writer == sdk else f"from {result.writer}"
