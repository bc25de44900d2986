"""Starting one component as the stack manager does, for tests of components."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from support.foundation import living
from support.stack.components.component import Component
from support.stack.instance import Instance, Record
from support.stack.supervisor import Supervisor


def new_instance(folder: Path, folders: tuple[Path, ...] = ()) -> Instance:
    """An instance whose folders elsewhere are removed with it."""
    instance = Instance(folder)
    instance.create(Record(folder.name, "test"))
    for elsewhere in folders:
        instance.keep(elsewhere)
    return instance


@contextmanager
def started(instance: Instance, component: Component) -> Iterator[living.ProcessIdentity]:
    """Bring a component up, and end it afterwards; its folders stay."""
    try:
        Supervisor(instance, {component.name: component}).start()
        identity = instance.required().process_of(component.name)
        assert identity is not None
        yield identity
    finally:
        assert instance.end() == ()


def family(identity: living.ProcessIdentity) -> list[psutil.Process]:
    """The process and its children."""
    process = psutil.Process(identity.process_id)
    return [process, *process.children(recursive=True)]


def listening(identity: living.ProcessIdentity) -> set[tuple[str, int]]:
    """The addresses that a process and its children listen on."""
    found = set()
    for process in family(identity):
        with suppress(psutil.NoSuchProcess):  # a child that served one connection and ended
            found |= {
                (connection.laddr.ip, connection.laddr.port)
                for connection in process.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }
    return found


def shown(identity: living.ProcessIdentity) -> str:
    """The command lines and environments of a process and its children."""
    found = []
    for process in family(identity):
        with suppress(psutil.NoSuchProcess):
            found += [*process.cmdline(), *process.environ().values()]
    assert found
    return "\n".join(found)


def users(identity: living.ProcessIdentity) -> set[str]:
    """Whom a process and its children run as."""
    found = set()
    for process in family(identity):
        with suppress(psutil.NoSuchProcess):
            found.add(process.username())
    return found
