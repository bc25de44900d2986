"""The rules of the linter, in the order of docs/lint-rules.md, which is written from this table."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for the exit code: an error fails, a warning only with `--strict`."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        rationale: why the rule exists, for people who meet it for the first time.
        refused: no comment can allow it: runs are red for it too, or it is about such comments.
        fixable: `--fix` mends at least some of its findings.
    """

    id: str
    title: str
    severity: Severity
    rationale: str
    refused: bool = False
    fixable: bool = False


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

FILES = (
    Rule(
        "unreadable-file",
        "A feature file can be read",
        _ERROR,
        "A file that is missing, not UTF-8, no file at all, or over 1 MB is not a specification.",
        refused=True,
    ),
    Rule(
        "not-gherkin",
        "A feature file is Gherkin",
        _ERROR,
        "One syntax error stops the whole run before any scenario.",
        refused=True,
    ),
    Rule(
        "feature-empty",
        "A feature has a scenario",
        _ERROR,
        "A file without scenarios looks like a promise and proves nothing.",
        refused=True,
    ),
)

TAGS = (
    Rule(
        "requirement-missing",
        "Every scenario names a requirement",
        _ERROR,
        "Results are reported by requirement: `@req:BR-nnn` on the scenario, its rule or feature.",
        refused=True,
    ),
    Rule(
        "requirement-unknown",
        "A requirement is in the registry",
        _ERROR,
        "`features/requirements.yaml` is the list of promises; a result for another one is lost.",
        refused=True,
    ),
    Rule(
        "capability-missing",
        "Every scenario names a capability",
        _ERROR,
        "Without `@cap:dimension=value` nobody can plan in which variants a scenario runs.",
        refused=True,
    ),
    Rule(
        "capability-unknown",
        "A capability is in the catalog",
        _ERROR,
        "Dimensions and values stand in `profiles/capability-catalog.yaml`.",
        refused=True,
        fixable=True,
    ),
    Rule(
        "tag-value",
        "The value of a tag has the form of its family",
        _ERROR,
        "`@req:BR-001`, `@cap:format=ztdf`, `@risk:high|medium|low`, `@needs:browser`, "
        "`@testrail:C123`, `@jira:KEY-1`; `@smoke`, `@serial`, `@slow`, `@wip` without a value.",
        refused=True,
        fixable=True,
    ),
    Rule(
        "tag-family",
        "A tag with a value belongs to a known family",
        _ERROR,
        "What nobody reads is a tag in vain, most often a slip of the pen.",
        refused=True,
        fixable=True,
    ),
    Rule(
        "tag-profile",
        "A scenario never names a profile",
        _ERROR,
        "Profiles choose scenarios; one that chooses its profiles changes with each new one.",
        refused=True,
    ),
    Rule(
        "tag-near-miss",
        "A tag is not almost a known one",
        _ERROR,
        "`@smokee` and `@risk_high` select nothing and say nothing. `--fix` mends what differs in "
        "case or separators only; the rest is for a person.",
        fixable=True,
    ),
    Rule(
        "tag-characters",
        "A tag can be selected",
        _ERROR,
        "behave drops `/`, `+`, `@` from tags of outlines, and cannot select parentheses, commas "
        "or a second `@`. Letters, digits and `. _ : = -` are safe.",
    ),
    Rule(
        "tag-duplicate",
        "A tag is given once",
        _ERROR,
        "A tag of a feature or rule holds for every scenario in it; repeating it hides the ones "
        "that matter.",
        fixable=True,
    ),
    Rule(
        "tag-contradiction",
        "Tags do not contradict each other",
        _ERROR,
        "`any` beside a value of the same dimension, two risks on one element, or values that a "
        "constraint of the catalog keeps apart: one of them is not meant.",
    ),
    Rule(
        "scenario-unplannable",
        "Some shipped profile can run a scenario",
        _ERROR,
        "A scenario that no profile in `profiles/` can run never fails. Judged as if every SDK "
        "and every feature were there.",
    ),
    Rule(
        "requirement-uncovered",
        "Every requirement has a scenario",
        _WARNING,
        "A promise that nothing checks. Judged when all features are linted.",
    ),
    Rule(
        "tag-spacing",
        "No blanks stand at the end of a line of tags",
        _WARNING,
        "They show up in later changes of other people.",
        fixable=True,
    ),
)

GHERKIN = (
    Rule(
        "scenario-without-steps",
        "A scenario has steps",
        _ERROR,
        "behave calls a scenario without steps passed.",
        refused=True,
    ),
    Rule(
        "scenario-without-then",
        "A scenario has a Then",
        _ERROR,
        "Without a Then nothing is compared, so nothing can fail.",
        refused=True,
    ),
    Rule(
        "outline-without-rows",
        "An outline has example rows",
        _ERROR,
        "behave runs nothing, and is green.",
        refused=True,
    ),
    Rule(
        "placeholder-without-column",
        "Every placeholder has a column",
        _ERROR,
        "Without one the step keeps `<name>` as it is.",
        refused=True,
    ),
    Rule(
        "column-unused",
        "Every column is used",
        _ERROR,
        "A column that no step and no name uses promises a difference that is not there. The "
        "first column may be a mere label: it names the row.",
    ),
    Rule(
        "swallowed-line",
        "A misspelt step is not a description",
        _ERROR,
        "`Givven a reader` is read as description: the step never runs, and nobody is told.",
        refused=True,
    ),
    Rule(
        "scenario-name-duplicate",
        "Names of scenarios differ within a feature",
        _ERROR,
        "Names identify results over time.",
        refused=True,
    ),
    Rule(
        "scenario-id-duplicate",
        "Scenarios and rows can be told apart",
        _ERROR,
        "Ids are made of the name, the examples' name and the row's first cell.",
        refused=True,
    ),
    Rule(
        "feature-name-duplicate",
        "Names of features differ",
        _ERROR,
        "Reports list features by name: two of one name are one in some of them.",
    ),
    Rule(
        "leading-and",
        "A scenario does not begin with And, But or *",
        _ERROR,
        "What a first And continues is somewhere else, so the scenario cannot be read alone.",
    ),
    Rule(
        "background-when",
        "A background does nothing",
        _ERROR,
        "A background sets the scene. What happens belongs to the scenario that is about it.",
    ),
    Rule(
        "background-then",
        "A background checks nothing",
        _ERROR,
        "Its failure would be blamed on every scenario. Give the check a scenario of its own.",
    ),
    Rule(
        "several-whens",
        "A scenario has one When",
        _ERROR,
        "Two actions are two rules; when the second is refused, nobody knows which one is broken. "
        "And may continue a When.",
    ),
    Rule(
        "given-after-when",
        "Every Given stands before When and Then",
        _ERROR,
        "A scene that changes after the action is a second scenario.",
    ),
    Rule(
        "scenario-too-long",
        "A scenario has at most 12 steps",
        _ERROR,
        "Steps of backgrounds count: whoever reads the scenario must read them as well.",
    ),
    Rule(
        "technical-text",
        "Names, steps and tables hold no technical ids",
        _ERROR,
        "Addresses, UUIDs, JSON, file paths, digests, ports, status codes and fully qualified "
        "names belong to the code behind a step. Texts in doc strings are left alone.",
    ),
    Rule(
        "step-undefined",
        "Every step is a phrase of the vocabulary",
        _ERROR,
        "A step that nobody defined is an error in every run. docs/steps.md lists all phrases.",
        refused=True,
    ),
    Rule(
        "step-unused",
        "Every phrase is used",
        _ERROR,
        "Each phrase is one more thing to learn. Judged when all features are linted.",
    ),
)

PROFILES = (
    Rule(
        "profile-broken",
        "A profile can be loaded",
        _ERROR,
        "A run with it would stop at once.",
        refused=True,
    ),
    Rule(
        "waiver-incomplete",
        "A waiver has an owner and an end date",
        _ERROR,
        "A waiver that belongs to nobody and never ends is a hidden failure. A warning in "
        "profiles that do not ship with the project.",
    ),
    Rule(
        "waiver-ended",
        "A waiver has not ended",
        _ERROR,
        "What it excused is a failure again: mend it, or decide anew. A warning in profiles that "
        "do not ship with the project.",
    ),
)

SUPPRESSION = (
    Rule(
        "suppression-wrong",
        "A comment that allows a finding names a rule and a reason",
        _ERROR,
        "Write `# lint: allow RULE because …` directly above. What a run refuses cannot be "
        "allowed.",
        refused=True,
    ),
    Rule(
        "suppression-unused",
        "A comment that allows a finding is needed",
        _ERROR,
        "What it allowed is mended, or stands elsewhere; left behind, it would hide the next one.",
        refused=True,
    ),
)

GROUPS = {
    "Files": FILES,
    "Tags": TAGS,
    "Gherkin": GHERKIN,
    "Profiles": PROFILES,
    "Comments that allow": SUPPRESSION,
}

ARTIFACTS = (
    Rule(
        "artifact-unreadable",
        "A record can be read",
        _ERROR,
        "Evidence that is cut off or no JSON proves nothing.",
    ),
    Rule(
        "artifact-schema",
        "A record has the form of evidence",
        _ERROR,
        "`schemas/evidence.schema.json`, of the version that this checkout writes.",
    ),
    Rule(
        "artifact-unrecorded",
        "Every planned unit has a record",
        _ERROR,
        "What was left out is what nobody asks about.",
    ),
    Rule(
        "artifact-missing",
        "Every file that a record names is there",
        _ERROR,
        "Judged by its plain content, however it is stored.",
    ),
    Rule(
        "artifact-digest",
        "Every file has the size and digest that its record says",
        _ERROR,
        "A difference means that the file was altered after the run.",
    ),
    Rule(
        "artifact-orphan",
        "Every file belongs to a record or to the run",
        _ERROR,
        "A file that nobody names came from elsewhere, or its record was removed.",
    ),
    Rule(
        "artifact-path",
        "A record stands where its content belongs",
        _ERROR,
        "Requirement, profile, variant, instant, unit and run are told by the path as well.",
    ),
    Rule(
        "artifact-time",
        "Instants are in order",
        _ERROR,
        "Begin before end, the duration between them, attempts one after the other.",
    ),
    Rule(
        "artifact-allure",
        "Allure tells what evidence tells",
        _ERROR,
        "Judged where the run has Allure results.",
    ),
    Rule(
        "artifact-junit",
        "JUnit reports tell what evidence tells",
        _ERROR,
        "Judged where `--junit` names their folder. An error of the environment may be anything "
        "to JUnit, which has no word for it.",
    ),
    Rule(
        "artifact-secret",
        "No file holds a secret",
        _ERROR,
        "Searched by the detectors of detect-secrets, which share nothing with redaction. "
        "docs/redaction.md tells which are left out, and what is allowed.",
    ),
    Rule(
        "artifact-attestation",
        "The attestation verifies",
        _ERROR,
        "Judged where the run has one: signature, chain, completeness, digests.",
    ),
)

ARTIFACT_RULES = {rule.id: rule for rule in ARTIFACTS}
"""The rules of `acceptance lint artifacts`; no comment can allow what they find."""

RULES = {rule.id: rule for rules in GROUPS.values() for rule in rules}
