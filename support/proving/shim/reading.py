"""Promises of readers that are broken: what an SDK opens, says or leaves behind is changed."""

import json
from collections.abc import Callable, Mapping

from support.foundation.errors import AcceptanceError
from support.proving.shim import repairing
from support.proving.shim.call import Call, Result
from support.proving.shim.repairing import Repair
from support.proving.shim.trusting import EVERYBODY, KEY_SERVICE, trusting
from support.sdk.container import Container, Manifest, read, write

MEBIBYTE = 1 << 20
NEWEST = "4.3.0"
FORBIDDEN = "request error\nrpc error: code = PermissionDenied desc = forbidden\n"


def _opened(change: Callable[[bytes, Manifest], bytes]) -> Callable[[Call], Result]:
    """Change what the SDK has opened."""

    def run(call: Call) -> Result:
        result = call.run()
        if not result.failed:
            manifest = read(call.source.read_bytes()).manifest
            call.destination.write_bytes(change(call.destination.read_bytes(), manifest))
        return result

    return run


def _change_last_byte(content: bytes, _manifest: Manifest) -> bytes:
    return content[:-1] + bytes(byte ^ 1 for byte in content[-1:])


def _first_segment(content: bytes, manifest: Manifest) -> bytes:
    integrity = manifest["encryptionInformation"]["integrityInformation"]
    first = integrity["segments"][0]
    return content[: int(first.get("segmentSize") or integrity["segmentSizeDefault"])]


def _first_mebibyte(content: bytes, _manifest: Manifest) -> bytes:
    return content[:MEBIBYTE]


def _refused(is_refused: Callable[[Manifest], bool]) -> Callable[[Call], Result]:
    """Refuse some documents that are sound."""

    def run(call: Call) -> Result:
        if is_refused(read(call.source.read_bytes()).manifest):
            return Result(1, stderr="this document is too old\n")
        return call.run()

    return run


def _repaired(repair: Repair) -> Callable[[Call], Result]:
    """Put right what was altered, so that the SDK finds nothing wrong."""

    def run(call: Call) -> Result:
        result = call.run()
        if not result.failed:
            return result
        try:
            container = read(call.source.read_bytes())
            key = repairing.key_of(container, call)
            repaired = None if key is None else write(repair(container, key))
        except (AcceptanceError, KeyError, ValueError, TypeError):
            repaired = None
        return result if repaired is None else call.run_on(repaired)

    return run


def _first_alternatives(call: Call) -> Result:
    """Know the first key access object of each split alone."""
    container = read(call.source.read_bytes())
    manifest = container.manifest
    information = manifest["encryptionInformation"]
    first: dict[str, Manifest] = {}
    for entry in information["keyAccess"]:
        first.setdefault(str(entry.get("sid", "")), entry)
    information["keyAccess"] = list(first.values())
    return call.run_on(write(Container(json.dumps(manifest), container.payload)))


def _asking_again(call: Call) -> Result:
    """Ask for the key a second time before the content is there."""
    result = call.run()
    return result if result.failed else call.run()


def _without_statement_check(call: Call) -> Result:
    return call.with_options(XT_WITH_VERIFY_ASSERTIONS="false").run()


def _without_allow_list(call: Call) -> Result:
    return call.with_options(XT_WITH_IGNORE_KAS_ALLOWLIST="true").run()


def _without_fulfilment(call: Call) -> Result:
    return call.with_options(XT_WITH_FULFILLABLE_OBLIGATIONS="").run()


def _unbound(call: Call) -> Result:
    """Sign in without a proof, so that the token is worth something to whoever has it."""
    token = repairing.token_of(call)
    return call.with_options(XT_WITH_ACCESS_TOKEN=token, CLIENTID="", CLIENTSECRET="").run()


def _failing(change: Callable[[Call, Result], Result]) -> Callable[[Call], Result]:
    """Change how the SDK fails."""

    def run(call: Call) -> Result:
        result = call.run()
        return change(call, result) if result.failed else result

    return run


def _leave_behind(call: Call, result: Result) -> Result:
    call.destination.write_bytes(b"the beginning of the content")
    return result


def _say_forbidden(_call: Call, result: Result) -> Result:
    return Result(result.exit_code, "", FORBIDDEN)


def _tell_secret(call: Call, result: Result) -> Result:
    said = f"{result.stderr}signed in as {call.option('CLIENTID')}:{call.option('CLIENTSECRET')}\n"
    return Result(result.exit_code, result.stdout, said)


def _succeed(call: Call, result: Result) -> Result:
    call.destination.write_bytes(b"")
    return Result(0, result.stdout, result.stderr)


def _say_nothing(_call: Call, result: Result) -> Result:
    return Result(result.exit_code, "", "it did not work\n")


def _is_earlier(manifest: Manifest) -> bool:
    return str(manifest.get("schemaVersion", "")) != NEWEST


def _names_no_version(manifest: Manifest) -> bool:
    return "schemaVersion" not in manifest


READERS: Mapping[str, Callable[[Call], Result]] = {
    "wrong-content-byte": _opened(_change_last_byte),
    "stops-after-first-segment": _opened(_first_segment),
    "large-content-cut": _opened(_first_mebibyte),
    "earlier-version-refused": _refused(_is_earlier),
    "documents-without-version-refused": _refused(_names_no_version),
    "segment-hashes-not-checked": _repaired(repairing.hashes),
    "root-signature-not-checked": _repaired(repairing.root_signature),
    "segment-sizes-not-checked": _repaired(repairing.sizes),
    "altered-payload-opened": _repaired(repairing.payload),
    "plaintext-left-behind": _failing(_leave_behind),
    "tampering-reported-as-denial": _failing(_say_forbidden),
    "statement-signature-not-checked": _without_statement_check,
    "allow-list-ignored": _without_allow_list,
    "alternative-not-tried": _first_alternatives,
    "key-asked-for-again": _asking_again,
    "key-service-not-verified": trusting(KEY_SERVICE),
    "fulfilment-not-declared": _without_fulfilment,
    "possession-not-proved": _unbound,
}
"""What is done instead of decrypting, by the fault's name."""

BOTH: Mapping[str, Callable[[Call], Result]] = {
    "certificate-not-verified": trusting(EVERYBODY),
    "secret-printed": _failing(_tell_secret),
    "failure-reported-as-success": _failing(_succeed),
    "message-without-reason": _failing(_say_nothing),
}
"""What is done instead of either, by the fault's name."""
