"""The faulty shim: each fault breaks its own promise, and it cannot be started by accident."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.certificates import Certificates, Flaw
from support.foundation.settings import ROOT
from support.foundation.tls_front import TlsFront
from support.proving.shim.__main__ import FAULTS, WATERMARK, main
from support.proving.shim.remaking import remade
from support.sdk import faulty
from support.sdk.container import Container, Manifest, altered, read, write
from support.sdk.model import Sdk
from support.services.locator import Services
from support.specs import faults
from support.specs.faults import Place
from tests.proving.shim.conftest import CONTENT, SEGMENT, Real, draft

Shim = Callable[..., int]
STATEMENT = {"id": "1", "statement": {"value": "keep"}, "signingKey": {"alg": "HS256"}}


@pytest.fixture
def shim(real: Real, tmp_path: Path, data: bytes) -> Shim:
    """Run the shim with a fault."""

    def run(fault: str, command: str = "decrypt", source: bytes = data) -> int:
        path = tmp_path / "given"
        path.write_bytes(source)
        environment = {**real.environment(), faulty.FAULT: fault, faulty.REAL: str(real.cli)}
        words = [command, str(path), str(tmp_path / "got"), "ztdf"]
        return main(words, environment)

    return run


@pytest.fixture
def got(tmp_path: Path) -> Callable[[], bytes]:
    return (tmp_path / "got").read_bytes


def test_every_fault_of_the_list_is_known_and_the_reverse() -> None:
    listed = faults.load(ROOT / "features" / "faults.yaml")

    assert {fault.name for fault in listed if fault.place is Place.SHIM} == set(FAULTS)


@pytest.mark.parametrize("missing", [faulty.FAULT, faulty.REAL])
def test_it_does_not_start_by_accident(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = {faulty.FAULT: "labels-dropped", faulty.REAL: "/bin/false"}
    del given[missing]

    assert main(["encrypt", "a", "b", "ztdf"], given) == 2
    assert "started by `--define fault=…` alone" in capsys.readouterr().err


def test_what_it_does_is_watermarked(
    shim: Shim, real: Real, capsys: pytest.CaptureFixture[str]
) -> None:
    real.writes(CONTENT, "a word of the SDK\n")

    assert shim("wrong-content-byte") == 0
    assert capsys.readouterr().err == WATERMARK + "a word of the SDK\n"


def test_a_fault_of_readers_leaves_writers_alone(
    shim: Shim, real: Real, data: bytes, got: Callable[[], bytes]
) -> None:
    real.writes(data)

    assert shim("wrong-content-byte", "encrypt", CONTENT) == 0
    assert got() == data


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("wrong-content-byte", CONTENT[:-1] + b"e"),
        ("stops-after-first-segment", CONTENT[:SEGMENT]),
        ("large-content-cut", CONTENT),
    ],
)
def test_what_is_opened_is_changed(
    shim: Shim, real: Real, got: Callable[[], bytes], fault: str, expected: bytes
) -> None:
    real.writes(CONTENT)

    assert shim(fault) == 0
    assert got() == expected


@pytest.mark.parametrize(
    ("fault", "given", "asked"),
    [
        ("ec-wrapping-ignored", "XT_WITH_ECWRAP=true", ""),
        ("target-version-ignored", "XT_WITH_TARGET_MODE=4.2.2", ""),
        ("statement-dropped", "XT_WITH_ASSERTIONS=[]", ""),
        ("labels-dropped", "XT_WITH_ATTRIBUTES=a,b", "XT_WITH_ATTRIBUTES=a\n"),
    ],
)
def test_a_writer_is_asked_for_something_else(
    shim: Shim, real: Real, *, fault: str, given: str, asked: str
) -> None:
    real.writes(CONTENT)
    option, _, value = given.partition("=")
    real.options[option] = value

    assert shim(fault, "encrypt", CONTENT) == 0
    assert real.asked == asked


@pytest.mark.parametrize("value", ["keep", {"level": 1}])
@pytest.mark.parametrize("in_a_file", [True, False])
def test_statements_are_changed(
    shim: Shim, real: Real, data: bytes, tmp_path: Path, value: object, *, in_a_file: bool
) -> None:
    real.writes(data)
    text = json.dumps([{**STATEMENT, "statement": {"value": value}}])
    (tmp_path / "statements.json").write_text(text)
    real.options["XT_WITH_ASSERTIONS"] = str(tmp_path / "statements.json") if in_a_file else text

    assert shim("statement-changed", "encrypt", CONTENT) == 0
    asked = json.loads(real.asked.removeprefix("XT_WITH_ASSERTIONS="))
    assert asked[0]["statement"]["value"] not in (value, "")
    assert asked[0]["signingKey"] == STATEMENT["signingKey"]

    assert shim("statement-key-not-used", "encrypt", CONTENT) == 0
    asked = json.loads(real.asked.removeprefix("XT_WITH_ASSERTIONS="))
    assert asked[0]["statement"]["value"] == value
    assert "signingKey" not in asked[0]


def test_without_statements_there_is_nothing_to_change(shim: Shim, real: Real, data: bytes) -> None:
    real.writes(data)

    assert shim("statement-changed", "encrypt", CONTENT) == 0
    assert real.asked == ""


def information(manifest: Manifest) -> Manifest:
    found: Manifest = manifest["encryptionInformation"]
    return found


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("media-type-dropped", lambda m: m["payload"]["mimeType"] != "text/plain"),
        (
            "manifest-without-binding",
            lambda m: "policyBinding" not in information(m)["keyAccess"][0],
        ),
        ("manifest-without-integrity", lambda m: "integrityInformation" not in information(m)),
        ("manifest-without-method", lambda m: "method" not in information(m)),
        (
            "manifest-sizes-wrong",
            lambda m: (
                information(m)["integrityInformation"]["segments"][0]["segmentSize"] != SEGMENT
            ),
        ),
        ("manifest-empty-key-access", lambda m: {} in information(m)["keyAccess"]),
        (
            "policy-not-bound",
            lambda m: information(m)["keyAccess"][0]["policyBinding"]["hash"].startswith("MDAw"),
        ),
    ],
)
def test_a_written_manifest_is_broken(
    shim: Shim,
    real: Real,
    data: bytes,
    got: Callable[[], bytes],
    *,
    fault: str,
    broken: Callable[[Manifest], bool],
) -> None:
    real.writes(data)

    assert shim(fault, "encrypt", CONTENT) == 0
    assert not broken(read(data).manifest)
    assert broken(read(got()).manifest)


def test_another_policy_is_bound_in_the_earlier_form_as_well(
    shim: Shim, real: Real, document: Container, got: Callable[[], bytes]
) -> None:
    manifest = document.manifest
    information(manifest)["keyAccess"][0]["policyBinding"] = "text"
    real.writes(write(Container(json.dumps(manifest), document.payload)))

    assert shim("policy-not-bound", "encrypt", CONTENT) == 0
    assert information(read(got()).manifest)["keyAccess"][0]["policyBinding"] != "text"


@pytest.mark.parametrize("fault", ["media-type-dropped", "initialization-vector-reused"])
def test_a_writer_that_refuses_has_written_nothing_to_change(
    shim: Shim, real: Real, fault: str
) -> None:
    real.refuses("no")

    assert shim(fault, "encrypt", CONTENT) == 1


@pytest.mark.parametrize(
    ("fault", "version"),
    [
        ("earlier-version-refused", "4.2.2"),
        ("earlier-version-refused", None),
        ("documents-without-version-refused", None),
    ],
)
def test_some_sound_documents_are_refused(
    shim: Shim, real: Real, document: Container, fault: str, version: str | None
) -> None:
    real.writes(CONTENT)
    manifest = {**document.manifest, "schemaVersion": version}
    if version is None:
        del manifest["schemaVersion"]
    earlier = write(Container(json.dumps(manifest), document.payload))

    assert shim(fault, "decrypt", earlier) == 1
    assert shim(fault) == 0


@pytest.mark.parametrize(
    ("fault", "option"),
    [
        ("statement-signature-not-checked", "XT_WITH_VERIFY_ASSERTIONS=false"),
        ("allow-list-ignored", "XT_WITH_IGNORE_KAS_ALLOWLIST=true"),
        ("possession-not-proved", "XT_WITH_ACCESS_TOKEN=ey"),
    ],
)
def test_a_reader_is_asked_not_to_look(shim: Shim, real: Real, fault: str, option: str) -> None:
    real.writes(CONTENT)

    assert shim(fault) == 0
    assert option in real.asked


def test_a_reader_keeps_to_itself_what_it_can_fulfil(shim: Shim, real: Real) -> None:
    real.writes(CONTENT)
    real.options["XT_WITH_FULFILLABLE_OBLIGATIONS"] = "https://a.test/obl/handling/value/watermark"

    assert shim("possession-not-proved") == 0
    assert "/watermark" in real.asked
    assert shim("fulfilment-not-declared") == 0
    assert "/watermark" not in real.asked


@pytest.mark.parametrize("fault", ["split-part-repeated", "split-parts-under-one-id"])
def test_the_parts_of_a_split_key_are_confused(
    shim: Shim, real: Real, services: Services, got: Callable[[], bytes], fault: str
) -> None:
    real.writes(write(remade(draft(services, splits=2), CONTENT)))

    assert shim(fault, "encrypt", CONTENT) == 0
    parts = [entry["sid"] for entry in information(read(got()).manifest)["keyAccess"]]
    assert parts == (["s0", "s1", "s0-again"] if fault == "split-part-repeated" else ["s0", "s0"])


@pytest.mark.parametrize(
    ("fault", "code", "said", "left"),
    [
        ("plaintext-left-behind", 1, "tampered", b"the beginning of the content"),
        ("tampering-reported-as-denial", 1, "code = PermissionDenied", None),
        ("failure-reported-as-success", 0, "tampered", b""),
        ("message-without-reason", 1, "it did not work", None),
        ("secret-printed", 1, "{secret}", None),
    ],
)
def test_a_failure_is_told_in_another_way(  # noqa: PLR0913 - one row of the table
    shim: Shim,
    real: Real,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    fault: str,
    code: int,
    said: str,
    left: bytes | None,
) -> None:
    real.refuses("tampered")
    secret = real.services.credentials("admin").client_secret.reveal()

    assert shim(fault) == code
    assert said.format(secret=secret) in capsys.readouterr().err
    path = tmp_path / "got"
    assert (path.read_bytes() if path.exists() else None) == left


def test_a_success_is_told_as_it_is(shim: Shim, real: Real, got: Callable[[], bytes]) -> None:
    real.writes(CONTENT)

    assert shim("message-without-reason") == 0
    assert got() == CONTENT


def test_only_the_first_alternative_of_each_split_is_known(
    shim: Shim, real: Real, document: Container
) -> None:
    real.writes(CONTENT)
    manifest = document.manifest
    entry = information(manifest)["keyAccess"][0]
    names = [("a", 1), ("a", 2), ("b", 3)]
    information(manifest)["keyAccess"] = [{**entry, "sid": sid, "kid": kid} for sid, kid in names]

    assert (
        shim("alternative-not-tried", "decrypt", write(Container(json.dumps(manifest), b""))) == 0
    )
    known = information(read(real.opened).manifest)["keyAccess"]
    assert [(item["sid"], item["kid"]) for item in known] == [("a", 1), ("b", 3)]


@pytest.mark.parametrize(
    ("fault", "alteration"),
    [
        ("root-signature-not-checked", "one bit of the root signature is flipped"),
        ("segment-hashes-not-checked", "one bit of a segment's hash is flipped"),
        ("segment-sizes-not-checked", "a segment is declared longer than it is"),
    ],
)
def test_what_was_altered_is_put_right_before_the_real_sdk_looks(
    shim: Shim, real: Real, data: bytes, fault: str, alteration: str
) -> None:
    real.refuses("tampered")

    assert shim(fault, "decrypt", altered(data, alteration)) == 1
    assert read(real.opened).manifest == read(data).manifest
    assert read(real.opened).payload == read(data).payload


@pytest.mark.parametrize(("fault", "times"), [("key-asked-for-again", 2), ("labels-dropped", 1)])
def test_a_reader_asks_again(shim: Shim, real: Real, *, fault: str, times: int) -> None:
    real.writes(CONTENT)

    assert shim(fault) == 0
    assert real.calls == times


def test_where_the_key_is_refused_nothing_is_put_right(shim: Shim, real: Real, data: bytes) -> None:
    real.refuses("forbidden")
    unbound = altered(data, "one bit of the policy binding is flipped")

    assert shim("root-signature-not-checked", "decrypt", unbound) == 1
    assert real.opened == unbound


def test_nothing_is_put_right_where_nothing_can_be_read(shim: Shim, real: Real) -> None:
    real.refuses("no zip")

    assert shim("altered-payload-opened", "decrypt", b"nonsense") == 1


def test_without_servers_that_show_certificates_nobody_is_trusted(shim: Shim, real: Real) -> None:
    real.writes(CONTENT)

    assert shim("certificate-not-verified") == 0
    assert "shown.pem" not in real.asked


@pytest.mark.parametrize(
    ("fault", "command", "known"),
    [("key-service-not-verified", "decrypt", 2), ("author-trusts-anyone", "encrypt", 3)],
)
def test_what_servers_show_is_trusted_beside_the_authority(
    shim: Shim, real: Real, tmp_path: Path, *, fault: str, command: str, known: int
) -> None:
    real.writes(CONTENT)
    certificates = Certificates(tmp_path)
    front = TlsFront("http://localhost:1/kas", certificates.server(Flaw.SELF_SIGNED))
    real.options |= {"KASURL": front.url, "PLATFORMURL": front.url}
    real.options["SSL_CERT_FILE"] = str(certificates.authority)

    assert shim(fault, command, CONTENT) == 0
    front.close()
    assert real.trusted.count("BEGIN CERTIFICATE") == known


def test_the_wrapper_stands_for_the_real_sdk(real: Real, tmp_path: Path) -> None:
    real.writes(CONTENT)
    sdk = Sdk("go", "v1", real.cli.parent, "root")
    wrapper = faulty.wrapped(sdk, "wrong-content-byte", tmp_path / "run")
    (tmp_path / "given").write_bytes(b"no document")

    def ask(*words: str) -> int:
        return process.run(
            (wrapper.cli, *words), environment=real.environment(), time_limit_seconds=30
        ).exit_code

    assert wrapper.id == sdk.id
    assert wrapper.directory != sdk.directory
    (real.cli.parent / "says").unlink()
    assert ask("supports", str(tmp_path / "given"), str(tmp_path / "there")) == 0
    assert ask("decrypt") == 2
