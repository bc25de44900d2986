"""Installing the bundled shims from `tools/sdk/` into a search root.

A shim is built only when what it is made of has changed. A machine that cannot build one is told
why and what to do; that is a value, for the run goes on without this SDK.
"""

import hashlib
import re
import shutil
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from support.foundation.errors import ConfigurationError, EnvironmentUnfitError
from support.foundation.process import find_program, run
from support.foundation.settings import ROOT, build_environment, cache_folder, search_path
from support.foundation.text import did_you_mean, listed, tail
from support.sdk.discovery import BUILT_SDKS
from support.sdk.model import CLI_NAME, SERVE_NAME, Sdk

SOURCES = ROOT / "tools" / "sdk"
CARGO_TARGET = cache_folder() / "cargo"  # three minutes of work that every checkout can share
BUILD_TIME_LIMIT_SECONDS = 1800.0
PROGRESS_SECONDS = 10.0

_STAMP = ".made-of"
_EARLY = "0.4"  # of the Go SDK: versions that lack what early.go makes up for
_NO_NETWORK = re.compile(
    r"(?i)dial tcp|no such host|could not resolve|failed to download|connection refused|i/o timeout"
    r"|tls handshake|spurious network error|proxyconnect"
)

Progress = Callable[[str], None]
Build = Callable[[Path, Progress], str | None]
"""Fills a folder with a shim; returns what went wrong, or None."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The shim is in place; `seconds` is 0 when it already was."""

    sdk: Sdk
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The shim could not be built here: why, and what to do about it."""

    language: str
    reason: str
    remedy: str


def install(
    language: str, destination: Path = BUILT_SDKS, progress: Progress = lambda _line: None
) -> Installed | LeftOut:
    """Build the bundled shim of a language, unless it is there and nothing has changed.

    Args:
        language: one of `BUNDLED`, or such as `go@v0.31.0` for one of `earlier_versions`.
        destination: the search root that receives `<language>/dist/<version>/`.
        progress: gets a line before, during and after whatever takes long.

    Raises:
        ConfigurationError: no shim is bundled for this language.
    """
    language, at, wanted = language.partition("@")
    recipe = _RECIPES.get(language)
    if recipe is not None and at and wanted != f"v{recipe.version()}":
        recipe = _earlier(language, wanted)
    if recipe is None:
        raise ConfigurationError(
            f'No SDK shim is bundled for "{language}".{did_you_mean(language, _RECIPES)} '
            f"Bundled: {listed(_RECIPES)}. Other SDKs come from an xtest tree: name it in "
            "ACCEPTANCE_SDK_ROOTS."
        )
    version, made_of = f"v{recipe.version()}", recipe.made_of()
    sdk = Sdk(language, version, destination / language / "dist" / version, str(destination))
    if _is_up_to_date(sdk, made_of):
        return Installed(sdk)
    if recipe.program and find_program(recipe.program, search_path()) is None:
        return LeftOut(language, f"`{recipe.program}` is not on the PATH", recipe.remedy)
    return _build(sdk, recipe, made_of, progress)


def earlier_versions() -> tuple[str, ...]:
    """Return the versions of the Go SDK that its shim can be built with beside the current one."""
    return tuple(sorted(path.name for path in (SOURCES / "go" / "versions").iterdir()))


def _earlier(language: str, version: str) -> "_Recipe":
    if language != "go" or version not in earlier_versions():
        raise ConfigurationError(
            f'"{language}@{version}" cannot be built here. Beside the current versions there are: '
            f"{listed(f'go@{each}' for each in earlier_versions())}."
        )
    return replace(
        _RECIPES["go"],
        version=lambda: version.removeprefix("v"),
        build=lambda workshop, progress: _build_go(workshop, progress, version),
    )


def _is_up_to_date(sdk: Sdk, made_of: str) -> bool:
    stamp = sdk.directory / _STAMP
    return sdk.cli.is_file() and stamp.is_file() and stamp.read_text("utf-8") == made_of


def _build(sdk: Sdk, recipe: "_Recipe", made_of: str, progress: Progress) -> Installed | LeftOut:
    """Build beside the final place and move it there, so that half a build is never found."""
    begun = time.monotonic()
    workshop = sdk.directory.with_name(f".{sdk.version}.new")
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    try:
        problem = recipe.build(workshop, progress)
        if problem is not None:
            return LeftOut(sdk.language, problem, recipe.remedy)
        (workshop / _STAMP).write_text(made_of, "utf-8")
        shutil.rmtree(sdk.directory, ignore_errors=True)
        workshop.rename(sdk.directory)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return Installed(sdk, time.monotonic() - begun)


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How one shim is built.

    Attributes:
        version: gives the version of the SDK, which names the folder.
        made_of: gives a digest of everything that the result depends on.
        program: what must be on the PATH; empty for none.
    """

    version: Callable[[], str]
    made_of: Callable[[], str]
    build: Build
    program: str
    remedy: str


def _python_version() -> str:
    return metadata.version("otdf-python")


def _python_libraries() -> list[str]:
    paths = sysconfig.get_paths()
    return sorted({paths["purelib"], paths["platlib"]})


def _build_python(workshop: Path, _progress: Progress) -> None:
    for name in (CLI_NAME, "cli.py", SERVE_NAME, "ask.py", "warm.py"):
        shutil.copy2(SOURCES / "python" / name, workshop / name)
    (workshop / "interpreter").write_text(f"{sys.executable}\n", "utf-8")
    (workshop / "library").write_text("\n".join(_python_libraries()) + "\n", "utf-8")


def _build_go(workshop: Path, progress: Progress, version: str = "") -> str | None:
    """Build the shim with the version of `go.mod`, or with an earlier one that has its own."""
    chosen = (f"-modfile=versions/{version}/go.mod",) if version else ()
    if version.startswith(f"v{_EARLY}."):
        chosen = (*chosen, "-tags=sdk0_4")
    problem = _compile(
        f"the Go SDK shim {version} (about a minute the first time)".replace("  ", " "),
        (
            "go",
            "build",
            *chosen,
            "-trimpath",
            "-ldflags=-s -w",
            "-o",
            str(workshop / "opentdf-go-shim"),
            ".",
        ),
        SOURCES / "go",
        # The SDK asks for a newer Go than most machines have: `auto` lets Go fetch it.
        {"GOTOOLCHAIN": "auto", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -buildvcs=false"},
        progress,
    )
    shutil.copy2(SOURCES / "go" / CLI_NAME, workshop / CLI_NAME)
    return problem


def _build_rust(workshop: Path, progress: Progress) -> str | None:
    problem = _compile(
        "the Rust SDK shim (about three minutes the first time)",
        ("cargo", "build", "--release", "--locked"),
        SOURCES / "rust",
        {"CARGO_TARGET_DIR": str(CARGO_TARGET)},
        progress,
    )
    if problem is None:
        shutil.copy2(CARGO_TARGET / "release" / "opentdf-rust-shim", workshop)
        shutil.copy2(SOURCES / "rust" / CLI_NAME, workshop / CLI_NAME)
    return problem


def _compile(
    what: str,
    command: tuple[str, ...],
    folder: Path,
    variables: Mapping[str, str],
    progress: Progress,
) -> str | None:
    """Run a compiler at low priority; return what went wrong, or None."""
    nice = find_program("nice", search_path())
    polite = (str(nice), "-n", "10", *command) if nice else command
    with _reporting(what, progress):
        try:
            record = run(
                polite,
                environment={**build_environment(), **variables},
                time_limit_seconds=BUILD_TIME_LIMIT_SECONDS,
                working_directory=folder,
            )
        except EnvironmentUnfitError as error:
            return str(error)
    if record.exit_code == 0:
        return None
    output = tail(record.stdout + record.stderr)
    if _NO_NETWORK.search(output):
        return f"`{' '.join(command)}` could not download what it needs: {output}"
    return f"`{' '.join(command)}` failed with exit code {record.exit_code}: {output}"


@contextmanager
def _reporting(what: str, progress: Progress) -> Iterator[None]:
    """Say that something begins, and from time to time that it goes on."""
    begun, done = time.monotonic(), threading.Event()

    def elapsed() -> str:
        return f"{time.monotonic() - begun:.0f} s"

    def tell() -> None:
        while not done.wait(PROGRESS_SECONDS):
            progress(f"… still building {what}, {elapsed()}")

    progress(f"Building {what} …")
    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _version_in(path: Path, pattern: str) -> str:
    found = re.search(pattern, path.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise ConfigurationError(
            f"{path} does not name the SDK's version. Expected a line that matches {pattern}."
        )
    return found[1]


def _digest(folder: Path, *more: str) -> str:
    """Return a digest of the sources in a folder, and of whatever else the result depends on."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not {"__pycache__", "target"} & set(path.parts):
            digest.update(f"\0{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


_RECIPES: Mapping[str, _Recipe] = {
    "python": _Recipe(
        version=_python_version,
        made_of=lambda: _digest(SOURCES / "python", sys.executable, *_python_libraries()),
        build=_build_python,
        program="",
        remedy="",
    ),
    "go": _Recipe(
        version=lambda: _version_in(
            SOURCES / "go" / "go.mod", r"^\s*github\.com/opentdf/platform/sdk v(\S+)"
        ),
        made_of=lambda: _digest(SOURCES / "go"),
        build=_build_go,
        program="go",
        remedy="Install Go 1.21 or newer (https://go.dev/dl) and let it reach its module proxy, "
        "then run `acceptance sdk install go`.",
    ),
    "rust": _Recipe(
        version=lambda: _version_in(SOURCES / "rust" / "Cargo.toml", r'^opentdf = "=(\S+)"'),
        made_of=lambda: _digest(SOURCES / "rust"),
        build=_build_rust,
        program="cargo",
        remedy="Install Rust 1.91 or newer (https://rustup.rs) and a C compiler, let cargo reach "
        "crates.io, then run `acceptance sdk install rust`.",
    ),
}

BUNDLED: tuple[str, ...] = tuple(_RECIPES)
"""The languages whose shims come with this project."""
