"""What the document's key proves, when the key service gives it."""

import base64
import json
from dataclasses import replace

import pytest

from support.foundation.errors import EnvironmentUnfitError
from support.sdk import container
from support.sdk.container import Container
from support.sdk.proof import Proof
from support.world.documents import Document
from support.world.manifests import expect_proven, policy_ids, proven
from support.world.world import World
from tests.sdk.sealing import sealed

CONTENT = b"a note"


def document(world: World, *, bare_binding: bool = False) -> Document:
    """Return a document whose key is sealed for the embedded platform."""
    world.envelopes.make("a", "nothing")
    envelope = world.envelopes.by_name["a"]
    made = sealed((CONTENT,), envelope.key)
    manifest = made.manifest
    entry = envelope.key_access_object()
    if bare_binding:
        entry["policyBinding"] = entry["policyBinding"]["hash"]
    manifest["encryptionInformation"].update(keyAccess=[entry], policy=envelope.policy)
    return Document(CONTENT, container.write(Container(json.dumps(manifest), made.payload)))


@pytest.mark.parametrize("bare_binding", [False, True])
def test_a_sound_document_is_proven_by_its_key(world: World, *, bare_binding: bool) -> None:
    found = document(world, bare_binding=bare_binding)

    proof = proven(found, world.kas, world.reader_token)

    assert proof == Proof(CONTENT)
    expect_proven(found, proof)
    with pytest.raises(AssertionError, match="The root signature"):
        expect_proven(found, Proof(CONTENT, ("The root signature",)))
    with pytest.raises(AssertionError, match="expected 6 bytes, got 5"):
        expect_proven(found, Proof(CONTENT[:-1]))


def test_a_key_that_is_not_given_is_no_verdict(world: World) -> None:
    found = document(world)
    altered = container.altered(found.data, "one bit of the policy binding is flipped")

    with pytest.raises(EnvironmentUnfitError, match=r"gave 0 of the document's 1 keys.*invalid"):
        proven(replace(found, data=altered), world.kas, world.reader_token)


def test_policies_without_an_id_of_their_own_are_told() -> None:
    def with_id(name: object) -> Document:
        made = sealed((CONTENT,), bytes(32))
        information = made.manifest["encryptionInformation"]
        policy = base64.b64encode(json.dumps({"uuid": name, "body": {}}).encode()).decode()
        manifest = {"encryptionInformation": {**information, "policy": policy}}
        return Document(CONTENT, container.write(Container(json.dumps(manifest), made.payload)))

    own = "6d1b9bd4-5d0c-4f0e-8f0b-0a4c2b1f7f11"
    assert policy_ids([with_id(own)]) == {"document 1": own}
    for bad in (None, "1", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(AssertionError, match="document 2 has the id"):
            policy_ids([with_id(own), with_id(bad)])
