"""The way through a real forward proxy, and proxies that do not let through."""

from dataclasses import replace
from pathlib import Path

import pytest

from support.foundation.errors import ServiceUnreachableError
from support.foundation.http import HttpSession
from support.foundation.network import Network, Networks
from tests.foundation.http_certificates import Certificates
from tests.foundation.http_servers import closed_port, get, proxying, refusal, serving


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def test_tls_goes_through_a_tunnel(certificates: Certificates) -> None:
    with serving(context=certificates.server()) as server, proxying() as proxy:
        network = replace(certificates.network, proxy=f"http://localhost:{proxy.port}")

        assert get(server.url, network) == 200

    assert proxy.asked == [f"CONNECT localhost:{server.server_port} HTTP/1.0"]


def test_plain_http_is_forwarded() -> None:
    with serving() as server, proxying() as proxy:
        network = Network(proxy=f"http://localhost:{proxy.port}")

        assert get(f"{server.url}/x", network) == 200

    assert proxy.asked == [f"GET {server.url}/x HTTP/1.1"]
    assert server.requests == ["GET /x"]


def test_only_the_services_of_a_network_go_through_its_proxy() -> None:
    with serving() as near, serving() as far, proxying() as proxy:
        network = Network(proxy=f"http://localhost:{proxy.port}")
        session = HttpSession(networks=Networks({far.url: network}))
        session.request("GET", f"{near.url}/near")
        session.request("GET", f"{far.url}/far")
        session.close()

    assert proxy.asked == [f"GET {far.url}/far HTTP/1.1"]
    assert near.requests == ["GET /near"]


def test_a_proxy_that_speaks_tls_itself_has_to_be_trusted(certificates: Certificates) -> None:
    context = certificates.server()
    with serving(context=certificates.server()) as server, proxying(context=context) as proxy:
        network = replace(certificates.network, proxy=f"https://localhost:{proxy.port}")

        assert get(server.url, network) == 200
        message = refusal(server.url, replace(network, ca_bundle=None), "proxy unreachable")

    assert "certificate verify failed" in message
    assert len(proxy.asked) == 1


def test_a_proxy_gets_its_password_and_nobody_else_sees_it(certificates: Certificates) -> None:
    with serving(context=certificates.server()) as server, proxying("me:hidden") as proxy:
        right = replace(certificates.network, proxy=f"http://me:hidden@localhost:{proxy.port}")
        wrong = replace(certificates.network, proxy=f"http://me:secret@localhost:{proxy.port}")

        assert get(server.url, right) == 200
        message = refusal(server.url, wrong, "proxy refused")

    place = f"localhost:{server.server_port}"
    assert f"proxy http://localhost:{proxy.port} did not let it through to {place}" in message
    assert "(407 Who are you)" in message
    assert "ACCEPTANCE_KAS_ALPHA_PROXY needs http://user:password@host" in message
    assert "secret" not in message
    assert "hidden" not in repr(right)


def test_a_proxy_that_wants_a_password_refuses_plain_http_too() -> None:
    with serving() as server, proxying("me:hidden") as proxy:
        network = Network(proxy=f"http://localhost:{proxy.port}")
        message = refusal(server.url, network, "proxy refused")

    assert "407" in message
    assert server.requests == []


def test_a_proxy_that_forbids_a_host_is_no_broken_service(certificates: Certificates) -> None:
    refused = b"HTTP/1.1 403 Not there\r\nContent-Length: 0\r\n\r\n"
    with proxying(refusal=refused) as proxy:
        network = replace(certificates.network, proxy=f"http://localhost:{proxy.port}")
        message = refusal("https://platform.example", network, "proxy refused")

    assert "to platform.example:443 (403 Not there)" in message


def test_a_proxy_that_does_not_run_is_named() -> None:
    port = closed_port()
    network = Network(proxy=f"http://localhost:{port}", retries=0)

    with serving() as server:
        message = refusal(server.url, network, "proxy unreachable")

    assert f"the proxy http://localhost:{port} cannot be reached" in message
    assert "Connection refused" in message


def test_the_certificate_behind_a_tunnel_is_looked_at_through_it(
    certificates: Certificates,
) -> None:
    context = certificates.server("kas.example")
    with serving(context=context) as server, proxying() as proxy:
        network = replace(certificates.network, proxy=f"http://localhost:{proxy.port}")
        message = refusal(server.url, network, "wrong host")

    assert "is for other hosts: kas.example" in message
    assert len(proxy.asked) == 2


def test_pins_hold_behind_a_tunnel(certificates: Certificates) -> None:
    wrong = "sha256:" + "0" * 64
    with serving(context=certificates.server()) as server, proxying() as proxy:
        address = f"http://localhost:{proxy.port}"
        network = replace(certificates.network, proxy=address, pins=(wrong,), verify=False)
        refusal(server.url, network, "wrong pin")

    assert server.requests == []


def test_proxies_of_the_machine_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://localhost:{closed_port()}")

    with serving() as server:
        assert get(server.url, Network()) == 200


def test_a_refusing_proxy_is_an_error_of_the_environment() -> None:
    with proxying(refusal=b"HTTP/1.1 502 No\r\n\r\n") as proxy:
        session = HttpSession(
            networks=Networks(default=Network(proxy=f"http://localhost:{proxy.port}"))
        )
        with pytest.raises(ServiceUnreachableError, match=r"502 to 504 that it does not reach it"):
            session.request("POST", "https://platform.example/x")
        session.close()
