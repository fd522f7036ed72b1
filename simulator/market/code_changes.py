"""Other codes of Hong Kong shares: temporary ones beside an event, and those from before a move.

Splits, consolidations and rights issues are those of the adjustment factors. Changes of the board lot
are drawn, at most one for a company; which companies came from the Growth Enterprise Market is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from simulator.domain import Instrument, Market, Security, Venue
from simulator.errors import UnknownSecurity
from simulator.market.corporate_actions import CorporateAction
from simulator.market.data import MarketData
from simulator.market.randomness import stream_key, uniform
from simulator.trading_days import calendar_for

_DAYS_ANNOUNCED: Final = 20
_DAYS_TRADED: Final = 29
"""Trading days from the announcement to the event, and of parallel trading. Source: [I]."""
_DAYS_TO_RIGHTS: Final = 12
_DAYS_OF_RIGHTS: Final = 6
"""Trading days from the ex-date to the first of rights not yet paid for, and theirs. Source: [S]."""
_LOT_CHANGES: Final = 0.2
_FIRST_LOT_CHANGE: Final = date(2012, 1, 9)
_LOT_CHANGE_DAYS: Final = 5000
_QUIET_DAYS: Final = 500
_FROM_GEM: Final = {
    "01177": ("08120", date(2003, 12, 8)),
    "02688": ("08149", date(2002, 6, 3)),
}
"""Code on the Growth Enterprise Market, and the first day on the main board. Source: [S]."""


class ChangeKind(IntEnum):
    """Why there is another code. Source: [P] Qot_GetCodeChange.CodeChangeType."""

    GEM_TO_MAIN = 1
    UNPAID = 2
    CHANGE_LOT = 3
    SPLIT = 4
    JOINT = 5


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One event with the code that trades beside the lasting one for a while, or did before it."""

    kind: ChangeKind
    security: Security
    temporary: Security
    announced: date
    effective: date
    """The ex-date of a split or consolidation, as in the adjustment factors."""
    ended: date | None
    """None where the other code is gone at once."""


def code_changes(
    market: MarketData, instruments: Iterable[Instrument], now_ns: int
) -> list[CodeChange]:
    """The changes of Hong Kong securities that are in force today, the latest first."""
    found = []
    for instrument in instruments:
        if instrument.security.market is not Market.HK:
            continue
        found += [
            _change(instrument, action)
            for action in _actions(market, instrument, now_ns)
            if action.split or action.join or action.allot
        ]
        found += _lot_changes(instrument)
        if instrument.security.code in _FROM_GEM:
            found.append(_move(instrument))
    today = calendar_for(Venue.HK_STOCK).trading_date(
        market.timeline.market_ns(Venue.HK_STOCK, now_ns)
    )
    begun = [change for change in found if change.effective <= today]
    return sorted(begun, key=lambda change: (-change.effective.toordinal(), change.security))


def _actions(
    market: MarketData, instrument: Instrument, now_ns: int
) -> tuple[CorporateAction, ...]:
    try:
        return market.adjustments(instrument.security, now_ns).actions
    except UnknownSecurity:  # it is not listed yet
        return ()


def _change(instrument: Instrument, action: CorporateAction) -> CodeChange:
    effective = date.fromordinal(action.ordinal)
    if action.split or action.join:
        kind = ChangeKind.SPLIT if action.split else ChangeKind.JOINT
        return _temporary(instrument, kind, effective, _DAYS_TRADED)
    calendar = calendar_for(instrument.venue)
    begin = calendar.day_at(calendar.day_number(effective) + _DAYS_TO_RIGHTS)
    return _temporary(instrument, ChangeKind.UNPAID, begin, _DAYS_OF_RIGHTS)


def _temporary(
    instrument: Instrument, kind: ChangeKind, effective: date, days_traded: int
) -> CodeChange:
    calendar = calendar_for(instrument.venue)
    number = calendar.day_number(effective)
    code = 2900 + (instrument.instrument_id + effective.toordinal()) % 100
    return CodeChange(
        kind=kind,
        security=instrument.security,
        temporary=Security(Market.HK, f"{code:05}"),
        announced=calendar.day_at(max(number - _DAYS_ANNOUNCED, 0)),
        effective=effective,
        ended=calendar.day_at(number + days_traded),
    )


def _lot_changes(instrument: Instrument) -> list[CodeChange]:
    """At most one, some years after the listing. Source: [I] who changed and when."""
    key = stream_key("board lot", instrument.security.code)
    day = _FIRST_LOT_CHANGE.toordinal() + int(uniform(key, 1) * _LOT_CHANGE_DAYS)
    listed = date.fromisoformat(instrument.listing_date).toordinal()
    if instrument.is_etf or uniform(key, 0) >= _LOT_CHANGES or day < listed + _QUIET_DAYS:
        return []
    calendar = calendar_for(instrument.venue)
    effective = calendar.day_at(calendar.day_number(date.fromordinal(day)))
    return [_temporary(instrument, ChangeKind.CHANGE_LOT, effective, _DAYS_TRADED)]


def _move(instrument: Instrument) -> CodeChange:
    code, moved = _FROM_GEM[instrument.security.code]
    calendar = calendar_for(instrument.venue)
    return CodeChange(
        kind=ChangeKind.GEM_TO_MAIN,
        security=instrument.security,
        temporary=Security(Market.HK, code),
        announced=calendar.day_at(max(calendar.day_number(moved) - _DAYS_ANNOUNCED, 0)),
        effective=moved,
        ended=None,
    )
