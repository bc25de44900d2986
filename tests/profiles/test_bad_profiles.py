"""Bad input: each is one message with file, line, what was seen and what was expected."""

import re
import shutil
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.foundation import process
from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT, build_environment
from support.planning.preparation import CATALOG, PROFILES
from support.profiles import catalog as catalogs
from support.profiles import profile as profiles
from support.profiles.catalog import Catalog
from tools.cli import __main__ as cli

GOOD = {
    "capabilities": "capabilities:\n  sdk: [go, python]\n  format: [ztdf]\n",
    "config": "config:\n  stack: embedded\n",
    "policies": "policies: {}\n",
}
ANCHORS = "capabilities:\n  sdk: &a [go]\n" + "".join(
    f"  d{n}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)

BAD: Mapping[str, tuple[str, str, str]] = {
    "anchor bomb": ("capabilities", ANCHORS, r"capabilities\.yaml:2: .*alias.*Write it out"),
    "key given twice": (
        "config",
        "config:\n  stack: embedded\n  stack: remote\n",
        r'config\.yaml:3: the key "stack" is given twice \(first on line 2\)',
    ),
    "wrong type of a list": (
        "capabilities",
        "capabilities:\n  sdk: go\n",
        r'capabilities\.yaml:2: capabilities\.sdk is "go", but a value of type array',
    ),
    "wrong type of a number": (
        "config",
        "config:\n  timeouts:\n    test: soon\n",
        r'config\.yaml:3: config\.timeouts\.test is "soon", but a value of type number',
    ),
    "number out of range": (
        "config",
        "config:\n  selection: {max_variants: 0}\n",
        r"config\.yaml:2: config\.selection\.max_variants is 0",
    ),
    "tab": (
        "config",
        "config:\n\tstack: embedded\n",
        r"config\.yaml:2:1: not valid YAML: .*'\\t'",
    ),
    "unknown key": (
        "config",
        "config:\n  stak: embedded\n",
        r'config\.yaml:1: .*stak is not a known key\. Did you mean "stack"\? Known: description',
    ),
    "unknown stack": (
        "config",
        "config:\n  stack: embeded\n",
        r'config\.yaml:2: config\.stack is "embeded".* Did you mean "embedded"',
    ),
    "empty": ("config", "", r"config\.yaml:1: the document is null, but a value of type object"),
    "unknown dimension": (
        "capabilities",
        "capabilities:\n  sdk: [go]\n  formt: [ztdf]\n",
        r'capabilities\.yaml:3: "formt" is not a dimension .* Did you mean "format"',
    ),
    "unknown value": (
        "capabilities",
        "capabilities:\n  sdk: [go]\n  format:\n    - ztdf\n    - ztdff\n",
        r'capabilities\.yaml:5: "ztdff" is not a value of format\. Did you mean "ztdf"',
    ),
    "any as a value": (
        "capabilities",
        "capabilities:\n  sdk: [any]\n",
        r'capabilities\.yaml:2: "any" stands in tags',
    ),
    "condition of an unknown dimension": (
        "policies",
        (
            "policies:\n  expected_skips:\n    - condition: \"formatt == 'ztdf'\"\n"
            "      reason: because it is so\n"
        ),
        r'policies\.yaml:3: .*"formatt" is unknown\. Did you mean "format"\? Known: ',
    ),
    "condition of an unknown value": (
        "policies",
        (
            "policies:\n  expected_skips:\n    - condition: \"format == 'ztdff'\"\n"
            "      reason: because it is so\n"
        ),
        r'policies\.yaml:3: .*format is never "ztdff"\. Did you mean "ztdf"',
    ),
    "condition that is code": (
        "policies",
        (
            "policies:\n  expected_skips:\n    - condition: \"__import__('os').system('true')\"\n"
            "      reason: because it is so\n"
        ),
        r"policies\.yaml:3: .*__import__.* is not allowed there",
    ),
    "impossible date": (
        "policies",
        (
            "policies:\n  waivers:\n    - {test: a, reason: because it is so, owner: me,"
            " issue: X-1, expires: 2030-02-30}\n"
        ),
        r'policies\.yaml:3: "2030-02-30" is not a date of the calendar',
    ),
    "date of another form": (
        "policies",
        "policies:\n  waivers:\n    - {test: a, reason: because it is so, expires: tomorrow}\n",
        r'policies\.yaml:3: .*expires is "tomorrow", but text of the form',
    ),
    "impossible base time": (
        "config",
        'config:\n  determinism:\n    base_time: "2030-13-01T00:00:00Z"\n',
        r'config\.yaml:3: "2030-13-01T00:00:00Z" is not a date',
    ),
    "waiver for an unknown dimension": (
        "policies",
        "policies:\n  waivers:\n    - {test: a, reason: because it is so, variant: skd=go}\n",
        r'policies\.yaml:3: "skd" is not a dimension .* Did you mean "sdk"',
    ),
    "unknown class of failure": (
        "policies",
        "policies:\n  severities: {policy_mismach: high}\n",
        r'policies\.yaml:2: .*policy_mismach is not a known key\. Did you mean "policy_mismatch"',
    ),
    "extends itself": (
        "config",
        "config:\n  extends: mine\n",
        r"config\.yaml:2: .*circle: mine extends mine\. Remove one",
    ),
    "extends nothing that is there": (
        "config",
        "config:\n  extends: mien\n",
        r'config\.yaml:2: There is no profile "mien"\. Did you mean "mine"',
    ),
    "nested too deeply": ("config", "[" * 20_000, r"config\.yaml: nested too deeply"),
    "ten megabytes": (
        "policies",
        "policies: {}\n" + "#" * 10 * 1024 * 1024,
        r"policies\.yaml: 1\d{7} bytes, where at most 2097152 are read",
    ),
}


@pytest.fixture(scope="module")
def shipped_catalog() -> Catalog:
    return catalogs.load(CATALOG)


def write(folder: Path, **changes: str) -> Path:
    mine = folder / "mine"
    mine.mkdir()
    for name, text in {**GOOD, **changes}.items():
        (mine / f"{name}.yaml").write_text(text)
    return mine


@pytest.mark.parametrize(("file", "text", "message"), BAD.values(), ids=list(BAD))
def test_a_bad_file_is_refused_in_one_message(
    file: str, text: str, message: str, tmp_path: Path, shipped_catalog: Catalog
) -> None:
    write(tmp_path, **{file: text})

    with pytest.raises(ConfigurationError, match=message) as caught:
        profiles.load(tmp_path, "mine", shipped_catalog)

    assert len(str(caught.value)) < 1_500
    assert "\n" not in str(caught.value).strip()


@pytest.mark.parametrize(("file", "text", "message"), BAD.values(), ids=list(BAD))
def test_the_command_line_says_the_same(
    file: str, text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = write(tmp_path, **{file: text})

    shown = cli.main(["profile", "show", str(mine)])
    told = capsys.readouterr()
    checked = cli.main(["profile", "check", str(mine)])
    listed = capsys.readouterr()

    assert shown == 2
    assert _matches(message, told.err)
    assert checked == 1
    assert _matches(message, listed.out)


def _matches(message: str, text: str) -> bool:
    return re.search(message, text) is not None and "Traceback" not in text


def test_good_files_are_good(tmp_path: Path) -> None:
    assert cli.main(["profile", "check", str(write(tmp_path))]) == 0


@pytest.mark.parametrize("count", [2, 3])
def test_a_circle_of_profiles_is_told_with_all_of_them(
    count: int, tmp_path: Path, shipped_catalog: Catalog
) -> None:
    names = [f"circle-{number}" for number in range(count)]
    for name, base in zip(names, [*names[1:], names[0]], strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(f"config:\n  extends: {base}\n")

    told = " extends ".join([*names, names[0]])
    with pytest.raises(ConfigurationError, match=rf"config\.yaml:2: .*circle: {told}\."):
        profiles.load(tmp_path, names[0], shipped_catalog)


def test_a_file_that_is_a_folder_or_not_text_or_unreadable_is_told(
    tmp_path: Path, shipped_catalog: Catalog
) -> None:
    mine = write(tmp_path)
    path = mine / "policies.yaml"

    path.write_bytes(b"policies: {}\n# caf\xe9\n")
    with pytest.raises(ConfigurationError, match=r"policies\.yaml: not UTF-8 text \(byte 18"):
        profiles.load(tmp_path, "mine", shipped_catalog)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match=r"policies\.yaml: cannot be read: Is a directory"):
        profiles.load(tmp_path, "mine", shipped_catalog)
    path.rmdir()
    path.symlink_to(path)
    with pytest.raises(ConfigurationError, match=r"policies\.yaml: cannot be read: Too many level"):
        profiles.load(tmp_path, "mine", shipped_catalog)


def test_a_file_without_read_permission_is_told(tmp_path: Path, shipped_catalog: Catalog) -> None:
    path = write(tmp_path) / "config.yaml"
    path.chmod(0)
    try:
        path.read_text()
    except PermissionError:
        with pytest.raises(ConfigurationError, match=r"config\.yaml: cannot be read: Permission"):
            profiles.load(tmp_path, "mine", shipped_catalog)
    else:  # the administrator may read everything
        assert stat.S_IMODE(path.stat().st_mode) == 0
        assert profiles.load(tmp_path, "mine", shipped_catalog).id == "mine"


def test_a_file_that_is_missing_is_named(tmp_path: Path, shipped_catalog: Catalog) -> None:
    (write(tmp_path) / "capabilities.yaml").unlink()

    with pytest.raises(ConfigurationError, match=r"capabilities\.yaml: there is no such file"):
        profiles.load(tmp_path, "mine", shipped_catalog)


CONTRADICTION = """\
  - {title: A, reason: because it is so, when: {format: nano}, require: {wrapping: rsa-2048}}
"""


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (
            CONTRADICTION,
            r'catalog\.yaml: no variant can have format=nano: .*:\d+: "NanoTDF is .*"A".*Mend one',
        ),
        (
            (
                "  - {title: A, reason: because it is so, when: {formt: nano},"
                " require: {format: ztdf}}\n"
            ),
            r'catalog\.yaml:\d+: constraint "A": "formt" is not a dim.*Did you mean "format"',
        ),
        (
            (
                "  - {title: A, reason: because it is so, when: {format: nanno},"
                " require: {format: ztdf}}\n"
            ),
            r'catalog\.yaml:\d+: constraint "A": "nanno" is not a value.*Did you mean "nano"',
        ),
        ("  - {title: A}\n", r"catalog\.yaml:\d+: constraints\.\d+ is .*it lacks reason, when"),
        ("  - nothing\n", r'catalog\.yaml:\d+: constraints\.\d+ is "nothing"'),
    ],
)
def test_a_bad_constraint_is_told(tmp_path: Path, added: str, message: str) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(CATALOG.read_text() + added)

    with pytest.raises(ConfigurationError, match=message):
        catalogs.load(path)


def test_behave_refuses_a_bad_profile_in_words_and_with_2(tmp_path: Path) -> None:
    shutil.copytree(PROFILES, tmp_path / "profiles")
    config = tmp_path / "profiles" / "no-kas" / "config.yaml"
    config.write_text(config.read_text().replace("stack: none", "stack: nothing"))

    record = process.run(
        [
            *(sys.executable, "-m", "behave", "--define", "profile=no-kas"),
            *("--define", f"profiles={tmp_path / 'profiles'}"),
        ],
        environment=build_environment(),
        time_limit_seconds=60,
        working_directory=ROOT,
    )

    assert record.exit_code == 2
    assert 'no-kas/config.yaml:3: config.stack is "nothing"' in record.stderr + record.stdout
    assert "Traceback" not in record.stderr + record.stdout


def test_a_profile_that_excludes_everything_is_not_green(tmp_path: Path) -> None:
    shutil.copytree(PROFILES, tmp_path / "profiles")
    config = tmp_path / "profiles" / "no-kas" / "config.yaml"
    config.write_text(config.read_text().replace("@cap:operation_mode=offline", "@nobody"))

    record = process.run(
        [
            *(sys.executable, "-m", "behave", "--define", "profile=no-kas"),
            *("--define", f"profiles={tmp_path / 'profiles'}"),
        ],
        environment=build_environment(),
        time_limit_seconds=60,
        working_directory=ROOT,
    )

    assert record.exit_code == 1
    assert "Nothing is selected" in record.stderr
    assert cli.main(["profile", "check", str(config.parent)]) == 1
