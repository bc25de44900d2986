"""Assertions that say what was observed and what was expected; each raises AssertionError."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

import jsonschema

from support.world.generated import Verdict

SHOWN_CHARACTERS = 400
SHOWN_BYTES = 16


def fail(message: str) -> NoReturn:
    """Fail the scenario.

    Raises:
        AssertionError: always.
    """
    raise AssertionError(message)


def expect_equal(what: str, actual: object, expected: object) -> None:
    """Expect `actual` to equal `expected`; `what` names the observed thing."""
    if actual != expected:
        raise AssertionError(f"{what}: expected {_shown(expected)}, got {_shown(actual)}")


def expect_content(what: str, actual: bytes, expected: bytes) -> None:
    """Expect two byte strings to be equal; the message shows where they part, not all of them."""
    if actual == expected:
        return
    common = min(len(actual), len(expected))
    at = next((i for i in range(common) if actual[i] != expected[i]), common)
    raise AssertionError(
        f"{what}: expected {len(expected)} bytes, got {len(actual)}; from byte {at} on: "
        f"expected {expected[at : at + SHOWN_BYTES]!r}, got {actual[at : at + SHOWN_BYTES]!r}"
    )


def expect_contains(what: str, actual: Collection[object], expected: Collection[object]) -> None:
    """Expect `actual` to hold everything in `expected`."""
    absent = [entry for entry in expected if entry not in actual]
    if absent:
        raise AssertionError(f"{what}: {_shown(absent)} is missing from {_shown(actual)}")


def expect_different(what: str, values: Mapping[str, object]) -> None:
    """Expect all values to differ from each other; the message names the first two that do not."""
    first_with: dict[object, str] = {}
    for name, value in values.items():
        if value in first_with:
            raise AssertionError(
                f'{what}: "{first_with[value]}" and "{name}" are the same: {_shown(value)}'
            )
        first_with[value] = name


def expect_absent(what: str, text: str, secrets: Sequence[str]) -> None:
    """Expect that no secret stands in `text`; the message does not repeat the secret.

    Raises:
        ValueError: there is no secret to look for, or an empty one, so nothing would be proven.
    """
    if not secrets or not all(secrets):
        raise ValueError("expect_absent needs at least one secret, and none of them empty.")
    for secret in secrets:
        if secret in text:
            masked = text.replace(secret, "[the secret]")
            raise AssertionError(f"{what} reveals a secret: {_shown(masked)}")


def expect_conforms(what: str, document: object, schema: Mapping[str, Any]) -> None:
    """Expect a JSON document to keep every rule of a JSON Schema; the message lists each breach."""
    validator = jsonschema.Draft202012Validator(schema)
    breaches = [
        f"{error.json_path}: {error.message[:SHOWN_CHARACTERS]}"
        for error in sorted(validator.iter_errors(document), key=lambda error: error.json_path)
    ]
    if breaches:
        raise AssertionError(f"{what} breaks {len(breaches)} rule(s): " + "; ".join(breaches))


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def expect_agreement(verdict: Verdict) -> None:
    """Expect that the platform decided generated requests as the reference rules say."""
    if verdict.disagreement is not None:
        fail(
            f"After {verdict.decided} requests decided alike, {verdict.disagreement}\n"
            f"The evidence has it as {verdict.disagreement.name}, with a scenario that decides it "
            "again: move them to features/authorization/kept/ and features/authorization/."
        )
    if not verdict.decided:
        fail("No generated request was decided, so nothing was proved.")
