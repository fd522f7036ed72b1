"""Write simulator/data/calendars.json: which days each exchange trades, and where it closes early.

Run it once a year in an environment with the dependency group `calendar`:

    python tools/make_calendars.py simulator/data/calendars.json

Sources: exchange_calendars (Apache-2.0) for the stock exchanges, pandas_market_calendars (MIT) for
CME equity futures. Days are written as numbers (20260115), early closes as local HHMM. Days that the
libraries do not know, past the end of their data, follow `fixed`: the month-days that were never
traded in the last ten years of the data. `CLOSED_AFTER_ALL` wins over the libraries.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import exchange_calendars
import pandas_market_calendars

FIRST: Final = "1990-01-01"
LAST: Final = "2030-12-31"
SPANS: Final = {
    "XHKG": (FIRST, LAST),
    "XNYS": (FIRST, LAST),
    "XSHG": ("1991-01-01", "2026-12-31"),
    "XTKS": ("1997-01-01", LAST),
    "XSES": (FIRST, "2026-12-31"),
}

CLOSED_AFTER_ALL: Final = {
    # Typhoon Saola and the black rainstorm of September 2023: both days cancelled in full.
    "XHKG": {20230901, 20230908},
}
"""Rows kept by hand: days that the libraries get wrong."""


def number(day: date) -> int:
    """Give the day as YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


def weekdays(first: date, last: date) -> list[date]:
    """List Mondays to Fridays, both ends included."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def fixed_closures(sessions: set[date], last: date) -> list[int]:
    """Find the month-days (MMDD) on which none of the last ten years had a session."""
    years = range(last.year - 9, last.year + 1)
    leap_year_days = (date(2024, 1, 1) + timedelta(n) for n in range(366))
    month_days = [day for day in leap_year_days if (day.month, day.day) != (2, 29)]
    return [
        day.month * 100 + day.day
        for day in month_days
        if not any(day.replace(year=year) in sessions for year in years)
    ]


def row(
    span: tuple[date, date], sessions: set[date], early: dict[date, int], zone: str
) -> dict[str, object]:
    """Build one calendar of the file."""
    first, last = span
    return {
        "zone": zone,
        "first": number(first),
        "last": number(last),
        "closed": [number(day) for day in weekdays(first, last) if day not in sessions],
        "early_close": {str(number(day)): hhmm for day, hhmm in sorted(early.items())},
        "fixed": fixed_closures(sessions, last),
    }


def hhmm(moment: object, zone: object) -> int:
    """Give a pandas timestamp as local HHMM."""
    local = moment.tz_convert(zone)  # type: ignore[attr-defined]
    return int(local.hour * 100 + local.minute)


def stock_exchange(name: str) -> dict[str, object]:
    """Take one calendar from exchange_calendars."""
    start, end = SPANS[name]
    calendar = exchange_calendars.get_calendar(name, start=start, end=end)
    early = {
        day.date(): hhmm(calendar.session_close(day), calendar.tz) for day in calendar.early_closes
    }
    span = (date.fromisoformat(start), date.fromisoformat(end))
    wrong = CLOSED_AFTER_ALL.get(name, set())
    sessions = {day for day in calendar.sessions.date if number(day) not in wrong}
    return row(span, sessions, early, str(calendar.tz))


def cme_equity() -> dict[str, object]:
    """Take the equity product group of CME Globex, early halts in New York time."""
    zone = "America/New_York"
    calendar = pandas_market_calendars.get_calendar("CME_Equity")
    schedule = calendar.schedule("2000-01-01", LAST)
    closes = {day.date(): hhmm(close, zone) for day, close in schedule["market_close"].items()}
    early = {day: close for day, close in closes.items() if close < 1600}
    return row((date(2000, 1, 1), date.fromisoformat(LAST)), set(closes), early, zone)


def main() -> None:
    """Write the file named on the command line."""
    calendars = {name: stock_exchange(name) for name in SPANS} | {"CME": cme_equity()}
    text = json.dumps({"calendars": calendars}, separators=(",", ":"))
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
    for name, calendar in calendars.items():
        print(
            name, {key: len(v) if isinstance(v, list | dict) else v for key, v in calendar.items()}
        )


if __name__ == "__main__":
    main()
