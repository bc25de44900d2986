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
from support.stack.components.component import Component
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
        record = self.instance.read()
        for name in reversed(names):
            identity = record.process_of(name) if record else None
            if identity is not None:
                living.end([identity])
        self.start(names)

    def gone(self) -> tuple[str, ...]:
        """Return the components that run no more."""
        record = self.instance.read()
        if record is None:
            return tuple(self.components)
        return tuple(
            entry.component
            for entry in record.processes
            if entry.component in self.components and not living.is_alive(entry.process)
        )

    def problem(self) -> str:
        """Return which component is gone, with the end of its log; empty while all run."""
        return " ".join(self._death(self.components[name]) for name in self.gone())

    def _bring_up(self, component: Component) -> None:
        record = self.instance.read()
        identity = record.process_of(component.name) if record else None
        if identity is not None and living.is_alive(identity) and not component.unready():
            self.watch(component.name, "ready")
            return
        try:
            self.watch(component.name, "starting")
            self._launch(component)
            self._wait(component)
            self.watch(component.name, "provisioning")
            component.provision()
        except _CancelledError:
            return
        except StackError:
            self.watch(component.name, "failed")
            raise
        except AcceptanceError as error:
            self.watch(component.name, "failed")
            raise StackError(f"{component.name}: {error}") from error
        self.watch(component.name, "ready")

    def _launch(self, component: Component) -> None:
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
                diagnose=lambda: f"It lacks: {missing}. {self._last_words(component)}",
            )
        except StackError:
            raise
        except EnvironmentUnfitError as error:
            raise StackError(str(error)) from error

    def _death(self, component: Component) -> str:
        record = self.instance.read()
        identity = record.process_of(component.name) if record else None
        code = process.exit_code(identity) if identity else None
        how = f"ended with exit code {code}" if code is not None else "is gone"
        number = f" (process {identity.process_id})" if identity else ""
        return f"{component.name}{number} {how}. {self._last_words(component)}"

    def _last_words(self, component: Component) -> str:
        log = self.instance.log(component.name)
        text = tail(log.read_text(errors="replace")) if log.exists() else ""
        advice = component.advise(text)
        remedy = f" {advice}" if advice else ""
        return f"Its log {log} ends: {text or '(empty)'}{remedy}"
