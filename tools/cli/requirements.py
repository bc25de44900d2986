"""`acceptance requirements`: what is proved of each requirement, by ours and by peers."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from support.foundation.files import write_atomically
from support.foundation.settings import ROOT
from support.model.spec import Spec
from support.model.unit import Unit
from support.planning import coverage, coverage_page, preparation
from support.planning.coverage import Coverage
from support.planning.forecast import inventory_here, read_documents
from support.planning.planner import plan
from support.planning.selection import Criteria
from support.reporting.terminal import console as new_console
from support.specs import peers as peer_registry
from support.specs import reader, requirements
from support.specs.peers import Peer
from tools.cli.exit_codes import EXIT_GREEN, EXIT_RED

FEATURES = ROOT / "features"
PEERS = FEATURES / "peers.yaml"
PAGE = ROOT / "docs" / "requirements.md"


def run(options: argparse.Namespace) -> int:
    """Carry out what was asked and return the exit code."""
    registry = requirements.load(preparation.REQUIREMENTS)
    peers = peer_registry.load(PEERS)
    documents = read_documents(FEATURES)
    scenarios = {name for document in documents for name in reader.scenario_names(document)}
    wrong = peer_registry.problems(peers, scenarios, {entry.id for entry in registry})
    if wrong:
        sys.stderr.write("\n".join(wrong) + "\n")
        return EXIT_RED
    specs = tuple(spec for document in documents for spec in reader.specs_of(document))
    units = _units(options.profile, specs) if options.profile else ()
    found = coverage.of_requirements(registry, specs, peers, units)
    if options.write or options.check:
        return _page(coverage_page.render(found, peers), check=options.check)
    if options.json:
        print(json.dumps([as_json(entry) for entry in found], indent=2))  # noqa: T201
    else:
        _show(found, peers, with_units=bool(options.profile))
    return EXIT_GREEN


def _units(profile_id: str, specs: Sequence[Spec]) -> Sequence[Unit]:
    """Return the units that a profile plans on this machine."""
    configuration = preparation.configure({"profile": profile_id})
    profile, catalog = configuration.profile, configuration.catalog
    inventory = inventory_here(configuration.settings, profile, catalog)
    criteria = (Criteria.of_profile(profile.selection, profile.id),)
    basis = preparation.basis_of(configuration, inventory, criteria)
    return plan(specs, basis).units


def as_json(entry: Coverage) -> Mapping[str, Any]:
    """Return one requirement's coverage for machines."""
    return {
        "requirement": entry.requirement.id,
        "title": entry.requirement.title,
        "risk": entry.requirement.risk,
        "scenarios": {path: list(names) for path, names in entry.scenarios.items()},
        "examples": entry.examples,
        "units": dict(entry.units),
        "peers": [
            {
                "peer": case.peer,
                "case": case.name,
                "proved_by": list(case.proved_by),
                "reason": case.reason,
            }
            for case in entry.peers
        ],
        "gap": entry.gap,
    }


def _page(text: str, *, check: bool) -> int:
    if not check:
        write_atomically(PAGE, text)
        return EXIT_GREEN
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return EXIT_GREEN
    sys.stderr.write(
        f"{PAGE} does not tell what the features prove now. Run `acceptance requirements --write` "
        "and commit the result.\n"
    )
    return EXIT_RED


def _show(found: Sequence[Coverage], peers: Sequence[Peer], *, with_units: bool) -> None:
    heads = ["requirement", "title", "risk", "scenarios", "examples"]
    heads += ["units to run", "skipped"] if with_units else []
    table = Table(*heads, *(peer.id for peer in peers), "gap")
    for entry in found:
        requirement = entry.requirement
        cells = [requirement.id, requirement.title, requirement.risk, _number(entry.count)]
        cells.append(_number(entry.examples))
        if with_units:
            cells += [_number(entry.units.get(kind, 0)) for kind in ("run", "skip")]
        cells += [_number(sum(case.peer == peer.id for case in entry.peers)) for peer in peers]
        table.add_row(*cells, entry.gap, style="yellow" if entry.gap else "")
    new_console().print(table)


def _number(count: int) -> str:
    return str(count or "")
