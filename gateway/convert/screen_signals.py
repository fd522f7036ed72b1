"""What the patterns and indicators of a stock filter stand for: signals in a stock's bars.

Source: [P] Qot_StockFilter.proto describes each pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.pb import Qot_StockFilter as Pb
from simulator.market.indicators import (
    Bars,
    before,
    boll,
    crosses_up,
    diverges,
    ema,
    is_ordered,
    kdj,
    ma,
    macd,
    rsi,
)
from simulator.market.screening import Signal

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Line = Callable[[Bars], Floats]

LONGEST_PERIOD: Final = 250
"""Source: [I] the longest mean that has a field of its own."""
_ALIGNED: Final = (5, 10, 20, 30, 60)
_RSI_SHORT: Final = 6
_RSI_LONG: Final = 12
"""Source: [P] divergence looks at RSI12; [I] the short one."""


# --- indicators -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    """An indicator with its parameters' usual values."""

    usual: tuple[int, ...]
    line: Callable[[Bars, Sequence[int]], Floats]


def _mean(bars: Bars, given: Sequence[int]) -> Floats:
    return ma(bars.close, given[0])


def _exponential(bars: Bars, given: Sequence[int]) -> Floats:
    return ema(bars.close, given[0])


_KDJ: Final = (9, 3, 3)
_MACD: Final = (12, 26, 9)
_BOLL: Final = (20, 2)
_KINDS: Final[dict[int, _Kind]] = {
    Pb.CustomIndicatorField_Price: _Kind((), lambda bars, _: bars.close),
    Pb.CustomIndicatorField_RSI: _Kind((12,), lambda b, p: rsi(b.close, p[0])),
    Pb.CustomIndicatorField_MA: _Kind((5,), _mean),
    Pb.CustomIndicatorField_EMA: _Kind((5,), _exponential),
    Pb.CustomIndicatorField_KDJ_K: _Kind(_KDJ, lambda b, p: kdj(b, p[0], p[1], p[2]).k),
    Pb.CustomIndicatorField_KDJ_D: _Kind(_KDJ, lambda b, p: kdj(b, p[0], p[1], p[2]).d),
    Pb.CustomIndicatorField_KDJ_J: _Kind(_KDJ, lambda b, p: kdj(b, p[0], p[1], p[2]).j),
    Pb.CustomIndicatorField_MACD_DIFF: _Kind(_MACD, lambda b, p: macd(b.close, *p).diff),
    Pb.CustomIndicatorField_MACD_DEA: _Kind(_MACD, lambda b, p: macd(b.close, *p).dea),
    Pb.CustomIndicatorField_MACD: _Kind(_MACD, lambda b, p: macd(b.close, *p).macd),
    Pb.CustomIndicatorField_BOLL_UPPER: _Kind(_BOLL, lambda b, p: boll(b.close, *p).upper),
    Pb.CustomIndicatorField_BOLL_MIDDLER: _Kind(_BOLL, lambda b, p: boll(b.close, *p).middle),
    Pb.CustomIndicatorField_BOLL_LOWER: _Kind(_BOLL, lambda b, p: boll(b.close, *p).lower),
}
_PERIODS: Final = (5, 10, 20, 30, 60, 120, 250)
_FIXED: Final[dict[int, tuple[Callable[[Bars, Sequence[int]], Floats], int]]] = {
    **{Pb.CustomIndicatorField_MA5 + n: (_mean, p) for n, p in enumerate(_PERIODS)},
    **{Pb.CustomIndicatorField_EMA5 + n: (_exponential, p) for n, p in enumerate(_PERIODS)},
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator as asked for."""

    line: Line
    parameters: tuple[int, ...]
    """As they are told in the reply; empty where the field's name says it all."""


def indicator(field: int, given: Sequence[int]) -> Indicator | None:
    """An indicator with its parameters; None if there is no such thing.

    Source: [P] absent parameters have usual values; [P] the SDK looks values up by them.
    """
    if field in _FIXED:
        line, period = _FIXED[field]
        return Indicator(lambda bars: line(bars, (period,)), ())
    kind = _KINDS.get(field)
    if kind is None:
        return None
    parameters = tuple(given) or kind.usual
    if len(parameters) != len(kind.usual) or not all(0 < p <= LONGEST_PERIOD for p in parameters):
        return None
    told = parameters if given or len(kind.usual) > 1 else ()
    return Indicator(lambda bars: kind.line(bars, parameters), told)


def value_line(value: float) -> Line:
    """A number to compare an indicator with."""
    return lambda bars: np.full(bars.close.shape, value)


def compared(first: Line, second: Line, position: int) -> Signal | None:
    """How two lines lie to each other; None if there is no such position."""
    compare = _POSITIONS.get(position)
    return None if compare is None else lambda bars: compare(first(bars), second(bars))


_POSITIONS: Final[dict[int, Callable[[Floats, Floats], Flags]]] = {
    Pb.RelativePosition_More: lambda first, second: first > second,
    Pb.RelativePosition_Less: lambda first, second: first < second,
    Pb.RelativePosition_CrossUp: crosses_up,
    Pb.RelativePosition_CrossDown: lambda first, second: crosses_up(second, first),
}

# --- patterns ---------------------------------------------------------------------------------


def _aligned(mean: Callable[[Floats, int], Floats], sign: int) -> Signal:
    """Means in order on two days, and the close moving the same way."""

    def signal(bars: Bars) -> Flags:
        lines = [sign * mean(bars.close, period) for period in _ALIGNED]
        flags: Flags = is_ordered(lines) & (sign * bars.close > sign * before(bars.close))
        return flags

    return signal


def _rsi_cross(bars: Bars, *, is_up: bool) -> Flags:
    short, long = rsi(bars.close, _RSI_SHORT), rsi(bars.close, _RSI_LONG)
    flags: Flags = (
        crosses_up(short, long) & (short < 50) if is_up else crosses_up(long, short) & (short > 50)
    )
    return flags


def _kdj_low(bars: Bars) -> Flags:
    k, d, j = kdj(bars, *_KDJ)
    flags: Flags = (np.fmax(np.fmax(k, d), j) <= 30) & crosses_up(k, d) & crosses_up(j, d)
    return flags


def _kdj_high(bars: Bars) -> Flags:
    """Source: [P] has the lines above D on the day before, which a death cross means."""
    k, d, j = kdj(bars, *_KDJ)
    flags: Flags = (np.fmin(np.fmin(k, d), j) >= 70) & crosses_up(d, k) & crosses_up(d, j)
    return flags


def _macd_cross(bars: Bars, *, is_up: bool) -> Flags:
    diff, dea, _ = macd(bars.close, *_MACD)
    return crosses_up(diff, dea) if is_up else crosses_up(dea, diff)


def _diverging(measure: Line, sign: int) -> Signal:
    return lambda bars: diverges(sign * bars.close, sign * measure(bars))


def _rsi_12(bars: Bars) -> Floats:
    return rsi(bars.close, _RSI_LONG)


def _j(bars: Bars) -> Floats:
    return kdj(bars, *_KDJ).j


def _macd_bar(bars: Bars) -> Floats:
    return macd(bars.close, *_MACD).macd


PATTERNS: Final[dict[int, Signal]] = {
    Pb.PatternField_MAAlignmentLong: _aligned(ma, 1),
    Pb.PatternField_MAAlignmentShort: _aligned(ma, -1),
    Pb.PatternField_EMAAlignmentLong: _aligned(ema, 1),
    Pb.PatternField_EMAAlignmentShort: _aligned(ema, -1),
    Pb.PatternField_RSIGoldCrossLow: lambda b: _rsi_cross(b, is_up=True),
    Pb.PatternField_RSIDeathCrossHigh: lambda b: _rsi_cross(b, is_up=False),
    Pb.PatternField_RSITopDivergence: _diverging(_rsi_12, 1),
    Pb.PatternField_RSIBottomDivergence: _diverging(_rsi_12, -1),
    Pb.PatternField_KDJGoldCrossLow: _kdj_low,
    Pb.PatternField_KDJDeathCrossHigh: _kdj_high,
    Pb.PatternField_KDJTopDivergence: _diverging(_j, 1),
    Pb.PatternField_KDJBottomDivergence: _diverging(_j, -1),
    Pb.PatternField_MACDGoldCrossLow: lambda b: _macd_cross(b, is_up=True),
    Pb.PatternField_MACDDeathCrossHigh: lambda b: _macd_cross(b, is_up=False),
    Pb.PatternField_MACDTopDivergence: _diverging(_macd_bar, 1),
    Pb.PatternField_MACDBottomDivergence: _diverging(_macd_bar, -1),
    Pb.PatternField_BOLLBreakUpper: lambda b: crosses_up(b.close, boll(b.close, *_BOLL).upper),
    Pb.PatternField_BOLLLower: lambda b: crosses_up(boll(b.close, *_BOLL).lower, b.close),
    Pb.PatternField_BOLLCrossMiddleUp: lambda b: crosses_up(b.close, boll(b.close, *_BOLL).middle),
    Pb.PatternField_BOLLCrossMiddleDown: lambda b: crosses_up(
        boll(b.close, *_BOLL).middle, b.close
    ),
}
