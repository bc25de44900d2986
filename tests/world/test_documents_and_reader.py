import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.determinism.streams import Streams
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.model.events import AttachmentKind
from support.sdk.model import Refusal, RefusalReason, Sdk
from support.services.locator import Credentials, Services
from support.services.secret import Secret
from support.world.documents import CONTENTS, Document, Wishes, short_note
from support.world.duties import OPEN, PROTECT
from support.world.reader import Opened, expect_opened, expect_refused, messages_by_mistake
from support.world.setup import MISTAKES, Setup, of_role, with_mistake
from support.world.statements import Statement, keys_of
from support.world.world import World
from tests.world.conftest import BINDING, Attachments, MakeWorld, manifest, tdf

NOT_ENTITLED = Refusal(RefusalReason.NOT_ENTITLED, "rewrap request 403")


def environment(sdk: Sdk, command: str) -> dict[str, str]:
    lines = (sdk.directory / f"{command}.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_author_protects_a_document(world: World, sdk: Sdk, attachments: Attachments) -> None:
    wishes = Wishes(fqns=("https://a", "https://b"), media_type="text/csv", target_version="4.2.2")

    world.documents.make(b"text", world.author, wishes)

    assert world.documents.current == Document(b"text", tdf())
    assert attachments.kinds == [AttachmentKind.MANIFEST]
    given = environment(sdk, "encrypt")
    assert given["XT_WITH_ATTRIBUTES"] == "https://a,https://b"
    assert given["XT_WITH_MIME_TYPE"] == "text/csv"
    assert given["XT_WITH_TARGET_MODE"] == "4.2.2"
    assert given["CLIENTID"] == world.identity.client_id(PROTECT.role)


def test_a_refusal_to_protect_is_a_value_or_an_error_as_asked(world: World, sdk: Sdk) -> None:
    (sdk.directory / "encrypt.error").write_text("unauthorized_client")

    refusal = world.documents.protect(b"", world.author, Wishes())

    assert refusal == Refusal(RefusalReason.CREDENTIALS, "unauthorized_client")
    with pytest.raises(EnvironmentUnfitError, match=r"refused to protect.*unauthorized_client"):
        world.documents.make(b"", world.author, Wishes())


def test_statements_go_to_the_sdk_as_a_file(world: World, sdk: Sdk) -> None:
    signing, _ = keys_of("HS256")

    world.documents.make(b"", world.author, Wishes(statement=Statement("keep", signing)))

    (assertion,) = json.loads(Path(environment(sdk, "encrypt")["XT_WITH_ASSERTIONS"]).read_text())
    assert assertion["statement"]["value"] == "keep"
    assert assertion["signingKey"] == {"alg": "HS256", "key": signing.signing}
    assert "signingKey" not in Statement("keep").as_assertion()


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_two_people_have_two_keys(algorithm: str) -> None:
    ours, theirs = keys_of(algorithm)

    assert ours.verifying != theirs.verifying
    assert ours.verification_keys()["keys"]["statement-1"]["alg"] == algorithm


def test_an_unknown_algorithm_of_statements_names_the_known() -> None:
    with pytest.raises(SpecificationError, match="HS256, RS256"):
        keys_of("MD5")


def test_contents_are_what_their_names_say(world: World) -> None:
    sizes = {name: len(make(Streams(42, name))) for name, make in CONTENTS.items()}

    assert sizes["nothing"] == 0
    assert sizes["a single byte"] == 1
    assert sizes["every byte value"] == 256
    assert sizes["three megabytes"] == 3 * 1024 * 1024
    data = Streams(42, "unit")
    assert short_note(data) != short_note(data)
    with pytest.raises(SpecificationError, match="a short note, nothing"):
        world.documents.holding("an elephant", world.author)


def test_copies_take_the_documents_place(world: World) -> None:
    documents = world.documents
    documents.holding("a short note", world.author)
    original = documents.current

    documents.pack_anew()
    assert documents.current.container == original.container
    documents.alter("one bit of the root signature is flipped")
    documents.name_key_service("http://stranger")

    assert documents.current.content == original.content
    manifest = documents.current.container.manifest
    assert manifest["encryptionInformation"]["keyAccess"][0]["url"] == "http://stranger"
    assert len(documents.made) == 4
    assert documents.untouched_copy().container == documents.current.container
    with pytest.raises(SpecificationError, match="not an alteration of documents"):
        documents.alter("it is painted green")


def test_no_document_is_an_error(world: World) -> None:
    with pytest.raises(EnvironmentUnfitError, match="before it has made one"):
        _ = world.documents.current


def test_the_reader_opens_with_its_own_set_up(world: World, sdk: Sdk) -> None:
    world.documents.make(b"text", world.author, Wishes())
    _, world.reader.keys = keys_of("RS256")
    world.reader.allow_list = ("http://kas",)
    world.reader.verifies_statements = False

    outcome = world.reader.open(world.documents.current)

    assert outcome == world.reader.outcome.value == Opened(b"text")
    given = environment(sdk, "decrypt")
    assert given["CLIENTID"] == world.identity.client_id("standard")
    assert given["XT_WITH_KAS_ALLOWLIST"] == "http://kas"
    assert given["XT_WITH_VERIFY_ASSERTIONS"] == "false"
    assert "statement-1" in Path(given["XT_WITH_ASSERTION_VERIFICATION_KEYS"]).read_text()


def test_a_document_that_opened_as_it_was_passes() -> None:
    expect_opened(Opened(b"text"), Document(b"text", b""))


def test_a_document_that_did_not_open_fails_with_the_sdks_words() -> None:
    with pytest.raises(AssertionError, match=r"not_entitled\): rewrap request 403"):
        expect_opened(NOT_ENTITLED, Document(b"text", b""))


def test_a_document_that_opened_differently_fails() -> None:
    with pytest.raises(AssertionError, match="expected 4 bytes, got 5"):
        expect_opened(Opened(b"texts"), Document(b"text", b""))


def test_the_refusal_that_was_expected_passes() -> None:
    expect_refused(NOT_ENTITLED, "the reader is not entitled")


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (Opened(b"text"), "but it opened: 4 bytes"),
        (None, "but it was protected"),
        (Refusal(RefusalReason.UNREACHABLE, "no route"), "no route.*not_entitled.*unreachable"),
        (Refusal(RefusalReason.UNCLASSIFIED, "?"), "not_entitled.*unclassified"),
        (
            Refusal(RefusalReason.NOT_ENTITLED, "403", bytes_left_behind=7),
            "left behind: expected 0, got 7",
        ),
    ],
)
def test_anything_but_the_expected_refusal_fails(
    outcome: Opened | Refusal | None, message: str
) -> None:
    with pytest.raises(AssertionError, match=message):
        expect_refused(outcome, "the reader is not entitled")


def test_an_unknown_reason_names_the_known() -> None:
    with pytest.raises(SpecificationError, match="the payload was altered"):
        expect_refused(NOT_ENTITLED, "it is Monday")


def test_each_mistake_changes_the_set_up(services: Services) -> None:
    faultless = of_role(services, "standard")

    setups = {name: with_mistake(faultless, name) for name in MISTAKES}

    client_id = services.credentials("standard").client_id
    wrong = setups["a wrong secret"]
    assert isinstance(wrong.caller, Credentials)
    assert wrong.caller.client_id == client_id
    assert wrong.secrets != faultless.secrets
    assert setups["no credentials"].secrets == ()
    unknown = setups["the name of a client nobody knows"].caller
    assert isinstance(unknown, Credentials)
    assert unknown.client_id != client_id
    away = setups["an address where nobody listens"]
    assert away.services.platform_url != services.platform_url
    assert away.services.token_endpoint != services.token_endpoint


def test_a_set_up_with_a_token_knows_its_secret(services: Services) -> None:
    with_token = Setup(services, Secret("token"))

    assert with_token.secrets == ("token",)
    assert isinstance(with_mistake(with_token, "a wrong secret").caller, Credentials)


def test_messages_are_collected_by_mistake(world: World, sdk: Sdk) -> None:
    world.documents.make(b"text", world.author, Wishes())
    document = world.documents.current
    with pytest.raises(AssertionError, match="opened although the client had no credentials"):
        messages_by_mistake(world.reader, document, ["no credentials"])
    (sdk.directory / "decrypt.error").write_text("unauthorized_client")

    messages = messages_by_mistake(world.reader, document, ["a wrong secret"])

    assert messages == {"a wrong secret": "unauthorized_client"}


def test_what_was_printed_and_the_secrets_in_use_are_known(world: World, sdk: Sdk) -> None:
    (sdk.directory / "decrypt.error").write_text("some words")
    world.documents.make(b"text", world.author, Wishes())
    world.reader.open(world.documents.current)

    assert "some words" in world.printed
    expected = {
        secret for duty in (PROTECT, OPEN) for secret in of_role(world.services, duty.role).secrets
    }
    assert set(world.secrets_in_use) == expected


def test_looking_for_no_secret_is_a_mistake_of_the_scenario(world: World) -> None:
    with pytest.raises(SpecificationError, match="no step before it ran an SDK with one"):
        _ = world.secrets_in_use


def test_secrets_too_short_to_look_for_are_a_fault_of_the_stack(world: World) -> None:
    short = Credentials("somebody", Secret("secret"))
    world.documents.make(b"text", replace(world.author, caller=short), Wishes())

    with pytest.raises(EnvironmentUnfitError, match="fewer than 8 characters") as caught:
        _ = world.secrets_in_use
    assert '"secret"' not in str(caught.value)

    world.reader.open(world.documents.current)
    assert world.secrets_in_use == world.reader.setup.secrets


def test_an_sdk_that_is_not_named_is_the_profiles_first(make_world: MakeWorld, sdk: Sdk) -> None:
    assert make_world().sdk_for("encrypt_sdk") == sdk


def test_an_sdk_that_is_not_installed_is_an_error(make_world: MakeWorld) -> None:
    with pytest.raises(EnvironmentUnfitError, match=r"needs the SDK swift as encrypt_sdk.*go-v1"):
        make_world(("encrypt_sdk", "swift")).sdk_for("encrypt_sdk")


def test_the_targeted_value_is_the_variants(make_world: MakeWorld) -> None:
    world = make_world(("target_version", "4.2.2"))

    assert world.targeted("target_version") == "4.2.2"
    with pytest.raises(SpecificationError, match="@cap:wrapping=any"):
        world.targeted("wrapping")


def test_the_marks_of_a_unit_are_what_only_it_has_made(world: World) -> None:
    assert world.correlation == ()

    world.envelopes.make("a", "nothing")
    world.documents.make(b"text", world.author, Wishes())
    name = world.labels.namespace.name

    marks = ("policy-of-a-test", BINDING)
    requests = tuple(sent.request_id for sent in world.connect.sent)
    assert world.correlation == (*requests, name, *world.envelopes.policy_ids, *marks)


def test_a_policy_id_of_zeros_marks_nothing(world: World, sdk: Sdk) -> None:
    parts = Document(b"", tdf()).container
    policy = {"uuid": "00000000-0000-0000-0000-000000000000", "body": {}}
    content = parts.manifest
    content["encryptionInformation"]["policy"] = encoded(policy)
    (sdk.directory / "prepared.tdf").write_bytes(tdf(content))

    world.documents.make(b"text", world.author, Wishes())

    assert world.documents.marks == [BINDING]


@pytest.mark.parametrize(
    ("binding", "marks"),
    [("bare", ["bare"]), ({"alg": "HS256"}, []), ({"hash": ""}, []), (None, []), (7, [])],
)
def test_a_binding_marks_a_document_where_it_has_one(
    world: World, sdk: Sdk, binding: object, marks: list[str]
) -> None:
    content = manifest()
    information: Any = content["encryptionInformation"]
    information["keyAccess"][0]["policyBinding"] = binding
    (sdk.directory / "prepared.tdf").write_bytes(tdf(content))

    world.documents.make(b"text", world.author, Wishes())

    assert world.documents.marks == ["policy-of-a-test", *marks]


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()
