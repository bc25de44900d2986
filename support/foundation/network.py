"""How a service is reached: trust, pins, proxy, pace, patience; and which address that is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from support.foundation import tls
from support.foundation.addresses import Address, without_credentials
from support.foundation.errors import ConfigurationError
from support.foundation.network_values import READERS
from support.foundation.pacing import Pace, Turns
from support.foundation.settings import PREFIX
from support.foundation.text import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class Network:
    """How one service is reached.

    Attributes:
        ca_bundle: file of the authorities to trust, instead of the public ones.
        client_key: where not in the file of the client certificate.
        pins: any is enough, and one must match even if `verify` is off.
        proxy: may hold a password, so it is never printed.
        time_limit_seconds: for a request with everything that belongs to it.
        retries: how often a safe call is made again after the first time.
        service: whose network it is, for messages.
    """

    verify: bool = True
    ca_bundle: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    pins: tuple[str, ...] = ()
    proxy: str | None = field(default=None, repr=False)
    requests_per_second: float | None = None
    burst: int = 1
    time_limit_seconds: float = 30.0
    retries: int = 2
    service: str = ""

    def __post_init__(self) -> None:
        for text in self.pins:
            try:
                tls.Pin.parse(text)
            except ValueError as error:
                raise ConfigurationError(
                    f'"{text}" is no pin: {error}. Expected {tls.PIN_FORM}.'
                ) from None

    @property
    def parsed_pins(self) -> tuple[tls.Pin, ...]:
        """The pins, as they are compared."""
        return tuple(tls.Pin.parse(text) for text in self.pins)

    def variable(self, name: str) -> str:
        """Return the environment variable that sets a value of this network, for messages."""
        service = self.service.replace(".", "_").replace("-", "_").upper()
        return f"{PREFIX}{service or '<SERVICE>'}_{name.upper()}"


@dataclass(frozen=True, slots=True)
class Route:
    """The network of an address, and the turns that all who go there share."""

    network: Network
    turns: Turns | None

    @staticmethod
    def of(network: Network, pace: Pace) -> "Route":
        """Return the route of a network, with a full token bucket if it limits the rate."""
        rate = network.requests_per_second
        return Route(network, Turns(rate, network.burst, pace) if rate else None)


class Networks:
    """Which network holds for which address; the longest base address that fits wins.

    Sessions that are given the same `Networks` share its turns, in any thread.

    Args:
        by_base_url: the network of each `scheme://host:port/path` and of all below it.
        default: the network of all other addresses.
        pace: clock, waiting and chance.

    Raises:
        ConfigurationError: a base is no address, stands twice, or has pins without https.
    """

    def __init__(
        self,
        by_base_url: Mapping[str, Network] | None = None,
        default: Network | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.pace = pace or Pace()
        self._default = Route.of(default or Network(), self.pace)
        routes: dict[Address, Route] = {}
        for url, network in (by_base_url or {}).items():
            address = _base(url)
            if address in routes:
                raise ConfigurationError(
                    f"Two networks are given for {without_credentials(url)}. Give one."
                )
            refuse_pins_without_tls(url, network)
            routes[address] = Route.of(network, self.pace)
        self._routes = sorted(routes.items(), key=lambda entry: -len(entry[0].path))

    def route(self, url: str) -> Route:
        """Return the route to an address; that of the default if no base fits."""
        try:
            address = Address.of(url)
        except ValueError:
            return self._default
        fitting = (route for base, route in self._routes if base.holds(address))
        return next(fitting, self._default)

    def network(self, url: str) -> Network:
        """Return the network that holds for an address."""
        return self.route(url).network


def refuse_pins_without_tls(url: str, network: Network) -> None:
    """Raise where a pin could never be checked.

    Raises:
        ConfigurationError: the address is http:// and the network has pins.
    """
    if network.pins and url.lower().startswith("http://"):
        raise ConfigurationError(
            f"{network.variable('pin')} is set, but {without_credentials(url)} shows no "
            "certificate. Expected an address with https://. Correct the address, or unset the pin."
        )


def _base(url: str) -> Address:
    try:
        return Address.of(url)
    except ValueError as error:
        raise ConfigurationError(
            f'"{without_credentials(url)}" is no base address of a service: {error}, such as '
            "https://platform.example:8443."
        ) from None


class Sourced(Protocol):
    """A plain text value that knows where it came from, such as a `Setting`."""

    @property
    def value(self) -> str:
        """The text."""

    @property
    def origin(self) -> str:
        """Where it came from."""


def network_of(values: Mapping[str, Sourced], service: str = "") -> Network:
    """Return the network that plain text values describe.

    Args:
        values: any of verify, ca_bundle, client_certificate, client_key, pin, proxy,
            requests_per_second, burst, timeout, retries; pins are separated by ','.
        service: whose they are, for messages about connections.

    Raises:
        ConfigurationError: a name is not known, a value is wrong, or values contradict each other;
            the message names value and origin.
    """
    read: dict[str, Any] = {}
    for name, given in values.items():
        if name not in READERS:
            raise ConfigurationError(
                f'"{name}" ({given.origin}) is no value of a network.{did_you_mean(name, READERS)}'
                f" Known: {listed(READERS)}."
            )
        target, reader = READERS[name]
        try:
            read[target] = reader(given.value.strip())
        except ValueError as error:
            raise ConfigurationError(
                f'{name} is "{_shown(name, given.value)}" ({given.origin}), which cannot be: '
                f"{error}"
            ) from None
    network = Network(**read, service=service)
    _check_together(network, values)
    return network


def _shown(name: str, text: str) -> str:
    return without_credentials(text) if name == "proxy" else text


def _check_together(network: Network, values: Mapping[str, Sourced]) -> None:
    for name, needed in (("client_key", "client_certificate"), ("burst", "requests_per_second")):
        if name in values and needed not in values:
            raise ConfigurationError(
                f'{name} is "{values[name].value}" ({values[name].origin}), but {needed} is not '
                f"set, so that it does nothing. Set {needed} as well, or unset {name}."
            )
    if network.client_certificate:
        try:
            tls.present(tls.trusting_nobody(), network.client_certificate, network.client_key)
        except ConfigurationError as error:
            origins = [
                values[n].origin for n in ("client_certificate", "client_key") if n in values
            ]
            raise ConfigurationError(f"{error} (From {listed(origins)}.)") from None
