"""Pages of lists: limits, offsets, sorting and searching, as the policy services do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.calls import invalid_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.embedded.protocol import Message

DEFAULT_LIMIT = 1000
MAXIMUM_LIMIT = 2500
LIMIT_TOO_HIGH = (
    "requested pagination limit must be less than or equal to configured limit"
)
T = TypeVar("T")


def page(items: Sequence[T], request: Message, response: Message) -> Sequence[T]:
    """Return the page that a ``policy.PageRequest`` asks for, and fill a ``PageResponse``.

    Raises:
        ConnectError: ``invalid_argument`` for a limit above the maximum.
    """
    limit = request.limit or DEFAULT_LIMIT
    if limit > MAXIMUM_LIMIT:
        raise invalid_argument(LIMIT_TOO_HIGH)
    start = request.offset
    if start < 0 or limit < 0:
        raise ConnectError(Code.INTERNAL, "resource list retrieval failed")
    end = start + limit
    chosen = items[start:end]
    response.current_offset = start
    # The platform counts with the rows that it returns, so an empty page knows no total.
    if chosen:
        response.total = len(items)
        response.next_offset = end if end < len(items) else 0
    return chosen
