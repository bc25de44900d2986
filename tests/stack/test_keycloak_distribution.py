"""Finding, fetching, unpacking and building a Keycloak: small archives, stand-in programs."""

import hashlib
import os
import stat
import threading
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.foundation.errors import AcceptanceError, ConfigurationError, EnvironmentUnfitError
from support.foundation.settings import Settings
from support.stack.components import java, keycloak_distribution
from support.stack.components.keycloak_archive import VERSION, broken, unpack
from support.stack.components.keycloak_distribution import FILE_NAME, ensure, version_of

Script = Callable[[str, str], Path]

JAR = "lib/quarkus-run.jar"
TOP = f"keycloak-{VERSION}"
BUILD = """\
#!/bin/sh
[ "$1" = build ] || exit 2
echo "$KC_HTTP_RELATIVE_PATH $KC_DB $KC_FEATURES" >> "$(dirname "$0")/../built"
"""
TEXTS = {
    "version.txt": f"Keycloak - Version {VERSION}\n",
    JAR: "no jar",
    "bin/kc.sh": BUILD,
}


def zipped(path: Path, texts: Mapping[str, str] = TEXTS, top: str = f"{TOP}/") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(top, "") if top else None
        for name, text in texts.items():
            entry = zipfile.ZipInfo(f"{top}{name}")
            mode = 0o755 if name.endswith(".sh") else 0o644
            entry.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(entry, text)
    return path


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one archive that is trusted in this test."""
    path = zipped(tmp_path / "trusted.zip")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(keycloak_distribution, "SHA256", digest)
    return path


@pytest.fixture
def machine(tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a new enough Java, an empty cache, and programs of `bin` alone."""
    script("bin/java", "echo 'openjdk version \"21.0.4\" 2024-07-16' >&2")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    only = tmp_path / "bin"
    monkeypatch.setattr(keycloak_distribution, "search_path", lambda: str(only))
    monkeypatch.setattr(java, "search_path", lambda: str(only))
    return tmp_path


def maven(machine: Path, script: Script, body: str) -> Path:
    """Put a Maven on the PATH; `$target` is where it has to copy the archive to."""
    calls = machine / "maven-calls"
    script(
        "bin/mvn",
        'for each in "$@"; do case $each in -DoutputDirectory=*) target=${each#*=};; esac; done\n'
        f'echo "$@" >> {calls}; mkdir -p "$target"; tries=$(wc -l < {calls})\n{body}',
    )
    return calls


def cached(machine: Path) -> list[str]:
    return sorted(path.name for path in machine.glob("cache/opentdf-acceptance/keycloak/*/*"))


def zip_settings(archive: Path) -> Settings:
    return Settings({"keycloak_zip": str(archive)}, {})


def test_an_archive_is_unpacked_and_built_once(machine: Path, archive: Path) -> None:
    told: list[str] = []

    first = ensure(zip_settings(archive), told.append)
    second = ensure(zip_settings(archive), told.append)

    assert first == second
    assert (first.version, first.java.version) == (VERSION, 21)
    assert (first.home / "built").read_text() == "/auth dev-file dpop,token-exchange\n"
    assert os.access(first.home / "bin" / "kc.sh", os.X_OK)
    assert not os.access(first.home / "version.txt", os.X_OK)
    assert [line.split()[0] for line in told] == ["Unpacking", "Building"]
    assert cached(machine) == ["lock", "server"]


def test_what_is_in_the_cache_needs_neither_archive_nor_maven(machine: Path, archive: Path) -> None:
    made = ensure(zip_settings(archive))
    archive.unlink()

    assert ensure(Settings({}, {})) == made
    assert machine in made.home.parents


def test_it_is_fetched_with_maven_and_not_kept_twice(
    machine: Path, archive: Path, script: Script
) -> None:
    calls = maven(machine, script, f'cp {archive} "$target/{FILE_NAME}"')
    told: list[str] = []

    made = ensure(Settings({}, {}), told.append)

    assert (made.home / "built").is_file()
    (call,) = calls.read_text().splitlines()
    assert "-q -C dependency:copy" in call
    assert f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip" in call
    assert told[0] == f"Fetching Keycloak {VERSION} with Maven (176 MB) …"
    assert not list(machine.glob("cache/**/*.zip"))


def test_a_half_written_archive_is_fetched_once_more_and_not_from_what_maven_kept(
    machine: Path, archive: Path, script: Script
) -> None:
    body = f'if [ "$tries" = 1 ]; then head -c 300 {archive}; else cat {archive}; fi'
    calls = maven(machine, script, f'{{ {body}; }} > "$target/{FILE_NAME}"')
    told: list[str] = []

    made = ensure(Settings({}, {}), told.append)

    assert (made.home / "built").is_file()
    first, second = calls.read_text().splitlines()
    assert "-Dmaven.repo.local=" not in first
    assert "-Dmaven.repo.local=" in second
    assert any("came broken" in line and "(300 bytes)" in line for line in told)


@pytest.mark.parametrize(
    ("body", "tries", "expected"),
    [
        (f'echo junk > "$target/{FILE_NAME}"', 2, "twice, but .* its SHA-256 is .*expected"),
        ("true", 2, "twice, but .* there is no such file"),
        ("echo 'Could not transfer artifact' >&2; exit 1", 1, "exit code 1: Could not transfer"),
    ],
)
def test_a_fetch_that_fails_tells_every_remedy_and_leaves_nothing(
    machine: Path, script: Script, body: str, tries: int, expected: str
) -> None:
    calls = maven(machine, script, body)

    with pytest.raises(EnvironmentUnfitError, match=expected) as error:
        ensure(Settings({}, {}))

    assert len(calls.read_text().splitlines()) == tries
    assert "ACCEPTANCE_KEYCLOAK_ZIP" in str(error.value)
    assert "ACCEPTANCE_KEYCLOAK_HOME" in str(error.value)
    assert cached(machine) == ["lock"]


def test_without_maven_every_way_is_told(machine: Path) -> None:
    with pytest.raises(EnvironmentUnfitError, match=r"no Keycloak .* here.*`mvn`") as error:
        ensure(Settings({}, {}))

    assert "ACCEPTANCE_KEYCLOAK_ZIP" in str(error.value)
    assert "ACCEPTANCE_KEYCLOAK_HOME" in str(error.value)
    assert cached(machine) == ["lock"]


def test_a_named_archive_that_is_another_is_refused(machine: Path, archive: Path) -> None:
    other = zipped(machine / "other.zip", {**TEXTS, "more": "x"})

    with pytest.raises(ConfigurationError, match=r"ACCEPTANCE_KEYCLOAK_ZIP is .*other\.zip: its"):
        ensure(zip_settings(other))
    with pytest.raises(ConfigurationError, match="there is no such file"):
        ensure(zip_settings(machine / "missing.zip"))
    assert broken(archive, hashlib.sha256(archive.read_bytes()).hexdigest()) == ""


def test_an_unpacked_distribution_is_copied_and_left_as_it_is(machine: Path) -> None:
    home = unpack(zipped(machine / "any.zip"), machine / "mine")
    (home / "data").mkdir()
    (home / "lib" / "data").mkdir()
    settings = Settings({"keycloak_home": str(home)}, {})

    made = ensure(settings)

    assert made.home != home
    assert (made.home / "built").is_file()
    assert not (home / "built").exists()
    assert not (made.home / "data").exists()
    assert (made.home / "lib" / "data").is_dir()
    assert version_of(settings) == VERSION


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({JAR: ""}, "has no version.txt"),
        ({JAR: "", "version.txt": "Something else"}, "version.txt says 'Something else'"),
        ({"version.txt": "Keycloak - Version 26.0.1"}, "quarkus-run.jar has to be there"),
        (
            {JAR: "", "version.txt": "Keycloak - Version 25.0.6"},
            r"a Keycloak 25\.0\.6; expected 26 or newer",
        ),
    ],
)
def test_a_folder_that_is_no_fitting_keycloak_is_refused(
    machine: Path, files: Mapping[str, str], expected: str
) -> None:
    home = machine / "home"
    (home / "lib").mkdir(parents=True)
    for name, text in files.items():
        (home / name).write_text(text)

    with pytest.raises(ConfigurationError, match=expected):
        ensure(Settings({"keycloak_home": str(home)}, {}))


def test_a_build_that_fails_is_told_and_leaves_nothing(machine: Path) -> None:
    failing = {**TEXTS, "bin/kc.sh": "#!/bin/sh\necho 'ERROR: Unknown feature'\nexit 1\n"}
    home = unpack(zipped(machine / "any.zip", failing), machine / "mine")

    with pytest.raises(EnvironmentUnfitError, match="exit code 1: ERROR: Unknown feature"):
        ensure(Settings({"keycloak_home": str(home)}, {}))
    assert cached(machine) == ["lock"]


def test_what_was_broken_off_is_made_anew(machine: Path, archive: Path) -> None:
    made = ensure(zip_settings(archive))
    (made.home / ".built").unlink()
    (made.home.parent / ".new" / "unpacked").mkdir(parents=True)

    assert ensure(zip_settings(archive)) == made
    assert (made.home / "built").read_text().count("\n") == 1
    assert cached(machine) == ["lock", "server"]


def test_two_at_once_make_one(machine: Path, archive: Path, script: Script) -> None:
    calls = maven(machine, script, f'cp {archive} "$target/{FILE_NAME}"')
    barrier, homes = threading.Barrier(2), []

    def both() -> None:
        barrier.wait()
        homes.append(ensure(Settings({}, {})).home)

    threads = [threading.Thread(target=both) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(homes) == 2
    assert len(set(homes)) == 1
    assert len(calls.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "name", ["../outside", f"{TOP}/../../outside", "/outside", "keycloak\\..\\..\\outside"]
)
def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "evil.zip", {name: "x"}, top="")

    with pytest.raises(EnvironmentUnfitError, match="could write outside"):
        unpack(archive, tmp_path / "deep" / "folder")
    assert not list(tmp_path.rglob("outside"))
    assert not (tmp_path / "deep" / "folder").exists()


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        entry = zipfile.ZipInfo(f"{TOP}/link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc")

    with pytest.raises(EnvironmentUnfitError, match="could write outside"):
        unpack(tmp_path / "link.zip", tmp_path / "folder")


def test_an_archive_of_another_form_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "flat.zip", {"one": "1", "two": "2"}, top="")

    with pytest.raises(EnvironmentUnfitError, match="has 2 entries at its top"):
        unpack(archive, tmp_path / "folder")


def test_a_damaged_archive_leaves_nothing(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "damaged.zip", {"large": "0123456789" * 10_000})
    content = bytearray(archive.read_bytes())
    content[150] ^= 0xFF
    archive.write_bytes(content)

    with pytest.raises(EnvironmentUnfitError, match="is damaged"):
        unpack(archive, tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_a_full_disk_is_one_message_and_leaves_nothing(
    machine: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")

    monkeypatch.setattr("shutil.copyfileobj", full)

    with pytest.raises(EnvironmentUnfitError, match=r"disk is full.*XDG_CACHE_HOME"):
        ensure(zip_settings(archive))
    assert cached(machine) == ["lock"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("echo 'java version \"1.8.0_402\"' >&2", "is Java 8 .*needs 17 or newer"),
        ("echo 'openjdk version \"11.0.22\" 2024' >&2", "is Java 11 "),
        ("echo 'cannot execute binary file'; exit 126", "exit code 126 and said cannot execute"),
        ("exit 0", "exit code 0 and said nothing"),
    ],
)
def test_another_java_is_told_with_its_version(
    machine: Path, archive: Path, script: Script, body: str, expected: str
) -> None:
    script("bin/java", body)

    with pytest.raises(EnvironmentUnfitError, match=expected) as error:
        ensure(zip_settings(archive))
    assert "on the PATH" in str(error.value)
    assert "openjdk-17-jre-headless" in str(error.value)
    assert cached(machine) == []


def test_no_java_and_one_of_java_home_that_is_none_are_told(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "bin" / "java").unlink()
    with pytest.raises(AcceptanceError, match="there is no `java`"):
        ensure(Settings({}, {}))

    monkeypatch.setenv("JAVA_HOME", str(machine / "nowhere"))
    with pytest.raises(AcceptanceError, match=r"Cannot start .*nowhere/bin/java.*of JAVA_HOME"):
        ensure(Settings({}, {}))
