"""Platforms that run elsewhere: taking note of one, and what is known of a stack, with origins.

Nothing there is started or changed, and no secret is written down: credentials come from the
environment, files or a vault whenever they are needed.
"""

import shlex
from collections.abc import Iterator, Sequence

from support.foundation import settings as foundation_settings
from support.foundation.errors import ConfigurationError, StackError
from support.foundation.settings import PREFIX, Settings
from support.services import registry
from support.services.descriptor_values import DescriptorValues, descriptor_values
from support.services.locator import Services
from support.services.resolution import Locator
from support.services.resolved import MASK, Origin
from support.stack import descriptor, notes, remote, standing
from support.stack.components.readiness import Probe
from support.stack.instance import Instance, Record


def adopt(settings: Settings, url: str, name: str) -> Services:
    """Ask a platform who it is, sign in, and take note of where it is.

    Raises:
        ConfigurationError: the name is taken by a stack that we started, or credentials are not
            set.
        StackError: it does not answer, is no OpenTDF platform, or does not let us in.
    """
    instance = standing.instance_named(settings, name)
    record = instance.read()
    if record is not None and record.stack != notes.STACK:
        raise ConfigurationError(
            f"{name} is the stack {record.stack} that is up here. Give the one that you adopt "
            "another --name."
        )
    services = remote.adopt(foundation_settings.from_environment({"platform_url": url})).services
    admin = services.credentials("admin")
    missing = Probe(services.networks).policy(services.platform_url, services.token_endpoint, admin)
    if missing:
        raise StackError(
            f"{url} answers, but does not serve: it lacks {missing}. Are "
            "ACCEPTANCE_ADMIN_CLIENT_ID and its secret those of the platform's administrator?"
        )
    instance.create(Record(name, notes.STACK, up=True))
    noted = {
        "platform_url": services.platform_url,
        "kas_url": services.kas_urls["default"],
        "token_endpoint": services.token_endpoint,
    }
    notes.write(instance, noted)
    return services


def address(settings: Settings, name: str) -> str:
    """Return the address of an adopted platform, or an empty string."""
    return notes.read(standing.instance_named(settings, name)).get("platform_url", "")


def values(settings: Settings, name: str) -> tuple[Origin, ...]:
    """Return everything that is known of the services of a stack, secrets masked."""
    instance = standing.instance_named(settings, name)
    record = instance.read()
    stack = record.stack if record else "none"
    locator = Locator(registry.of_settings(settings), settings, _told(instance), stack)
    return locator.origins()


def shell_lines(found: Sequence[Origin]) -> Iterator[str]:
    """Yield lines that a shell reads: exports of what is no secret, remarks for the rest."""
    for value in found:
        variable = f"{PREFIX}{value.name.upper()}"
        if value.shown == MASK:
            yield f"# {variable} is a secret, from {value.origin}"
        else:
            yield f"export {variable}={shlex.quote(value.shown)}  # {value.origin}"


def _told(instance: Instance) -> DescriptorValues:
    if instance.descriptor.is_file():
        return descriptor_values(descriptor.read(instance.descriptor))
    return DescriptorValues(notes.read(instance), origin=f"adopted as {instance.name}")
