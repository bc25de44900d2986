"""Networks: whose they are, and how they are read from plain text."""

import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.foundation.addresses import without_credentials
from support.foundation.errors import ConfigurationError
from support.foundation.network import Network, Networks, network_of
from support.foundation.settings import Setting
from support.foundation.tls import Pin
from tests.foundation.http_certificates import Certificates

PIN = "sha256:" + "ab" * 32
KEY_PIN = "spki-sha256:" + "A" * 43 + "="


def given_values(**values: str) -> dict[str, Setting]:
    return {name: Setting(value, f"profile p, {name}") for name, value in values.items()}


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def test_nothing_given_is_a_network_that_verifies() -> None:
    network = network_of({})

    assert network == Network()
    assert network.verify
    assert (network.time_limit_seconds, network.retries) == (30.0, 2)


def test_every_value_is_read(certificates: Certificates) -> None:
    certificate, key = certificates.client()

    network = network_of(
        given_values(
            verify="False",
            ca_bundle=str(certificates.bundle),
            client_certificate=str(certificate),
            client_key=f" {key}\n",
            pin=f"{PIN.upper().replace('SHA', 'sha')}, {KEY_PIN}",
            proxy="http://me:hidden@proxy.example:3128",
            requests_per_second="0.5",
            burst="3",
            timeout="2.5",
            retries="0",
        ),
        service="kas_alpha",
    )

    assert network == Network(
        verify=False,
        ca_bundle=certificates.bundle,
        client_certificate=certificate,
        client_key=key,
        pins=(PIN, KEY_PIN),
        proxy="http://me:hidden@proxy.example:3128",
        requests_per_second=0.5,
        burst=3,
        time_limit_seconds=2.5,
        retries=0,
        service="kas_alpha",
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("verify", "maybe", "expected true or false"),
        ("verify", "", "expected true or false"),
        ("ca_bundle", "", "expected the path of a file"),
        ("ca_bundle", "/nowhere/ca.pem", "/nowhere/ca.pem: No such file or directory. Expected a"),
        ("ca_bundle", "/", "/: Is a directory"),
        ("client_key", "/nowhere/key.pem", "No such file or directory"),
        ("pin", "", "expected sha256:<64 hexadecimal digits>"),
        ("pin", "sha1:abcd", '"sha1" is not a kind of pin'),
        ("pin", "spki-sha265:abcd", 'Did you mean "spki-sha256"?'),
        ("pin", "sha256:xyz", "what follows sha256: is not hexadecimal"),
        ("pin", "spki-sha256:*", "what follows spki-sha256: is not base64"),
        ("pin", f"{PIN},sha256:abcd", "it holds 2 bytes, and a SHA-256 has 32"),
        ("proxy", "proxy:3128", "expected http:// or https:// and a host"),
        ("proxy", "socks5://proxy:1", "expected http:// or https:// and a host"),
        ("proxy", "http://proxy:many", "expected a port from 0 to 65535"),
        ("proxy", "http://proxy/path", "expected an address without a path"),
        ("requests_per_second", "0", "expected a number from 0.001 to 100000"),
        ("requests_per_second", "nan", "expected a number from 0.001 to 100000"),
        ("burst", "1.5", "expected a whole number from 1 to 100000"),
        ("timeout", "soon", "expected a number from 0.001 to 3600"),
        ("timeout", "inf", "expected a number from 0.001 to 3600"),
        ("retries", "-1", "expected a whole number from 0 to 10"),
        ("retries", "9" * 5000, "expected a whole number from 0 to 10"),
        ("retries", "²", "expected a whole number from 0 to 10"),
    ],
)
def test_a_wrong_value_is_named_with_its_origin_and_what_was_expected(
    name: str, value: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        network_of(given_values(**{name: value}))

    message = str(refused.value)
    assert message.startswith(f'{name} is "{value}" (profile p, {name}), which cannot be: ')
    assert expected in message


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match=r'"ca_bundel" \(profile p.*Did you mean "ca_bun'):
        network_of(given_values(ca_bundel="x"))


def test_a_proxy_is_quoted_without_its_password() -> None:
    for proxy in ("http://me:hidden@proxy:many", "ftp://me:hidden@x", "http://me:hid/hidden@x"):
        with pytest.raises(ConfigurationError) as refused:
            network_of(given_values(proxy=proxy))
        assert "hid" not in str(refused.value)


def test_a_bundle_without_certificates_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("hello")

    with pytest.raises(ConfigurationError, match=r"cannot be: The CA bundle .* no certificate"):
        network_of(given_values(ca_bundle=str(empty)))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_private_key_that_others_can_read_is_refused(
    mode: int, certificates: Certificates
) -> None:
    certificate, key = certificates.client()
    together = certificates.folder / "together.pem"
    together.write_bytes(certificate.read_bytes() + key.read_bytes())
    key.chmod(mode)
    together.chmod(mode)

    expected = rf"others can read the private key in it \(mode {mode:o}\).*chmod 600 "
    with pytest.raises(ConfigurationError, match=f"client_key is .*{expected}{key}"):
        network_of(given_values(client_certificate=str(certificate), client_key=str(key)))
    with pytest.raises(ConfigurationError, match=f"client_certificate is .*{expected}{together}"):
        network_of(given_values(client_certificate=str(together)))


@dataclass(frozen=True)
class Pair:
    certificate: Path
    key: Path


def _of_another(pair: Pair, certificates: Certificates) -> Pair:
    return Pair(pair.certificate, certificates.client("other")[1])


def _swapped(pair: Pair, _: Certificates) -> Pair:
    pair.certificate.chmod(0o600)
    return Pair(pair.key, pair.certificate)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_of_another, "the key belongs to another certificate"), (_swapped, "not readable as PEM")],
)
def test_a_key_has_to_belong_to_its_certificate(
    spoil: Callable[[Pair, Certificates], Pair], said: str, certificates: Certificates
) -> None:
    pair = spoil(Pair(*certificates.client()), certificates)

    with pytest.raises(ConfigurationError) as refused:
        network_of(given_values(client_certificate=str(pair.certificate), client_key=str(pair.key)))

    assert said in str(refused.value)
    assert "(From profile p, client_certificate, profile p, client_key.)" in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("burst", "3"), ("client_key", "")])
def test_a_value_that_does_nothing_alone_is_refused(
    name: str, value: str, certificates: Certificates
) -> None:
    value = value or str(certificates.client()[1])

    with pytest.raises(ConfigurationError, match=rf"{name} is .* is not set, so that it does no"):
        network_of(given_values(**{name: value}))


def test_a_network_made_in_code_has_its_pins_checked_too() -> None:
    with pytest.raises(ConfigurationError, match='"sha256:1" is no pin: what follows'):
        Network(pins=("sha256:1",))


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["sha256", "spki-sha256"]))
def test_pins_are_written_as_they_are_read(digest: bytes, kind: str) -> None:
    assert Pin.parse(str(Pin(kind, digest))) == Pin(kind, digest)


@given(st.text(string.hexdigits + string.punctuation), st.sampled_from(["sha256:", "sha1:", ""]))
def test_text_is_a_pin_or_refused_with_a_reason(text: str, kind: str) -> None:
    try:
        pin = Pin.parse(kind + text)
    except ValueError as error:
        reason = str(error)
    else:
        reason = str(pin)

    assert reason.startswith(('"', "what follows", "it holds", "sha256:"))


def test_the_longest_base_address_wins() -> None:
    platform, kas, alpha, other = (Network(retries=n) for n in range(4))
    networks = Networks(
        {
            "https://h.example": platform,
            "https://h.example/kas/": kas,
            "https://h.example:443/kas/alpha": alpha,
        },
        default=other,
    )
    expected = {
        "https://h.example": platform,
        "https://H.Example:443/x?y": platform,
        "https://h.example/kas": kas,
        "https://h.example/kas/v2/rewrap": kas,
        "https://h.example/kas/alpha/x": alpha,
        "https://h.example/kas/alphabet": kas,
        "https://h.example/kasx": platform,
        "https://h.example:8443/kas": other,
        "https://h.example.evil/kas": other,
        "http://h.example/kas": other,
        "https://me:pw@h.example/kas": kas,
        "nonsense": other,
    }

    assert {url: networks.network(url) for url in expected} == expected


def test_a_base_address_stands_once() -> None:
    with pytest.raises(ConfigurationError, match="Two networks are given for https://h:443/"):
        Networks({"https://h": Network(), "https://h:443/": Network()})


def test_a_base_address_has_to_be_one() -> None:
    with pytest.raises(ConfigurationError, match='"h:443" is no base address'):
        Networks({"h:443": Network()})


def test_pins_need_a_base_address_with_tls() -> None:
    with pytest.raises(ConfigurationError, match="ACCEPTANCE_<SERVICE>_PIN is set, but http://h"):
        Networks({"http://h": Network(pins=(PIN,))})


def test_addresses_are_shown_without_credentials() -> None:
    expected = {
        "http://me:pw@h:1/x?y=1#z": "http://h:1/x?…",
        "https://h/a@b": "https://h/a@b",
        "http://me:p/w@h/x": "http://h/x",
        "me:pw@h": "h",
        "http://[::1]:2/a": "http://[::1]:2/a",
        "http://h?x@y": "http://h?…",
        "http://me:p@w?@h/x": "http://h/x",
        "http://me@h/a@b": "http://h/a@b",
    }

    assert {url: without_credentials(url) for url in expected} == expected


@given(
    user=st.text(string.ascii_letters, min_size=1),
    password=st.text(string.ascii_letters + string.digits + "/?#@:%", min_size=1),
)
def test_no_part_of_a_password_is_left_over(user: str, password: str) -> None:
    shown = without_credentials(f"https://{user}:Q{password}@host.example:1/x")

    assert "Q" not in shown
