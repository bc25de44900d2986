"""An instance of a stack on disk: its folder, what was started for it, and who owns it.

Whatever is started carries the instance's mark in its environment, and is written down as soon as
it runs. So nothing is lost when whoever started it is killed: the next `up`, `down` or run finds
it. Each process is known by its id and its start time, so a stranger with its id is left alone.
"""

import json
import re
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from support.foundation import living
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.files import write_atomically
from support.foundation.living import ProcessIdentity
from support.stack import ports

MARK = "OPENTDF_ACCEPTANCE_INSTANCE"
GRACE_SECONDS = 8.0
ROUNDS = 5
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started for an instance."""

    component: str
    process: ProcessIdentity
    stop_signal: str = signal.SIGTERM.name


@dataclass(frozen=True, slots=True)
class Record:
    """What is written down of an instance; it holds no secret.

    Attributes:
        stack: which stack it is an instance of.
        options: the named options that it was started with.
        owner: the process whose end ends it; None for one that stays up on its own.
        up: whether it served once; an instance that is not up was never finished.
        processes: what was started, in order.
    """

    name: str
    stack: str
    options: tuple[str, ...] = ()
    owner: ProcessIdentity | None = None
    up: bool = False
    processes: tuple[Started, ...] = ()
    ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def abandoned(self) -> bool:
        """Whether its owner ended without ending it."""
        return self.owner is not None and not living.is_alive(self.owner)

    def process_of(self, component: str) -> ProcessIdentity | None:
        """Return the process of a component, dead or alive, or None where none was started."""
        found = [entry.process for entry in self.processes if entry.component == component]
        return found[-1] if found else None


class Instance:
    """The folder of an instance, and the only writer of its record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What people call it."""
        return self.folder.name

    @property
    def descriptor(self) -> Path:
        """Where its descriptor stands; for its owner's eyes only."""
        return self.folder / "descriptor.json"

    @property
    def mark(self) -> Mapping[str, str]:
        """The variable that everything started for it has in its environment."""
        return {MARK: str(self.folder)}

    def log(self, component: str) -> Path:
        """Return the log of a component."""
        return self.folder / "logs" / f"{component}.log"

    def logs(self) -> tuple[Path, ...]:
        """Return every log that there is, by name."""
        return tuple(sorted(self.log("any").parent.glob("*.log")))

    def create(self, record: Record) -> None:
        """Make the folder, for its owner's eyes only.

        Raises:
            StackError: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self.log("any").parent.mkdir(exist_ok=True)
            self._write(record)
        except OSError as error:
            raise StackError(
                f"{self.folder}: a stack cannot be kept here: {error.strerror}. Free space, make "
                "it writable, or choose another folder with ACCEPTANCE_BUILD."
            ) from error

    def read(self) -> Record | None:
        """Return the record, or None where there is none, or none that can be read."""
        try:
            data = json.loads(self._record_path.read_text(encoding="utf-8"))
            return _record(data)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def update(self, **changes: Any) -> None:  # noqa: ANN401 -- the fields of Record
        """Change fields of the record."""
        with self._lock:
            self._write(replace(self.required(), **changes))

    def started(self, entry: Started) -> None:
        """Write down a process in place of an earlier one of the same component."""
        with self._lock:
            record = self.required()
            others = [p for p in record.processes if p.component != entry.component]
            self._write(replace(record, processes=(*others, entry)))

    def keep(self, folder: Path) -> None:
        """Write down a folder elsewhere, which is removed with the instance."""
        with self._lock:
            if str(folder) not in self.folders():
                self._elsewhere.write_text("\n".join((*self.folders(), str(folder))))

    def folders(self) -> tuple[str, ...]:
        """Return the folders elsewhere that go with it; known even if the record is broken."""
        if not self._elsewhere.is_file():
            return ()
        return tuple(filter(None, self._elsewhere.read_text(encoding="utf-8").splitlines()))

    def processes(self) -> tuple[ProcessIdentity, ...]:
        """Return every living process of the instance, whether written down or only marked."""
        record = self.read()
        written = [entry.process for entry in record.processes] if record else []
        found = {p.process_id: p for p in living.marked(MARK, str(self.folder))}
        found |= {p.process_id: p for p in written if living.is_alive(p)}
        return tuple(found.values())

    def end(self) -> tuple[ProcessIdentity, ...]:
        """End every process of the instance, the last one started first; return who survived."""
        record = self.read()
        for entry in reversed(record.processes if record else ()):
            _end(entry)
        return end_marked(str(self.folder))

    def end_component(self, component: str) -> None:
        """End the process of a component; it stays written down, so that it can be restarted."""
        record = self.read()
        for entry in record.processes if record else ():
            if entry.component == component:
                _end(entry)

    def forget(self, component: str) -> None:
        """End a component that the instance is not to have any more."""
        self.end_component(component)
        with self._lock:
            record = self.required()
            others = tuple(p for p in record.processes if p.component != component)
            self._write(replace(record, processes=others))

    def port(self, name: str) -> int:
        """Return the port of a component: always the same one, a free one at the first call.

        Raises:
            StackError: none is free.
        """
        with self._lock:
            record = self.required()
            if name not in record.ports:
                port = ports.free(record.ports.values())
                record = replace(record, ports={**record.ports, name: port})
                self._write(record)
            return record.ports[name]

    def remove(self) -> None:
        """End what still runs, and remove the folder and what goes with it.

        Raises:
            StackError: a process does not end, or a folder cannot be removed.
        """
        survivors = self.end()
        if survivors:
            ids = ", ".join(str(process.process_id) for process in survivors)
            raise StackError(
                f"Processes of the stack {self.name} do not end: {ids}. Look at them (`ps -fp "
                f"{ids.replace(' ', '')}`), end them, and call `acceptance stack down` again."
            )
        for folder in (*self.folders(), str(self.folder)):
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StackError(
                    f"{folder}: what a stack left cannot be removed: {error.strerror}. Remove it "
                    "by hand."
                ) from error

    @property
    def _elsewhere(self) -> Path:
        return self.folder / "elsewhere"

    @property
    def _record_path(self) -> Path:
        return self.folder / "instance.json"

    def required(self) -> Record:
        """Return the record.

        Raises:
            StackError: there is none, or none that can be read.
        """
        record = self.read()
        if record is None:
            raise StackError(
                f"{self._record_path}: the record of the stack {self.name} is gone or broken. "
                f"`acceptance stack down {self.name}` ends what is left of it."
            )
        return record

    def _write(self, record: Record) -> None:
        write_atomically(self._record_path, json.dumps(asdict(record), indent=2) + "\n")


def end_marked(mark: str) -> tuple[ProcessIdentity, ...]:
    """End every process with a mark; return who survived.

    Who is asked to end may start another one meanwhile, so they are looked for until none is left.
    """
    for _ in range(ROUNDS):
        found = living.marked(MARK, mark)
        if not found:
            return ()
        living.end(found)
    return living.marked(MARK, mark)


def orphans(root: Path) -> tuple[ProcessIdentity, ...]:
    """Return the processes of instances below a folder which are there no more."""
    below = f"{root.resolve()}/"
    return tuple(
        process
        for process, mark in living.marks(MARK)
        if mark.startswith(below) and not Path(mark).exists()
    )


def instances(root: Path) -> Iterator[Instance]:
    """Yield the instances below a folder, by name."""
    if root.is_dir():
        yield from (Instance(path) for path in sorted(root.iterdir()) if path.is_dir())


def named(root: Path, name: str) -> Instance:
    """Return the instance of a name, whether it is there or not.

    Raises:
        ConfigurationError: the name cannot be a folder's.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f'"{name}" cannot be the name of a stack\'s instance. Use letters, digits, ".", "_" '
            'and "-", such as processes or blue.'
        )
    return Instance(root / name)


def _end(entry: Started) -> None:
    living.end(
        [entry.process],
        first_signal=signal.Signals[entry.stop_signal],
        grace_seconds=GRACE_SECONDS,
    )


def _record(data: Mapping[str, Any]) -> Record:
    return Record(
        name=data["name"],
        stack=data["stack"],
        options=tuple(data["options"]),
        owner=_identity(data["owner"]) if data["owner"] else None,
        up=data["up"],
        processes=tuple(_started(entry) for entry in data["processes"]),
        ports=dict(data["ports"]),
    )


def _started(data: Mapping[str, Any]) -> Started:
    return Started(data["component"], _identity(data["process"]), data["stop_signal"])


def _identity(data: Mapping[str, Any]) -> ProcessIdentity:
    return ProcessIdentity(data["process_id"], data["created"])


def components_of(record: Record) -> Sequence[str]:
    """Return the names of what was started, in order."""
    return [entry.component for entry in record.processes]
