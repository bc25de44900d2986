"""Run a command and note the most memory that it, or a child that it waited for, ever had.

    python peak.py <file> <program> <arguments…>

The file gets one more line, in bytes; the exit code is the command's. It stands alone: a wrapper
that imported half a library would be what is measured.
"""

import os
import sys
from pathlib import Path

_KIBIBYTE = 1024
_MACOS = "darwin"


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code, or that of a shell for a signal."""
    noted, *command = arguments
    child = os.posix_spawn(command[0], command, os.environ)  # noqa: TID251 -- passed on as it is
    _, status, usage = os.wait4(child, 0)
    # Linux counts in kibibytes (getrusage(2)), macOS in bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == _MACOS else _KIBIBYTE)
    with Path(noted).open("a", encoding="utf-8") as file:
        file.write(f"{peak}\n")
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
