"""The registry of peers: what they prove, case by case, and which of our scenarios do as well."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.foundation.documents import load_yaml
from support.foundation.errors import ConfigurationError
from support.foundation.text import did_you_mean


@dataclass(frozen=True, slots=True)
class PeerCase:
    """One scenario or test function of a peer.

    Attributes:
        requirement: the requirement that it is about; empty where it is about none of ours.
        proved_by: the names of our scenarios that prove the same.
        reason: why nothing of ours does; empty where something does.
        where: file and line.
    """

    peer: str
    name: str
    requirement: str
    proved_by: tuple[str, ...]
    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A suite of somebody else's.

    Attributes:
        version: the commit that was read.
    """

    id: str
    title: str
    version: str
    cases: tuple[PeerCase, ...]


def load(path: Path) -> tuple[Peer, ...]:
    """Load the registry of peers, in its own order.

    Raises:
        ConfigurationError: see `support.foundation.documents.load_yaml`; also a case given twice.
    """
    document = load_yaml(path, "peers")
    peers, known = [], dict[tuple[str, str], str]()
    for number, entry in enumerate(document.value["peers"]):
        cases = []
        for index, case in enumerate(entry["cases"]):
            place = document.where(("peers", number, "cases", index))
            first = known.setdefault((entry["id"], case["case"]), place)
            if first != place:
                raise ConfigurationError(
                    f'{place}: "{case["case"]}" is listed twice (first at {first}). Remove one.'
                )
            cases.append(
                PeerCase(
                    peer=entry["id"],
                    name=case["case"],
                    requirement=case.get("requirement", ""),
                    proved_by=tuple(case.get("proved_by", ())),
                    reason=case.get("reason", ""),
                    where=place,
                )
            )
        peers.append(Peer(entry["id"], entry["title"], entry["version"], tuple(cases)))
    return tuple(peers)


def problems(
    peers: Sequence[Peer], scenarios: Collection[str], requirements: Collection[str]
) -> tuple[str, ...]:
    """Return what is wrong with the registry, one line each.

    Args:
        peers: as loaded.
        scenarios: the names of all scenarios; outlines by the name that their file gives.
        requirements: the ids of all requirements.
    """
    return tuple(
        problem
        for peer in peers
        for case in peer.cases
        for problem in _problems(case, scenarios, requirements)
    )


def _problems(
    case: PeerCase, scenarios: Collection[str], requirements: Collection[str]
) -> list[str]:
    found = []
    if case.requirement and case.requirement not in requirements:
        found.append(
            f'{case.where}: "{case.name}" names {case.requirement}, which is no requirement.'
            f"{did_you_mean(case.requirement, requirements)}"
        )
    found += [
        f'{case.where}: "{case.name}" is said to be proved by "{name}", but there is no such '
        f"scenario.{did_you_mean(name, scenarios)} Was it renamed?"
        for name in case.proved_by
        if name not in scenarios
    ]
    return found
