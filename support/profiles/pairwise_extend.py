"""A cover that grows factor by factor and value by value, so that a larger model keeps its rows."""

from dataclasses import dataclass

from support.profiles.pairwise_rules import Model, Row, bits_of


@dataclass(slots=True)
class _Draft:
    """A row in the making: the bits decided, and what is still possible for every factor."""

    decided: int
    domain: int


def extend(model: Model) -> list[Row]:
    """Return a complete cover: the two largest factors crossed, then one factor after another."""
    drafts: list[_Draft] = []
    order = sorted(range(len(model.sizes)), key=lambda f: (-model.sizes[f], f))
    done = 0
    for position, factor in enumerate(order):
        if position == 0:
            drafts = [
                _Draft(bit, model.restrict(model.domain, factor, bit))
                for bit in bits_of(model.domain & model.masks[factor])
            ]
        else:
            _add_factor(model, drafts, factor, done)
        done |= model.masks[factor]
    return list(dict.fromkeys(model.first_row(draft.domain) for draft in drafts))


def _add_factor(model: Model, drafts: list[_Draft], factor: int, done: int) -> None:
    missing: list[tuple[int, int]] = []
    for bit in bits_of(model.domain & model.masks[factor]):
        need = model.partners[bit.bit_length() - 1] & done
        while need:
            best = _best(model, drafts, factor, (bit, need))
            if best is None:
                break
            _decide(model, best, factor, bit)
            need &= ~best.decided
        missing += [(partner, bit) for partner in bits_of(need)]
    for partner, bit in missing:
        _place(model, drafts, (partner, bit), factor)


def _best(
    model: Model, drafts: list[_Draft], factor: int, wanted: tuple[int, int]
) -> _Draft | None:
    bit, need = wanted
    mask = model.masks[factor]
    open_ = [
        (-gain, position)
        for position, draft in enumerate(drafts)
        if not draft.decided & mask and (gain := (draft.decided & need).bit_count())
    ]
    open_.sort()
    for _, position in open_:
        if model.allows(drafts[position].domain, factor, bit):
            return drafts[position]
    return None


def _decide(model: Model, draft: _Draft, factor: int, bit: int) -> None:
    draft.decided |= bit
    draft.domain = model.restrict(draft.domain, factor, bit)


def _place(model: Model, drafts: list[_Draft], pair: tuple[int, int], factor: int) -> None:
    partner, bit = pair
    other = next(f for f, mask in enumerate(model.masks) if mask & partner)
    for draft in drafts:
        if _fits(model, draft, {other: partner, factor: bit}):
            break
    else:
        draft = _Draft(0, model.domain)
        drafts.append(draft)
    _decide(model, draft, other, partner)
    _decide(model, draft, factor, bit)


def _fits(model: Model, draft: _Draft, values: dict[int, int]) -> bool:
    domain = draft.domain
    for factor, bit in values.items():
        decided = draft.decided & model.masks[factor]
        if decided:
            if decided != bit:
                return False
        elif not model.allows(domain, factor, bit):
            return False
        domain = model.restrict(domain, factor, bit)
    return True
