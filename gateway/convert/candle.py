"""Candles on the wire, column by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from gateway import texts
from gateway.convert.times import local_time, local_times, timestamp, zone_of
from gateway.errors import ApiError
from gateway.pb import Qot_Common, Qot_GetKL, Qot_RequestHistoryKL, Qot_UpdateKL
from gateway.wire.rows import Block, doubles, fixed_texts, integers, rows
from simulator.domain import Adjustment, Candles, Instrument, Period
from simulator.market.fundamentals import Fundamentals

ALL_FIELDS: Final = 0x3FF
"""Every bit of `KLFields`."""


class _Row(TypedDict, total=False):
    """The fields of a candle that can be left out."""

    highPrice: float
    openPrice: float
    lowPrice: float
    closePrice: float
    lastClosePrice: float
    volume: int
    turnover: float
    turnoverRate: float
    pe: float
    changeRate: float


_Column = NDArray[np.float64] | NDArray[np.int64]
_Holder = Qot_RequestHistoryKL.S2C | Qot_GetKL.S2C | Qot_UpdateKL.S2C
_FEW: Final = 16
"""So many candles are quicker built one by one."""


@dataclass(frozen=True, slots=True)
class CandleContext:
    """What the derived fields of candles need beside prices."""

    instrument: Instrument
    period: Period
    fundamentals: Fundamentals

    @property
    def is_daily(self) -> bool:
        """Whether ratios exist. Source: [D] none below a day."""
        return self.period.minutes is None


def read_period(kl_type: int) -> Period:
    """The period of a `KLType`.

    Raises:
        ApiError: There is no such type.
    """
    try:
        return Period(kl_type)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name="klType", value=kl_type) from error


def read_adjustment(rehab_type: int) -> Adjustment:
    """The adjustment of a `RehabType`.

    Raises:
        ApiError: There is no such type.
    """
    try:
        return Adjustment(rehab_type)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name="rehabType", value=rehab_type) from error


def add_candles(
    s2c: _Holder, context: CandleContext, candles: Candles, fields: int = ALL_FIELDS
) -> None:
    """Add candles to a result's `klList`, with the wanted fields, each of them in every row.

    The Python SDK repeats the previous row's value where a field is missing, so ratios that a bar
    does not have are 0 and not left out.

    Args:
        s2c: Gets them.
        context: Whose candles these are.
        candles: Oldest first.
        fields: Bits of `KLFields`; 0 stands for all.

    Source: [P] Qot_Common.KLine, and the SDK's reader; [D] turnover rate as a plain ratio, change
        rate in percent.
    """
    fields = fields or ALL_FIELDS
    wanted = [(name, make(context, candles)) for bit, name, make in _FIELDS if fields & bit]
    if len(candles) > _FEW:
        number = s2c.DESCRIPTOR.fields_by_name["klList"].number
        s2c.MergeFromString(rows(number, _blocks(context, candles, dict(wanted))))
    else:
        s2c.klList.extend(_built(context, candles, dict(wanted)))


def _built(
    context: CandleContext, candles: Candles, columns: dict[str, _Column]
) -> list[Qot_Common.KLine]:
    zone = zone_of(context.instrument.venue)
    values = [column.tolist() for column in columns.values()]
    times = candles.time_ns.tolist()
    return [
        Qot_Common.KLine(
            time=local_time(time_ns, zone),
            isBlank=False,
            timestamp=timestamp(time_ns),
            **row,
        )
        for time_ns, row in zip(times, _rows(list(columns), values, len(times)), strict=True)
    ]


def _blocks(context: CandleContext, candles: Candles, columns: dict[str, _Column]) -> list[Block]:
    """The fields of `_built` as columns of bytes, in the order of their numbers."""
    numbers = {f.name: f.number for f in Qot_Common.KLine.DESCRIPTOR.fields}
    times = candles.time_ns
    made = {
        numbers["time"]: fixed_texts(
            numbers["time"], local_times(times, zone_of(context.instrument.venue))
        ),
        numbers["isBlank"]: integers(numbers["isBlank"], np.zeros(len(times), np.int64)),
        numbers["timestamp"]: doubles(numbers["timestamp"], times // 1000 / 1_000_000),
    }
    for name, column in columns.items():
        number = numbers[name]
        is_whole = name == "volume"
        made[number] = (
            integers(number, column.astype(np.int64)) if is_whole else doubles(number, column)
        )
    return [made[number] for number in sorted(made)]


def _rows(names: list[str], columns: list[list[float]], count: int) -> list[_Row]:
    rows = zip(*columns, strict=True) if columns else [()] * count
    return [cast("_Row", dict(zip(names, row, strict=True))) for row in rows]


def _nothing(candles: Candles) -> NDArray[np.float64]:
    return np.zeros(len(candles))


def _turnover_rate(context: CandleContext, candles: Candles) -> _Column:
    shares = context.fundamentals.outstanding_shares
    if not context.is_daily or not shares:
        return _nothing(candles)
    return np.round(candles.volume / shares, 5)


def _price_earnings(context: CandleContext, candles: Candles) -> _Column:
    earnings = context.fundamentals.earnings_per_share_ttm
    if not context.is_daily or not earnings:
        return _nothing(candles)
    return np.round(candles.close / earnings, 3)


def _change_rate(context: CandleContext, candles: Candles) -> _Column:
    if not context.is_daily:
        return _nothing(candles)
    before = candles.previous_close
    has_before = before > 0
    change = (candles.close - before) / np.where(has_before, before, 1.0)
    return np.where(has_before, np.round(change * 100, 5), 0.0)


_FIELDS: Final[tuple[tuple[int, str, Callable[[CandleContext, Candles], _Column]], ...]] = (
    (Qot_Common.KLFields_High, "highPrice", lambda _, candles: candles.high),
    (Qot_Common.KLFields_Open, "openPrice", lambda _, candles: candles.open),
    (Qot_Common.KLFields_Low, "lowPrice", lambda _, candles: candles.low),
    (Qot_Common.KLFields_Close, "closePrice", lambda _, candles: candles.close),
    (Qot_Common.KLFields_LastClose, "lastClosePrice", lambda _, candles: candles.previous_close),
    (Qot_Common.KLFields_Volume, "volume", lambda _, candles: candles.volume),
    (Qot_Common.KLFields_Turnover, "turnover", lambda _, candles: np.round(candles.turnover, 3)),
    (Qot_Common.KLFields_TurnoverRate, "turnoverRate", _turnover_rate),
    (Qot_Common.KLFields_PE, "pe", _price_earnings),
    (Qot_Common.KLFields_ChangeRate, "changeRate", _change_rate),
)
