"""What the samples do not show: neighbours of the rules, and comments that allow."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.linting import project as projects
from support.linting.feature_linter import FeatureLinter
from support.linting.project import Project
from support.linting.rules import RULES
from support.linting.text_rules import technical
from support.specs import checks, reader, tags
from tests.linting.texts import PROJECT, STEPS, findings, judged, tagged


@pytest.mark.parametrize(
    ("tag", "rule", "words"),
    [
        ("@req:BR-01", "tag-value", "@req:BR-001"),
        ("@req", "tag-value", '"" is not a value'),
        ("@req:BR-009", "requirement-unknown", "has no BR-009"),
        ("@cap:formt=any", "capability-unknown", 'Did you mean "format"?'),
        ("@cap:format=ztd", "capability-unknown", 'Did you mean "ztdf"?'),
        ("@cap:format", "tag-value", "@cap:format=ztdf"),
        ("@testrail:12", "tag-value", "@testrail:C123"),
        ("@jira:abc-1", "tag-value", "@jira:KEY-1"),
        ("@needs:a/b", "tag-value", "@needs:browser"),
        ("@smoke:yes", "tag-value", "Write @smoke."),
        ("@serial:1", "tag-value", "Write @serial."),
        ("@slow:very", "tag-value", "Write @slow."),
        ("@risk_high", "tag-near-miss", '"@risk:high"'),
        ("@req-BR-002", "tag-near-miss", '"@req:BR-002"'),
        ("@smok", "tag-near-miss", '"@smoke"'),
        ("@Serial", "tag-near-miss", '"@serial"'),
        ("@rsk:high", "tag-family", 'Did you mean "risk"?'),
        ("@REQ:BR-001", "tag-family", '"REQ" is not a family'),
        ("@profile", "tag-profile", "never chooses its profile"),
        ("@profile:embedded", "tag-profile", "never chooses its profile"),
        ("@a/b", "tag-characters", '"/"'),
        ("@a(b),c", "tag-characters", '"(),"'),
        ("@ü", "tag-characters", '"ü"'),
        ("@", "tag-characters", "it has no name"),
        ("@summer@winter", "tag-characters", "as one"),
    ],
)
def test_a_wrong_tag_is_one_finding_at_the_tag(
    tag: str, rule: str, words: str, sample_project: Project
) -> None:
    (finding,) = judged(tagged(f"@autumn {tag}"), sample_project)

    assert (finding.rule, finding.line, finding.column) == (rule, 4, 11)
    assert words in finding.message


@pytest.mark.parametrize(
    "line",
    [
        "@wip @winter @release-1.2 @risk:low @needs:browser @testrail:C1 @jira:AB1-2",
        "@cap:sdk=go @cap:sdk=rust @cap:encrypt_sdk=go-v0.36.0 @cap:format=ztdf",
        "@smoke   # a comment @smoke @nothing",
    ],
)
def test_good_tags_are_left_alone(line: str, sample_project: Project) -> None:
    assert not judged(tagged(line), sample_project)


def test_one_of_several_example_tables_without_requirement_is_told(
    sample_project: Project,
) -> None:
    table = "    Examples: {name}\n      | label |\n      | moon  |\n"
    text = (
        "@cap:format=any\nFeature: x\n  Scenario Outline: <label>\n    Then it opens\n"
        "    @req:BR-001\n" + table.format(name="a") + table.format(name="b")
    )

    assert findings(text, sample_project) == [("requirement-missing", 3, 3)]


@pytest.mark.parametrize(
    ("line", "rule", "column"),
    [
        ("@risk:high @risk:low", "tag-contradiction", 14),
        ("@cap:sdk=go @cap:sdk=any", "tag-contradiction", 15),
        ("@cap:format=nano @cap:wrapping=rsa-2048", "tag-contradiction", 20),
        ("@cap:encrypt_sdk=go @cap:format=nano", "scenario-unplannable", 3),
    ],
)
def test_values_that_do_not_go_together_are_told(
    line: str, rule: str, column: int, sample_project: Project
) -> None:
    (finding,) = judged(tagged(line), sample_project)

    assert (finding.rule, finding.column) == (rule, column)


def test_a_constraint_is_told_with_its_reason(sample_project: Project) -> None:
    (finding,) = judged(tagged("@cap:format=nano @cap:wrapping=rsa-2048"), sample_project)

    assert '"NanoTDF needs a curve" (its key is agreed by ECDH)' in finding.message


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("see https://example.com/x", "an address"),
        ("https://example.com/attr/project/value/apollo", "a fully qualified name"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "a UUID"),
        ("at 10.0.0.1", "an IP address"),
        ('gives {"a": 1}', "JSON"),
        ('gives ["a", "b"]', "JSON"),
        ("the file /tmp/x.tdf", "a file path"),
        ("the file ./data/x.tdf", "a file path"),
        ("the file C:\\data\\x.tdf", "a file path"),
        ("answers with status 403", "a status code"),
        ("answers with HTTP 404", "a status code"),
        ("listens on port 8080", "a port"),
        ("listens on localhost:8080", "a port"),
        ("listens on kas.example.com:443", "a port"),
        ("digest 9f86d081884c7d65", "a digest"),
        ("eyJhbGciOiJSUzI1NiJ9", "a token"),
        ("key MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", "encoded bytes"),
    ],
)
def test_technical_text_is_recognised(text: str, what: str) -> None:
    found = technical(text)

    assert found is not None
    assert found[0] == what


@pytest.mark.parametrize(
    "text",
    [
        'the reader may "create, read" what is labelled "project/apollo"',
        'a document of the type "text/csv" in version 4.2.2, signed with RS256 or HS256',
        'the algorithm "rot:13" and/or "ec:secp256r1", key rsa-2048',
        "one of 403 documents, at 10:30 on 2026-03-04, costs 1,234.50",
        "a document of <size> for <label>/<value> under <rule>",
        "an extraordinarily_long_identifier_of_somebody_with_a_sense_of_humour",
        "thecommunicationsadministration and counterrevolutionaries",
        "[optional] {placeholder} ~ done/finished. e.g./i.e.",
    ],
)
def test_ordinary_text_is_not_technical(text: str) -> None:
    assert technical(text) is None


def test_comments_allow_what_stands_directly_below(sample_project: Project) -> None:
    allow = "# lint: allow {} because it is the point of the sample\n"
    text = (
        "@req:BR-001 @cap:format=any @smoke\nFeature: x\n"
        f"  {allow.format('tag-duplicate')}  {allow.format('tag-near-miss')}"
        f"  @smoke @smokee\n  Scenario: y\n{STEPS}"
    )

    assert not judged(text, sample_project)
    assert findings(text.replace("@smokee\n", "@smokee\n  @smoke\n"), sample_project) == [
        ("tag-duplicate", 6, 3)
    ]


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# lint: allow technical-text", "the reason is missing"),
        ("# lint: allow technical-text because", "allows nothing as it stands"),
        ("# lint: disable technical-text", "allows nothing as it stands"),
        ("#LINT : allow x because y", "allows nothing as it stands"),
        ("# lint: allow technical-txt because x", 'Did you mean "technical-text"?'),
        ("# lint: allow step-undefined because x", "runs refuse it too"),
    ],
)
def test_a_wrong_comment_is_told(comment: str, words: str, sample_project: Project) -> None:
    text = tagged("").replace("\n\n\n", f"\n\n  {comment}\n")

    (finding,) = judged(text, sample_project)

    assert (finding.rule, finding.line, finding.column) == ("suppression-wrong", 4, 3)
    assert words in finding.message


def test_a_comment_about_a_rule_that_is_not_judged_may_be_needed(sample_project: Project) -> None:
    text = tagged("").replace("\n\n\n", "\n\n  # lint: allow tag-duplicate because x\n")

    assert not FeatureLinter(sample_project, ["step-unused"]).findings("x.feature", text)


def test_habits_are_judged_by_meaning_in_any_language(sample_project: Project) -> None:
    text = (
        "# language: de\n@req:BR-001 @cap:format=any\nFunktionalität: x\n  Szenario: y\n"
        "    Und a document\n    Wenn the reader opens it\n    Dann it opens\n"
        "    Wenn the reader opens it\n"
    )

    assert findings(text, sample_project) == [("leading-and", 5, 5), ("several-whens", 8, 5)]


def test_a_description_is_told_on_its_own_line(sample_project: Project) -> None:
    text = (
        "@req:BR-001 @cap:format=any\nFeature: x\n  Scenario: y\n\n    # note\n\n"
        f"    Whn it opens\n\n{STEPS}"
    )

    assert findings(text, sample_project) == [("swallowed-line", 7, 5)]


def test_a_row_that_makes_no_phrase_of_a_step_is_told_once() -> None:
    fresh = projects.load(PROJECT)  # looks for what was meant a limited number of times
    text = (
        "@req:BR-001 @cap:format=any\nFeature: x\n  Scenario Outline: <end>\n"
        "    When the reader opens it\n    Then it <end>\n\n    Examples: ends\n"
        "      | end   |\n      | opens |\n      | opend |\n      | burns |\n"
    )

    (finding,) = judged(text, fresh)

    assert (finding.rule, finding.line) == ("step-undefined", 5)
    assert '"Then it opend". Did you mean "it opens"?' in finding.message


def test_undefined_steps_of_a_background_are_told_once(sample_project: Project) -> None:
    text = (
        "@req:BR-001 @cap:format=any\nFeature: x\n  Background:\n    Given a whale\n"
        f"  Scenario: y\n{STEPS}  Scenario: z\n{STEPS}"
    )

    assert findings(text, sample_project) == [("step-undefined", 4, 5)]


def refusals(text: str, project: Project) -> Iterator[str]:
    """What a run says before it starts."""
    document = reader.parse("x.feature", text)
    yield from (p.split(": ", 1)[1] for p in checks.problems_of(document))
    for spec in reader.specs_of(document):
        for problem in tags.problems_of(spec, project.requirements):
            yield problem.split(": ", 1)[1]


LINES = (
    *("  Scenario: a", "  Scenario: b", "  Scenario Outline: <n>", "    Examples:", "  Rule: r"),
    *("    Given a document", "    Then it opens", "    Givven x", "    Thn x", "  Bakground:"),
    *("      | n |", "      | 1 |", "      | m |", "  @req:BR-001", "  @req:BR-9", "  @neds:x"),
    *("  @profile", "  @smoke:1", "  @cap:format=any", "  @cap:x", "  @risk:hi", "  @req:BR-009"),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_all_that_a_run_refuses_is_found(sample_project: Project, text: str) -> None:
    feature = f"Feature: x\n{text}\n"
    found = judged(feature, sample_project)
    if any(finding.rule == "not-gherkin" for finding in found):
        return

    refused = {finding.message for finding in found if RULES[finding.rule].refused}

    assert set(refusals(feature, sample_project)) <= refused
