"""Starting the components of a stack side by side, and watching over them."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Literal

from support.foundation import living, process
from support.foundation.errors import AcceptanceError, EnvironmentUnfitError, StackError
from support.foundation.text import tail
from support.foundation.waiting import wait_until
from support.stack import ports
from support.stack.components.component import Component, no_advice
from support.stack.instance import Instance, Started

State = Literal["starting", "provisioning", "ready", "failed"]
Watch = Callable[[str, State], None]

INTERVAL_SECONDS = 0.05


class _CancelledError(Exception):
    """Another component failed, so this one is given up."""


def nobody_watches(_component: str, _state: State) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Starts the components of one instance, and tells when one of them is gone."""

    instance: Instance
    components: Mapping[str, Component]
    watch: Watch = nobody_watches
    _given_up: threading.Event = field(default_factory=threading.Event)

    def start(self, names: Collection[str] | None = None) -> None:
        """Start components side by side, each once what it needs serves.

        One that already serves is left as it is.

        Args:
            names: which; all by default.

        Raises:
            StackError: one did not come up; the message has the end of its log. What was started
                is left to be ended by the instance.
        """
        chosen = set(self.components if names is None else names)
        graph = {name: chosen.intersection(self.components[name].needs) for name in chosen}
        sorter = TopologicalSorter(graph)
        sorter.prepare()
        self._given_up.clear()
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor(max_workers=max(1, len(chosen))) as pool:
            try:
                while sorter.is_active():
                    for name in sorter.get_ready():
                        running[pool.submit(self._bring_up, self.components[name])] = name
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        name = running.pop(future)
                        future.result()
                        sorter.done(name)
            except BaseException:
                self._given_up.set()
                raise

    def restart(self, names: Sequence[str]) -> None:
        """End components and start them again, on the same ports and with the same data.

        Raises:
            StackError: one did not come up again.
        """
        for name in reversed(names):
            self.instance.end_component(name)
        self.start(names)

    def _bring_up(self, component: Component) -> None:
        record = self.instance.read()
        identity = record.process_of(component.name) if record else None
        alive = identity is not None and living.is_alive(identity)
        if alive and not component.unready():
            self.watch(component.name, "ready")
            return
        try:
            self.watch(component.name, "starting")
            if not alive:
                self._launch(component)
            self._wait(component)
            self.watch(component.name, "provisioning")
            self._provision(component)
        except _CancelledError:
            return
        except StackError:
            self.watch(component.name, "failed")
            raise
        except AcceptanceError as error:
            self.watch(component.name, "failed")
            raise StackError(f"{component.name}: {error}") from error
        self.watch(component.name, "ready")

    def _provision(self, component: Component) -> None:
        """Fill it; where that fails, its log may know the cause."""
        try:
            component.provision()
        except AcceptanceError as error:
            log = self.instance.log(component.name)
            advice = component.advise(tail(log.read_text(errors="replace"))) if log.exists() else ""
            cause = f" {advice}" if advice else ""
            raise StackError(f"{component.name}: {error}{cause} Its log is {log}.") from error

    def _launch(self, component: Component) -> None:
        for port in component.ports:
            ports.require_free(port, component.name)
        launch = component.launch()
        identity = process.start_detached(
            launch.arguments,
            environment={**launch.environment, **self.instance.mark},
            log=self.instance.log(component.name),
            working_directory=launch.working_directory,
            user=launch.user,
        )
        entry = Started(component.name, identity, launch.stop_signal.name)
        self.instance.started(entry)

    def _wait(self, component: Component) -> None:
        record = self.instance.read()
        identity = record.process_of(component.name) if record else None
        missing = ""

        def ready() -> bool:
            nonlocal missing
            if self._given_up.is_set():
                raise _CancelledError
            if identity is None or not living.is_alive(identity):
                raise StackError(self._death(component))
            missing = component.unready()
            return not missing

        try:
            wait_until(
                ready,
                what=f"{component.name} to serve",
                time_limit_seconds=component.time_limit_seconds,
                interval_seconds=INTERVAL_SECONDS,
                diagnose=lambda: f"It lacks: {missing.rstrip('.')}. {self._last_words(component)}",
            )
        except StackError:
            raise
        except EnvironmentUnfitError as error:
            raise StackError(str(error)) from error

    def _death(self, component: Component) -> str:
        return death(self.instance, component.name, _or_its_log(component.advise))

    def _last_words(self, component: Component) -> str:
        return last_words(self.instance, component.name, _or_its_log(component.advise))


def _or_its_log(advise: Callable[[str], str]) -> Callable[[str], str]:
    """Return advice that also knows what to do about what nobody foresaw."""
    return lambda log: advise(log) or "Mend what its log says, then call `up` again."


def gone(instance: Instance) -> tuple[str, ...]:
    """Return the components of an instance that were started and run no more."""
    record = instance.read()
    processes = record.processes if record else ()
    return tuple(p.component for p in processes if not living.is_alive(p.process))


def problem(instance: Instance) -> str:
    """Return which components are gone, each with the end of its log; empty while all run."""
    if instance.read() is None:
        return (
            f"The stack {instance.name} is gone: nothing is left of its folder {instance.folder}."
        )
    return " ".join(death(instance, name) for name in gone(instance))


def death(instance: Instance, component: str, advise: Callable[[str], str] = no_advice) -> str:
    """Return how a component ended, with the end of its log and the remedy where it is known."""
    record = instance.read()
    identity = record.process_of(component) if record else None
    code = process.exit_code(identity) if identity else None
    how = f"stopped with exit code {code}" if code is not None else "is gone"
    number = f" (process {identity.process_id})" if identity else ""
    return f"{component}{number} {how}. {last_words(instance, component, advise)}"


def last_words(instance: Instance, component: str, advise: Callable[[str], str]) -> str:
    """Return the end of a component's log."""
    log = instance.log(component)
    text = tail(log.read_text(errors="replace")) if log.exists() else ""
    advice = advise(text)
    return f"Its log {log} ends: {text or '(empty)'}{f' {advice}' if advice else ''}"
