"""Whether scenarios may write on a platform: a profile says so, and on an adopted one it must."""

from typing import NoReturn

from support.foundation.errors import EnvironmentUnfitError


def refuse_writing(platform_url: str) -> NoReturn:
    """Refuse to write anything on a platform.

    Raises:
        EnvironmentUnfitError: always.
    """
    raise EnvironmentUnfitError(
        f"This scenario creates policy on {platform_url}, which its profile does not allow. Set "
        "`allow_writes: true` in the profile's config.yaml if the platform may be written to."
    )
