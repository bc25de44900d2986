"""Golden documents are what was made, and sound; their keys are known."""

from pathlib import Path

import pytest

from support.foundation import golden as published
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.foundation.golden import ADDRESS
from support.sdk import container
from support.world.documents import Document
from support.world.golden import FOLDER, NOTE, Golden, golden_document, readdressed, record
from support.world.inspection import inspect
from support.world.manifests import key_services

RECORD = record()
KAS = "http://kas.example/kas"


def test_what_is_recorded_is_what_is_there() -> None:
    assert {entry.file for entry in RECORD} == {path.stem for path in FOLDER.glob("*.tdf")}
    assert len({entry.document for entry in RECORD}) == len(RECORD)
    assert {entry.key for entry in RECORD} == set(published.KEYS)


@pytest.mark.parametrize("entry", RECORD, ids=lambda entry: entry.file)
def test_a_golden_document_is_sound(entry: Golden) -> None:
    document = golden_document(entry.document, KAS)

    assert KAS in key_services(document)
    assert ADDRESS not in key_services(document)
    if "three key services" not in entry.document:  # two of whose entries name no split
        assert inspect(document) == ()


def test_only_the_golden_address_is_changed() -> None:
    (entry, *_) = [e for e in RECORD if "three key services" in e.document]
    before = (FOLDER / f"{entry.file}.tdf").read_bytes()

    after = Document(b"", readdressed(before, KAS))

    assert key_services(after) == key_services(Document(b"", before)) - {ADDRESS} | {KAS}
    assert readdressed(after.data, "http://elsewhere") == after.data
    assert container.read(before).payload == after.container.payload


def test_an_unknown_golden_document_names_the_known() -> None:
    with pytest.raises(SpecificationError, match=r"no.* golden document|not a golden document"):
        golden_document("a note by nobody", KAS)


def test_a_changed_golden_document_is_no_golden_document(tmp_path: Path) -> None:
    entry = RECORD[0]
    (tmp_path / f"{entry.file}.tdf").write_bytes(b"changed")
    (tmp_path / NOTE).write_bytes(b"")

    with pytest.raises(EnvironmentUnfitError, match=entry.sha256):
        golden_document(entry.document, KAS, tmp_path)
