from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.documents import Document, check, load_yaml, validator
from support.foundation.errors import ConfigurationError, FrameworkError

CONFIG = "profile-config"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_good_document_gives_plain_values_and_their_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "config:\n  stack: embedded\n  timeouts:\n    command: 5\n")

    document = load_yaml(path, CONFIG)

    assert document.value == {"config": {"stack": "embedded", "timeouts": {"command": 5}}}
    assert document.where(("config", "timeouts", "command")) == f"{path}:4"
    assert document.where(("config", "nothing", "below")) == f"{path}:1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config:\n  stack: embeded\n", r':2: config\.stack is "embeded".*mean "embedded"'),
        (
            "config:\n  stak: embedded\n  stack: remote\n",
            r"stak is not a known key.*\"stack\"",
        ),
        ("config: {}\n", r":1: config is \{\}, but something was expected in it"),
        ("config:\n  stack: remote\n  allow_writes: 1\n", r":3: .*type boolean was expected"),
        ("config:\n  stack: remote\n  timeouts: {command: 0}\n", r":3: config\.timeouts\.command"),
        ("config: [\n", r":2:1: not valid YAML"),
        ("\tconfig: x\n", r":1:1: not valid YAML"),
        ("config:\n  stack: remote\n  stack: remote\n", r":3: the key \"stack\" is given twice"),
        ("a: &a {b: 1}\nconfig: *a\n", r":1: what is anchored here .* is used again"),
        ("config: &a [*a]\n", r":1: what is anchored here .* is used again"),
        ("config: {stack: 2026-99-99}\n", r":1: config.stack is \"2026-99-99\", but one"),
        ("config: !!python/object:os.system x\n", r":1:.*not valid YAML: could not determine"),
        ("config: {stack: remote, timeouts: {command: .nan}}\n", r":1:.*\.nan is not a number"),
        ("config: " + "[" * 5000, r"nested too deeply"),
        ("", r":1: the document is null"),
        (b"config: \xff\xfe", r"not UTF-8 text"),
        ("config: \x00", r"not valid YAML"),
    ],
)
def test_a_bad_document_is_told_by_file_line_and_expectation(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_yaml(write(tmp_path, text), CONFIG)

    assert str(tmp_path) in str(caught.value)


def test_a_long_value_is_shown_in_part(tmp_path: Path) -> None:
    path = write(tmp_path, "config:\n  stack: " + "x" * 500 + "\n")

    with pytest.raises(ConfigurationError) as caught:
        load_yaml(path, CONFIG)

    assert len(str(caught.value)) < 400


def test_missing_and_unreadable_files_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        load_yaml(tmp_path / "none.yaml", CONFIG)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_yaml(tmp_path, CONFIG)


def test_an_unknown_schema_is_our_own_fault() -> None:
    with pytest.raises(FrameworkError, match="no schema"):
        validator("nonsense")


def test_a_breach_of_another_rule_shows_the_schemas_own_words() -> None:
    value = {"capabilities": {"sdk": ["go", "go"]}}

    with pytest.raises(ConfigurationError, match="non-unique"):
        check(Document(Path("x"), value, {}), "profile-capabilities")


@given(st.text(max_size=200))
def test_any_text_is_either_valid_or_a_configuration_error(text: str) -> None:
    path = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path()  # noqa: S108 -- only to write to
    target = path / "acceptance-documents-test.yaml"
    target.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    try:
        load_yaml(target, CONFIG)
    except ConfigurationError as error:
        assert str(target) in str(error)  # noqa: PT017 -- both outcomes are right
    finally:
        target.unlink()
