"""Large files: what travels is whole or it is told, and memory is measured."""

import sys
from pathlib import Path

import pytest

from support.determinism.streams import Streams
from support.foundation.errors import EnvironmentUnfitError, SpecificationError
from support.foundation.process import run
from support.sdk.model import Sdk
from support.world import large
from support.world.large import Arrival, expect_whole, expect_within, size_of
from support.world.world import World

SMALL = large.BLOCK_BYTES + 5


def test_a_file_travels_and_the_memory_of_both_clients_is_noted(world: World, sdk: Sdk) -> None:
    (sdk.directory / "cli.sh").write_text(
        '#!/bin/sh\n[ "$1" = encrypt ] && { cp "$2" "$(dirname "$0")/kept"; '
        'cp "$(dirname "$0")/prepared.tdf" "$3"; exit; }\ncp "$(dirname "$0")/kept" "$3"\n'
    )
    world.large_files.size.put(SMALL)

    world.large_files.travel(world.author, world.reader.setup)

    expect_whole(world.large_files.arrival.value)
    assert world.large_files.arrival.value.sent[0] == SMALL
    assert len(world.large_files.peaks) == 2
    expect_within(world.large_files.peaks, "a hundred mebibytes")
    assert not list(world.machine.workspace.glob("large.*"))


def test_what_arrives_otherwise_is_told(world: World) -> None:
    world.large_files.size.put(SMALL)

    world.large_files.travel(world.author, world.reader.setup)

    with pytest.raises(AssertionError, match=r"Size and digest of the file: expected \(65541, "):
        expect_whole(world.large_files.arrival.value)


@pytest.mark.parametrize(
    ("name", "error"), [("encrypt.error", EnvironmentUnfitError), ("decrypt.error", AssertionError)]
)
def test_a_refusal_is_no_arrival(world: World, sdk: Sdk, name: str, error: type[Exception]) -> None:
    (sdk.directory / name).write_text("no space left")
    world.large_files.size.put(SMALL)

    with pytest.raises(error, match="no space left"):
        world.large_files.travel(world.author, world.reader.setup)
    assert not list(world.machine.workspace.glob("large.*"))


def test_a_client_that_needs_more_is_named() -> None:
    with pytest.raises(AssertionError, match=r"\{\"reader's client\": '3 MiB'\}"):
        expect_within([large.MEBIBYTE, 3 * large.MEBIBYTE], "a mebibyte")


def test_sizes_have_names() -> None:
    assert size_of("more than four gibibytes") > 2**32
    with pytest.raises(SpecificationError, match="a hundred mebibytes"):
        size_of("a lot")


def test_blocks_are_numbered(tmp_path: Path) -> None:
    told = large.write_numbered(tmp_path / "file", 2 * large.BLOCK_BYTES + 3, Streams(42, "unit"))

    data = (tmp_path / "file").read_bytes()
    assert told == large.described(tmp_path / "file")
    assert [data[i * large.BLOCK_BYTES : i * large.BLOCK_BYTES + 8][-1] for i in (0, 1)] == [0, 1]
    assert len(data) == 2 * large.BLOCK_BYTES + 3


@pytest.mark.parametrize(("program", "code"), [("exit 3", 3), ("kill -9 $$", 137), (":", 0)])
def test_the_most_memory_is_noted_whatever_the_end(tmp_path: Path, program: str, code: int) -> None:
    notes = tmp_path / "notes"

    record = run(
        (sys.executable, "-I", large.NOTING_PROGRAM, notes, "/bin/sh", "-c", program),
        environment={},
        time_limit_seconds=20,
    )

    assert record.exit_code == code
    assert int(notes.read_text()) > 100_000


def test_an_arrival_is_compared_as_it_is() -> None:
    expect_whole(Arrival((1, "a"), (1, "a")))
    with pytest.raises(AssertionError):
        expect_whole(Arrival((1, "a"), (1, "b")))
