"""Files with mistakes of every kind: each is loaded, or refused with a message of ours."""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError, SpecificationError
from support.foundation.settings import ROOT
from support.model.inventory import Inventory
from support.planning.advice import advice
from support.planning.forecast import read_specs
from support.planning.planner import Basis
from support.planning.preparation import CATALOG, PROFILES, REQUIREMENTS
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.catalog import Catalog
from support.profiles.effective import effective_values
from support.specs import checks, reader, requirements, tags

SEED = 4
ADVISED = 25  # of the profiles that load, every so many is given advice too

JUNK = (
    *(b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"&a ", b"*a ", b"!!python/name:os.system ", b"? "),
    *(b"{", b"}", b"[", b"]", b"'", b'"', b"#", b"|\n", b": ", b"- ", b"%YAML 9.9\n", b"---\n"),
    *(b"null", b"~", b"yes", b"1e999", b".nan", b"0x1F", b"2026-02-30", b"-1", b"<<: ", b"\n\n\n"),
    *(b"not ", b" and ", b"(" * 40, b"any", b"\xe2\x80\xa8", b"'" * 3, b"@req:BR-001 ", b"| a | b"),
)

Mutation = Callable[[bytes, random.Random], bytes]


def flip_bytes(text: bytes, rng: random.Random) -> bytes:
    changed = bytearray(text)
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def drop_line(text: bytes, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    del lines[rng.randrange(len(lines))]
    return b"".join(lines)


def repeat_line(text: bytes, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return b"".join(lines)


def swap_tokens(text: bytes, rng: random.Random) -> bytes:
    tokens = text.split(b" ")
    first, second = rng.randrange(len(tokens)), rng.randrange(len(tokens))
    tokens[first], tokens[second] = tokens[second], tokens[first]
    return b" ".join(tokens)


def truncate(text: bytes, rng: random.Random) -> bytes:
    return text[: rng.randrange(len(text))]


def insert_junk(text: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(JUNK) + text[at:]


MUTATIONS: Sequence[Mutation] = (
    flip_bytes,
    drop_line,
    repeat_line,
    swap_tokens,
    truncate,
    insert_junk,
)


class Victims:
    """The shipped files, and how each kind of them is loaded."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(PROFILES, folder / "profiles")
        self.folder = folder
        self.catalog: Catalog = catalogs.load(CATALOG)
        self.registry = {entry.id: entry for entry in requirements.load(REQUIREMENTS)}
        self.specs = read_specs(ROOT / "features")
        self.profile_files = sorted(folder.glob("profiles/*/*.yaml"))
        self.features = sorted((ROOT / "features").rglob("*.feature"))
        self.loaded = 0

    def choose(self, rng: random.Random) -> tuple[Path, Callable[[Path], None]]:
        """Return a file to damage and what loads it; larger files are chosen more seldom."""
        kind = rng.random()
        if kind < 0.62:
            return rng.choice(self.profile_files), self.profile
        if kind < 0.96:
            return rng.choice(self.features), self.feature
        return (CATALOG, self.capabilities) if kind < 0.98 else (REQUIREMENTS, self.requirements)

    def profile(self, path: Path) -> None:
        loaded = profiles.load(self.folder / "profiles", path.parent.name, self.catalog)
        assert effective_values(loaded)
        self.loaded += 1
        if self.loaded % ADVISED == 0:
            basis = Basis(loaded, self.catalog, Inventory(), self.registry)
            advice(basis, self.specs, shipped=True)

    def feature(self, path: Path) -> None:
        document = reader.parse("a.feature", reader.read_text(path))
        problems = [*checks.problems_of(document)]
        for spec in reader.specs_of(document):
            problems += tags.problems_of(spec, self.registry)
        if problems:
            raise SpecificationError(tuple(problems))

    def capabilities(self, path: Path) -> None:
        catalogs.load(path)

    def requirements(self, path: Path) -> None:
        requirements.load(path)


def damage(path: Path, rng: random.Random) -> bytes:
    text = path.read_bytes()
    for _ in range(rng.randint(1, 3)):
        text = rng.choice(MUTATIONS)(text, rng) or b"\n"
    return text


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(2_000, id="small"),
        pytest.param(100_000, id="full", marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
    ],
)
def test_a_damaged_file_is_loaded_or_refused_in_words(count: int, tmp_path: Path) -> None:
    victims = Victims(tmp_path)
    rng = random.Random(SEED)  # noqa: S311 -- repeatable, nothing secret
    ends: Counter[str] = Counter()
    for number in range(count):
        source, load = victims.choose(rng)
        text = damage(source, rng)
        in_place = source.is_relative_to(tmp_path)
        path = source if in_place else tmp_path / f"damaged{source.suffix}"
        before = source.read_bytes()
        path.write_bytes(text)
        try:
            load(path)
            ends["loaded"] += 1
        except (ConfigurationError, SpecificationError) as error:
            ends["refused" if str(error).strip() else "refused without a word"] += 1
        except Exception as error:
            raise AssertionError(f"mutation {number} of {source.name}: {text!r}") from error
        finally:
            if in_place:
                source.write_bytes(before)
    assert set(ends) == {"loaded", "refused"}
    # Both ends are reached: the mutations are neither harmless nor hopeless.
    assert ends["loaded"] > count // 10
    assert ends["refused"] > count // 10


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_each_mutation_changes_something_sooner_or_later(mutation: Mutation) -> None:
    rng = random.Random(SEED)  # noqa: S311 -- repeatable, nothing secret
    text = b"policies:\n  waivers: []\n  severities: {}\n"

    assert any(mutation(text, rng) != text for _ in range(10))
