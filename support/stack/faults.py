"""Which faults a run was asked for, and what breaks each: the platform or the SDK shim."""

from dataclasses import dataclass

from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT, Settings
from support.foundation.text import did_you_mean, listed
from support.specs import faults
from support.specs.faults import Place

LIST = ROOT / "features" / "faults.yaml"


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of a run; none is on unless it was named.

    Attributes:
        platform: names of those that the embedded platform switches on.
        shim: name of the one that the faulty SDK shim switches on, or an empty text.
    """

    platform: tuple[str, ...] = ()
    shim: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, for whoever must say that they are on."""
        return (*self.platform, *((self.shim,) if self.shim else ()))


def asked_for(settings: Settings) -> Faults:
    """Return the faults that the setting `fault` names.

    Raises:
        ConfigurationError: there is no such fault, or it names several of the shim.
    """
    names = tuple(filter(None, (settings.value("fault") or "").split(",")))
    if not names:
        return Faults()
    places = {fault.name: fault.place for fault in faults.load(LIST)}
    for name in names:
        if name not in places:
            raise ConfigurationError(
                f'There is no fault "{name}".{did_you_mean(name, places)} docs/faults.md lists '
                "all of them."
            )
    shim = [name for name in names if places[name] is Place.SHIM]
    if len(shim) > 1:
        raise ConfigurationError(
            f"--define fault={','.join(names)}: the SDK shim has one fault at a time, and "
            f"{listed(shim)} are its own. Name one of them."
        )
    return Faults(tuple(name for name in names if name not in shim), "".join(shim))
