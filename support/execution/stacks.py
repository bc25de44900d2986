"""The stacks of a run: the profile's own, and its variants, each brought up when it is needed."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from support.foundation.errors import AcceptanceError, FrameworkError
from support.model.unit import Unit
from support.planning.grouping import Options, options_of
from support.stack.running import RunningStack
from support.world.people import People

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit runs: a stack, and the people whom it knows."""

    stack: RunningStack
    people: People


@dataclass(frozen=True, slots=True)
class Opening:
    """How the places of a run are opened.

    Attributes:
        variant: brings up the variant of the profile's stack with some options.
        people: makes those of the profile known to a stack.
        learn: gets every secret of a new stack before anything is sent to it.
        say: gets one line for whatever is started or restarted.
        may_restart: whether the profile allows to restart what has died.
        ahead: whether the next variant is started while units still run on the one before; a run
            that ends with the first failure may never need it.
    """

    variant: Callable[[Options], RunningStack]
    people: Callable[[RunningStack], People]
    learn: Callable[[Iterable[str]], None]
    say: Say
    may_restart: bool = False
    ahead: bool = False


@dataclass(slots=True)
class Stacks:
    """Knows on which stack each unit runs, and ends a variant after the last unit that needs it.

    One variant at a time is started ahead, and none while another one starts.
    """

    opening: Opening
    left: Counter[Options]
    _places: dict[Options, Place] = field(default_factory=dict)
    _failed: dict[Options, str] = field(default_factory=dict)
    _left_behind: list[str] = field(default_factory=list)
    _starter: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _ahead: tuple[Options, Future[RunningStack]] | None = None

    @classmethod
    def of_run(cls, base: RunningStack, opening: Opening, units: Iterable[Unit]) -> "Stacks":
        """Return the stacks of a run whose base is up.

        Args:
            base: the profile's stack.
            opening: see `Opening`.
            units: those that will run.
        """
        stacks = cls(opening, Counter(options_of(unit) for unit in units))
        stacks._places[()] = stacks._place(base)
        return stacks

    @property
    def base(self) -> Place:
        """The profile's own stack."""
        return self._places[()]

    def problem(self, unit: Unit) -> str:
        """Return why a unit has no stack that serves, or an empty string.

        Where the profile allows it, what has died is restarted first.
        """
        options = options_of(unit)
        try:
            place = self._open(options)
            problem = place.stack.problem() if place else self._failed[options]
            if not problem or place is None:
                return problem
            return self._revived(options, place, problem)
        except AcceptanceError as error:
            return str(error)

    def of(self, unit: Unit) -> Place:
        """Return where a unit runs; its `problem` has been asked before.

        Raises:
            FrameworkError: it has not.
        """
        place = self._places.get(options_of(unit))
        if place is None:
            raise FrameworkError(f"{unit.id}: its stack was not opened.")
        return place

    def done(self, unit: Unit) -> None:
        """Take note that a unit is over; end its variant if it was the last one to need it."""
        options = options_of(unit)
        self.left[options] -= 1
        if options and self.left[options] <= 0:
            self._close(options)

    def close(self) -> tuple[str, ...]:
        """Remove people and end everything that the run started; return what is left behind."""
        if self._ahead is not None:
            with contextlib.suppress(AcceptanceError):  # nobody needed it
                self._ahead[1].result().stop()
            self._ahead = None
        self._starter.shutdown()
        for options in sorted(self._places, reverse=True):
            self._close(options)
        return tuple(self._left_behind)

    def _open(self, options: Options) -> Place | None:
        if options in self._failed:
            return None
        if options not in self._places:
            name = " ".join(options)
            self.opening.say(f"stack      a variant is started: {name}")
            try:
                self._places[options] = self._place(self._variant(options))
            except AcceptanceError as error:
                self._failed[options] = f"The stack's variant {name} did not come up: {error}"
                return None
        self._look_ahead()
        return self._places[options]

    def _variant(self, options: Options) -> RunningStack:
        """Return a variant that is up: the one that was started ahead, or else one started now."""
        if self._ahead is not None:
            begun, future = self._ahead
            wait([future])
            if begun == options:
                self._ahead = None
                return future.result()
        return self.opening.variant(options)

    def _look_ahead(self) -> None:
        """Start the variant that is likely to be needed next (support/planning/grouping.py)."""
        if not self.opening.ahead or self._ahead is not None:
            return
        known = self._places.keys() | self._failed.keys()
        wanted = [options for options, count in self.left.items() if count > 0]
        following = min(
            (options for options in wanted if options not in known),
            key=lambda options: (len(options), options),
            default=None,
        )
        if following is not None:
            self._ahead = (following, self._starter.submit(self.opening.variant, following))

    def _place(self, stack: RunningStack) -> Place:
        people = self.opening.people(stack)
        self.opening.learn((*stack.services.secrets(), *people.secrets()))
        return Place(stack, people)

    def _revived(self, options: Options, place: Place, problem: str) -> str:
        """Restart what has died, if that may be; return what is still wrong."""
        restart = place.stack.restart
        if not self.opening.may_restart or restart is None:
            return problem
        self.opening.say(f"stack      restarted, for {problem}")
        stack = restart()
        place.people.close()
        self._places[options] = self._place(stack)
        return stack.problem()

    def _close(self, options: Options) -> None:
        place = self._places.pop(options, None)
        if place is None:
            return
        try:
            # What a stack knew that is gone is gone with it.
            if not place.stack.problem():
                self._left_behind += place.people.remove()
            place.people.close()
        finally:
            place.stack.stop()
