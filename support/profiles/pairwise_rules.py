"""Which rows a model allows: values as bits, forbidden combinations as rules over them.

A model has factors with values. Every value of every factor owns one bit of an integer, so that a
*domain*, what is still possible for each factor, is one integer, and narrowing it is one operation.
Deciding whether a legal row exists inside a domain is a search: unit propagation over the rules,
then branching on a rule that is not settled yet. What it finds is a *box*: a domain in which every
row is legal.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from support.foundation.errors import FrameworkError

Forbidden: TypeAlias = tuple[tuple[int, frozenset[int]], ...]
"""(Factor index, value indexes): a row is illegal that has one of them in EVERY listed factor."""

Row: TypeAlias = tuple[int, ...]
_Rule: TypeAlias = tuple[tuple[int, int], ...]  # (factor, bits of its forbidden values)
_BRANCHES = 2


class Model:
    """Factors, their values as bits, and the rules that connect them.

    Attributes:
        sizes: how many values each factor has, banned ones included.
        masks: the bits of each factor.
        domain: the bits of all values that some legal row contains; 0 when there is no legal row.
        partners: for each value, by bit index, the bits that some legal row has together with it.
    """

    def __init__(self, sizes: Sequence[int], forbidden: Sequence[Forbidden]) -> None:
        self.sizes = tuple(sizes)
        _check(self.sizes, forbidden)
        self.offsets: list[int] = []
        self.masks: list[int] = []
        total = 0
        for size in self.sizes:
            self.offsets.append(total)
            self.masks.append(((1 << size) - 1) << total)
            total += size
        self.rules: list[_Rule] = []
        self.rules_of: list[list[_Rule]] = [[] for _ in self.sizes]
        for combination in forbidden:
            self._add(combination)
        self._group_of, self._groups = self._connected()
        self._members = [
            [f for f, own in enumerate(self._group_of) if own == group]
            for group in range(len(self._groups))
        ]
        self._group_masks = [sum(self.masks[f] for f in members) for members in self._members]
        self._known: list[dict[int, int]] = [{} for _ in self._groups]
        self.domain = self._possible((1 << total) - 1)
        self.partners = self._all_partners(total) if self.domain else [0] * total

    def bit(self, factor: int, value: int) -> int:
        """Return the bit of a value."""
        return 1 << (self.offsets[factor] + value)

    def replace(self, domain: int, factor: int, bits: int) -> int:
        """Return the domain with these bits for a factor."""
        return domain & ~self.masks[factor] | bits

    def allows(self, domain: int, factor: int, bit: int) -> bool:
        """Tell whether a domain that has a legal row has one with this value of a factor."""
        group = self._group_of[factor]
        return group < 0 or self._box(self.replace(domain, factor, bit), group) != 0

    def has_row(self, domain: int) -> bool:
        """Tell whether a domain has a legal row."""
        return all(self._box(domain, group) for group in range(len(self._groups)))

    def first_row(self, domain: int) -> Row:
        """Return the legal row of a domain with the smallest values, earlier factors first."""
        row = []
        for factor, mask in enumerate(self.masks):
            bit = next(b for b in bits_of(domain & mask) if self.allows(domain, factor, b))
            domain = self.replace(domain, factor, bit)
            row.append(bit.bit_length() - 1 - self.offsets[factor])
        return tuple(row)

    def _add(self, combination: Forbidden) -> None:
        bits: dict[int, int] = {}
        for factor, values in combination:
            mask = sum(self.bit(factor, value) for value in values)
            bits[factor] = bits.get(factor, mask) & mask
        rule = tuple(sorted(bits.items()))
        if all(mask for _, mask in rule) and rule not in self.rules:
            self.rules.append(rule)
            for factor, _ in rule:
                self.rules_of[factor].append(rule)

    def _connected(self) -> tuple[list[int], list[list[_Rule]]]:
        """Return each factor's group (-1: no rule concerns it) and the rules of each group."""
        group_of = [-1] * len(self.sizes)
        groups: list[list[_Rule]] = []
        for start, rules in enumerate(self.rules_of):
            if not rules or group_of[start] >= 0:
                continue
            members = [start]
            found: dict[_Rule, None] = {}
            for factor in members:  # grows while it is walked
                group_of[factor] = len(groups)
                for rule in self.rules_of[factor]:
                    found[rule] = None
                    members += [f for f, _ in rule if f not in members]
            groups.append(list(found))
        return group_of, groups

    def _possible(self, domain: int) -> int:
        """Return the values of a domain that legal rows have; 0 when there is no legal row."""
        if () in self.rules or not all(domain & mask for mask in self.masks):
            return 0
        seen = domain
        for group, factors in enumerate(self._members):
            unseen = self._group_masks[group]
            for factor in factors:
                while left := unseen & self.masks[factor]:
                    bit = left & -left
                    box = self._box(self.replace(domain, factor, bit), group)
                    seen &= -1 if box else ~bit
                    unseen &= ~(bit | box)
        return seen if all(seen & mask for mask in self.masks) else 0

    def _all_partners(self, total: int) -> list[int]:
        partners = [0] * total
        for factor, (mask, group) in enumerate(zip(self.masks, self._group_of, strict=True)):
            inside = mask if group < 0 else self._group_masks[group]
            for bit in bits_of(self.domain & mask):
                partners[bit.bit_length() - 1] |= self.domain & ~inside
                if group >= 0:
                    self._partners_in_group(factor, bit, partners)
        return partners

    def _partners_in_group(self, factor: int, bit: int, partners: list[int]) -> None:
        """Every box that a search finds is a witness for all pairs inside it: few searches do."""
        group = self._group_of[factor]
        own = self.replace(self.domain, factor, bit)
        for other in self._members[group]:
            candidates = self.domain & self.masks[other] if other > factor else 0
            for partner in bits_of(candidates):
                if partners[bit.bit_length() - 1] & partner:
                    continue
                box = self._box(self.replace(own, other, partner), group)
                self._witness(box, self._members[group], partners)

    def _witness(self, box: int, members: Sequence[int], partners: list[int]) -> None:
        for factor in members:
            others = box & ~self.masks[factor]
            for bit in bits_of(box & self.masks[factor]):
                partners[bit.bit_length() - 1] |= others

    def _box(self, domain: int, group: int) -> int:
        """Return a part of a domain in which every row is legal for a group, or 0: none is."""
        domain &= self._group_masks[group]
        known = self._known[group].get(domain)
        if known is None:
            known = self._known[group][domain] = self._search(domain, self._groups[group])
        return known

    def _search(self, domain: int, rules: Sequence[_Rule]) -> int:
        stack = [(domain, rules, 0)]
        while stack:
            domain, changed, settled = stack.pop()
            domain = self._narrow(domain, changed)
            if not domain:
                continue
            while settled < len(rules) and self._is_settled(domain, rules[settled]):
                settled += 1
            if settled == len(rules):
                return domain
            factor, mask = next((f, m) for f, m in rules[settled] if domain & self.masks[f] & ~m)
            inside = self.replace(domain, factor, domain & mask)
            stack.append((inside, self.rules_of[factor], settled))
            stack.append((domain & ~mask, self.rules_of[factor], settled + 1))
        return 0

    def _is_settled(self, domain: int, rule: _Rule) -> bool:
        return any(not domain & mask for _, mask in rule)

    def _narrow(self, domain: int, changed: Iterable[_Rule]) -> int:
        """Return the domain without values that a rule rules out by now; 0 for a contradiction."""
        queue = list(changed)
        while queue:
            rule = queue.pop()
            if self._is_settled(domain, rule):
                continue
            undecided = [(f, m) for f, m in rule if domain & self.masks[f] & ~m]
            if not undecided:
                return 0
            if len(undecided) == 1:
                factor, mask = undecided[0]
                domain &= ~mask
                queue += self.rules_of[factor]
        return domain


def bits_of(bits: int) -> Iterable[int]:
    """Yield the single bits of an integer, the lowest first."""
    while bits:
        bit = bits & -bits
        yield bit
        bits ^= bit


def _check(sizes: Sequence[int], forbidden: Sequence[Forbidden]) -> None:
    for factor, size in enumerate(sizes):
        if size < 0:
            raise FrameworkError(f"Factor {factor} has {size} values; it cannot have less than 0.")
    for position, combination in enumerate(forbidden):
        for factor, values in combination:
            if not 0 <= factor < len(sizes):
                raise FrameworkError(
                    f"Constraint {position} names factor {factor}, but the model has "
                    f"{len(sizes)} factors, counted from 0."
                )
            wrong = sorted(v for v in values if not 0 <= v < sizes[factor])
            if wrong:
                raise FrameworkError(
                    f"Constraint {position} names value {wrong[0]} of factor {factor}, which has "
                    f"{sizes[factor]} values, counted from 0."
                )
