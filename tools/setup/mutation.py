"""Mutates the decision, KAS and token modules of the embedded platform: `make mutation`.

mutmut, in the versions of `mutation.lock`, works on a copy of the project below `build/mutation`
and goes on where it was interrupted. docs/mutation.md says what its survivors mean.

    python tools/setup/mutation.py                            all modules
    python tools/setup/mutation.py "support.embedded.tokens*" some mutants
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "build" / "mutation"
SITE, WORK = HERE / "site", HERE / "work"
LOCK = ROOT / "tools" / "setup" / "mutation.lock"
COPIED = ("support", "schemas", "tests/embedded", "tests/conftest.py", "features/faults.yaml")
BIN = Path(sys.executable).parent


def main(wanted: Sequence[str]) -> int:
    """Mutate, and print how many mutants of each module ended how, and who survived."""
    _install()
    _copy()
    code = _mutmut("run", "--max-children", "2", *wanted)
    listed = _mutmut_output("results", "--all", "true").splitlines()
    results = [line.strip().rpartition(": ")[::2] for line in listed if ": " in line]
    by_module = Counter((name.split(".x")[0], status) for name, status in results)
    for (module, status), count in sorted(by_module.items()):
        print(f"{module}  {status}: {count}")
    for name, status in results:
        if status not in {"killed", "not checked"}:
            print(f"\n{status}: {name}\n{_mutmut_output('show', name)}")
    return code


def _install() -> None:
    """Install mutmut beside the project, not into it: it brings more than all our tests need."""
    stamp = SITE / ".made-of"
    if stamp.is_file() and stamp.read_text() == LOCK.read_text():
        return
    shutil.rmtree(SITE, ignore_errors=True)
    command: list[str | Path] = [
        BIN / "uv",
        "pip",
        "install",
        "-q",
        "--target",
        SITE,
        "--require-hashes",
        "-r",
        LOCK,
    ]
    subprocess.run(command, check=True)
    stamp.write_text(LOCK.read_text())


def _copy() -> None:
    """Copy what the tests of the embedded platform need; mutants and results stay."""
    for name in COPIED:
        source, target = ROOT / name, WORK / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    shutil.copy2(ROOT / "pyproject.toml", WORK / "pyproject.toml")
    shutil.copy2(ROOT / "tools" / "setup" / "mutation.cfg", WORK / "setup.cfg")


def _mutmut(*arguments: str) -> int:
    return subprocess.run(
        _command(*arguments), cwd=WORK, env=_environment(), check=False
    ).returncode


def _mutmut_output(*arguments: str) -> str:
    command = _command(*arguments)
    return subprocess.run(
        command, cwd=WORK, env=_environment(), check=False, capture_output=True, text=True
    ).stdout


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mutmut", *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SITE)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
