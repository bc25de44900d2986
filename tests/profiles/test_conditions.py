import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.errors import ConfigurationError
from support.profiles.conditions import parse

NAMES = {"sdk": None, "format": ("ztdf", "nano"), "missing": ("go", "python", "swift")}
FACTS = {"sdk": ["go-v0.36.0", "go", "python"], "format": ["ztdf"], "missing": []}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sdk == 'go'", True),
        ("sdk == 'swift'", False),
        ("sdk != 'swift'", True),
        ("sdk != 'go'", False),
        ("sdk in ['swift', 'python']", True),
        ("sdk in ('swift', 'java')", False),
        ("sdk not in ['swift']", True),
        ("sdk not in ['go']", False),
        ("missing == 'go'", False),
        ("missing != 'go'", True),
        ("sdk == 'swift' and format == 'ztdf'", False),
        ("sdk == 'go' and format == 'ztdf'", True),
        ("sdk == 'swift' or format == 'ztdf'", True),
        ("not (sdk == 'swift' or format == 'nano')", True),
    ],
)
def test_conditions_hold_as_they_read(text: str, *, expected: bool) -> None:
    assert parse(text, NAMES, "x").holds(FACTS) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sdk = 'go'", "cannot be read"),
        ("", "cannot be read"),
        ("sdq == 'go'", r'"sdq" is unknown\. Did you mean "sdk"\? Known: format, missing, sdk'),
        ("__import__('os').system('true')", "`.*` is not allowed there"),
        ("missing == 'goo'", r'missing is never "goo"\. Did you mean "go"\?'),
        ("format in ['ztdf', 'nanno']", r'format is never "nanno"\. Did you mean "nano"\?'),
        ("sdk", "`sdk` is not allowed there"),
        ("'go' == sdk", "`sdk` is not allowed there"),
        ("sdk == 1", "`1` is not allowed there"),
        ("sdk == format", "`format` is not allowed there"),
        ("sdk in 'go'", "`'go'` is not allowed there"),
        ("sdk < 'go'", "`'go'` is not allowed there"),
        ("sdk == 'a' == 'b'", "is not allowed there"),
        ("-sdk", "is not allowed there"),
        ("sdk == 'a' if sdk == 'b' else sdk == 'c'", "is not allowed there"),
        ("(" * 500, "cannot be read"),
    ],
)
def test_anything_else_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        parse(text, NAMES, "policies.yaml:3")

    assert str(caught.value).startswith("policies.yaml:3: ")


@given(st.text(alphabet="sdkformat='() []andorint,\0\n", max_size=60))
def test_no_text_does_worse_than_a_configuration_error(text: str) -> None:
    try:
        condition = parse(text, NAMES, "x")
    except ConfigurationError as error:
        assert "Write, for example" in str(error)  # noqa: PT017 -- both outcomes are right
    else:
        assert condition.holds(FACTS) in {True, False}
