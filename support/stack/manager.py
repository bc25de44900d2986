"""Which stack a run uses: one that is up, one it starts itself, one it adopts, or none."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from support.embedded import options as embedded_options
from support.foundation import living
from support.foundation.errors import ConfigurationError, EnvironmentUnfitError, StackError
from support.foundation.settings import Settings, search_path
from support.foundation.text import listed
from support.stack import descriptor, embedded, faults, notes, nothing, options, remote, standing
from support.stack.components.directory_programs import find_directory
from support.stack.instance import Instance
from support.stack.running import RunningStack
from support.stack.standing import Wanted
from support.stack.supervisor import Watch, nobody_watches

WITH_PARTS_OF_THEIR_OWN = frozenset(
    {
        embedded_options.DIRECTORY,
        embedded_options.DIRECTORY_FAIL_FAST,
        embedded_options.EVERY_MECHANISM,
        embedded_options.KEY_MANAGEMENT,
        embedded_options.MAINTENANCE,
    }
)
"""Options that containers do not serve: they need more than another configuration."""

OWN_PLATFORM_ALONE = frozenset({embedded_options.OWN_CLOCK})
"""Options that only the embedded platform serves, with the identity provider that it brings."""

KAS_NAMES = frozenset(embedded_options.KAS_NAMES)
HARMLESS = frozenset({embedded_options.SEVERAL_KAS})
"""Options that change nothing for units that do not ask for them."""

TOKEN_FEATURES = {
    "expired-token": "expired",
    "foreign-audience-token": "foreign_audience",
    "foreign-issuer-token": "foreign_issuer",
}
"""Stack features, and the role whose client gets such tokens."""

AUDIT_LOG = "audit-log"  # the run can read the platform's audit records
GOLDEN_KEYS = "golden-keys"  # those of support/foundation/golden, among its earlier keys
# Decisions are answered while a definition that entitles somebody is inactive.
INACTIVE_DEFINITIONS = "inactive-definitions"
PEOPLE = "people"  # the identity provider knows the people of the profile
PEOPLE_TOKENS = "people-tokens"  # they can sign in, too


def bring_up(
    stack: str, settings: Settings, folder: Path, watch: Watch = nobody_watches
) -> RunningStack:
    """Return the running stack of a profile.

    The stacks that we start are used as they are if one is up: that of `--define
    stack_descriptor`, else the instance that `acceptance stack up` left standing. Else the run
    starts its own. With faults it always starts its own. `none` starts and connects to nothing.

    Args:
        stack: the profile's `stack`.
        settings: where addresses, credentials and faults come from.
        folder: gets the logs of a stack that is started for this run.
        watch: is told how components come up.

    Raises:
        ConfigurationError: settings are missing or do not fit the stack, or a fault is unknown.
        StackError: it did not come up, or does not answer.
    """
    wanted = faults.asked_for(settings)
    if stack == "none":
        return nothing.without_services(settings)
    if wanted.platform and stack != "embedded":
        raise ConfigurationError(
            f"--define fault={','.join(wanted.platform)}: faults can be switched on in a stack "
            f"that is the embedded platform alone, and this profile uses the stack {stack}. Leave "
            "the setting out."
        )
    running = _brought_up(stack, settings, folder, watch, wanted.platform)
    if not wanted.shim:
        return running
    return replace(running, services=replace(running.services, faults=wanted.names))


def _brought_up(
    stack: str, settings: Settings, folder: Path, watch: Watch, broken: tuple[str, ...]
) -> RunningStack:
    standing.sweep(settings)
    if stack == "remote":
        chosen = settings.value("stack_instance") or notes.STACK
        noted = notes.read(standing.instance_named(settings, chosen))
        return remote.adopt(settings, noted)
    if not broken and (found := _found(stack, settings)) is not None:
        return found
    if stack == "embedded":
        return embedded.start_for_run(folder, broken)
    return _owned(stack, settings, folder, watch)


def variant(base: RunningStack, options: tuple[str, ...]) -> RunningStack:
    """Bring up the variant of a stack that some units need.

    Raises:
        StackError: it has no variants, or this one does not come up.
    """
    if HARMLESS.issuperset(options) and base.services.kas_urls.keys() > KAS_NAMES:
        return replace(base, how="the stack itself, which has these options", stop=lambda: None)
    if base.variant is None:
        raise StackError(
            f"The stack {base.services.stack} has no variants; {listed(options)} was asked for. "
            "Use a stack that we start, or adopt one that has these options."
        )
    return base.variant(options)


def _found(stack: str, settings: Settings) -> RunningStack | None:
    """Return a stack that is up and may be used, or None."""
    named = settings.get("stack_descriptor")
    if named is not None:
        content = descriptor.read(Path(named.value))
        logs = descriptor.logs(content)
        return RunningStack(
            descriptor.services(content),
            how=f"named by {named.origin}",
            audit_logs=descriptor.audit_logs(logs),
            logs=lambda: tuple(logs.values()),
            versions=descriptor.versions(content),
        )
    chosen = settings.get("stack_instance")
    found = standing.find(settings, chosen.value if chosen else stack, stack)
    if found is None and chosen is not None:
        raise ConfigurationError(
            f'{chosen.origin} is "{chosen.value}", but no stack {stack} of that name is up. '
            f"Start it: acceptance stack up {stack} --name {chosen.value}"
        )
    differing = set(found.options) - HARMLESS if found else ()
    if differing:
        raise ConfigurationError(
            f"The stack that is up has the options {listed(sorted(differing))}, with which "
            "scenarios that do not ask for them prove nothing. End it (`acceptance stack down`), "
            "or bring up another one without options (`--name`) and choose it by --define "
            "stack_instance=…"
        )
    return found


def _owned(stack: str, settings: Settings, folder: Path, watch: Watch) -> RunningStack:
    """Start a stack that ends with this run; its logs are kept in `folder`."""
    name = f"run-{folder.name}"
    wanted = Wanted(stack, name, owner=living.own_identity())
    instance = standing.instance_named(settings, name)
    try:
        standing.up(settings, wanted, watch)
    except StackError as error:
        _keep_logs_only(settings, instance, folder)
        moved = str(error).replace(str(instance.log("any").parent), str(folder))
        raise StackError(moved) from error
    except BaseException:
        _keep_logs_only(settings, instance, folder)
        raise
    started = standing.running(settings, instance)

    def stop() -> None:
        standing.logs_to(instance, folder)
        started.stop()

    return replace(started, stop=stop)


def _keep_logs_only(settings: Settings, instance: Instance, folder: Path) -> None:
    """Remove what is left of a stack that did not come up; its logs go where those of runs are."""
    if instance.folder.exists():
        standing.logs_to(instance, folder)
        standing.down(settings, instance.name)


def features(stack: str, settings: Settings, people: Collection[str] = ()) -> tuple[str, ...]:
    """Return the values of `@needs:` tags that a stack can serve, known before it is up.

    Args:
        stack: the profile's `stack`.
        settings: say what an adopted stack has.
        people: names of the people of the profile.
    """
    if stack == "none":
        return ()
    tokens = options_of(stack, settings) + tuple(
        feature for feature, role in TOKEN_FEATURES.items() if _has_client(stack, role, settings)
    )
    audit = (AUDIT_LOG,) if _has_audit_log(stack, settings) else ()
    own = (INACTIVE_DEFINITIONS,) if stack in {"embedded", "keycloak"} else ()
    golden = (GOLDEN_KEYS,) if stack in {"embedded", "keycloak", "processes"} else ()
    return tokens + audit + own + golden + _people_features(stack, settings, people)


def _has_audit_log(stack: str, settings: Settings) -> bool:
    """Tell whether a run can read a stack's audit records: those of containers are elsewhere."""
    if stack == "remote":
        return settings.value("audit_log") is not None
    return stack in {"embedded", "keycloak", "processes"}


def options_of(stack: str, settings: Settings) -> tuple[str, ...]:
    """Return the options that a stack can be brought up with, or that an adopted one has."""
    if stack == "embedded":
        return tuple(embedded_options.OPTIONS)
    if stack == "keycloak":
        own = OWN_PLATFORM_ALONE | {embedded_options.MAINTENANCE}
        return tuple(name for name in embedded_options.OPTIONS if name not in own)
    shared = tuple(name for name in options.OPTIONS if name not in OWN_PLATFORM_ALONE)
    if stack == "processes":
        return tuple(
            name for name in shared if not options.needs_directory([name]) or _has_directory()
        )
    if stack == "compose":
        return tuple(name for name in shared if name not in WITH_PARTS_OF_THEIR_OWN)
    setting = settings.get("stack_options")
    names = tuple(filter(None, setting.value.split(","))) if setting else ()
    return options.check(names, setting.origin) if setting else ()


def _has_directory() -> bool:
    try:
        find_directory(search_path())
    except EnvironmentUnfitError:
        return False
    return True


def _has_client(stack: str, role: str, settings: Settings) -> bool:
    """Tell whether a stack has the client of a role, known before it is up."""
    if stack == "embedded":
        return True
    if stack in {"keycloak", "processes", "compose"}:
        return role != "expired"  # a Keycloak issues no token that has expired
    return settings.value(f"{role}_client_id") is not None


def _people_features(stack: str, settings: Settings, people: Collection[str]) -> tuple[str, ...]:
    """Return what a stack can serve of people: all of them are known, and can sign in."""
    if not people:
        return ()
    if stack != "remote":
        return (PEOPLE, PEOPLE_TOKENS)
    known = {name.strip() for name in (settings.value("people") or "").split(",")}
    if not known.issuperset(people):
        return ()
    return (PEOPLE, PEOPLE_TOKENS) if settings.value("people_client_id") else (PEOPLE,)
