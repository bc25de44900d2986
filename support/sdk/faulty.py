"""Putting the faulty shim around an SDK, for a run that was asked to break a promise on purpose."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

from support.foundation.settings import ROOT
from support.sdk.model import Sdk
from support.sdk.xtest_tree import runnable

FAULT = "ACCEPTANCE_SHIM_FAULT"
REAL = "ACCEPTANCE_SHIM_REAL"
PROGRAM = "support.proving.shim"

_SCRIPT = """\
#!/bin/sh
# A FAULTY SHIM around the real SDK, made for one run with --define fault={fault}.
[ "$1" = supports ] && exec {real} "$@"
{fault_variable}={fault} {real_variable}={real} PYTHONPATH={root} exec {python} -m {program} "$@"
"""


def wrapped(sdk: Sdk, fault: str, folder: Path) -> Sdk:
    """Return an SDK of the same name that breaks a promise.

    Args:
        sdk: the real one, which does the work.
        fault: one that the shim knows.
        folder: that of the run; nothing outside it is touched.
    """
    directory = folder / "faulty-sdk" / sdk.language / "dist" / sdk.version
    directory.mkdir(parents=True, exist_ok=True)
    made = replace(sdk, directory=directory, origin=str(folder / "faulty-sdk"))
    script = _SCRIPT.format(
        fault=shlex.quote(fault),
        real=shlex.quote(str(runnable(sdk).absolute())),
        fault_variable=FAULT,
        real_variable=REAL,
        root=shlex.quote(str(ROOT)),
        python=shlex.quote(sys.executable),
        program=PROGRAM,
    )
    made.cli.write_text(script, encoding="utf-8")
    made.cli.chmod(0o755)
    return made
