"""Markets to test against: the real universe on a seeded source, at a fixed instant."""

from datetime import datetime

from simulator.domain import Market, Security
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import OpenTimeline, WallTimeline

NS = 1_000_000_000
UNIVERSE = default_universe()


def security(symbol):
    market, _, code = symbol.partition(".")
    return Security(Market[market], code)


def instrument(symbol):
    return UNIVERSE.get(security(symbol))


def utc_ns(text):
    """`2026-11-20T10:31:00+08:00` as UTC ns."""
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000) * 1_000


def open_market(seed=1, start="2026-11-20T11:00:00+08:00"):
    """A market in clock mode `open`, and its first instant."""
    now = utc_ns(start)
    return MarketData(UNIVERSE, OpenTimeline(now), SyntheticSource(seed)), now


def wall_market(seed=1):
    return MarketData(UNIVERSE, WallTimeline(), SyntheticSource(seed))
