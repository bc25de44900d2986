"""Questions of ``authorization.v2``: what is asked in one request, and how much may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.embedded.calls import invalid_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.embedded.protocol import Message

MAXIMUM_FQNS = 20
MAXIMUM_ENTITIES = 10
MAXIMUM_OBLIGATIONS = 50
MAXIMUM_RESOURCES = 1000
MAXIMUM_REQUESTS = 200


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: may these entities take an action on these resources."""

    identifier: Message
    action: Message
    resources: Sequence[Message]
    fulfillable: Sequence[str]


def single_question(request: Message) -> Question:
    """Return the question about one resource.

    Raises:
        ConnectError: ``invalid_argument``, it asks for too much.
    """
    question = _question(request, [request.resource])
    _check_limits(question, "", ["resource"])
    return question


def question_of(request: Message, prefix: str = "") -> Question:
    """Return the question about several resources.

    Raises:
        ConnectError: ``invalid_argument``, it asks for too much.
    """
    question = _question(request, request.resources)
    _check_limits(question, prefix, [f"resources[{i}]" for i in range(len(request.resources))])
    return question


def questions_of(request: Message) -> list[Question]:
    """Return the questions of a bulk, in its order.

    Raises:
        ConnectError: ``invalid_argument``, it asks for too much.
    """
    _check_count("decision_requests", request.decision_requests, MAXIMUM_REQUESTS)
    return [
        question_of(item, f"decision_requests[{index}].")
        for index, item in enumerate(request.decision_requests)
    ]


def check_entities(identifier: Message, prefix: str) -> None:
    """Refuse too many entities.

    Raises:
        ConnectError: ``invalid_argument``.
    """
    path = f"{prefix}entity_identifier.entity_chain.entities"
    _check_count(path, identifier.entity_chain.entities, MAXIMUM_ENTITIES)


def _question(request: Message, resources: Sequence[Message]) -> Question:
    return Question(
        request.entity_identifier,
        request.action,
        list(resources),
        list(request.fulfillable_obligation_fqns),
    )


def _check_count(path: str, items: Sequence[object], limit: int) -> None:
    if len(items) > limit:
        raise invalid_argument(f"{path} exceeds maximum count: got {len(items)}, max {limit}")


def _check_limits(question: Question, prefix: str, paths: Sequence[str]) -> None:
    check_entities(question.identifier, prefix)
    _check_count(f"{prefix}resources", question.resources, MAXIMUM_RESOURCES)
    for path, resource in zip(paths, question.resources, strict=True):
        fqns = resource.attribute_values.fqns
        _check_count(f"{prefix}{path}.attribute_values.fqns", fqns, MAXIMUM_FQNS)
    path = f"{prefix}fulfillable_obligation_fqns"
    _check_count(path, question.fulfillable, MAXIMUM_OBLIGATIONS)
