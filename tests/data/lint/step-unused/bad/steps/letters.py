"""What nobody says."""

from behave import given


@given("a letter")
def given_a_letter(context: object) -> None:
    """Write a letter."""


# expected 6:8
