"""Create `.venv` from `requirements.lock`, or do nothing when it is up to date.

Runs on a bare Python before anything is installed, so it uses the standard library only.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "installed-from.sha256"
LOCK = ROOT / "requirements.lock"
INSTALLER = "uv==0.13.9"  # installs the locked set several times faster than pip
OLDEST_PYTHON = (3, 11)


def main() -> int:
    """Install what the lock file names; return a process exit code."""
    python = _suitable_python()
    if python is None:
        return _complain(
            f"OpenTDF Acceptance needs Python 3.11 or newer; this is {sys.version.split()[0]} "
            f"({sys.executable}) and no python3.11 to python3.14 is on the PATH. Install one, or "
            "run `make PYTHON=/path/to/python3.12 …`."
        )
    if python != sys.executable:
        return subprocess.run([python, __file__], check=False).returncode
    wanted = _digest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    print(f"Setting up .venv with Python {sys.version.split()[0]} from {LOCK.name} …", flush=True)
    try:
        _install()
    except subprocess.CalledProcessError as error:
        return _complain(
            f"Set-up failed: `{' '.join(map(str, error.cmd))}` ended with {error.returncode}. Its "
            "output is above; check the network or pip's package index settings, then run make "
            "again."
        )
    STAMP.write_text(wanted)
    return 0


def _complain(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


def _suitable_python() -> str | None:
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    return next(filter(None, (shutil.which(f"python3.{n}") for n in (13, 12, 14, 11))), None)


def _digest() -> str:
    """Return a digest of everything that the environment is made from; tool settings are not."""
    import tomllib  # noqa: PLC0415 -- the module must import on a Python too old for it

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = (sys.version, ENVIRONMENT, project, LOCK.read_text(encoding="utf-8"))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _install() -> None:
    """Install with uv, and with pip where uv is not to be had or does not get through.

    uv does not read pip's own configuration, so on some machines only pip finds the packages.
    """
    if ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    venv.create(ENVIRONMENT, with_pip=True)
    python = str(ENVIRONMENT / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # Compiled once here; else each program would do it anew where Python may not write bytecode.
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    lock = ["--require-hashes", "-r", str(LOCK)]
    attempts = ([*pip, INSTALLER], [*uv, *lock])
    fast = all(
        subprocess.run(attempt, check=False, capture_output=True).returncode == 0
        for attempt in attempts
    )
    if not fast:
        print("Installing with pip, which takes a little longer …", flush=True)
        subprocess.run([*pip, *lock], check=True)
    # By pip: uv builds with the first python3 beside the one in use, which may be an old one.
    subprocess.run([*pip, "--no-deps", "--editable", str(ROOT)], check=True)


if __name__ == "__main__":
    sys.exit(main())
