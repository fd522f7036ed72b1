"""Large holders of American companies and what they reported, quarter by quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from simulator.domain import Instrument
from simulator.market.randomness import lane, stream_key, uniform


class HolderKind(IntEnum):
    """Who holds. Source: [P] Qot_Common.HolderCategory."""

    INSTITUTION = 1
    FUND = 2
    EXECUTIVE = 3


@dataclass(frozen=True, slots=True)
class HoldingChange:
    """One report of one holder, in shares."""

    holder: str
    quantity: int
    change: int
    """Against the report before; never all of `quantity`."""
    reported: date


_HOUSES: Final = (
    "Northgate", "Bluewater", "Harbor Point", "Stonebridge", "Cedar Hill", "Lakeview",
    "Ironwood", "Summit Ridge", "Granite", "Redwood", "Silverline", "Old Mill", "Fairmont",
    "Clearbrook", "Westfield", "Eastbay",
)  # fmt: skip
_FIRST_NAMES: Final = ("James", "Mary", "Robert", "Linda", "David", "Susan", "Daniel", "Karen")
_LAST_NAMES: Final = ("Hale", "Novak", "Bright", "Ortega", "Finch", "Lang", "Moss", "Whitaker")
_SUFFIXES: Final = {
    HolderKind.INSTITUTION: ("Capital Management", "Asset Management", "Advisors", "Partners"),
    HolderKind.FUND: ("Growth Fund", "500 Index Fund", "Equity Income Fund", "Total Market Fund"),
}
_LARGEST: Final = {HolderKind.INSTITUTION: 0.07, HolderKind.FUND: 0.03, HolderKind.EXECUTIVE: 0.002}
"""Part of the shares that the largest holder of a kind has. Source: [I]."""
_HOLDERS: Final = {HolderKind.INSTITUTION: 24, HolderKind.FUND: 24, HolderKind.EXECUTIVE: 9}
_LONGEST_DELAY: Final = {
    HolderKind.INSTITUTION: 45,
    HolderKind.FUND: 60,
    HolderKind.EXECUTIVE: 90,
}
"""Days after a quarter's end; executives report at any time of the next quarter."""
_QUARTER_MONTHS: Final = 3


def holding_changes(
    instrument: Instrument, kind: HolderKind, shares: int, within: tuple[date, date]
) -> list[HoldingChange]:
    """The reports of all holders of a kind, the latest first, the largest holder first of a day.

    Args:
        instrument: What is held.
        kind: Who holds.
        shares: Outstanding.
        within: First and last day of the reports.
    """
    begin, end = within
    listed = date.fromisoformat(instrument.listing_date)
    key = lane(stream_key("holders", instrument.security.symbol), int(kind))
    quarters = range(_quarter(max(begin, listed)) - 1, _quarter(end) + 1)
    found = [
        change
        for holder in range(_HOLDERS[kind])
        for quarter in quarters
        if (change := _report(lane(key, holder), kind, holder, shares, quarter)) is not None
        and max(begin, listed) <= change.reported <= end
    ]
    return sorted(found, key=lambda change: (-change.reported.toordinal(), -change.quantity))


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // _QUARTER_MONTHS


def _report(
    key: int, kind: HolderKind, holder: int, shares: int, quarter: int
) -> HoldingChange | None:
    """A report on the holdings at a quarter's end; executives do not trade in each quarter."""
    if kind is HolderKind.EXECUTIVE and uniform(lane(key, 1), quarter) < 0.5:
        return None
    usual = shares * _LARGEST[kind] * (0.4 + 0.6 * uniform(key, 0)) / (1 + holder) ** 0.8
    now, before = (_held(key, usual, number) for number in (quarter, quarter - 1))
    if now == before:
        return None
    following = date((quarter + 1) // 4, (quarter + 1) % 4 * _QUARTER_MONTHS + 1, 1)
    delay = int(uniform(lane(key, 2), quarter) * _LONGEST_DELAY[kind])
    return HoldingChange(
        _name(key, kind, holder), now, now - before, following + timedelta(days=delay)
    )


def _held(key: int, usual: float, quarter: int) -> int:
    return max(int(usual * (0.8 + 0.4 * uniform(lane(key, 3), quarter))), 100)


def _name(key: int, kind: HolderKind, holder: int) -> str:
    draws = [uniform(lane(key, 4), i) for i in (0, 1)]
    if kind is HolderKind.EXECUTIVE:
        first = _FIRST_NAMES[int(draws[0] * len(_FIRST_NAMES))]
        return f"{first} {_LAST_NAMES[holder % len(_LAST_NAMES)]}"
    house = _HOUSES[holder % len(_HOUSES)]
    suffixes = _SUFFIXES[kind]
    suffix = suffixes[(int(draws[1] * 2) * 2 + holder // len(_HOUSES)) % len(suffixes)]
    return f"{house} {suffix}"
