"""Temporary codes under which Hong Kong shares trade while a split or consolidation goes through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from simulator.domain import Instrument, Market, Security
from simulator.errors import UnknownSecurity
from simulator.market.corporate_actions import CorporateAction
from simulator.market.data import MarketData
from simulator.trading_days import calendar_for

_DAYS_ANNOUNCED: Final = 20
_DAYS_TRADED: Final = 29
"""Trading days from the announcement to the event, and of parallel trading. Source: [I]."""


class ChangeKind(IntEnum):
    """Why there is another code. Source: [P] Qot_GetCodeChange.CodeChangeType."""

    SPLIT = 4
    JOINT = 5


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One event with the code that trades beside the lasting one for a while."""

    kind: ChangeKind
    security: Security
    temporary: Security
    announced: date
    effective: date
    """The ex-date, as in the adjustment factors."""
    ended: date


def code_changes(
    market: MarketData, instruments: Iterable[Instrument], now_ns: int
) -> list[CodeChange]:
    """The splits and consolidations of Hong Kong securities up to today, the latest first."""
    found = [
        _change(instrument, action)
        for instrument in instruments
        if instrument.security.market is Market.HK
        for action in _actions(market, instrument, now_ns)
        if action.split or action.join
    ]
    return sorted(found, key=lambda change: (-change.effective.toordinal(), change.security))


def _actions(
    market: MarketData, instrument: Instrument, now_ns: int
) -> tuple[CorporateAction, ...]:
    try:
        return market.adjustments(instrument.security, now_ns).actions
    except UnknownSecurity:  # it is not listed yet
        return ()


def _change(instrument: Instrument, action: CorporateAction) -> CodeChange:
    calendar = calendar_for(instrument.venue)
    effective = date.fromordinal(action.ordinal)
    number = calendar.day_number(effective)
    code = 2900 + (instrument.instrument_id + action.ordinal) % 100
    return CodeChange(
        kind=ChangeKind.SPLIT if action.split else ChangeKind.JOINT,
        security=instrument.security,
        temporary=Security(Market.HK, f"{code:05}"),
        announced=calendar.day_at(max(number - _DAYS_ANNOUNCED, 0)),
        effective=effective,
        ended=calendar.day_at(number + _DAYS_TRADED),
    )
