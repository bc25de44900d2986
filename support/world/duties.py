"""What scenarios have done on a platform, and the weakest role that can do it.

`tests/world/test_duties.py` proves on a platform that the next weaker role cannot.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# From the weakest to the strongest: whoever is signed in may ask for keys, standard may also read
# policy and ask for decisions, admin may do everything.
ROLES = ("unprivileged", "standard", "admin")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that has to be done, and who does it."""

    role: str
    because: str


MAKE_POLICY = Duty("admin", "only admin writes policy")
LOOK_PEOPLE_UP = Duty("admin", "only admin may resolve entities")
PROTECT = Duty("standard", "an author's client reads the attributes that it protects with")
ASK = Duty("standard", "decisions are not told to clients without a role")
OPEN = Duty(
    "standard",
    "a client without a role could ask for keys as well, but in scenarios that client is the "
    "stranger, from whom the reader has to differ",
)

DUTIES: Mapping[str, Duty] = {
    "make policy": MAKE_POLICY,
    "look people up": LOOK_PEOPLE_UP,
    "protect a document": PROTECT,
    "ask for a decision": ASK,
    "open a document": OPEN,
}
"""Every duty by what is done."""
