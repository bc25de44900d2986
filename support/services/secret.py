"""Secret values that cannot be printed, logged, written to disk or compared by accident."""

import hmac
import threading
from collections.abc import Callable, Iterable
from typing import NoReturn, Self

Learner = Callable[[Iterable[str]], None]


class Revealed:
    """The secret values that providers gave while a run goes on; who redacts learns each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, None] = {}
        self._learners: list[Learner] = []

    @property
    def values(self) -> tuple[str, ...]:
        """Every value so far."""
        return tuple(self._values)

    def teach(self, learner: Learner) -> None:
        """Tell every value so far, and each further one before anybody else gets it."""
        with self._lock:
            self._learners.append(learner)
            learner(self.values)

    def add(self, value: str) -> None:
        """Remember a value that is about to be given."""
        with self._lock:
            if value and value not in self._values:
                self._values[value] = None
                for learner in self._learners:
                    learner((value,))


REVEALED = Revealed()
"""What providers gave to this process; a changed secret is one more value."""


class Secret:
    """Holds a secret; only `reveal()` gives it, at the border where it is sent.

    Whatever shows objects (`repr`, f-strings, logging, tracebacks, dataclasses) shows `Secret(…)`;
    whatever writes them (pickle, JSON) is refused; a copy is the same object.
    """

    __slots__ = ("_origin", "_value")

    def __init__(self, value: str, origin: str = "") -> None:
        self._value = value
        self._origin = origin

    def reveal(self) -> str:
        """Return the secret itself, as it is known now."""
        return self._value

    @property
    def origin(self) -> str:
        """Where it came from, such as `environment ACCEPTANCE_…`; empty where nobody says."""
        return self._origin

    def refresh(self) -> bool:
        """Read it again where it came from; return whether it is another one now."""
        return False

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(Secret)  # one for all: a hash of the value would tell equal ones apart

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Secret is not written to disk; pass it on in memory.")

    def __getstate__(self) -> NoReturn:
        self.__reduce__()


class LiveSecret(Secret):
    """A secret whose provider may have another one later: whoever is refused refreshes it.

    Args:
        read: returns the secret as its provider has it now.
        revealed: learns every value before anybody else does.

    Raises:
        AcceptanceError: what `read` raises, here and when it is refreshed.
    """

    __slots__ = ("_read", "_revealed")

    def __init__(self, read: Callable[[], Secret], revealed: Revealed = REVEALED) -> None:
        self._read = read
        self._revealed = revealed
        first = read()
        revealed.add(first.reveal())
        super().__init__(first.reveal(), first.origin)

    def refresh(self) -> bool:
        """Read it again where it came from; return whether it is another one now.

        Raises:
            AcceptanceError: the provider has it no more, or does not answer.
        """
        now = self._read()
        changed = now != self
        self._revealed.add(now.reveal())
        self._value, self._origin = now.reveal(), now.origin
        return changed
