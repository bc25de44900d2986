"""What is read of the evidence of a unit, and how two stacks are held against each other by it."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.evidence import answers, observations, outcomes, parity, parity_page
from support.evidence.observations import FACETS, Observations
from support.evidence.parity_page import Words
from support.foundation.errors import ConfigurationError
from support.profiles.catalog import Catalog
from tests.evidence.runs import record, write

DECIDED = '{"decision":{"ephemeralResourceId":"r","decision":"DECISION_PERMIT"}}'
OBLIGED = (
    '{"decision":{"decision":"DECISION_DENY","requiredObligations":'
    '["https://acceptance-1ef0192e-490abecc.example/obl/drm/value/watermark"]}}'
)


def exchange(procedure: str, body: str = "{}", status: int = 200) -> dict[str, Any]:
    url = f"http://localhost:1/{procedure}"
    return {"url": url, "status": status, "response_body": body}


def command(*, stderr: str = "", exit_code: int = 0, timed_out: bool = False) -> dict[str, Any]:
    return {
        "arguments": ["/x/sdk/go/dist/v1/cli.sh", "decrypt", "a", "b"],
        "exit_code": exit_code,
        "stdout": "",
        "stderr": stderr,
        "timed_out": timed_out,
    }


def audited(result: str = "success", kind: str = "key_object") -> dict[str, Any]:
    return {
        "msg": "rewrap",
        "audit": {"action": {"type": "rewrap", "result": result}, "object": {"type": kind}},
    }


def seen(
    exchanges: list[dict[str, Any]] | None = None,
    commands: list[dict[str, Any]] | None = None,
    audit: list[dict[str, Any]] | None = None,
) -> Observations:
    return observations.of_records(exchanges or [], commands or [], audit or [])


DECIDE = "authorization.v2.AuthorizationService/GetDecision"


@pytest.mark.parametrize(
    ("facet", "left", "right"),
    [
        (
            "answers",
            seen([exchange(DECIDE)]),
            seen([exchange(DECIDE, '{"code":"permission_denied"}', 403)]),
        ),
        ("answers", seen([exchange(DECIDE)]), seen([exchange(DECIDE, "gone", 502)])),
        ("answers", seen([exchange(DECIDE)]), seen([exchange(DECIDE, "", 0)])),
        ("decisions", seen([exchange(DECIDE, DECIDED)]), seen([exchange(DECIDE, "{}")])),
        (
            "obligations",
            seen([exchange(DECIDE, OBLIGED)]),
            seen([exchange(DECIDE, OBLIGED.replace("watermark", "expiry"))]),
        ),
        (
            "refusals",
            seen(commands=[command(stderr="rewrap request 403", exit_code=1)]),
            seen(commands=[command(stderr="rewrap request 400", exit_code=1)]),
        ),
        (
            "refusals",
            seen(commands=[command()]),
            seen(commands=[command(timed_out=True, exit_code=-9)]),
        ),
        ("audit", seen(audit=[audited()]), seen(audit=[audited("error")])),
        ("audit", seen(audit=[audited()]), seen(audit=[audited(), audited()])),
        ("audit", seen(audit=[audited()]), seen()),
    ],
)
def test_what_is_answered_otherwise_is_seen_in_its_facet_alone(
    facet: str, left: Observations, right: Observations
) -> None:
    assert left.differing(right) == (facet,)


def test_what_differs_between_any_two_runs_does_not_count() -> None:
    other = OBLIGED.replace("1ef0192e-490abecc", "00112233-aabbccdd")
    issuer = {"url": "http://localhost:1/realms/x/token", "status": 401, "response_body": ""}

    left = seen([exchange(DECIDE, OBLIGED), issuer])
    right = seen([exchange(DECIDE, other), exchange(DECIDE, other)])

    assert left.differing(right) == ()
    (told,) = left.facets["obligations"]
    assert told.endswith("/GetDecision: https://the scenario's namespace/obl/drm/value/watermark")


class Runs:
    """Two runs of one unit, with what was recorded of it."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.folder, self.catalog = folder, catalog
        self.words = Words.of(catalog, ("embedded", "platform"), ("BR-001", "BR-002"))

    def side(self, name: str, exchanges: list[dict[str, Any]], status: str = "passed") -> Path:
        folder = self.folder / name
        unit = record("a unit", status=status, capabilities={"format": "ztdf"})
        unit["logs"] = ["a-exchanges.jsonl"]
        write(folder, unit)
        lines = "".join(json.dumps(each) + "\n" for each in exchanges)
        (folder / "a-exchanges.jsonl").write_text(lines)
        return folder

    def judged(self, left: Path, right: Path, *rows: str) -> answers.AnswerVerdict:
        page = (
            "## Answers that differ\n\n| profile | requirement | units | facet | why |\n"
            "| --- | --- | --- | --- | --- |\n" + "\n".join(rows)
        )
        pairs = parity.compare(
            outcomes.of_run(left, self.catalog), outcomes.of_run(right, self.catalog)
        )
        return answers.judge(
            pairs,
            observations.of_run(left, outcomes.last_attempts(left)),
            observations.of_run(right, outcomes.last_attempts(right)),
            parity_page.parse_answers(page, "parity.md", self.words),
        )


@pytest.fixture
def runs(tmp_path: Path, catalog: Catalog) -> Runs:
    return Runs(tmp_path, catalog)


ACCEPTED = "| platform | BR-001 | `format == 'ztdf'` | decisions | Known. |"


def test_a_difference_without_a_row_is_a_problem(runs: Runs) -> None:
    left = runs.side("left", [exchange(DECIDE, DECIDED)])
    right = runs.side("right", [exchange(DECIDE, DECIDED.replace("PERMIT", "DENY"))])

    verdict = runs.judged(left, right)

    assert verdict.compared == 1
    (problem,) = verdict.problems
    assert "a unit, decisions: AuthorizationService/GetDecision: permit on the left" in problem
    assert "AuthorizationService/GetDecision: deny on the right" in problem
    assert "No row of docs/parity.md accepts that" in problem


def test_a_row_accepts_its_own_facet_only(runs: Runs) -> None:
    left = runs.side("left", [exchange(DECIDE, DECIDED)])
    right = runs.side("right", [exchange(DECIDE, "{}")])
    other = ACCEPTED.replace("decisions", "audit")

    assert runs.judged(left, right, ACCEPTED).problems == ()
    assert len(runs.judged(left, right, other).problems) == 2


def test_a_row_that_accepts_nothing_is_stale(runs: Runs) -> None:
    same = [exchange(DECIDE, DECIDED)]
    verdict = runs.judged(runs.side("left", same), runs.side("right", same), ACCEPTED)

    assert [str(row) for row in verdict.stale] == [
        "parity.md:5: BR-001, `format == 'ztdf'`, decisions"
    ]


def test_units_that_end_otherwise_are_not_compared_further(runs: Runs) -> None:
    left = runs.side("left", [exchange(DECIDE, DECIDED)])
    right = runs.side("right", [], status="failed")

    assert runs.judged(left, right).compared == 0


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ACCEPTED.replace("decisions", "colours"), 'names "colours"'),
        (ACCEPTED.replace("BR-001", "BR-999"), 'names "BR-999"'),
        (ACCEPTED.replace("Known.", ""), 'the cell "why" is empty'),
        (ACCEPTED.removesuffix("| Known. |") + "|", "has 4 cells, but 5 were expected"),
    ],
)
def test_a_row_that_is_wrong_is_told(runs: Runs, row: str, told: str) -> None:
    same = runs.side("left", [])
    with pytest.raises(ConfigurationError, match=rf"parity\.md:5.*{told}"):
        runs.judged(same, same, row)


def test_facets_are_those_of_the_page() -> None:
    assert set(seen().facets) == set(FACETS)
