"""Pins, each against a server whose certificate they are or are not of."""

import base64
import hashlib
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.foundation.errors import TransportSecurityError
from support.foundation.http import HttpSession
from support.foundation.network import Network, Networks
from tests.foundation.http_certificates import Certificates, server_context
from tests.foundation.http_servers import Handler, get, refusal, serving

WRONG_PIN = "sha256:" + "ab" * 32


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def pins_of(context_leaf: trustme.LeafCert) -> tuple[str, str]:
    """Return the pins of a certificate, calculated apart from the code under test."""
    certificate = x509.load_pem_x509_certificate(context_leaf.cert_chain_pems[0].bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    der = certificate.public_bytes(Encoding.DER)
    return (
        "sha256:" + hashlib.sha256(der).hexdigest(),
        "spki-sha256:" + base64.b64encode(hashlib.sha256(key).digest()).decode(),
    )


@pytest.fixture
def leaf(certificates: Certificates) -> trustme.LeafCert:
    return certificates.authority.issue_cert("localhost")


@pytest.mark.parametrize("notation", [0, 1])
def test_the_right_pin_lets_through(
    notation: int, leaf: trustme.LeafCert, certificates: Certificates
) -> None:
    with serving(context=server_context(leaf)) as server:
        assert (
            get(server.url, replace(certificates.network, pins=(pins_of(leaf)[notation],))) == 200
        )


def test_one_of_several_is_enough(leaf: trustme.LeafCert, certificates: Certificates) -> None:
    with serving(context=server_context(leaf)) as server:
        assert (
            get(server.url, replace(certificates.network, pins=(WRONG_PIN, pins_of(leaf)[1])))
            == 200
        )


@pytest.mark.parametrize("verify", [True, False])
def test_a_wrong_pin_refuses_before_a_byte_of_the_request(
    *, verify: bool, leaf: trustme.LeafCert, certificates: Certificates
) -> None:
    network = replace(certificates.network, pins=(WRONG_PIN,), verify=verify)
    with serving(context=server_context(leaf)) as server:
        message = refusal(server.url, network, "wrong pin")
        assert server.connections == 1

    assert server.requests == []
    assert ", ".join(pins_of(leaf)) in message
    assert f"Expected {WRONG_PIN}. " in message
    assert "set ACCEPTANCE_KAS_ALPHA_PIN to one of its fingerprints" in message


def test_the_other_kind_of_digest_is_no_match(
    leaf: trustme.LeafCert, certificates: Certificates
) -> None:
    whole, key = pins_of(leaf)
    swapped = "sha256:" + base64.b64decode(key.removeprefix("spki-sha256:")).hex()
    with serving(context=server_context(leaf)) as server:
        refusal(server.url, replace(certificates.network, pins=(swapped,)), "wrong pin")
        assert get(server.url, replace(certificates.network, pins=(whole,))) == 200


def test_a_pin_of_the_authority_is_no_pin_of_the_service(
    leaf: trustme.LeafCert, certificates: Certificates
) -> None:
    der = ssl.PEM_cert_to_DER_cert(certificates.bundle.read_text())
    pin = "sha256:" + hashlib.sha256(der).hexdigest()
    with serving(context=server_context(leaf)) as server:
        refusal(server.url, replace(certificates.network, pins=(pin,)), "wrong pin")


def test_a_pin_does_not_replace_trust(leaf: trustme.LeafCert) -> None:
    with serving(context=server_context(leaf)) as server:
        refusal(server.url, Network(pins=pins_of(leaf)), "unknown authority")
        assert get(server.url, Network(pins=pins_of(leaf), verify=False)) == 200


def test_each_new_connection_is_checked(leaf: trustme.LeafCert, certificates: Certificates) -> None:
    other = certificates.authority.issue_cert("localhost")
    network = replace(certificates.network, pins=(pins_of(leaf)[0],))
    session = HttpSession(networks=Networks(default=network))

    def hang_up(handler: Handler) -> None:
        handler.server.context = server_context(other)
        handler.close_connection = True
        handler.answer()

    with serving(hang_up, server_context(leaf)) as server:
        assert session.request("GET", server.url).status == 200
        with pytest.raises(TransportSecurityError, match="is not one that is pinned"):
            session.request("GET", server.url)
        session.close()
