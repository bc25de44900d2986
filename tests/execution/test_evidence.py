"""Evidence of whole runs: two are alike, and one that was killed is made whole by the next."""

from support.evidence.comparison import differences
from support.evidence.reading import records_in
from support.evidence.verification import verify
from tests.execution.conftest import Project

KILLED = """\
@req:BR-001 @cap:format=any
Feature: Small

  Scenario: Before
    Then it holds

  Scenario: During
    When the run is killed
    Then it holds

  Scenario: After
    Then it holds
"""
STEP = """

@when("the run is killed")
def when_killed(context):
    import signal
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_two_runs_differ_in_nothing_and_a_killed_one_is_made_whole(project: Project) -> None:
    steps = project.folder / "steps" / "small.py"
    steps.write_text(steps.read_text() + STEP)
    project.feature(KILLED, "killed.feature")
    (project.artifacts / "whatever").mkdir(parents=True)
    killed = project.behave("features/killed.feature", "--define", "run_id=killed")
    assert killed.code < 0, killed.text

    one = project.behave("features/small.feature", "--define", "run_id=one")
    two = project.behave("features/small.feature", "--define", "run_id=two")

    assert (one.code, two.code) == (0, 0), one.text + two.text
    assert "killed: its process had ended; 2 record(s) made" in one.text
    assert "recovered" not in two.text
    for name in ("killed", "one", "two"):
        assert not verify(project.artifacts / name).problems
    records = [record for _, record in records_in(project.artifacts / "killed")]
    assert sorted((r["status"], r["begun"]) for r in records) == [
        ("error", False),
        ("error", True),
        ("passed", True),
    ]
    assert not list(differences(project.artifacts / "one", project.artifacts / "two"))
