"""What an SDK can do: its own answer to `cli.sh supports`, three-valued and never a guess."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from support.foundation.errors import (
    CommandTimeoutError,
    ConfigurationError,
    EnvironmentUnfitError,
)
from support.foundation.files import write_atomically
from support.foundation.process import run
from support.foundation.settings import ROOT, child_environment
from support.foundation.text import did_you_mean, tail
from support.model.capability import Answer
from support.sdk.features import FEATURES, Feature
from support.sdk.model import Sdk

CACHE = ROOT / "build" / "capabilities"
TIME_LIMIT_SECONDS = 30.0  # some scripts of the contract start a JVM or npx to answer

_YES, _NO, _UNKNOWN_NAME = 0, 1, 2
_LASTING = frozenset({_YES, _NO, _UNKNOWN_NAME})


def probe(sdk: Sdk, feature: str, time_limit_seconds: float = TIME_LIMIT_SECONDS) -> Answer:
    """Ask an SDK for one feature.

    A crash, a signal, a time limit or an exit code outside the contract is unknown, with the
    reason: an SDK that cannot answer is broken, which must not look like one that lacks a feature.

    Raises:
        ConfigurationError: no feature has this name.
    """
    return _Prober(sdk, time_limit_seconds).answer(feature)


def probe_all(
    sdk: Sdk,
    features: Iterable[str] = tuple(FEATURES),
    *,
    cache: Path = CACHE,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
) -> Mapping[str, Answer]:
    """Ask an SDK for many features; lasting answers are kept until its folder changes.

    Raises:
        ConfigurationError: no feature has one of the names.
    """
    kept = _AnswerFile(cache / f"{sdk.id}-{fingerprint(sdk.directory)}.json")
    prober = _Prober(sdk, time_limit_seconds, kept.read())
    answers = {feature: prober.answer(feature) for feature in features}
    if prober.learned:
        kept.write(prober.exit_codes)
    return answers


def fingerprint(directory: Path) -> str:
    """Return a digest of a folder's files by name, size, time and mode, without reading them."""
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        entry = (str(path.relative_to(directory)), status.st_size, status.st_mtime_ns)
        digest.update(repr((*entry, status.st_mode)).encode())
    return digest.hexdigest()[:16]


class _Prober:
    """Asks one SDK, and remembers the exit codes that its folder alone decides."""

    def __init__(
        self, sdk: Sdk, time_limit_seconds: float, exit_codes: Mapping[str, int] | None = None
    ) -> None:
        self._sdk = sdk
        self._time_limit_seconds = time_limit_seconds
        self.exit_codes = dict(exit_codes or {})
        self.learned = False
        self._hung: Answer | None = None

    def answer(self, name: str) -> Answer:
        feature = FEATURES.get(name)
        if feature is None:
            raise ConfigurationError(
                f'No SDK feature is called "{name}".{did_you_mean(name, FEATURES)} '
                "support/sdk/features.py lists them all."
            )
        exit_code = self.exit_codes.get(name)
        told = self._ask(name) if exit_code is None else exit_code
        if isinstance(told, Answer):
            return told
        if told == _UNKNOWN_NAME:
            return self._untold(feature)
        return Answer("yes" if told == _YES else "no", f"`cli.sh supports {name}` says so")

    def _untold(self, feature: Feature) -> Answer:
        """Answer for an SDK that does not know the name of a feature."""
        if feature.implied_by is not None:
            return self.answer(feature.implied_by)
        why = f"`cli.sh supports {feature.name}` does not know the name (exit code 2)"
        if feature.unless_told is None:
            return Answer("unknown", why)
        return Answer(feature.unless_told, f"{why}; that is the rule for SDKs which do not")

    def _ask(self, name: str) -> int | Answer:
        if self._hung is not None:  # it would hang again, once for each feature
            return self._hung
        try:
            record = run(
                (self._sdk.cli, "supports", name),
                environment=child_environment(),
                time_limit_seconds=self._time_limit_seconds,
            )
        except CommandTimeoutError as error:
            self._hung = Answer("unknown", str(error))
            return self._hung
        except EnvironmentUnfitError as error:
            return Answer("unknown", str(error))
        if record.exit_code not in _LASTING:
            return Answer(
                "unknown",
                f"`{self._sdk.cli} supports {name}` {_ending(record.exit_code)}, where 0, 1 or 2 "
                f"was expected. Last output: {tail(record.stdout + record.stderr) or '(none)'}",
            )
        self.exit_codes[name] = record.exit_code
        self.learned = True
        return record.exit_code


def _ending(exit_code: int) -> str:
    if exit_code < 0:
        return f"was ended by signal {-exit_code}"
    return f"ended with exit code {exit_code}"


class _AnswerFile:
    """Exit codes on disk; a file that is damaged counts as none, for it only saves time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Mapping[str, int]:
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(content, dict):
            return {}
        return {name: code for name, code in content.items() if code in _LASTING}

    def write(self, exit_codes: Mapping[str, int]) -> None:
        write_atomically(self._path, json.dumps(exit_codes, indent=1, sort_keys=True))
