"""Which option strategy a set of legs is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.domain import (
    Instrument,
    OptionKind,
    OptionTerms,
    OrderLeg,
    Side,
    StrategyKind,
)

_K = StrategyKind


class _Option(NamedTuple):
    """A leg's option; sorted by strike, puts and calls of one strike in that order."""

    strike: float
    is_call: bool
    expiry: int
    sign: int
    ratio: int


def strategy_of(legs: Sequence[OrderLeg], instruments: Sequence[Instrument]) -> StrategyKind:
    """The kind of strategy, whichever side of it is taken.

    Args:
        legs: of one order.
        instruments: those of the legs, in the same order.

    Source: [P] the kinds; [V] what options textbooks mean by them.
    """
    options = sorted(
        _option(leg, i.terms)
        for leg, i in zip(legs, instruments, strict=True)
        if isinstance(i.terms, OptionTerms)
    )
    if len(options) < len(legs):
        return _with_shares(options, len(legs) - len(options))
    match len(options):
        case 1:
            return _K.SINGLE
        case 2:
            return _of_two(*options)
        case 3:
            return _of_three(*options)
        case 4:
            return _of_four(*options)
        case _:
            return _K.CUSTOM


def _option(leg: OrderLeg, terms: OptionTerms) -> _Option:
    return _Option(
        terms.strike,
        terms.kind is OptionKind.CALL,
        terms.expiry.toordinal(),
        1 if leg.side is Side.BUY else -1,
        leg.ratio,
    )


def _with_shares(options: Sequence[_Option], share_legs: int) -> StrategyKind:
    if share_legs > 1 or len(options) > 2:
        return _K.CUSTOM
    if len(options) == 1:
        return _K.COVERED
    low, high = options
    is_collar = low.is_call is not high.is_call and low.sign == -high.sign
    return _K.COLLAR if is_collar and low.expiry == high.expiry else _K.CUSTOM


def _of_two(low: _Option, high: _Option) -> StrategyKind:
    if low.ratio != high.ratio:
        return _K.CUSTOM
    if low.is_call is high.is_call:
        return _one_kind(low, high) if low.sign == -high.sign else _K.CUSTOM
    if low.sign != high.sign or low.expiry != high.expiry:
        return _K.CUSTOM
    return _K.STRADDLE if low.strike == high.strike else _K.STRANGLE


def _one_kind(low: _Option, high: _Option) -> StrategyKind:
    if low.expiry == high.expiry:
        return _K.SPREAD
    return _K.CALENDAR_SPREAD if low.strike == high.strike else _K.DIAGONAL_SPREAD


def _of_three(low: _Option, middle: _Option, high: _Option) -> StrategyKind:
    alike = len({o.is_call for o in (low, middle, high)}) == 1 and _one_expiry(low, middle, high)
    ratios = low.ratio * 2 == middle.ratio == high.ratio * 2
    signs = low.sign == high.sign == -middle.sign
    return _K.BUTTERFLY if alike and ratios and signs else _K.CUSTOM


def _of_four(*options: _Option) -> StrategyKind:
    low, second, third, high = options
    even = len({option.ratio for option in options}) == 1 and _one_expiry(*options)
    if not even or not low.sign == high.sign == -second.sign == -third.sign:
        return _K.CUSTOM
    calls = [option.is_call for option in options]
    if len(set(calls)) == 1:
        return _K.CONDOR
    if calls != [False, False, True, True]:
        return _K.CUSTOM
    return _K.IRON_BUTTERFLY if second.strike == third.strike else _K.IRON_CONDOR


def _one_expiry(*options: _Option) -> bool:
    return len({option.expiry for option in options}) == 1
