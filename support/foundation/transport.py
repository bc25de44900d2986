"""Connections that are checked before a byte of a request is sent: certificate, host name, pin."""

import errno
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager
from urllib3.util import Timeout

from support.foundation import tls
from support.foundation.network import Network, Networks

LOOK_TIME_LIMIT_SECONDS: Final = 2.0


class CertificateRefusedError(Exception):
    """The handshake failed for the certificate that the service showed.

    It is no OSError, so that urllib3 hands it on as it is.
    """

    def __init__(self, code: int, message: str, certificate: tls.PeerCertificate | None) -> None:
        self.code = code
        self.certificate = certificate
        super().__init__(message)


class PinRefusedError(Exception):
    """The service showed a certificate that no pin is of."""

    def __init__(self, certificate: tls.PeerCertificate | None) -> None:
        self.certificate = certificate
        super().__init__("no pin matches")


class CheckedConnection(HTTPSConnection):
    """A TLS connection that looks closer when its certificate is refused, and checks pins."""

    pins: tuple[tls.Pin, ...] = ()

    def set_tunnel(
        self,
        host: str,
        port: int | None = None,
        headers: Mapping[str, str] | None = None,
        scheme: str = "http",
    ) -> None:
        """Remember the way through a proxy, to be able to go it again."""
        self._way = (host, port, headers, scheme)
        super().set_tunnel(host, port, headers, scheme)

    def connect(self) -> None:
        """Connect, shake hands, compare pins; nothing of the request has been sent by then."""
        try:
            super().connect()
        except ssl.SSLCertVerificationError as error:
            if self.proxy_is_tunneling and not self.has_connected_to_proxy:
                raise  # the certificate of the proxy: urllib3 tells so
            shown = tls.certificate_of(self._look())
            raise CertificateRefusedError(error.verify_code, error.verify_message, shown) from None
        shown = tls.certificate_of(_certificate_on(self))
        if self.pins and not (shown and set(self.pins) & set(shown.pins)):
            raise PinRefusedError(shown)
        # Whoever set verify to false knows; urllib3 would warn with every connection.
        self.is_verified = True

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """Send a request; where the service has hung up meanwhile, read why.

        In TLS 1.3 a server judges the certificate of a client after the handshake is done for the
        client (RFC 8446 section 4.4.2.4), so that its alert waits behind a write that fails.
        """
        try:
            super().request(*arguments, **options)
        except ssl.SSLEOFError as error:
            # urllib3 goes on to read after this one, also an answer that came early.
            raise BrokenPipeError(errno.EPIPE, str(error)) from error

    def _look(self) -> bytes | None:
        """Return the certificate from a second handshake; Python keeps none of one that failed."""
        look = HTTPSConnection(
            self.host,
            self.port,
            timeout=LOOK_TIME_LIMIT_SECONDS,
            proxy=self.proxy,
            proxy_config=self.proxy_config,
            ssl_context=tls.trusting_nobody(),
        )
        if self.proxy_is_tunneling:
            look.set_tunnel(*self._way)
        return _look_with(look)


def look_at(host: str, port: int) -> tls.PeerCertificate | None:
    """Return the certificate that is shown at a place, or None where nobody speaks TLS."""
    context = tls.trusting_nobody()
    look = HTTPSConnection(host, port, timeout=LOOK_TIME_LIMIT_SECONDS, ssl_context=context)
    return tls.certificate_of(_look_with(look))


class NetworkAdapter(HTTPAdapter):
    """Sends requests of one network: its trust, its client certificate, its pins, its proxy."""

    def __init__(self, network: Network) -> None:
        self._network = network
        connection = type("Connection", (CheckedConnection,), {"pins": network.parsed_pins})
        pool = type("Pool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
        self._pools = {"http": HTTPConnectionPool, "https": pool}
        self._context: ssl.SSLContext | None = None
        super().__init__()

    @property
    def context(self) -> ssl.SSLContext:
        """Who is trusted and what is presented; made when first needed, for it takes a while.

        Raises:
            ConfigurationError: a file of the network cannot be used.
        """
        if self._context is None:
            context = self._trust()
            if self._network.client_certificate:
                tls.present(context, self._network.client_certificate, self._network.client_key)
            self._context = context
        return self._context

    def _trust(self) -> ssl.SSLContext:
        if not self._network.verify:
            return tls.trusting_nobody()
        return tls.trusting(self._network.ca_bundle or Path(DEFAULT_CA_BUNDLE_PATH))

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """Let the pools make checked connections."""
        super().init_poolmanager(*arguments, **options)
        self._use_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401
        """Likewise on the way through a proxy; one that speaks TLS has to be trusted as well."""
        if proxy.lower().startswith("https"):
            options["proxy_ssl_context"] = self._trust()
        manager = super().proxy_manager_for(proxy, **options)
        self._use_pools(manager)
        return manager

    def _use_pools(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = self._pools

    def cert_verify(self, *_: object) -> None:
        """Do nothing: `requests` would add the public authorities to a bundle of our own."""

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        *arguments: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Return where to connect, and our context instead of what `requests` makes of `verify`."""
        host, _ = super().build_connection_pool_key_attributes(request, *arguments, **options)
        return host, {"ssl_context": self.context} if host["scheme"] == "https" else {}

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """Send within one time limit for connecting and reading together."""
        options["timeout"] = Timeout(total=options["timeout"])
        return super().send(request, *arguments, **options)


class RoutedSession(requests.Session):
    """A session of `requests` that takes, for each address, the adapter of its network."""

    def __init__(self, networks: Networks) -> None:
        super().__init__()
        # Proxies and netrc of the machine are not used: settings say all there is.
        self.trust_env = False
        self._networks = networks
        self._adapters: dict[Network, NetworkAdapter] = {}

    def get_adapter(self, url: str | bytes) -> NetworkAdapter:
        """Return the adapter of the network that holds for an address."""
        network = self._networks.network(url if isinstance(url, str) else url.decode())
        if network not in self._adapters:
            self._adapters[network] = NetworkAdapter(network)
        return self._adapters[network]

    def close(self) -> None:
        """Give back the pooled connections."""
        super().close()
        for adapter in self._adapters.values():
            adapter.close()


def proxies(network: Network) -> dict[str, str]:
    """Return the proxies of a network as `requests` wants them."""
    return {"http": network.proxy, "https": network.proxy} if network.proxy else {}


def _look_with(connection: HTTPSConnection) -> bytes | None:
    try:
        connection.connect()
        return _certificate_on(connection)
    except Exception:  # noqa: BLE001 -- looking is for the message about another failure only
        return None
    finally:
        connection.close()


def _certificate_on(connection: HTTPSConnection) -> bytes | None:
    # Within TLS to a proxy it is urllib3's transport, which answers alike.
    socket: Any = connection.sock
    certificate: bytes | None = socket.getpeercert(binary_form=True)
    return certificate
