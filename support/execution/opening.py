"""Opening a run: the run folder, the stack, the sinks, and the header that says what comes."""

import secrets
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from support.artifacts.layout import safe
from support.artifacts.stored import MESSAGES, PRIVATE_FOLDER
from support.determinism.order import Order
from support.determinism.streams import FreshNames
from support.evidence import recovery
from support.evidence.facts import Context
from support.evidence.recorder import EvidenceRecorder
from support.execution import keeping
from support.execution.keeping import Kept
from support.execution.redacting import redact_files
from support.execution.run import Run
from support.execution.stacks import Opening, Stacks
from support.foundation import process
from support.foundation.dispatcher import Dispatcher
from support.foundation.errors import AcceptanceError, ConfigurationError, EnvironmentUnfitError
from support.foundation.http import HttpSession
from support.foundation.redaction import Redactor
from support.foundation.settings import (
    ROOT,
    Settings,
    child_environment,
    continuous_integration_commit,
)
from support.history.sink import HistorySink
from support.model.events import RunStarted, StackSummary
from support.model.sink import Sink
from support.model.unit import Unit
from support.planning.plan_file import profile_digest
from support.planning.preparation import Preparation
from support.platform.identity import Identity
from support.reporting.allure import AllureResults
from support.reporting.costs import FILE_NAME as COSTS
from support.reporting.costs import CostMeter
from support.reporting.messages import MessagesLog
from support.reporting.summary import Tally
from support.reporting.terminal import console as new_console
from support.sdk import faulty
from support.sdk.model import Sdk
from support.sdk.warm import WarmSdks
from support.services.locator import Services
from support.stack import faults, manager
from support.stack.components.readiness import require_same_clock
from support.stack.parts import parts_of
from support.stack.running import RunningStack
from support.stack.supervisor import State, Watch
from support.world.people import People

GIT_TIME_LIMIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Session:
    """An open run: what has to be closed again, and where its files are."""

    run_id: str
    run: Run
    sdks: WarmSdks
    dispatcher: Dispatcher
    redactor: Redactor
    tally: Tally
    costs: CostMeter
    folder: Path
    kept: Kept
    stack_logs: Path
    settings: Settings
    titles: Mapping[str, str]
    console: Console


def announce(units: Sequence[Unit], say: Callable[[str, str], None]) -> None:
    """Say how many units are selected, and what is planned for them."""
    counts = Counter(unit.expectation.disposition for unit in units)
    planned = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in sorted(counts.items()))
    say("units", f"{len(units)} selected: {planned}")


def header_line(label: str, text: str) -> None:
    """Print one line of the run's header."""
    line = f"{label:<10} {text}"
    new_console().print(line, highlight=False, soft_wrap=True, markup=False)


def open_session(
    preparation: Preparation, units: tuple[Unit, ...], order: Order, redactor: Redactor
) -> Session:
    """Make the run folder, bring up the stack, and tell the sinks that the run begins.

    Raises:
        ConfigurationError: the artifact folder cannot be written, or the run id is taken.
        StackError: the stack did not come up.
    """
    console = new_console()
    settings = preparation.settings
    run_id = settings.value("run_id") or _new_run_id()
    for line in recovery.recover_all(settings):
        console.print(line, style="yellow", highlight=False, soft_wrap=True, markup=False)
    folder = _run_folder(settings, run_id)
    kept = keeping.begin(folder, preparation.profile, settings)
    logs = settings.build / "stack" / safe(run_id)
    stack = _bring_up(preparation, logs, redactor, console)
    try:
        services = stack.services
        if services.stack == "remote":
            _sign_in(services)
        console.print(
            f"{'platform':<10} {services.platform_url or 'none'} ({stack.how})\n"
            f"{'evidence':<10} {folder}\n",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )

        def warn(message: str) -> None:
            console.print(message, style="red", markup=False)

        tally, costs = Tally(), CostMeter(folder / COSTS)
        stacks = Stacks.of_run(
            stack,
            _opening(preparation, stack, run_id, redactor, console),
            [unit for unit in units if unit.expectation.disposition == "run"],
        )
        dispatcher = Dispatcher(
            [
                tally,
                costs,
                *_remembered(preparation, services, warn),
                *_files(preparation, folder, redactor),
            ],
            redactor,
            report=warn,
            spill_folder=settings.build / "unwritten" / safe(run_id),
        )
        sdks = WarmSdks(_sdks(preparation, logs), _uses(settings, units), logs)
        run = Run(preparation.plan, stacks, sdks, dispatcher, redactor, run_id=run_id)
        dispatcher.emit(_run_started(preparation, run_id, stack, units, order))
        _require_evidence(dispatcher, folder)
    except BaseException:
        stack.stop()
        redact_files(logs, redactor)
        raise
    return Session(
        run_id=run_id,
        run=run,
        sdks=sdks,
        dispatcher=dispatcher,
        redactor=redactor,
        tally=tally,
        costs=costs,
        folder=folder,
        kept=kept,
        stack_logs=logs,
        settings=settings,
        titles=preparation.titles,
        console=console,
    )


def _bring_up(
    preparation: Preparation, logs: Path, redactor: Redactor, console: Console
) -> RunningStack:
    """Bring up the profile's stack.

    Its processes write their logs themselves, for nobody else to read; they are redacted when they
    have ended.
    """
    logs.mkdir(parents=True, exist_ok=True)
    logs.chmod(stat.S_IRWXU)
    stack = preparation.profile.stack
    try:
        return manager.bring_up(stack, preparation.settings, logs, _progress(console))
    except BaseException:
        redact_files(logs, redactor)
        raise


def _files(preparation: Preparation, folder: Path, redactor: Redactor) -> tuple[Sink, ...]:
    """Return what writes the files of a run's folder.

    The evidence is closed last: a run whose evidence is closed may be sealed, so all has to be
    there by then.
    """
    context = Context(
        titles=preparation.titles,
        sources={path: redactor.text(text) for path, text in preparation.sources.items()},
        profile_digest=profile_digest(preparation.profile),
    )
    return (
        MessagesLog(folder / MESSAGES, context.sources, version("opentdf-acceptance")),
        AllureResults(folder / "allure-results", preparation.titles),
        EvidenceRecorder(folder, context),
    )


def _require_evidence(dispatcher: Dispatcher, folder: Path) -> None:
    """Refuse to run what would leave no evidence.

    Raises:
        EnvironmentUnfitError: what is planned could not be written.
    """
    problem = dispatcher.failures.get(EvidenceRecorder.name)
    if problem is not None:
        raise EnvironmentUnfitError(
            f"{folder}: the plan of the run could not be written ({problem}), and without it "
            "nobody could tell whether evidence is missing. Make room, and run again."
        )


def _sdks(preparation: Preparation, folder: Path) -> tuple[Sdk, ...]:
    """Return the SDKs of a run: the faulty shim around each, where a fault of it was asked for."""
    fault = faults.asked_for(preparation.settings).shim
    if not fault:
        return preparation.sdks
    return tuple(faulty.wrapped(sdk, fault, folder) for sdk in preparation.sdks)


def _uses(settings: Settings, units: Iterable[Unit]) -> Counter[str]:
    """Return how many units name each value, such as an SDK, that may be kept loaded for them.

    Raises:
        ConfigurationError: the setting says neither on nor off.
    """
    asked = settings.value("warm_sdks")
    if asked not in {"on", "off"}:
        raise ConfigurationError(f"--define warm_sdks={asked}: expected on or off.")
    if asked == "off":
        return Counter()
    return Counter(
        value
        for unit in units
        if unit.expectation.disposition == "run"
        for value in {capability.value for capability in unit.variant}
    )


def _progress(console: Console) -> Watch:
    """Return what tells how the components of a stack come up, one line each."""
    begun = time.monotonic()

    def watch(component: str, state: State) -> None:
        if state in {"ready", "failed"}:
            after = f"{time.monotonic() - begun:.1f} s"
            console.print(
                f"{'stack':<10} {component} {state} after {after}", highlight=False, markup=False
            )

    return watch


def _opening(
    preparation: Preparation,
    stack: RunningStack,
    run_id: str,
    redactor: Redactor,
    console: Console,
) -> Opening:
    """Return how stacks are opened for the units of a run."""
    profile = preparation.profile
    opened: Counter[str] = Counter()

    def people(of: RunningStack) -> People:
        whose = " ".join(("people", *of.options))
        opened[whose] += 1
        # Several runs of one id, such as shards, may share a platform that outlives them.
        mark = "" if of.fresh else f"{run_id} {secrets.token_hex(4)}"
        return People(
            profile.roles,
            of.services,
            profile.namespace_prefix,
            allow_writes=profile.allow_writes,
            fresh=FreshNames(profile.seed, whose, mark, attempt=opened[whose]),
        )

    def say(line: str) -> None:
        console.print(
            redactor.text(line), style="yellow", highlight=False, soft_wrap=True, markup=False
        )

    return Opening(
        variant=lambda options: manager.variant(stack, options),
        people=people,
        learn=redactor.learn,
        say=say,
        may_restart=profile.allow_restart,
        ahead=preparation.settings.get("until_failure") is None,
    )


def _remembered(
    preparation: Preparation, services: Services, warn: Callable[[str], None]
) -> tuple[HistorySink, ...]:
    """Return the history; what fails by a fault that was asked for is none."""
    if services.faults:
        return ()
    return (HistorySink(preparation.settings.history, preparation.digests, warn),)


def _sign_in(services: Services) -> None:
    """Make sure once, before anything runs, that every role of an adopted platform can sign in.

    Raises:
        EnvironmentUnfitError: the identity provider refuses a role, does not answer, or has
            another time.
    """
    session = HttpSession(
        observer=lambda record: require_same_clock(record.url, record.response_headers),
        networks=services.networks,
    )
    identity = Identity(session, services)
    try:
        for role in services.roles:
            identity.token(role)
    finally:
        session.close()


def _new_run_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _run_folder(settings: Settings, run_id: str) -> Path:
    if safe(run_id) != run_id:
        raise ConfigurationError(
            f"The run id {run_id!r} cannot be a folder name. Use letters, digits, '.', '_' and '-'."
        )
    folder = settings.artifacts / run_id
    origin = settings.get("artifacts")
    source = origin.origin if origin else "default"
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True)
        probe = folder / ".writable"
        probe.write_bytes(b"evidence has to fit here")
        probe.unlink()
    except FileExistsError:
        raise ConfigurationError(
            f"The run folder {folder} exists already. Evidence is never overwritten: choose "
            "another --define run_id=…, or leave it out."
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The run folder {folder} cannot be written ({error.strerror}). It comes from the "
            f"setting `artifacts` ({source}). Make it writable, free space, or set another "
            "--define artifacts=…"
        ) from error
    return folder


def _run_started(
    preparation: Preparation,
    run_id: str,
    stack: RunningStack,
    units: tuple[Unit, ...],
    order: Order,
) -> RunStarted:
    services = stack.services
    return RunStarted(
        at=datetime.now(UTC),
        run_id=run_id,
        profile_id=preparation.profile.id,
        commit_sha=continuous_integration_commit() or _checked_out_commit(),
        stack=StackSummary(
            name=services.stack,
            platform_url=services.platform_url,
            platform_version=services.platform_version,
            faults=services.faults,
            components=parts_of(stack, preparation.settings),
        ),
        inventory=preparation.plan.inventory,
        units=units,
        seed=preparation.profile.seed,
        order=str(order),
    )


def _checked_out_commit() -> str:
    try:
        record = process.run(
            ["git", "-C", ROOT, "rev-parse", "HEAD"],
            environment=child_environment(),
            time_limit_seconds=GIT_TIME_LIMIT_SECONDS,
        )
    except AcceptanceError:
        return "unknown"
    return record.stdout.strip() if record.exit_code == 0 else "unknown"
