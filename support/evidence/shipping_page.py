"""docs/versions.md: golden documents, verdicts and the matrix of versions; and its data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from support.evidence.shipping import JUDGED, Result, Verdict, judge, platforms_of, sdks_of
from support.foundation.documents import load_json

HEAD = """\
# Versions

For whoever releases an SDK or a platform: which documents of earlier releases are kept, which
versions were tried with which, and whether a version may ship. `acceptance can-i-ship --write`
writes this page from recorded results and [golden.yaml](../features/tdf/golden/golden.yaml); the
data stand in [versions.json](versions.json).

```sh
acceptance sdk install go@v0.4.7 go@v0.31.0 go@v0.35.0   # to build/sdk-versions
export ACCEPTANCE_SDK_ROOTS=build/sdk:build/sdk-versions
behave --define profile=version-matrix                   # some ten minutes
acceptance can-i-ship --run artifacts/RUN --write        # judge it, and keep it here
acceptance can-i-ship --sdk go --version v0.36.0         # exit code: 0 yes, 1 no or unknown
```

Versions 0.31 to 0.34 of the Go SDK ask for a protocol module that its proxy does not offer, and
are built with the next one, 0.42; what 0.4.3 and 0.4.5 ask for is gone. Rust only reads, see
[parity.md](parity.md).
"""

GOLDEN_HEADING = "## Golden documents"
VERDICT_HEADING = "## May it ship?"
MATRIX_HEADING = "## Who with whom"


def render(results: Sequence[Result], golden: Iterable[Mapping[str, str]]) -> str:
    """Return the page."""
    parts = [HEAD, _golden(golden), _verdicts(results)]
    parts += [_matrix(results, platform) for platform in platforms_of(results)]
    return "\n".join(parts)


def verdicts(results: Sequence[Result]) -> list[Verdict]:
    """Return the verdict of every SDK that took part, on every platform."""
    return [
        judge(results, sdk, platform)
        for platform in platforms_of(results)
        for sdk in sdks_of([result for result in results if result.platform == platform])
    ]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _golden(golden: Iterable[Mapping[str, str]]) -> str:
    rows = [
        (
            entry["document"],
            f"{entry['maker']} {entry['version']}",
            entry["made"],
            entry["container"],
            entry["key"],
            f"`{entry['sha256'][:12]}`",
        )
        for entry in golden
    ]
    told = "Each is opened by every supported reader that can do what it needs (BR-005).\n"
    heads = ("document", "made by", "on", "container", "sealed for", "digest")
    return f"{GOLDEN_HEADING}\n\n{told}\n{table(heads, rows)}"


def _verdicts(results: Sequence[Result]) -> str:
    found = verdicts(results)
    rows = [
        (
            verdict.platform,
            verdict.sdk,
            f"**{verdict.answer}**",
            *(verdict.by_requirement[requirement].value for requirement in JUDGED),
        )
        for verdict in found
    ]
    why = "".join(f"- {v.sdk} on {v.platform}: {line}\n" for v in found for line in v.why)
    heads = ("platform", "version", "may ship", *(f"{r} {what}" for r, what in JUDGED.items()))
    reasons = f"\nWhat keeps a version from a yes:\n\n{why}" if why else ""
    return f"{VERDICT_HEADING}\n\n{table(heads, rows)}{reasons}"


def _matrix(results: Sequence[Result], platform: str) -> str:
    """Return a table of writers by readers: how many units passed of those with a verdict."""
    mine = [r for r in results if r.platform == platform and r.writer and r.reader]
    readers = [sdk for sdk in sdks_of(mine) if any(r.reader == sdk for r in mine)]
    writers = [sdk for sdk in sdks_of(mine) if any(r.writer == sdk for r in mine)]
    rows = [
        (
            writer,
            *(
                _cell([r for r in mine if (r.writer, r.reader) == (writer, reader)])
                for reader in readers
            ),
        )
        for writer in writers
    ]
    told = "Rows write, columns read: units passed of those that ended with a verdict.\n"
    heads = ("", *readers)
    return f"{MATRIX_HEADING}: {platform}\n\n{told}\n{table(heads, rows)}"


def _cell(results: Sequence[Result]) -> str:
    passed = sum(result.passed for result in results)
    tried = passed + sum(len(result.broken) for result in results)
    return f"{passed} of {tried}" if tried else ""


def dump(results: Sequence[Result]) -> str:
    """Return results as the text of docs/versions.json."""
    lines = ",\n".join(f" {json.dumps(asdict(result))}" for result in results)
    return f"[\n{lines}\n]\n"


def load(path: Path) -> tuple[Result, ...]:
    """Read docs/versions.json.

    Raises:
        ConfigurationError: no such file, or it breaks its schema.
    """
    raw: list[dict[str, Any]] = load_json(path, "versions", "acceptance can-i-ship --write").value
    return tuple(Result(**{**entry, "broken": tuple(entry["broken"])}) for entry in raw)
