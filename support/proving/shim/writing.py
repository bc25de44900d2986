"""Promises of writers that are broken: what an SDK writes is changed, or what it is asked for."""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from support.proving.shim.call import Call, Result
from support.proving.shim.remaking import remade
from support.proving.shim.trusting import EVERYBODY, trusting
from support.sdk.container import Container, Manifest, read, write
from support.sdk.key_alterations import KEY_ALTERATIONS

Change = Callable[[Manifest], None]


def _asked(**options: str) -> Callable[[Call], Result]:
    """Ask the SDK for something else; an empty text takes an option away."""
    return lambda call: call.with_options(**options).run()


def _written(change: Change) -> Callable[[Call], Result]:
    """Change the manifest that the SDK has written."""

    def run(call: Call) -> Result:
        result = call.run()
        if not result.failed:
            container = read(call.destination.read_bytes())
            manifest = container.manifest
            change(manifest)
            call.destination.write_bytes(write(Container(json.dumps(manifest), container.payload)))
        return result

    return run


def _drop_media_type(manifest: Manifest) -> None:
    manifest["payload"]["mimeType"] = "application/octet-stream"


def _drop_binding(manifest: Manifest) -> None:
    for entry in manifest["encryptionInformation"]["keyAccess"]:
        entry.pop("policyBinding", None)


def _drop_integrity(manifest: Manifest) -> None:
    del manifest["encryptionInformation"]["integrityInformation"]


def _drop_method(manifest: Manifest) -> None:
    del manifest["encryptionInformation"]["method"]


def _change_sizes(manifest: Manifest) -> None:
    for segment in manifest["encryptionInformation"]["integrityInformation"]["segments"]:
        segment["segmentSize"] = int(segment.get("segmentSize", 0)) + 1


def _empty_key_access(manifest: Manifest) -> None:
    manifest["encryptionInformation"]["keyAccess"].append({})


def _bind_another(manifest: Manifest) -> None:
    for entry in manifest["encryptionInformation"]["keyAccess"]:
        binding = entry["policyBinding"]
        other = base64.b64encode(b"0" * 64).decode()
        if isinstance(binding, str):  # container version 4.2.2
            entry["policyBinding"] = other
        else:
            binding["hash"] = other


def _alter_keys(alteration: str) -> Change:
    """Alter the key access objects as scenarios alter those of a copy."""
    alter = KEY_ALTERATIONS[alteration]
    return lambda manifest: alter(manifest["encryptionInformation"]["keyAccess"])


def _drop_label(call: Call) -> Result:
    labels = call.option("XT_WITH_ATTRIBUTES").split(",")
    return call.with_options(XT_WITH_ATTRIBUTES=",".join(labels[:-1])).run()


def _statements(change: Change) -> Callable[[Call], Result]:
    """Change the statements before the SDK attaches them."""

    def run(call: Call) -> Result:
        given = call.option("XT_WITH_ASSERTIONS")
        if not given:
            return call.run()
        text = given if given.lstrip()[:1] in {"[", "{"} else _text(given)
        statements = json.loads(text)
        for statement in statements:
            change(statement)
        return call.with_options(XT_WITH_ASSERTIONS=json.dumps(statements)).run()

    return run


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _change_value(statement: Manifest) -> None:
    inner = statement["statement"]
    value = inner["value"]
    inner["value"] = {**value, "changed": True} if isinstance(value, dict) else f"{value} (changed)"


def _drop_key(statement: Manifest) -> None:
    statement.pop("signingKey", None)


def _remade(*, reuses_vector: bool = False, splits: bool = True) -> Callable[[Call], Result]:
    """Write the SDK's document anew, with a key of our own."""

    def run(call: Call) -> Result:
        result = call.run()
        if not result.failed:
            written, content = call.destination.read_bytes(), call.source.read_bytes()
            anew = remade(read(written), content, reuses_vector=reuses_vector, splits=splits)
            call.destination.write_bytes(write(anew))
        return result

    return run


WRITERS: Mapping[str, Callable[[Call], Result]] = {
    "media-type-dropped": _written(_drop_media_type),
    "ec-wrapping-ignored": _asked(XT_WITH_ECWRAP=""),
    "target-version-ignored": _asked(XT_WITH_TARGET_MODE=""),
    "manifest-without-binding": _written(_drop_binding),
    "manifest-without-integrity": _written(_drop_integrity),
    "manifest-without-method": _written(_drop_method),
    "manifest-sizes-wrong": _written(_change_sizes),
    "manifest-empty-key-access": _written(_empty_key_access),
    "initialization-vector-reused": _remade(reuses_vector=True),
    "statement-dropped": _asked(XT_WITH_ASSERTIONS=""),
    "statement-changed": _statements(_change_value),
    "statement-key-not-used": _statements(_drop_key),
    "policy-not-bound": _written(_bind_another),
    "labels-dropped": _drop_label,
    "shares-not-split": _remade(splits=False),
    "author-trusts-anyone": trusting(EVERYBODY),
    "split-part-repeated": _written(_alter_keys("the first part of the key is there twice")),
    "split-parts-under-one-id": _written(_alter_keys("the parts of the key are said to be one")),
}
"""What is done instead of encrypting, by the fault's name."""
