"""What one step of a scenario leaves for a later one, typed and never silently missing."""

from typing import Generic, TypeVar

from support.foundation.errors import SpecificationError

Value = TypeVar("Value")


class Slot(Generic[Value]):
    """One thing that a scenario talks about as "the …", such as the decision."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._values: list[Value] = []

    def put(self, value: Value) -> None:
        """Remember a value; from now on it is the one meant."""
        self._values.append(value)

    @property
    def is_empty(self) -> bool:
        """Whether no step has remembered a value."""
        return not self._values

    @property
    def value(self) -> Value:
        """The value last remembered.

        Raises:
            SpecificationError: no step before produced one.
        """
        if not self._values:
            problem = (
                f"A step speaks of {self._what}, but no step before it produced one. Add the step "
                "that does; docs/steps.md lists them."
            )
            raise SpecificationError((problem,))
        return self._values[-1]
