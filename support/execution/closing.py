"""Closing a run: the last events, the stack, the summary."""

import json
import shutil
from datetime import UTC, datetime

from support.artifacts.stored import MESSAGES
from support.evidence import sealing
from support.execution.opening import Session
from support.execution.redacting import redact_files
from support.foundation.errors import AcceptanceError
from support.foundation.files import write_atomically
from support.model.events import RunFinished
from support.reporting import summary
from support.reporting.costs import FILE_NAME as COSTS


def close_session(session: Session, *, interrupted: bool) -> bool:
    """End a run in order and print its summary; return whether it is red."""
    try:
        _end_stacks(session)
        session.dispatcher.emit(RunFinished(datetime.now(UTC), session.run_id, interrupted))
    finally:
        session.dispatcher.close()
    session.tally.sink_failures.update(session.dispatcher.failures)
    _seal(session)
    session.kept.finish(lambda message: session.console.print(message, style="red", markup=False))
    summary.render(
        session.console, session.tally, session.titles, _where(session), session.costs.report
    )
    red = bool(session.tally.problems())
    record = {
        **session.tally.as_data(),
        "run_id": session.run_id,
        "folder": str(session.folder),
    }
    last_run = session.settings.build / "last-run.json"
    write_atomically(last_run, json.dumps(record, indent=2) + "\n")
    if red:
        redact_files(session.stack_logs, session.redactor)
    else:
        shutil.rmtree(session.stack_logs, ignore_errors=True)
    return red


def _end_stacks(session: Session) -> None:
    """End what the run started, and tell what it leaves behind."""
    session.sdks.close()
    for entry in session.run.stacks.close():
        text = f"left behind: {session.redactor.text(entry)}"
        session.console.print(text, style="red", markup=False, soft_wrap=True)


def _seal(session: Session) -> None:
    """Attest the run's evidence; a run that cannot be attested is not green."""
    try:
        sealing.seal(session.folder, session.settings)
    except (AcceptanceError, OSError) as error:
        session.tally.sink_failures["attestation"] = f"{type(error).__name__}: {error}"


def _where(session: Session) -> list[tuple[str, str]]:
    return [
        ("evidence", str(session.folder)),
        ("events", str(session.folder / MESSAGES)),
        ("costs", f"{session.folder / COSTS} (`acceptance report --costs`)"),
        ("allure", f"{session.folder / 'allure-results'} (`acceptance report` renders it)"),
    ]
