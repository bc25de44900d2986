"""Multi-strategy identity: claims choose strategies, and the first that has an answer gives it.

After ``service/entityresolution/multi-strategy`` of the platform's source, its second version.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectrpc.code import Code
from connectrpc.errors import ConnectError

from support.embedded.direct_entitlements import parse_direct_entitlements
from support.embedded.faults import Fault
from support.embedded.ldif import PEOPLE, entries_of
from support.embedded.options import CLAIMS_IDENTITY, DIRECTORY_FAIL_FAST
from support.embedded.resolvers import SUBJECT, claims_of_token, unpacked_claims
from support.embedded.strategies import CLAIMS_STRATEGIES, DIRECTORY_STRATEGIES, Provider

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from support.embedded.ldif import Entry
    from support.embedded.people import Known
    from support.embedded.protocol import Message, Protocol
    from support.embedded.resolvers import Direct
    from support.embedded.strategies import Output, Strategy

ERROR = "error"
_NAMES = ("username", "email_address", "client_id", "subject")


class StrategyError(Exception):
    """A strategy was chosen and has no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiStrategyResolver:
    """Asks one strategy after another.

    Attributes:
        strategies: In the order in which they are asked.
        people: Of the directory.
        fail_fast: Whether the first strategy that fails ends the search.
    """

    protocol: Protocol
    strategies: Sequence[Strategy]
    people: Sequence[Entry] = ()
    fail_fast: bool = False
    faults: frozenset[Fault] = frozenset()

    async def properties(self, entity: Message) -> Known:
        """Return what is known of an entity; where nothing is, that and why."""
        inline = entity.WhichOneof("entity_type") == "claims"
        claims = self._claims(entity) if inline else self.protocol.to_dict(entity)
        try:
            strategy, found = self._first(claims, inline=inline)
        except StrategyError as problem:
            return ({ERROR: str(problem), "entity_id": entity.ephemeral_id},)
        return ({**found, **self._metadata(strategy)},)

    def direct(self, entity: Message) -> Direct:
        """Return nothing: entitlements are no identity."""
        if Fault.DIRECT_ENTITLEMENTS_UNASKED in self.faults:
            return parse_direct_entitlements(self._claims(entity))
        return ()

    async def entities_of_token(self, token: str, entity_class: str) -> list[Message]:
        """Return one subject for each strategy that has an answer, or for the first alone.

        Raises:
            ConnectError: The text is no token, or no strategy has an answer.
        """
        claims = claims_of_token(token)
        entities: list[Message] = []
        for strategy in self._chosen(claims):
            try:
                found = self._answer(strategy, claims, inline=True)
            except StrategyError as problem:
                if self._ends_at_failure:
                    raise _no_chain(problem) from problem
                continue
            entities.append(self._subject(strategy, found, entity_class))
            if self.fail_fast:
                break
        if not entities:
            raise _no_chain(StrategyError("no strategy has an answer"))
        return entities

    @property
    def _ends_at_failure(self) -> bool:
        if self.fail_fast:
            return Fault.FAIL_FAST_GOES_ON not in self.faults
        return Fault.NO_FALLBACK in self.faults

    def _chosen(self, claims: Mapping[str, Any]) -> list[Strategy]:
        return [entry for entry in self.strategies if entry.is_met_by(claims, self.faults)]

    def _first(self, claims: Mapping[str, Any], *, inline: bool) -> tuple[Strategy, dict[str, Any]]:
        """Return the first answer, and whose it is.

        Raises:
            StrategyError: There is none.
        """
        last = StrategyError("no matching strategy found")
        for strategy in self._chosen(claims):
            try:
                return strategy, self._answer(strategy, claims, inline=inline)
            except StrategyError as problem:
                last = problem
                if self._ends_at_failure:
                    break
        raise last

    def _answer(
        self, strategy: Strategy, claims: Mapping[str, Any], *, inline: bool
    ) -> dict[str, Any]:
        """Return what a strategy keeps of the answer that it gets.

        Raises:
            StrategyError: It gets none, or one of a form that it does not take.
        """
        if strategy.provider is Provider.DIRECTORY:
            raw = self._person(strategy, claims)
        elif inline:
            raw = dict(claims)
        else:
            raise StrategyError("claims not found")
        kept = {
            output.name: self._kept(output, raw[output.source])
            for output in strategy.outputs
            if raw.get(output.source) is not None
        }
        return {name: self._listed(value) for name, value in kept.items()}

    def _kept(self, output: Output, value: object) -> object:
        if not output.comma_separated:
            return value
        if not isinstance(value, str):
            raise StrategyError(f"{output.source} is no text")
        return [part.strip() for part in value.split(",") if part.strip()]

    def _listed(self, value: object) -> object:
        """Return a value as it is; only faults change lists."""
        if isinstance(value, list) and Fault.CLAIMS_LIST_FIRST_ONLY in self.faults:
            return value[:1]
        if isinstance(value, list) and Fault.CLAIMS_LIST_LAST_DROPPED in self.faults:
            return value[:-1] or value
        if isinstance(value, list) and Fault.CLAIMS_LIST_AS_TEXT in self.faults:
            return ",".join(map(str, value))
        return value

    def _person(self, strategy: Strategy, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Return the one entry of the directory that a strategy looks for, or nothing.

        Names are compared in any case, as the schema of the directory says (caseIgnoreMatch).
        """
        attribute, claim = strategy.search
        if claim not in claims:
            raise StrategyError(f"there is no {claim} to look for")
        wanted = str(claims[claim]).lower()
        for entry in self.people:
            if any(self._is_named(value.lower(), wanted) for value in entry.get(attribute, ())):
                return {
                    name: values[0] if len(values) == 1 else list(values)
                    for name, values in entry.items()
                }
        return {}

    def _is_named(self, name: str, wanted: str) -> bool:
        if Fault.DIRECTORY_WILDCARDS in self.faults:
            return fnmatch.fnmatchcase(name, wanted)
        return name == wanted

    def _subject(self, strategy: Strategy, found: dict[str, Any], entity_class: str) -> Message:
        content = self.protocol.message("google.protobuf.Struct")()
        content.update(found)
        subject = self.protocol.message(entity_class)(category=SUBJECT)
        subject.claims.Pack(content)
        names = [found[name] for name in _NAMES if isinstance(found.get(name), str)]
        identifier = f"{strategy.name}-claims-{next(iter(names), 'token')}"
        setattr(subject, "ephemeral_id" if hasattr(subject, "ephemeral_id") else "id", identifier)
        return subject

    def _metadata(self, strategy: Strategy) -> dict[str, Any]:
        return {
            "metadata_strategy_name": strategy.name,
            "metadata_strategy_provider": strategy.provider.value,
            "metadata_entity_type": "subject",
            "metadata_failure_strategy": "fail-fast" if self.fail_fast else "continue",
        }

    def _claims(self, entity: Message) -> dict[str, Any]:
        return unpacked_claims(self.protocol, entity)


def multi_strategy_resolver(
    protocol: Protocol, options: Collection[str], faults: frozenset[Fault]
) -> MultiStrategyResolver:
    """Return the resolver that the options of a platform ask for."""
    claims = CLAIMS_IDENTITY in options
    return MultiStrategyResolver(
        protocol=protocol,
        strategies=CLAIMS_STRATEGIES if claims else DIRECTORY_STRATEGIES,
        people=() if claims else entries_of(PEOPLE.read_text(encoding="utf-8")),
        fail_fast=DIRECTORY_FAIL_FAST in options,
        faults=faults,
    )


def _no_chain(problem: StrategyError) -> ConnectError:
    return ConnectError(Code.INTERNAL, f"failed to create entity chain for token: {problem}")
