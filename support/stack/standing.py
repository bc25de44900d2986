"""Instances of stacks: bringing one up, finding it again, ending it, whoever was killed meanwhile.

An instance stands below `build/stack/instances/`. One with an owner ends with the run that started
it; one without stays up until `acceptance stack down`.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.foundation import living
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.files import locked, remove_unheld
from support.foundation.living import ProcessIdentity
from support.foundation.settings import Settings
from support.foundation.text import did_you_mean, listed
from support.stack import descriptor, notes, remote, supervisor, variants
from support.stack.components.readiness import Probe
from support.stack.instance import Instance, Record, components_of, instances, named, orphans
from support.stack.recipes import book
from support.stack.recipes.recipe import Recipe
from support.stack.running import RunningStack
from support.stack.supervisor import Supervisor, Watch, nobody_watches


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stack is to be up.

    Attributes:
        name: of the instance.
        options: named variants of the platform's configuration.
        owner: the process whose end ends it; None for one that stays.
        port: of the platform; 0 for a free one.
    """

    stack: str
    name: str
    options: tuple[str, ...] = ()
    owner: ProcessIdentity | None = None
    port: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """An instance as it is found.

    Attributes:
        problem: why it does not serve; empty if it does.
    """

    instance: Instance
    record: Record | None
    problem: str


def root(settings: Settings) -> Path:
    """Return the folder of all instances."""
    return settings.build / "stack" / "instances"


def up(settings: Settings, wanted: Wanted, watch: Watch = nobody_watches) -> dict[str, Any]:
    """Bring an instance up, or what is missing of it; nothing is done to one that serves.

    Returns:
        The stack descriptor, credentials included.

    Raises:
        ConfigurationError: it is up with other options, or something it needs is not there.
        StackError: it did not come up; everything that was started has been ended.
    """
    instance = named(root(settings), wanted.name)
    with _on_disk(settings), locked(_lock(settings, wanted.name)):
        record = instance.read()
        if record is not None and record.up and not record.abandoned:
            _require_same(record, wanted)
            if not _wrong(settings, instance, record):
                return descriptor.read(instance.descriptor)
            content = _revive(settings, instance, record, watch)
            _require_serving(settings, instance)
            return content
        _remove(settings, instance)
        return _start(settings, instance, wanted, watch)


def find(settings: Settings, name: str, stack: str | None = None) -> RunningStack | None:
    """Return an instance that is up and serves, or None where there is none.

    Args:
        settings: say where instances stand.
        name: of the instance.
        stack: which stack it has to be; any by default.

    Raises:
        StackError: there is one, but it does not serve.
    """
    instance = named(root(settings), name)
    record = instance.read()
    if record is None or not record.up or record.owner is not None:
        return None
    if stack is not None and record.stack != stack:
        return None
    found = running(settings, instance)
    missing = found.problem() or _unready(found)
    if missing:
        raise StackError(
            f"The stack {name} was left up, but does not serve: {missing} Mend it with `acceptance "
            f"stack up {record.stack} --name {name}`, or end it with `acceptance stack down "
            f"{name}`."
        )
    return found


def instance_named(settings: Settings, name: str) -> Instance:
    """Return the instance of a name, whether it is there or not.

    Raises:
        ConfigurationError: the name cannot be one.
    """
    return named(root(settings), name)


def running(settings: Settings, instance: Instance) -> RunningStack:
    """Return an instance that is up, as a run uses it.

    Raises:
        StackError: it is not there any more.
    """
    record = instance.required()

    def restart() -> RunningStack:
        with locked(_lock(settings, instance.name)):
            _revive(settings, instance, instance.required(), nobody_watches)
        return running(settings, instance)

    def stop() -> None:
        if record.owner is not None:
            _remove(settings, instance)
            _lock(settings, instance.name).unlink(missing_ok=True)

    def variant(options: tuple[str, ...]) -> RunningStack:
        return variants.start(settings, instance, record, options)

    ours = record.owner is not None
    how = (
        f"started for this run: {listed(components_of(record))}"
        if ours
        else f"{record.stack} was already up (`acceptance stack down {instance.name}` ends it)"
    )
    content = descriptor.read(instance.descriptor)
    return RunningStack(
        services=descriptor.services(content),
        how=how,
        problem=lambda: _problem(settings, instance, record),
        stop=stop,
        restart=restart,
        variant=variant if record.stack in book.VARIANTS else None,
        audit_logs=descriptor.audit_logs(
            {name: instance.log(name) for name in components_of(record)}
        ),
        logs=instance.logs,
        options=record.options,
        versions=descriptor.versions(content),
    )


def down(settings: Settings, name: str | None = None) -> tuple[str, ...]:
    """End an instance, or every one that stays up or was abandoned; return their names.

    Instances of runs that are going on are left alone, unless one is named.

    Raises:
        ConfigurationError: there is no instance of that name.
        StackError: something does not end, or cannot be removed.
    """
    known = {instance.name: instance for instance in instances(root(settings))}
    if name in book.RECIPES and name not in known:
        return ()
    if name is not None and name not in known:
        named(root(settings), name)
        raise ConfigurationError(
            f'There is no stack "{name}".{did_you_mean(name, known)} Up: {listed(known)}.'
        )
    chosen = [known[name]] if name is not None else [i for i in known.values() if not _in_use(i)]
    ended = []
    for instance in chosen:
        with locked(_lock(settings, instance.name)):
            _remove(settings, instance)
        _lock(settings, instance.name).unlink(missing_ok=True)
        ended.append(instance.name)
    lost = orphans(root(settings))
    if lost:
        living.end(lost)
        ended.append(f"{len(lost)} processes whose folder is gone")
    _remove_locks(settings)
    return tuple(ended)


def sweep(settings: Settings) -> tuple[str, ...]:
    """End what runs left that were killed; return the names of those instances."""
    swept = []
    for instance in instances(root(settings)):
        record = instance.read()
        if record is not None and record.abandoned:
            _remove(settings, instance)
            _lock(settings, instance.name).unlink(missing_ok=True)
            swept.append(instance.name)
    lost = orphans(root(settings))
    living.end(lost)
    return (*swept, *([f"{len(lost)} processes whose folder is gone"] if lost else ()))


def status(settings: Settings) -> Iterator[Standing]:
    """Yield every instance with what is wrong with it."""
    for instance in instances(root(settings)):
        record = instance.read()
        yield Standing(instance, record, _wrong(settings, instance, record))


def restart(
    settings: Settings, name: str, components: Sequence[str], watch: Watch = nobody_watches
) -> None:
    """Restart components of an instance, or all of them.

    Raises:
        ConfigurationError: there is no such instance or component.
        StackError: one does not come up again.
    """
    instance = named(root(settings), name)
    record = instance.read()
    if record is None:
        raise ConfigurationError(
            f'There is no stack "{name}". `acceptance stack status` lists all.'
        )
    known = components_of(record)
    for component in components:
        if component not in known:
            raise ConfigurationError(
                f'The stack {name} has no component "{component}".'
                f"{did_you_mean(component, known)} It has: {listed(known)}."
            )
    with _on_disk(settings), locked(_lock(settings, name)):
        recipe = book.build(settings, instance, record)
        chosen = [c for c in known if c in components] if components else list(known)
        Supervisor(instance, recipe.components, watch).restart(chosen)
        descriptor.write(instance.descriptor, recipe.describe())


def logs_to(instance: Instance, folder: Path) -> None:
    """Copy the logs of an instance, so that they outlive it."""
    source = instance.log("any").parent
    if source.is_dir():
        shutil.copytree(source, folder, dirs_exist_ok=True)


def _start(settings: Settings, instance: Instance, wanted: Wanted, watch: Watch) -> dict[str, Any]:
    record = Record(
        wanted.name,
        wanted.stack,
        wanted.options,
        wanted.owner,
        ports={"platform": wanted.port} if wanted.port else {},
    )
    instance.create(record)
    try:
        recipe = book.build(settings, instance, record)
        _follow(recipe, instance, watch)
        content = recipe.describe()
        descriptor.write(instance.descriptor, content)
        instance.update(up=True)
    except BaseException:
        found = instance.read()
        if found is not None and found.processes:
            instance.end()  # its logs stay, for whoever reads the message
        else:
            instance.remove()
        raise
    return content


def _follow(recipe: Recipe, instance: Instance, watch: Watch) -> None:
    if recipe.outside is not None:
        recipe.outside.up(watch)
    Supervisor(instance, recipe.components, watch).start()


def _remove(settings: Settings, instance: Instance) -> None:
    """End and remove an instance, and what somebody else runs for it."""
    record = instance.read()
    if record is not None and record.up and record.stack in book.OUTSIDE:
        outside = book.build(settings, instance, record).outside
        if outside is not None:
            outside.down()
    instance.remove()


def _problem(settings: Settings, instance: Instance, record: Record) -> str:
    """Return what of an instance does not serve, or an empty string."""
    if record.stack in book.OUTSIDE:
        outside = book.build(settings, instance, record).outside
        if outside is not None and (ill := outside.problem()):
            return ill
    return supervisor.problem(instance)


def _revive(settings: Settings, instance: Instance, record: Record, watch: Watch) -> dict[str, Any]:
    recipe = book.build(settings, instance, record)
    _follow(recipe, instance, watch)
    content = recipe.describe()
    descriptor.write(instance.descriptor, content)
    return content


def _require_serving(settings: Settings, instance: Instance) -> None:
    """Make sure that a stack serves of which everything runs.

    Raises:
        StackError: it does not.
    """
    if missing := _unready(running(settings, instance)):
        raise StackError(
            f"All of the stack {instance.name} runs, but it does not serve: {missing} Start it "
            f"anew: `acceptance stack restart {instance.name}`."
        )


def _require_same(record: Record, wanted: Wanted) -> None:
    seen, asked = (record.stack, record.options), (wanted.stack, wanted.options)
    if seen != asked:
        raise ConfigurationError(
            f"{wanted.name} is up as {_told(*seen)}, and {_told(*asked)} was asked for. End it "
            f"(`acceptance stack down {wanted.name}`), or give the new one another --name."
        )


def _told(stack: str, options: Sequence[str]) -> str:
    return f"{stack} with {listed(options)}" if options else stack


def _in_use(instance: Instance) -> bool:
    record = instance.read()
    return record is not None and record.owner is not None and living.is_alive(record.owner)


def _wrong(settings: Settings, instance: Instance, record: Record | None) -> str:
    if record is None:
        return "its record is gone or broken; `acceptance stack down` ends what is left of it"
    if record.stack == notes.STACK:
        return remote.problem(notes.read(instance).get("platform_url", ""))
    if record.abandoned or not record.up:
        state = "its run was killed" if record.abandoned else "it did not come up, or is coming up"
        return f"{state}; `acceptance stack down {record.name}` ends what is left of it"
    unreadable = _unreadable(instance)
    if unreadable:
        return f"{unreadable} `acceptance stack up {record.stack} --name {record.name}` mends it."
    return _problem(settings, instance, record) or _unready(running(settings, instance))


def _unreadable(instance: Instance) -> str:
    """Return why the descriptor of an instance cannot be read, or an empty string."""
    try:
        descriptor.read(instance.descriptor)
    except ConfigurationError as error:
        return str(error)
    return ""


@contextlib.contextmanager
def _on_disk(settings: Settings) -> Iterator[None]:
    """Tell what cannot be written where."""
    try:
        yield
    except OSError as error:
        raise StackError(
            f"{error.filename or root(settings)}: a stack cannot be kept below {root(settings)}: "
            f"{error.strerror}. Free space, make the folder writable, or choose another one by "
            "ACCEPTANCE_BUILD."
        ) from error


def _unready(stack: RunningStack) -> str:
    services = stack.services
    admin = services.credentials("admin")
    endpoint = admin.token_endpoint or services.token_endpoint
    probe = Probe()
    return probe.policy(services.platform_url, endpoint, admin)


def _remove_locks(settings: Settings) -> None:
    """Remove the locks of who was killed before there was anything else to remove."""
    for path in (root(settings).parent / "locks").glob("*"):
        if not (root(settings) / path.name).exists():
            remove_unheld(path)


def _lock(settings: Settings, name: str) -> Path:
    return root(settings).parent / "locks" / name
