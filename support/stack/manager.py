"""Which stack a run uses: one that is up, one it starts itself, one it adopts, or none."""

from collections.abc import Collection
from pathlib import Path

from support.embedded.faults import parse_faults
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT, Settings
from support.stack import descriptor, embedded, nothing, remote, standing
from support.stack.running import RunningStack

STANDING_FOLDER = ROOT / "build" / "stack" / "standing"

TOKEN_FEATURES = {
    "expired-token": "expired",
    "foreign-audience-token": "foreign_audience",
    "foreign-issuer-token": "foreign_issuer",
}
"""Stack features, and the role whose client gets such tokens."""

PEOPLE = "people"  # the identity provider knows the people of the profile
PEOPLE_TOKENS = "people-tokens"  # they can sign in, too


def bring_up(stack: str, settings: Settings, folder: Path) -> RunningStack:
    """Return the running stack of a profile.

    `embedded` uses the stack of `--define stack_descriptor`, else the one that
    `acceptance stack up` left standing, else starts its own. With faults it always starts its own.
    `none` starts and connects to nothing.

    Args:
        stack: the profile's `stack`.
        settings: where addresses, credentials and faults come from.
        folder: gets the logs of a stack that is started for this run.

    Raises:
        ConfigurationError: settings are missing or do not fit the stack, or a fault is unknown.
        StackError: it did not come up, or does not answer.
    """
    faults = tuple(filter(None, (settings.value("fault") or "").split(",")))
    parse_faults(faults)
    if stack == "none":
        return nothing.without_services(settings)
    if stack == "remote":
        if faults:
            raise ConfigurationError(
                f"--define fault={','.join(faults)}: faults can be switched on in the embedded "
                "platform only, and this profile adopts a remote one. Leave the setting out."
            )
        return remote.adopt(settings)
    named = settings.get("stack_descriptor")
    if named is not None and not faults:
        services = descriptor.services(descriptor.read(Path(named.value)))
        return RunningStack(services, how=f"named by {named.origin}")
    left_standing = None if faults else standing.find(STANDING_FOLDER)
    return left_standing or embedded.start_for_run(folder, faults)


def features(stack: str, settings: Settings, people: Collection[str] = ()) -> tuple[str, ...]:
    """Return the values of `@needs:` tags that a stack can serve, known before it is up.

    Args:
        stack: the profile's `stack`.
        settings: say what an adopted stack has.
        people: names of the people of the profile.
    """
    if stack == "none":
        return ()
    tokens = tuple(
        feature
        for feature, role in TOKEN_FEATURES.items()
        if stack != "remote" or settings.value(f"{role}_client_id") is not None
    )
    return tokens + _people_features(stack, settings, people)


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
