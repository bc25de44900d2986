import base64
import gzip
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from support.embedded.protocol import load_protocol
from tests.embedded.conftest import NAMESPACES, REWRAP, exchange

if TYPE_CHECKING:
    from tests.embedded.conftest import Bench, MakeBench

PUBLIC_KEY = "kas.AccessService/PublicKey"
WELL_KNOWN = "wellknownconfiguration.WellKnownService/GetWellKnownConfiguration"
HEALTH = "grpc.health.v1.Health/Check"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        (b"", "application/json", 400, "unmarshal message: zero-length payload"),
        (b"{", "application/json", 400, "unmarshal message: "),
        (b"\xff", "application/json", 400, "unmarshal message: "),
        (b"[]", "application/json", 400, "unmarshal message: "),
        (b"\xff\xff", "application/proto", 400, "unmarshal message: "),
        (b"{}", "text/plain", 415, ""),
        (b"{}", "", 415, ""),
        (b'{"algorithm":"bogus"}', "application/json", 404, "invalid config\nno default key"),
        (b'{"fmt":"bogus"}', "application/json", 404, "invalid algorithm or format"),
        (b'{"bogus": 1}', "application/json; charset=utf-8", 200, ""),
    ],
)
def test_bodies(bench: "Bench", body: bytes, content_type: str, status: int, message: str) -> None:
    reply = bench.raw("POST", f"/{PUBLIC_KEY}", body, {"content-type": content_type})
    assert reply.status == status
    if message:
        assert reply.message.startswith(message)


def test_binary_and_compressed_requests_are_understood(bench: "Bench") -> None:
    request = load_protocol().message("kas.PublicKeyRequest")(algorithm="ec:secp256r1")
    binary = request.SerializeToString()
    proto = {"content-type": "application/proto"}
    reply = bench.raw("POST", f"/{PUBLIC_KEY}", binary, proto)
    answer = load_protocol().message("kas.PublicKeyResponse").FromString(reply.body)
    assert answer.kid == "e1"
    packed = {**proto, "content-encoding": "gzip"}
    assert bench.raw("POST", f"/{PUBLIC_KEY}", gzip.compress(binary), packed).status == 200
    broken = bench.raw("POST", f"/{PUBLIC_KEY}", b"\x1f\x8bxx", packed)
    assert (broken.status, broken.code) == (400, "invalid_argument")
    asked = {**JSON, "accept-encoding": "gzip"}
    assert bench.raw("POST", f"/{PUBLIC_KEY}", "{}", asked).json["kid"] == "r1"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"{WELL_KNOWN}?connect=v1&encoding=json&message=%7B%7D", 200),
        (f"{WELL_KNOWN}?encoding=json&message=%7B%7D", 200),
        (f"{WELL_KNOWN}?encoding=json&base64=1&message={base64.b64encode(b'{}').decode()}", 200),
        (f"{WELL_KNOWN}?encoding=proto&message=", 200),
        (WELL_KNOWN, 415),
        (f"{WELL_KNOWN}?encoding=json&message=%7B", 400),
        (f"{HEALTH}?encoding=json&message=%7B%7D", 405),
        (f"{NAMESPACES}/CreateNamespace?encoding=json&message=%7B%7D", 405),
        (f"{NAMESPACES}/ListNamespaces?encoding=json&message=%7B%7D", 401),
    ],
)
def test_procedures_without_side_effects_answer_get(
    bench: "Bench", target: str, status: int
) -> None:
    assert bench.raw("GET", f"/{target}").status == status


def test_get_passes_its_message_on(bench: "Bench") -> None:
    bench.namespace("one.example")
    bench.namespace("two.example")
    message = quote(json.dumps({"pagination": {"limit": 1}}))
    headers = {"authorization": f"Bearer {bench.token()}"}
    target = f"/{NAMESPACES}/ListNamespaces?encoding=json&message={message}"
    found = bench.raw("GET", target, headers=headers).json["namespaces"]
    assert [item["name"] for item in found] == ["two.example"]


@pytest.mark.parametrize(
    ("algorithm", "kid"),
    [
        ("", "r1"),
        ("rsa:2048", "r1"),
        ("ec:secp256r1", "e1"),
        ("hpqt:xwing", "x768"),
        ("mlkem:768", "m768"),
    ],
)
def test_public_keys_by_algorithm(bench: "Bench", algorithm: str, kid: str) -> None:
    answer = bench.ok(PUBLIC_KEY, {"algorithm": algorithm}, client=None)
    assert answer["kid"] == kid
    assert answer["publicKey"].startswith("-----BEGIN PUBLIC KEY-----\n")
    assert bench.ok(PUBLIC_KEY, {"algorithm": algorithm}, client=None) == answer


def test_public_key_forms(bench: "Bench") -> None:
    jwk = json.loads(bench.ok(PUBLIC_KEY, {"fmt": "jwk"}, client=None)["publicKey"])
    assert set(jwk) == {"e", "kty", "n"}
    assert "kid" not in bench.ok(PUBLIC_KEY, {"v": "1"}, client=None)
    legacy = "kas.AccessService/LegacyPublicKey"
    assert bench.ok(legacy, {}, client=None).startswith("-----BEGIN PUBLIC KEY-----")
    certificate = bench.ok(legacy, {"algorithm": "ec:secp256r1"}, client=None)
    assert certificate.startswith("-----BEGIN CERTIFICATE-----")
    for algorithm in ("ec:secp384r1", "bogus"):
        assert bench.call(legacy, {"algorithm": algorithm}, client=None).status == 404
    for algorithm in ("rsa:4096", "ec:secp384r1", "ec:secp521r1"):  # they stand in the registry
        assert bench.call(PUBLIC_KEY, {"algorithm": algorithm}, client=None).status == 404


@pytest.mark.parametrize(
    ("service", "status", "word"),
    [
        ("", 200, "SERVING"),
        ("all", 200, "SERVING"),
        ("kas", 200, "SERVING"),
        ("authorization", 200, "SERVING"),
        ("policy", 503, "UNKNOWN"),
    ],
)
def test_health(bench: "Bench", service: str, status: int, word: str) -> None:
    reply = bench.raw("GET", f"/healthz?service={service}")
    assert (reply.status, reply.json) == (status, {"status": word})
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    answer = bench.ok(HEALTH, {"service": service}, client=None)
    assert answer == ({"status": "SERVING_STATUS_SERVING"} if status == 200 else {})
    assert bench.raw("POST", "/healthz").status == 405


def test_the_well_known_document_and_procedure_agree(bench: "Bench") -> None:
    document = bench.raw("GET", "/.well-known/opentdf-configuration").json
    assert bench.ok(WELL_KNOWN, client=None) == {"configuration": document}
    issuer = document["platform_issuer"]
    discovery = bench.raw("GET", "/auth/realms/opentdf/.well-known/openid-configuration").json
    assert discovery["issuer"] == issuer == document["idp"]["issuer"]
    assert document["supports_dpop"] is True


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/auth/realms/opentdf", 404, {"error": "HTTP 404 Not Found"}),
        ("/auth/realms/opentdf/nothing", 404, {"error": "HTTP 404 Not Found"}),
        ("/auth/realms/nope/.well-known/x", 404, {"error": "Realm does not exist"}),
        (
            "/auth/realms/opentdf/protocol/openid-connect/token",
            405,
            {"error": "HTTP 405 Method Not Allowed"},
        ),
    ],
)
def test_identity_paths(bench: "Bench", path: str, status: int, body: object) -> None:
    reply = bench.raw("GET", path)
    assert (reply.status, reply.json) == (status, body)


def test_the_token_endpoint_reads_forms_alone(bench: "Bench") -> None:
    endpoint = "/auth/realms/opentdf/protocol/openid-connect/token"
    form = "grant_type=client_credentials&client_id=opentdf&client_secret=secret"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    reply = bench.raw("POST", endpoint, form, headers)
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    assert bench.raw("POST", endpoint, '{"grant_type":"client_credentials"}', JSON).status == 400
    keys = bench.raw("GET", "/auth/realms/opentdf/protocol/openid-connect/certs").json["keys"]
    assert {key["alg"] for key in keys} == {"RS256"}


@pytest.mark.parametrize(
    ("client", "status", "body"),
    [
        (None, 401, "missing authorization header\n"),
        ("opentdf-expired", 401, "unauthenticated\n"),
        ("opentdf-sdk", 403, "permission denied\n"),
        ("opentdf", 404, "404 page not found\n"),
    ],
)
def test_unknown_paths_ask_who_you_are_first(
    bench: "Bench", client: str | None, status: int, body: str
) -> None:
    headers = {"authorization": f"Bearer {bench.token(client)}"} if client else {}
    for path in ("/nope", "/kas/v2/rewrap"):
        reply = bench.raw("GET", path, headers=headers)
        assert (reply.status, reply.body.decode()) == (status, body)
    unknown = bench.raw("POST", f"/{NAMESPACES}/Nope", "{}", {**JSON, **headers})
    assert (unknown.status, unknown.body) == (404, b"404 page not found\n")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "missing authorization header"),
        ({"authorization": "Basic abc"}, "unauthenticated"),
        ({"authorization": "Bearer "}, "unauthenticated"),
        ({"authorization": "Bearer a.b.c"}, "unauthenticated"),
    ],
)
def test_callers_must_say_who_they_are(
    bench: "Bench", headers: dict[str, str], message: str
) -> None:
    for procedure in (REWRAP, f"{NAMESPACES}/ListNamespaces"):
        reply = bench.call(procedure, client=None, headers=headers)
        assert (reply.status, reply.code, reply.message) == (401, "unauthenticated", message)


def test_who_you_are_comes_before_what_you_ask(bench: "Bench") -> None:
    body = {"name": "nodot"}
    assert bench.call(f"{NAMESPACES}/CreateNamespace", body, client="opentdf-sdk").status == 403
    assert bench.call(f"{NAMESPACES}/CreateNamespace", body).status == 400


def test_browsers_of_any_origin_may_call(bench: "Bench") -> None:
    asked = {
        "origin": "http://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    preflight = bench.raw("OPTIONS", f"/{REWRAP}", headers=asked)
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-origin"] == "http://app.example"
    assert preflight.headers["access-control-allow-headers"] == "authorization, content-type"
    assert preflight.headers["access-control-max-age"] == "3600"
    for bad in (
        {"access-control-request-method": "TRACE"},
        {"access-control-request-headers": "x"},
    ):
        refused = bench.raw("OPTIONS", f"/{REWRAP}", headers={**asked, **bad})
        assert "access-control-allow-origin" not in refused.headers
    answer = bench.raw("GET", "/healthz", headers={"origin": "http://app.example"})
    assert answer.headers["access-control-allow-origin"] == "http://app.example"
    assert answer.headers["access-control-allow-credentials"] == "true"


def test_a_kas_of_its_own_serves_key_access_and_health_alone(make_bench: "MakeBench") -> None:
    bench = make_bench(kas=["alpha"])
    alpha = bench.platform.kas_listener("alpha")
    assert bench.platform.kas_uris["alpha"] == "http://localhost:2/kas"

    def post(procedure: str) -> int:
        headers = {**JSON, "authorization": f"Bearer {bench.token()}"}
        return exchange(alpha, "POST", f"/{procedure}", headers, b"{}").status

    own = exchange(alpha, "POST", f"/{PUBLIC_KEY}", JSON, b'{"algorithm":"ec:secp256r1"}').json
    main = bench.ok(PUBLIC_KEY, {"algorithm": "ec:secp256r1"}, client=None)
    assert own["publicKey"] != main["publicKey"]
    assert post(HEALTH) == 200
    assert post(f"{NAMESPACES}/ListNamespaces") == 404
    assert exchange(alpha, "GET", "/.well-known/opentdf-configuration").status == 401
    assert exchange(alpha, "GET", "/auth/realms/opentdf").status == 401
    registered = bench.ok("policy.kasregistry.KeyAccessServerRegistryService/ListKeyAccessServers")
    assert {item["name"] for item in registered["keyAccessServers"]} == {"default", "alpha"}


def test_audit_headers_of_the_caller_are_taken_over(bench: "Bench") -> None:
    identifier = "47cf6222-f5b2-4324-9bec-2f612ed73fbf"
    headers = {
        "x-request-id": identifier,
        "x-forwarded-actor-id": "somebody",
        "x-forwarded-request-ip": "192.0.2.1",
        "user-agent": "probe",
    }
    bench.ok(f"{NAMESPACES}/CreateNamespace", {"name": "a.example"}, headers=headers)
    record = bench.audit[-1]
    assert (record["level"], record["msg"]) == ("AUDIT", "policy crud")
    assert record["audit"]["requestID"] == identifier
    assert record["audit"]["actor"]["id"] == "somebody"
    assert record["audit"]["clientInfo"] == {
        "userAgent": "probe",
        "platform": "policy",
        "requestIP": "192.0.2.1",
    }
    bench.ok(
        f"{NAMESPACES}/CreateNamespace", {"name": "b.example"}, headers={"x-request-id": "nope"}
    )
    assert bench.audit[-1]["audit"]["requestID"] not in {identifier, "nope"}


def test_reads_and_refusals_before_the_service_are_not_recorded(bench: "Bench") -> None:
    bench.ok(f"{NAMESPACES}/ListNamespaces")
    bench.call(f"{NAMESPACES}/CreateNamespace", {"name": "nodot"})
    bench.call(f"{NAMESPACES}/CreateNamespace", {"name": "a.example"}, client="opentdf-sdk")
    assert bench.audit == []


def test_a_defect_is_told_to_the_log_and_not_to_the_caller(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_parts: object) -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr("support.embedded.policy.namespaces.page", broken)
    reply = bench.call(f"{NAMESPACES}/ListNamespaces")
    assert (reply.status, reply.code) == (500, "internal")
    assert "secret" not in reply.message
    assert "ListNamespaces failed" in caplog.text
    assert "inner secret" in caplog.text
