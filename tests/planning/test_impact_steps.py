"""What a change of code touches, in small projects where everything can be seen."""

from collections.abc import Mapping

import pytest

from support.foundation.git import Change, Changes
from support.model.spec import Spec, SpecStep
from support.model.unit import Unit
from support.model.variant import Variant
from support.planning.impact import Impact, Target, impact
from support.planning.project import Project

COMMIT = "0" * 40

STEPS = '''\
"""Steps."""
from behave import given, then
from support.world.world import StepContext, helper
from support.words import RULES

NOTE = RULES["a note"]


@given("a document")
def given_a_document(context: StepContext) -> None:
    """Make one."""
    context.world.documents.make(NOTE)


@given("a question about {thing}")
def given_a_question(context: StepContext, thing: str) -> None:
    """Ask."""
    context.world.questions.ask(thing)


@then("it {does} hold")
def then_it_holds(context: StepContext, does: str) -> None:
    """Compare."""
    assert _told(context) == does


@then("all is well")
def then_all_is_well(context: StepContext) -> None:
    """Compare by a helper elsewhere."""
    helper(context)


def _told(context: StepContext) -> str:
    return context.world.reader.value
'''

WORLD = '''\
"""The world."""
from functools import cached_property
from typing import Protocol
from support.documents import Documents
from support.questions import Questions
from support.sdk import client


class World:
    def __init__(self) -> None:
        self.kept = 0

    @cached_property
    def documents(self) -> Documents:
        return Documents(self.folder)

    @cached_property
    def folder(self) -> str:
        return "folder"

    @cached_property
    def questions(self) -> Questions:
        return Questions()

    @cached_property
    def reader(self) -> object:
        return client.connect()

    def close(self) -> None:
        made = self.__dict__.get("questions")
        if isinstance(made, Questions):
            made.end()


class StepContext(Protocol):
    world: World


def helper(context: StepContext) -> None:
    world = context.world
    print(world.folder)
'''

SOURCES: Mapping[str, str] = {
    "environment.py": (
        "from support.execution.run import Run\n"
        "def before_all(context):\n    Run(context).begin()\n"
        "def after_scenario(context, scenario):\n    Run(context).finish()\n"
    ),
    "steps/all.py": STEPS,
    "support/__init__.py": "",
    "support/world/__init__.py": "",
    "support/world/world.py": WORLD,
    "support/words.py": 'RULES = {"a note": "text"}\nOTHER = {"x": 1}\n',
    "support/documents.py": (
        "from support.base import Base\nfrom support import files\n"
        "class Documents(Base):\n"
        "    def make(self, note):\n        files.write(note)\n"
    ),
    "support/base.py": (
        "class Base:\n    def __init__(self, folder):\n        self.folder = folder\n"
    ),
    "support/files.py": (
        'SCHEMA = "schemas/note.schema.json"\n'
        "def write(note):\n    from support.late import late\n    late(SCHEMA)\n"
        "def unused():\n    return 1\n"
    ),
    "support/late.py": "def late(x):\n    return x\n",
    "support/questions.py": (
        "class Questions:\n    def ask(self, thing):\n        return thing\n"
        "    def end(self):\n        pass\n"
    ),
    "support/sdk/__init__.py": "",
    "support/sdk/client.py": (
        "import re\nfrom support.sdk.patterns import pattern\n"
        "WORDS = pattern('x')\n"
        "def connect():\n    return WORDS\n"
    ),
    "support/sdk/patterns.py": "def pattern(text):\n    return text\n",
    "support/execution/__init__.py": "",
    "support/execution/run.py": (
        "from support.world.world import World\nfrom support.stack import bring_up\n"
        "class Run:\n    world: World\n"
        "    def begin(self):\n        bring_up()\n        self.world = World()\n"
        "    def finish(self):\n        self.world.close()\n"
    ),
    "support/stack.py": (
        "import sys\ndef bring_up():\n    return [sys.executable, '-m', \"support.platform\"]\n"
    ),
    "support/platform/__init__.py": "",
    "support/platform/__main__.py": "from support.platform.server import serve\nserve()\n",
    "support/platform/server.py": "def serve():\n    pass\n",
    "support/alone.py": "def nobody():\n    return 1\n",
}

QUESTION, DOCUMENT, WELL = "question", "document", "well"


def spec(name: str, *steps: str) -> Spec:
    split = (step.partition(" ") for step in steps)
    lines = tuple(SpecStep(word, text, at) for at, (word, _, text) in enumerate(split, 1))
    return Spec(f"f:{name}", "f", "F", "", name, 1, (f"req:BR-{len(name):03}",), lines)


UNITS = tuple(
    Unit(each, Variant())
    for each in (
        spec(QUESTION, "Given a question about rights", "Then it does hold"),
        spec(DOCUMENT, "Given a document", "And a document", "Then it does hold"),
        spec(WELL, "Given a document", "Then all is well"),
    )
)


def impact_of(
    changed: Mapping[str, str | None],
    units: tuple[Unit, ...] = UNITS,
    stack: str = "embedded",
    before: Mapping[str, str | None] | None = None,
) -> Impact:
    """Return the impact of replacing files of the small project."""
    old = {**SOURCES, **(before or {})}
    files = tuple(Change(path, old.get(path), now) for path, now in changed.items())
    sources = {path: text for path, text in {**old, **changed}.items() if text is not None}
    target = Target(units, "small", stack=stack)
    return impact(Changes("main", COMMIT, files), Project(sources), target)


def names(found: Impact) -> set[str]:
    return {unit_id.removeprefix("f:").partition("#")[0] for unit_id in found.selected}


def replaced(path: str, old: str, new: str) -> dict[str, str | None]:
    text = SOURCES[path]
    assert old in text
    return {path: text.replace(old, new)}


EVERYTHING = {QUESTION, DOCUMENT, WELL}


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        pytest.param(
            "steps/all.py", "documents.make", "documents.create", {DOCUMENT, WELL}, id="step"
        ),
        pytest.param("steps/all.py", "Compare by a helper", "See", set(), id="docstring"),
        pytest.param("steps/all.py", "\n\n\n@given", "\n# why\n@given", set(), id="comment"),
        pytest.param(
            "steps/all.py", "reader.value", "reader.other", {QUESTION, DOCUMENT}, id="helper"
        ),
        pytest.param("steps/all.py", '"a note"', '"a letter"', EVERYTHING, id="run on import"),
        pytest.param("support/words.py", '"text"', '"texts"', {DOCUMENT, WELL}, id="value"),
        pytest.param("support/words.py", '"x": 1', '"x": 2', set(), id="value nobody reads"),
        pytest.param("support/questions.py", "return thing", "pass", {QUESTION}, id="member"),
        pytest.param("support/base.py", "= folder", "= 1", {DOCUMENT, WELL}, id="base class"),
        pytest.param("support/late.py", "return x", "pass", {DOCUMENT, WELL}, id="late import"),
        pytest.param("support/files.py", "return 1", "return 2", set(), id="nobody calls it"),
        pytest.param("support/alone.py", "return 1", "return 2", set(), id="nobody imports it"),
        pytest.param("support/sdk/client.py", "return WORDS", "pass", {QUESTION, DOCUMENT}, id="r"),
        pytest.param("support/sdk/patterns.py", "return text", "pass", EVERYTHING, id="early"),
        pytest.param("support/stack.py", "return [", "return [1,", EVERYTHING, id="every run"),
        pytest.param("support/platform/server.py", "pass", "return 1", EVERYTHING, id="program"),
        pytest.param(
            "support/world/world.py", '"folder"', '"place"', {DOCUMENT, WELL}, id="world member"
        ),
        pytest.param(
            "support/world/world.py", "return Questions()", "pass", {QUESTION}, id="one member"
        ),
        pytest.param("support/world/world.py", "self.kept = 0", "pass", EVERYTHING, id="made"),
        pytest.param("support/world/world.py", "made.end()", "pass", EVERYTHING, id="closed"),
        pytest.param("support/world/world.py", "print(world", "str(world", {WELL}, id="taker"),
        pytest.param("environment.py", "Run(context).begin()", "pass", EVERYTHING, id="hook"),
    ],
)
def test_a_change_touches_what_reaches_it(
    path: str, old: str, new: str, expected: set[str]
) -> None:
    assert names(impact_of(replaced(path, old, new))) == expected


def test_reasons_name_what_changed_and_who_reaches_it() -> None:
    found = impact_of(replaced("support/questions.py", "return thing", "pass"))

    (unit,) = (u for u in UNITS if u.spec.name == QUESTION)
    assert found.reasons(unit) == (
        "support/questions.py: Questions changed, which steps/all.py: given_a_question reaches",
    )
    assert found.reasons(unit.id) == found.reasons(unit)
    assert found.requirements() == {"BR-008": found.reasons(unit)}
    assert found.title == "the changes since main (000000000000)"
    assert found.as_data()["units"] == {unit.id: list(found.reasons(unit))}


def test_a_program_of_its_own_matters_where_it_is_started() -> None:
    change = replaced("support/platform/server.py", "pass", "return 1")

    assert names(impact_of(change, stack="embedded")) == EVERYTHING
    assert names(impact_of(change, stack="another")) == EVERYTHING
    assert impact_of(change, stack="none").selected == {}
    remote = impact_of(change, stack="remote")
    assert remote.selected == {}
    assert remote.unrelated == {"support/platform/server.py": "no step and no run reaches it"}


@pytest.mark.parametrize(
    "handing",
    [
        "print(context.world)",
        "getattr(context.world, 'questions')",
        "w = context.world\n    v = w\n    print(v)",
        "print(context)",
        "print(*[1], context.world, sep='')",
        "(lambda c: print(c.world))(context)",
        "[context.world][0].questions.ask('x'), context.world.reader",
    ],
)
def test_what_is_handed_the_whole_world_counts_as_a_user_of_all(handing: str) -> None:
    steps = STEPS.replace("helper(context)", handing)

    for member in ("return Questions()", "return client.connect()"):
        world = WORLD.replace(member, "pass")
        found = impact_of({"support/world/world.py": world}, before={"steps/all.py": steps})
        assert WELL in names(found)


def test_the_context_may_have_any_name() -> None:
    steps = STEPS.replace(
        "def then_all_is_well(context: StepContext)", "def then_all_is_well(given: StepContext)"
    ).replace("helper(context)", "print(given)")
    world = WORLD.replace("return Questions()", "pass")

    found = impact_of({"support/world/world.py": world}, before={"steps/all.py": steps})

    assert WELL in names(found)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"support/words.py": "RULES = {"}, "support/words.py is not valid Python"),
        ({"steps/all.py": STEPS + "x = ("}, "steps/all.py is not valid Python"),
        ({"support/words.py": "OTHER = 1\n"}, "imports RULES of support.words, which does not"),
        ({"support/words.py": None}, "imports RULES of support.words, which does not"),
        (
            replaced("support/questions.py", "class", "from support.none import x\nclass"),
            "support/questions.py imports support.none, which does not exist",
        ),
        (
            replaced("support/questions.py", "class", "from support.words import NONE\nclass"),
            "support/questions.py imports NONE of support.words, which does not define it",
        ),
        (
            replaced("support/questions.py", "class", "import numpy\nclass"),
            "support/questions.py imports the library numpy, which nothing imported before",
        ),
        (
            replaced("support/questions.py", "class", "LATER = missing\nclass"),
            "support/questions.py: LATER needs missing, which is not defined",
        ),
        (
            replaced("support/questions.py", "class", "print('x')\nclass"),
            "support/questions.py: a statement changed, which runs on import",
        ),
        (
            replaced("support/questions.py", "def ask", "@missing\n    def ask"),
            "support/questions.py: Questions needs missing, which is not defined",
        ),
    ],
)
def test_what_could_break_the_import_touches_everything(
    change: dict[str, str | None], reason: str
) -> None:
    found = impact_of(change)

    assert names(found) == EVERYTHING
    assert any(reason in text for text in found.everything), found.everything


def test_a_module_that_no_run_imports_may_break() -> None:
    assert impact_of({"support/alone.py": "def nobody(:"}).selected == {}


@pytest.mark.parametrize(
    "addition",
    [
        "import json\n",
        "from collections.abc import Mapping\n",
        "LIMIT = 3\n",
        "NAMES = ('a', ['b'], {'c': len})\n",
        "from dataclasses import dataclass\n@dataclass\nclass New:\n    x: int = 1\n",
        "CALL = lambda: print(1)\n",
        "from collections.abc import Mapping\nNames = Mapping[str, int] | None\n",
    ],
)
def test_what_only_adds_names_touches_nothing(addition: str) -> None:
    text = addition + SOURCES["support/questions.py"]

    assert impact_of({"support/questions.py": text}).selected == {}


def test_a_file_that_was_not_python_before_counts_as_new() -> None:
    path = "support/questions.py"

    found = impact_of({path: SOURCES[path]}, before={path: "class ("})

    assert names(found) == {QUESTION}


def test_a_changed_import_counts_where_the_name_is_used() -> None:
    change = replaced("support/documents.py", "from support import files", "import json as files")

    assert names(impact_of(change)) == {DOCUMENT, WELL}


def test_without_a_world_nothing_tells_what_steps_reach() -> None:
    world = {"support/world/world.py": WORLD.replace("class World:", "class Universe:")}

    found = impact_of(replaced("support/questions.py", "return thing", "pass"), before=world)

    assert names(found) == EVERYTHING
    assert "has no World that tells what steps reach" in found.everything[0]


@pytest.mark.parametrize(
    "handing",
    [
        "import atexit\ndef last():\n    return 1\natexit.register(last)\n",
        "import registry\n@registry.add('x')\ndef last():\n    return 1\n",
        "import registry\nclass Last:\n    @registry.add\n    def last(self):\n        return 1\n",
    ],
)
def test_what_a_module_hands_over_on_import_may_be_called_by_anybody(handing: str) -> None:
    path = "support/questions.py"
    before = handing + SOURCES[path]

    found = impact_of({path: before.replace("return 1", "return 2")}, before={path: before})

    assert names(found) == EVERYTHING
    assert "while it imports its modules" in found.everything[0]


def test_an_annotation_may_be_a_text() -> None:
    world = WORLD.replace("helper(context: StepContext)", "helper(context: 'StepContext')")
    now = world.replace('"folder"', '"place"')

    found = impact_of({"support/world/world.py": now}, before={"support/world/world.py": world})

    assert WELL in names(found)


@pytest.mark.parametrize(
    "reaching",
    [
        "from support import alone\nalone.nobody()",
        "import support.alone\nsupport.alone.nobody()",
        "import support.alone, support.words\nsupport.alone.nobody()",
        "import support.alone as other\nprint(other)",
        "from support import alone as other\nprint(other)",
        "from support.alone import nobody as somebody\nsomebody()",
        "from support.alone import *\nprint(1)",
    ],
)
def test_a_module_is_followed_however_it_is_imported(reaching: str) -> None:
    statement, _, use = reaching.partition("\n")
    questions = f"{statement}\nclass Questions:\n    def ask(self, x):\n        {use}\n"
    inside = f"class Questions:\n    def ask(self, x):\n        {statement}\n        {use}\n"
    for text in (questions, inside) if "*" not in statement else (questions,):
        found = impact_of(
            replaced("support/alone.py", "return 1", "return 2"),
            before={"support/questions.py": text},
        )

        assert names(found) == {QUESTION}


class TestPhrases:
    def test_a_removed_phrase_touches_whoever_used_it(self) -> None:
        found = impact_of(replaced("steps/all.py", '@then("all is well")', '@then("all is fine")'))

        assert names(found) == {WELL}
        reasons = found.selected["f:well#default"]
        assert 'steps/all.py: the phrase "all is well" was removed' in reasons
        assert "a step of it has no function that is known, and code changed" in reasons

    def test_a_new_phrase_touches_whoever_uses_it(self) -> None:
        more = '\n@then("it holds well")\ndef then_more(context):\n    """Compare."""\n'
        unit = Unit(spec("new one", "Given a document", "Then it holds well"), Variant())

        found = impact_of({"steps/all.py": STEPS + more}, (*UNITS, unit))

        assert names(found) == {"new one"}
        assert found.reasons(unit) == ("steps/all.py: then_more is new",)

    @pytest.mark.parametrize("phrase", ["it will hold", "{all} is well", "{anything}"])
    def test_a_new_phrase_that_overlaps_another_touches_everything(self, phrase: str) -> None:
        more = f'\n@then("{phrase}")\ndef then_more(context):\n    """Compare."""\n'

        found = impact_of({"steps/all.py": STEPS + more})

        assert names(found) == EVERYTHING
        assert "overlaps" in found.everything[0]

    def test_the_same_phrase_for_another_keyword_overlaps_nothing(self) -> None:
        more = '\n@given("all is well")\ndef given_more(context):\n    """Make."""\n'

        assert impact_of({"steps/all.py": STEPS + more}).selected == {}

    def test_steps_that_cannot_be_read_touch_everything(self) -> None:
        found = impact_of(replaced("steps/all.py", '    """Ask."""\n', ""))

        assert names(found) == EVERYTHING
        assert "has no docstring" in found.everything[0]

    def test_steps_that_could_not_be_read_before_are_compared_all_the_same(self) -> None:
        broken = STEPS.replace('    """Ask."""\n', "")

        found = impact_of({"steps/all.py": STEPS}, before={"steps/all.py": broken})

        assert found.everything == () or "overlaps" not in found.everything[0]

    def test_a_removed_step_module_touches_whoever_used_it(self) -> None:
        assert names(impact_of({"steps/all.py": None})) == EVERYTHING


class TestDataFiles:
    def test_a_file_touches_whoever_reaches_the_code_that_names_it(self) -> None:
        found = impact_of({"schemas/note.schema.json": "{}"})

        assert names(found) == {DOCUMENT, WELL}
        assert found.selected["f:well#default"][0] == (
            "schemas/note.schema.json changed, which support/files.py: SCHEMA reads, which "
            "steps/all.py: given_a_document reaches"
        )

    def test_a_file_of_a_folder_touches_whoever_names_the_folder(self) -> None:
        more = SOURCES["support/words.py"].replace('"text"', 'ROOT / "features" / "kept"')

        found = impact_of({"features/kept/note.tdf": "new"}, before={"support/words.py": more})

        assert names(found) == {DOCUMENT, WELL}

    def test_a_file_that_only_a_comment_names_touches_everything(self) -> None:
        text = SOURCES["support/alone.py"] + "# see 'odd.schema.json'\n"

        found = impact_of({"schemas/odd.schema.json": "{}"}, before={"support/alone.py": text})

        assert names(found) == EVERYTHING

    def test_a_file_that_only_idle_code_names_touches_nothing(self) -> None:
        text = SOURCES["support/alone.py"] + 'NAME = "odd.schema.json"\n'

        found = impact_of({"schemas/odd.schema.json": "{}"}, before={"support/alone.py": text})

        assert found.selected == {}
        assert "schemas/odd.schema.json" in found.unrelated

    def test_a_schema_is_named_without_its_ending_by_those_who_load_it(self) -> None:
        more = {
            "support/foundation/__init__.py": "",
            "support/foundation/documents.py": "def check(name):\n    return name\n",
            "support/questions.py": (
                "from support.foundation.documents import check\n"
                "class Questions:\n    def ask(self, thing):\n        check('question')\n"
            ),
            "support/base.py": SOURCES["support/base.py"].replace("folder\n", "'question'\n"),
        }

        found = impact_of({"schemas/question.schema.json": "{}"}, before=more)

        assert names(found) == {QUESTION}
