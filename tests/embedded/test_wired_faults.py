"""Faults of discovery, sign-in and bindings, each beside the sound behaviour that it breaks."""

import base64
import hashlib
import hmac

import pytest

from support.embedded.bindings import is_bound
from support.embedded.clock import Clock
from support.embedded.directory import Directory
from support.embedded.faults import Fault
from support.embedded.identity import IdentityProvider, TokenRequest
from tests.embedded.conftest import Bench, MakeBench

KEY, POLICY = b"k" * 32, "policy"
BINDING = base64.b64encode(
    hmac.new(KEY, POLICY.encode(), hashlib.sha256).hexdigest().encode()
).decode()
LIST_SERVERS = "policy.kasregistry.KeyAccessServerRegistryService/ListKeyAccessServers"
WELL_KNOWN = "/.well-known/opentdf-configuration"
PUBLIC_KEY = "kas.AccessService/PublicKey"
NONE: frozenset[Fault] = frozenset()


@pytest.mark.parametrize(
    ("fault", "binding"),
    [
        (Fault.SKIP_POLICY_BINDING, "anything"),
        (Fault.MISSING_BINDING_ACCEPTED, ""),
        (Fault.WEAK_BINDING_COMPARISON, BINDING[: len(BINDING) // 2]),
    ],
)
def test_a_fault_lets_a_wrong_binding_hold(fault: Fault, binding: str) -> None:
    assert not is_bound(binding, POLICY, KEY, NONE)
    assert is_bound(binding, POLICY, KEY, frozenset({fault}))
    assert is_bound(BINDING, POLICY, KEY, frozenset({fault}))


def test_a_weak_comparison_still_compares() -> None:
    assert not is_bound("AAAA" + BINDING, POLICY, KEY, frozenset({Fault.WEAK_BINDING_COMPARISON}))


def test_health_lies(bench: Bench, make_bench: MakeBench) -> None:
    lying = make_bench(Fault.HEALTH_ALWAYS_SERVING)

    assert bench.raw("GET", "/healthz?service=none", b"", {}).status == 503
    assert lying.raw("GET", "/healthz?service=none", b"", {}).status == 200


def test_the_configuration_names_another_provider(bench: Bench, make_bench: MakeBench) -> None:
    lying = make_bench(Fault.WELL_KNOWN_WRONG_ISSUER)

    told = bench.raw("GET", WELL_KNOWN, b"", {}).json["platform_issuer"]
    wrong = lying.raw("GET", WELL_KNOWN, b"", {}).json["platform_issuer"]

    assert told == bench.platform.trust.issuer.issuer
    assert wrong != lying.platform.trust.issuer.issuer


def test_the_configuration_asks_for_a_token(make_bench: MakeBench) -> None:
    assert make_bench(Fault.WELL_KNOWN_NEEDS_TOKEN).raw("GET", WELL_KNOWN, b"", {}).status == 401


def test_a_web_page_gets_no_permission(bench: Bench, make_bench: MakeBench) -> None:
    origin = {"origin": "https://a.example"}

    def allowed(asked: Bench) -> bool:
        reply = asked.raw("GET", "/healthz", b"", origin)
        return "access-control-allow-origin" in reply.headers

    assert allowed(bench)
    assert not allowed(make_bench(Fault.WEB_PAGES_REFUSED))


def test_the_published_key_is_a_strangers(make_bench: MakeBench) -> None:
    lying = make_bench(Fault.PUBLIC_KEY_OF_ANOTHER)
    asked = {"algorithm": "ec:secp256r1"}

    first, second = (lying.ok(PUBLIC_KEY, asked)["publicKey"] for _ in range(2))

    own = lying.platform.rings["default"].by_algorithm("ec:secp256r1")
    assert own is not None
    assert first == second != own.public_pem


def test_a_key_is_published_for_what_does_not_exist(make_bench: MakeBench) -> None:
    lying = make_bench(Fault.UNKNOWN_ALGORITHM_SERVED)

    assert "BEGIN PUBLIC KEY" in lying.ok(PUBLIC_KEY, {"algorithm": "rot:13"})["publicKey"]


def test_the_registry_hides_the_key_services(bench: Bench, make_bench: MakeBench) -> None:
    assert bench.ok(LIST_SERVERS, {})["keyAccessServers"]
    assert "keyAccessServers" not in make_bench(Fault.KEY_SERVICE_NOT_LISTED).ok(LIST_SERVERS, {})


@pytest.mark.parametrize(
    ("faults", "status", "repeats"),
    [
        ([], 401, False),
        ([Fault.WRONG_SECRET_ACCEPTED], 200, False),
        ([Fault.WRONG_SECRET_UNEXPLAINED], 500, False),
        ([Fault.SECRET_REPEATED], 401, True),
    ],
)
def test_a_wrong_secret_is_refused_without_repeating_it(
    faults: list[Fault], status: int, *, repeats: bool
) -> None:
    provider = IdentityProvider("http://i", "a", Directory(), Clock(), faults=frozenset(faults))
    form = {
        "grant_type": "client_credentials",
        "client_id": "opentdf",
        "client_secret": "not-the-secret",
    }

    seen, body = provider.token(TokenRequest(form=form))

    assert seen == status
    assert ("not-the-secret" in str(body)) is repeats
