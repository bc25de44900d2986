"""`python -m support.proving.shim <command> <source> <destination> <format>`: the faulty shim."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from support.foundation.settings import build_environment
from support.foundation.text import listed
from support.proving.shim.call import Call, Result
from support.proving.shim.reading import BOTH, READERS
from support.proving.shim.writing import WRITERS
from support.sdk.faulty import FAULT, REAL

WATERMARK = "FAULTY SDK SHIM: a promise is broken on purpose\n"
FAULTS = {**WRITERS, **READERS, **BOTH}
_WORDS = 4
_OURS = frozenset({FAULT, REAL, "PYTHONPATH"})


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what the contract asks for, with one fault; return the exit code."""
    fault, real = environment.get(FAULT, ""), environment.get(REAL, "")
    if fault not in FAULTS or not real or len(arguments) != _WORDS:
        sys.stderr.write(
            f"The faulty SDK shim breaks a promise on purpose, so it is started by `--define "
            f"fault=…` alone, which sets {FAULT} and {REAL}. Known faults: {listed(FAULTS)}.\n"
        )
        return 2
    command, source, destination, container_format = arguments
    kept = {name: text for name, text in environment.items() if name not in _OURS}
    call = Call(Path(real), command, Path(source), Path(destination), container_format, kept)
    result = _behaviour(command, fault)(call)
    sys.stdout.write(result.stdout)
    sys.stderr.write(WATERMARK + result.stderr)
    return result.exit_code


def _behaviour(command: str, fault: str) -> Callable[[Call], Result]:
    known = {**BOTH, **(WRITERS if command == "encrypt" else READERS)}
    return known.get(fault, Call.run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], build_environment()))
