"""Findings for machines: our JSON (schemas/lint-report.schema.json), SARIF 2.1.0, annotations."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from support.linting.linter import Report, Reported
from support.linting.rules import RULES, Rule, Severity
from support.specs.finding import Edit

FORMAT_VERSION = 1

_SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as `schemas/lint-report.schema.json` describes it."""
    return {
        "version": FORMAT_VERSION,
        "features": report.features,
        "profiles": report.profiles,
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "findings": findings_as_json(report.reported),
    }


def findings_as_json(reported: Iterable[Reported]) -> list[dict[str, Any]]:
    """Return findings as every report of a linter holds them."""
    return [_plain(each) for each in reported]


def _plain(reported: Reported) -> dict[str, Any]:
    finding = reported.finding
    return {
        "rule": finding.rule,
        "severity": str(reported.severity),
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "length": finding.length,
        "message": finding.message,
        "source": reported.source,
        "fixable": finding.fix is not None,
    }


def as_sarif(report: Report) -> dict[str, Any]:
    """Return the report as a log in the Static Analysis Results Interchange Format 2.1.0."""
    return sarif_log("acceptance lint tags", RULES, report.reported)


def sarif_log(tool: str, rules: Mapping[str, Rule], reported: Iterable[Reported]) -> dict[str, Any]:
    """Return findings as a SARIF log of a tool with some rules."""
    driver = {"name": tool, "rules": [_rule(rule) for rule in rules.values()]}
    order = list(rules)
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, order.index(each.finding.rule)) for each in reported],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.rationale},
        "defaultConfiguration": {"level": str(rule.severity)},
    }


def _result(reported: Reported, index: int) -> dict[str, Any]:
    finding = reported.finding
    where = {"uri": quote(finding.path)}
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endColumn": finding.column + finding.length,
    }
    # Independent of the line's number, so that a finding keeps its identity when others move it.
    identity = [finding.rule, finding.path, reported.source.strip(), finding.message]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": str(reported.severity),
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": where, "region": region}}],
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(json.dumps(identity).encode()).hexdigest()
        },
    }
    if finding.fix is not None:
        result["fixes"] = [_sarif_fix(where, finding.fix)]
    return result


def _sarif_fix(where: dict[str, str], edit: Edit) -> dict[str, Any]:
    replacement = {
        "deletedRegion": {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endColumn": edit.column + edit.length,
        },
        "insertedContent": {"text": edit.text},
    }
    return {"artifactChanges": [{"artifactLocation": where, "replacements": [replacement]}]}


def as_annotations(report: Report) -> Iterator[str]:
    """Yield one workflow command of GitHub Actions for each finding."""
    for reported in report.reported:
        finding = reported.finding
        properties = {
            "file": finding.path,
            "line": finding.line,
            "endLine": finding.line,
            "col": finding.column,
            "endColumn": finding.column + finding.length,
            "title": finding.rule,
        }
        listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
        yield f"::{reported.severity} {listed}::{_data(finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
