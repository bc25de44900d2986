import pytest

from support.world import expectations as expect


def test_what_is_as_expected_passes() -> None:
    expect.expect_equal("It", [1], [1])
    expect.expect_content("It", b"same", b"same")
    expect.expect_contains("It", ["a", "b"], ["b"])
    expect.expect_different("They", {"first": 1, "second": 2})
    expect.expect_absent("It", "harmless", ["secret"])
    expect.expect_conforms("It", {"a": 1}, {"required": ["a"]})


def test_another_value_fails_with_both() -> None:
    with pytest.raises(AssertionError, match=r'^The decision: expected "deny", got "permit"$'):
        expect.expect_equal("The decision", "permit", "deny")


def test_long_values_are_cut() -> None:
    with pytest.raises(AssertionError) as error:
        expect.expect_equal("It", "x" * 5000, "y" * 5000)

    assert len(str(error.value)) < 1000


@pytest.mark.parametrize(
    ("actual", "expected", "place"),
    [(b"abcd", b"abXd", "from byte 2"), (b"ab", b"abc", "from byte 2"), (b"x", b"", "from byte 0")],
)
def test_other_content_fails_with_the_place(actual: bytes, expected: bytes, place: str) -> None:
    with pytest.raises(AssertionError, match=place):
        expect.expect_content("It", actual, expected)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(AssertionError, match=r"'c'.* is missing from"):
        expect.expect_contains("It", ["a"], ["a", "c"])


def test_values_that_are_the_same_are_named() -> None:
    with pytest.raises(AssertionError, match='"second" and "third" are the same'):
        expect.expect_different("They", {"first": 1, "second": 2, "third": 2})


def test_a_secret_found_is_told_without_repeating_it() -> None:
    with pytest.raises(AssertionError, match="reveals a secret") as error:
        expect.expect_absent("It", "here: hush-hush", ["other", "hush-hush"])

    assert "hush-hush" not in str(error.value)


@pytest.mark.parametrize("secrets", [[], [""], ["a", ""]])
def test_looking_for_no_secret_proves_nothing_and_is_an_error(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        expect.expect_absent("It", "text", secrets)


def test_each_breach_of_a_schema_is_listed() -> None:
    schema = {"required": ["a"], "properties": {"b": {"type": "string"}}}

    with pytest.raises(AssertionError, match=r"breaks 2 rule\(s\).*'a'.*\$\.b"):
        expect.expect_conforms("It", {"b": 1}, schema)


def test_a_scenario_can_be_failed() -> None:
    with pytest.raises(AssertionError, match=r"^because$"):
        expect.fail("because")
