"""The stack `none`, for profiles that need no service, such as those that inspect documents."""

from support.foundation.errors import ConfigurationError
from support.foundation.settings import Settings
from support.services.locator import Services
from support.stack.running import RunningStack

_FOR_A_STACK = ("fault", "stack_descriptor")


def without_services(settings: Settings) -> RunningStack:
    """Return a stack that has no service: nothing was started and nobody can be called.

    Raises:
        ConfigurationError: a setting is for a stack, and there is none.
    """
    for name in _FOR_A_STACK:
        setting = settings.get(name)
        if setting is not None and setting.value:
            raise ConfigurationError(
                f'{setting.origin} is "{setting.value}", but the profile runs without a stack '
                "(`stack: none`). Leave the setting out, or choose another profile."
            )
    return RunningStack(Services.none(), how="the profile needs none")
