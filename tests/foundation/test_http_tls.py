"""Whom a session trusts and what it presents, against servers with real TLS."""

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.foundation.errors import TransportSecurityError
from support.foundation.http import HttpSession
from support.foundation.network import Network, Networks
from tests.foundation.http_certificates import (
    Certificates,
    below_an_expired_authority,
    server_context,
)
from tests.foundation.http_servers import get, raw, refusal, serving

NOW = datetime.now(UTC)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def test_a_bundle_vouches_for_a_service(certificates: Certificates) -> None:
    with serving(context=certificates.server()) as server:
        assert get(server.url, certificates.network) == 200


def test_a_bundle_may_hold_the_issuing_authority_alone(certificates: Certificates) -> None:
    child = certificates.authority.create_child_ca()
    bundle = certificates.folder / "issuing.pem"
    child.cert_pem.write_to_path(bundle)

    with serving(context=server_context(child.issue_cert("localhost"))) as server:
        assert get(server.url, Network(ca_bundle=bundle)) == 200


def test_a_bundle_stands_instead_of_the_public_authorities(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = Certificates(certificates.folder)
    monkeypatch.setattr("support.foundation.transport.DEFAULT_CA_BUNDLE_PATH", str(public.bundle))
    own = certificates.folder / "own.pem"
    certificates.authority.cert_pem.write_to_path(own)

    with serving(context=public.server()) as server:
        assert get(server.url, Network()) == 200
        refusal(server.url, Network(ca_bundle=own), "unknown authority")


def test_an_unknown_authority_is_named_with_the_setting_that_helps(
    certificates: Certificates,
) -> None:
    with serving(context=certificates.server()) as server:
        message = refusal(server.url, Network(service="kas_alpha"), "unknown authority")

    assert "Testing CA" in message
    assert "the public authorities (no CA bundle set)" in message
    assert "Set ACCEPTANCE_KAS_ALPHA_CA_BUNDLE to a PEM file" in message
    assert server.requests == []


def test_a_self_signed_certificate_is_told_as_such(certificates: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = certificates.authority.private_key_pem.bytes() + certificates.bundle.read_bytes()
    both = certificates.folder / "both.pem"
    both.write_bytes(authority)
    context.load_cert_chain(both)

    with serving(context=context) as server:
        message = refusal(server.url, Network(), "unknown authority")

    assert "it is self-signed; it is issued to" in message
    assert "Set ACCEPTANCE_<SERVICE>_CA_BUNDLE" in message


def test_an_expired_certificate_tells_since_when(certificates: Certificates) -> None:
    dates = {"not_before": NOW - timedelta(days=90), "not_after": NOW - timedelta(days=12, hours=1)}

    with serving(context=certificates.server(**dates)) as server:
        message = refusal(server.url, certificates.network, "certificate expired")

    ended = NOW - timedelta(days=12, hours=1)
    assert f"it expired on {ended:%Y-%m-%d %H:%M} UTC, 12 days ago" in message
    assert "If these dates look right, a clock is wrong: that of this machine says 20" in message


def test_a_certificate_that_is_not_valid_yet_tells_from_when(certificates: Certificates) -> None:
    dates = {"not_before": NOW + timedelta(hours=5), "not_after": NOW + timedelta(days=12)}

    with serving(context=certificates.server(**dates)) as server:
        message = refusal(server.url, certificates.network, "certificate not yet valid")

    begins = NOW + timedelta(hours=5)
    assert f"it is valid from {begins:%Y-%m-%d %H:%M} UTC on, in 4 hours" in message
    assert "Most often a clock is wrong" in message


def test_an_expired_authority_is_told_from_an_expired_certificate(
    certificates: Certificates,
) -> None:
    context, bundle = below_an_expired_authority(certificates.folder)

    with serving(context=context) as server:
        message = refusal(server.url, Network(ca_bundle=bundle), "certificate expired")

    assert "a certificate above its own has expired; its own is issued to CN=localhost" in message


def test_a_certificate_for_another_host_tells_its_names_and_ours(
    certificates: Certificates,
) -> None:
    with serving(context=certificates.server("kas.example", "192.0.2.7")) as server:
        message = refusal(server.url, certificates.network, "wrong host")
        address = server.url.replace("localhost", "127.0.0.1")
        other = refusal(address, certificates.network, "wrong host")

    assert "is for other hosts: kas.example, 192.0.2.7" in message
    assert 'Expected one for "localhost"' in message
    assert 'Expected one for "127.0.0.1"' in other


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_presented(
    version: ssl.TLSVersion, certificates: Certificates
) -> None:
    with serving(context=_wanting_certificate(certificates, version)) as server:
        certificate, key = certificates.client()
        network = replace(certificates.network, client_certificate=certificate, client_key=key)
        assert get(server.url, network) == 200

        together = certificates.folder / "together.pem"
        together.write_bytes(certificate.read_bytes() + key.read_bytes())
        assert get(server.url, replace(certificates.network, client_certificate=together)) == 200


def test_a_service_that_wants_a_client_certificate_says_so(certificates: Certificates) -> None:
    context = _wanting_certificate(certificates, ssl.TLSVersion.TLSv1_3)

    with serving(context=context) as server:
        message = refusal(server.url, certificates.network, "client certificate required")

    assert "wants a client certificate (TLS alert: certificate required)" in message
    assert (
        "Set ACCEPTANCE_KAS_ALPHA_CLIENT_CERTIFICATE and ACCEPTANCE_KAS_ALPHA_CLIENT_KEY" in message
    )


def test_the_reason_is_read_where_writing_fails_first(certificates: Certificates) -> None:
    context = _wanting_certificate(certificates, ssl.TLSVersion.TLSv1_3)
    session = HttpSession(networks=Networks(default=certificates.network))

    with serving(context=context) as server:
        with pytest.raises(TransportSecurityError, match="wants a client certificate"):
            session.request("POST", server.url, body=b"x" * 3_000_000)
        session.close()

    assert server.requests == []


def test_a_handshake_failure_names_what_it_may_be(certificates: Certificates) -> None:
    context = _wanting_certificate(certificates, ssl.TLSVersion.TLSv1_2)

    with serving(context=context) as server:
        message = refusal(server.url, certificates.network, "TLS failed")

    assert "failed: handshake failure" in message
    assert "wants a client certificate (ACCEPTANCE_KAS_ALPHA_CLIENT_CERTIFICATE)" in message


def test_a_service_too_old_for_us_is_told(certificates: Certificates) -> None:
    context = certificates.server()
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1

    with serving(context=context) as server:
        message = refusal(server.url, certificates.network, "TLS failed")

    assert "Expected a handshake of TLS 1.2 or later" in message


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_refused_client_certificate_is_described(
    version: ssl.TLSVersion, certificates: Certificates, tmp_path: Path
) -> None:
    stranger = Certificates(tmp_path)
    certificate, key = stranger.client("stranger")
    network = replace(certificates.network, client_certificate=certificate, client_key=key)

    with serving(context=_wanting_certificate(certificates, version)) as server:
        message = refusal(server.url, network, "client certificate refused")

    assert "TLS alert: unknown ca" in message
    assert f"{certificate} (issued to " in message


def test_an_expired_client_certificate_is_described(certificates: Certificates) -> None:
    dates = {"not_before": NOW - timedelta(days=9), "not_after": NOW - timedelta(days=1)}
    certificate, key = certificates.client("late", **dates)
    network = replace(certificates.network, client_certificate=certificate, client_key=key)

    context = _wanting_certificate(certificates, ssl.TLSVersion.TLSv1_3)
    with serving(context=context) as server:
        message = refusal(server.url, network, "client certificate refused")

    assert "certificate expired" in message
    assert f"until {dates['not_after']:%Y-%m-%d %H:%M} UTC" in message


def test_verify_false_takes_any_certificate_without_a_warning(certificates: Certificates) -> None:
    past = {"not_before": NOW - timedelta(days=9), "not_after": NOW - timedelta(days=1)}

    with serving(context=certificates.server("else.example", **past)) as server:
        assert get(server.url, Network(verify=False)) == 200


def test_plain_http_on_an_https_address(certificates: Certificates) -> None:
    with serving() as server:
        url = server.url.replace("http:", "https:")
        message = refusal(url, certificates.network, "plain HTTP on an https address")

    assert f"Use {server.url}" in message


def test_tls_on_an_http_address(certificates: Certificates) -> None:
    with serving(context=certificates.server()) as server:
        url = server.url.replace("https:", "http:") + "/x"
        message = refusal(url, Network(), "TLS on an http address")

    assert "speaks TLS. Expected plain HTTP, as the address is http://. " in message
    assert f"Use {server.url}/x" in message


def test_a_connection_broken_off_in_the_handshake() -> None:
    with raw(lambda _: None) as port:
        message = refusal(f"https://localhost:{port}", Network(retries=0), "broken off")

    assert f"localhost:{port} broke off the connection" in message


def test_a_handshake_that_never_ends_is_told_from_a_missing_answer() -> None:
    def wait(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    with raw(wait) as port:
        network = Network(time_limit_seconds=0.1)
        message = refusal(f"https://localhost:{port}", network, "timed out")

    assert "it took the connection, but did not finish the TLS handshake" in message


def _wanting_certificate(certificates: Certificates, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = certificates.server()
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.bundle)
    return context
