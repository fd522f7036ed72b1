"""A third-party market source: one security's price swings like a sine, all others are synthetic."""

from datetime import date, datetime, time
from math import pi, sin
from pathlib import Path

from simulator.domain import Market, Security
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import Universe
from simulator.replay.history import make_history
from simulator.replay.source import ReplaySource
from simulator.replay.tables import Row, Table
from simulator.trading_days import calendar_for

FIRST, LAST = date(2024, 1, 2), date(2031, 12, 31)


def make_source(argument: str, seed: int, universe: Universe) -> ReplaySource:
    """Make the source.

    Args:
        argument: The security that swings, such as `HK.00700`.
        seed: Of the rest of the market.
        universe: What is listed.
    """
    prefix, _, code = argument.partition(".")
    instrument = universe.get(Security(Market[prefix], code))
    days = calendar_for(instrument.venue).trading_days(FIRST, LAST)
    rows = tuple(_row(number, each.day) for number, each in enumerate(days))
    history = make_history(instrument, [Table(Path("sine"), rows, is_ticks=False)])
    return ReplaySource({instrument.security: history}, SyntheticSource(seed), seed)


def _row(number: int, day: date) -> Row:
    opening, close = (round(100 + 20 * sin(2 * pi * n / 60), 1) for n in (number - 1, number))
    high, low = max(opening, close) + 1, min(opening, close) - 1
    moment = datetime.combine(day, time())
    return Row(
        line=number,
        moment=moment,
        has_clock=False,
        open=opening,
        high=high,
        low=low,
        close=close,
        volume=5e6,
        turnover=None,
    )
