"""Constraints of the catalog: which values go together, and what that leaves possible.

A constraint becomes exclusions: an exclusion names some values of each of several dimensions, and
no variant may have one of them in every one of these dimensions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Exclusion = Mapping[str, frozenset[str]]
"""Values by dimension that may not all come together."""

Values = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Constraint:
    """`when … require …` or `when … forbid …`, as the catalog states it.

    Attributes:
        where: file and line.
        exclusions: what it comes to.
    """

    title: str
    reason: str
    where: str
    exclusions: tuple[Exclusion, ...]


def exclusions_of(
    when: Values, require: Values, forbid: Values, domains: Mapping[str, Sequence[str]]
) -> tuple[Exclusion, ...]:
    """Return what a constraint excludes.

    Args:
        when: holds when each dimension has one of its values.
        require: each dimension must then have one of its values.
        forbid: no dimension may then have one of its values.
        domains: all values of each dimension.
    """
    result: list[Exclusion] = []
    for dimension, values in require.items():
        result.extend(_excluded(when, dimension, frozenset(domains[dimension]) - values))
    for dimension, values in forbid.items():
        result.extend(_excluded(when, dimension, values))
    return tuple(result)


def _excluded(when: Values, dimension: str, values: frozenset[str]) -> Iterator[Exclusion]:
    """Yield the exclusion of some values of one dimension; none when nothing is left to exclude."""
    together = when.get(dimension, values) & values
    if together:
        yield {**when, dimension: together}


def violated(exclusion: Exclusion, assignment: Mapping[str, str]) -> bool:
    """Whether an assignment has an excluded combination; what it does not name cannot violate."""
    return all(assignment.get(dimension) in values for dimension, values in exclusion.items())


def completion(
    fixed: Mapping[str, str],
    domains: Mapping[str, Sequence[str]],
    exclusions: Sequence[Exclusion],
) -> dict[str, str] | None:
    """Return an assignment of all dimensions that holds `fixed` and violates nothing, or None.

    Earlier values of a domain are preferred, dimension by dimension.
    """
    if any(violated(exclusion, fixed) for exclusion in exclusions):
        return None
    open_dimensions = [
        name for name in domains if name not in fixed and any(name in e for e in exclusions)
    ]
    return _extended(dict(fixed), open_dimensions, domains, exclusions)


def _extended(
    assignment: dict[str, str],
    open_dimensions: Sequence[str],
    domains: Mapping[str, Sequence[str]],
    exclusions: Sequence[Exclusion],
) -> dict[str, str] | None:
    if not open_dimensions:
        return assignment
    dimension, *rest = open_dimensions
    relevant = [exclusion for exclusion in exclusions if dimension in exclusion]
    for value in domains[dimension]:
        tried = {**assignment, dimension: value}
        if not any(violated(exclusion, tried) for exclusion in relevant):
            found = _extended(tried, rest, domains, exclusions)
            if found is not None:
                return found
    return None


def culprits(
    fixed: Mapping[str, str],
    domains: Mapping[str, Sequence[str]],
    constraints: Sequence[Constraint],
) -> tuple[Constraint, ...]:
    """Return constraints that together leave no completion of `fixed`, none of them needlessly."""
    needed = list(constraints)
    for constraint in constraints:
        without = [c for c in needed if c is not constraint]
        exclusions = [exclusion for c in without for exclusion in c.exclusions]
        if completion(fixed, domains, exclusions) is None:
            needed = without
    return tuple(needed)
