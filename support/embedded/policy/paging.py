"""Pages of lists: limits, offsets, sorting and searching, as the policy services do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.calls import invalid_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from support.embedded.policy.records import Record
    from support.embedded.protocol import Message

DEFAULT_LIMIT = 1000
MAXIMUM_LIMIT = 2500
LIMIT_TOO_HIGH = "requested pagination limit must be less than or equal to configured limit"
DESCENDING = 2
T = TypeVar("T")
R = TypeVar("R", bound="Record")


def page(items: Sequence[T], request: Message, response: Message) -> Sequence[T]:
    """Return the page that a ``policy.PageRequest`` asks for, and fill a ``PageResponse``.

    Raises:
        ConnectError: ``invalid_argument`` for a limit above the maximum, ``internal`` for a
            negative offset.
    """
    limit = request.limit if request.limit > 0 else DEFAULT_LIMIT
    if limit > MAXIMUM_LIMIT:
        raise invalid_argument(LIMIT_TOO_HIGH)
    start = request.offset
    if start < 0:
        raise ConnectError(Code.INTERNAL, "resource list retrieval failed")
    end = start + limit
    chosen = items[start:end]
    response.current_offset = start
    # The platform counts with the rows that it returns, so an empty page knows no total.
    if chosen:
        response.total = len(items)
        response.next_offset = end if end < len(items) else 0
    return chosen


def ordered(
    records: Iterable[R], sort: Sequence[Message], keys: Mapping[int, Callable[[R], Any]]
) -> list[R]:
    """Sort records as a list request asks; newest first by default.

    Args:
        records: In the order of their creation.
        sort: The request's ``sort``: at most one field with a direction.
        keys: What to compare, by the number of the sort field.
    """
    newest_first = list(records)[::-1]
    if not sort or sort[0].field not in keys:
        return newest_first
    return sorted(newest_first, key=keys[sort[0].field], reverse=sort[0].direction == DESCENDING)


def found(text: str, search: Message) -> bool:
    """Tell whether a text holds what a list request searches for, in any case."""
    return search.term.lower() in text.lower()
