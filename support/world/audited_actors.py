"""Whom the audit names as the one who acted."""

from collections.abc import Callable, Collection, Mapping

from support.platform.audit import DECISION, POLICY_CHANGE, REWRAP
from support.world.audit import Heard, expect_heard
from support.world.words import meaning_of

ACTORS: Mapping[str, str] = {"the reader": "standard", "the owner of the policy": "admin"}
"""Who acts in scenarios, and the role of the stack in which each does."""

FORGED_ADDRESS = "203.0.113.7"  # RFC 5737: nobody has it

KINDS: Mapping[str, str] = {
    "the decision": DECISION,
    "the key request": REWRAP,
    "the change": POLICY_CHANGE,
}
"""What is recorded, by the words that scenarios use."""


def claiming_to_be(somebody: str) -> Mapping[str, str]:
    """Return the headers in which a request claims that somebody else sent it, from elsewhere.

    The platform's services use them among themselves.
    """
    return {"x-forwarded-actor-id": somebody, "x-forwarded-request-ip": FORGED_ADDRESS}


def expect_actor(
    heard: Heard,
    kind: str,
    who: str,
    names: Callable[[str], tuple[str, ...]],
    marks: Collection[str],
) -> None:
    """Expect every record of a kind that this scenario left to name who acted.

    Args:
        heard: what the audit says.
        kind: one of `KINDS`.
        who: one of `ACTORS`.
        names: returns the client of a role, and what else records may call it by.
        marks: what only records of this scenario have in them.

    Raises:
        AssertionError: one names somebody else, or nobody, or there is none.
        SpecificationError: the words stand for nothing.
    """
    role = meaning_of(who, ACTORS, "somebody whose acts are audited")
    wanted = meaning_of(kind, KINDS, "something that is audited")
    expected = names(role)
    records = [r for r in heard.of(wanted) if any(mark in r.text for mark in marks)]
    named = sorted({_named(record.actor_id, expected) for record in records})
    expect_heard(f"Whom the audit names in the record of {kind}", heard, named, [expected[0]])


def _named(actor_id: str, names: tuple[str, ...]) -> str:
    """Return whom a record names; an entity made of a token is called by the client in it."""
    client_id = names[0]
    known = actor_id in names or actor_id.endswith(f"-clientid-{client_id}")
    return client_id if known else actor_id
