"""What large questions need, computed ahead in small pieces.

Each generator pauses between pieces of a few milliseconds. All it does is to ask the market what will
be asked again: the answers are functions of the seed and the instant and are remembered by whoever
gave them. So nothing depends on whether, or how far, a generator ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from simulator.domain import Instrument, Market, Security, SecurityType, Venue
from simulator.market.data import MarketData
from simulator.market.derivative_figures import has_started
from simulator.trading_days import SessionKind, calendar_for

_PIECE: Final = 100
"""Securities whose facts are drawn in one go."""
_MANY: Final = 100
"""Companies of the long tail for which a board is cheaper than reading each by itself."""
_SESSIONS: Final = (SessionKind.PRE, SessionKind.AFTER, SessionKind.OVERNIGHT)
_GROUPS: Final = (SecurityType.INDEX, SecurityType.PLATE)


def warm_figures(
    market: MarketData, instruments: Sequence[Instrument], now_ns: int
) -> Iterator[None]:
    """Quotes and statistics of securities, indices and plates included."""
    groups = [i for i in instruments if i.security_type in _GROUPS]
    if groups:
        yield from _warm_members(market, groups, now_ns)
    for instrument in instruments:
        security = instrument.security
        if not market.is_fresh(security, now_ns):
            market.statistics(security, now_ns)
            yield
            if instrument.venue is Venue.US_STOCK:
                for kind in _SESSIONS:
                    market.session_figures(security, kind, now_ns)
                    yield


def _warm_members(market: MarketData, groups: Sequence[Instrument], now_ns: int) -> Iterator[None]:
    """The last prices of the members of indices and plates."""
    yield from warm_companies(market, {group.security.market for group in groups})
    members = {m for group in groups for m in market.universe.members(group.security)}
    yield from warm_quotes(market, members, now_ns)


def warm_quotes(
    market: MarketData, instruments: Iterable[Instrument], now_ns: int
) -> Iterator[None]:
    """Last prices of securities; from a board where they are many of the long tail."""
    single: list[Instrument] = []
    tails: dict[Market, list[Instrument]] = {}
    for instrument in instruments:
        if instrument.is_generated:
            tails.setdefault(instrument.security.market, []).append(instrument)
        else:
            single.append(instrument)
    for tail in tails.values():
        if len(tail) < _MANY:
            single += tail
        else:
            yield from warm_board(market, tail, now_ns)
    for instrument in single:
        if not market.has_read(instrument.security, now_ns):
            market.headline(instrument, now_ns)
            yield


def warm_companies(market: MarketData, markets: Iterable[Market]) -> Iterator[None]:
    """The lists of all companies of some markets."""
    for each in markets:
        yield from market.universe.listing(each)


def warm_board(market: MarketData, stocks: Sequence[Instrument], now_ns: int) -> Iterator[None]:
    """Today's board of the venue that stocks trade on."""
    venue = stocks[0].venue
    today = calendar_for(venue).trading_date(market.timeline.market_ns(venue, now_ns))
    yield from market.boards.making(venue, market.long_tail(venue), today.toordinal())


def warm_facts(market: MarketData, stocks: Sequence[Instrument]) -> Iterator[None]:
    """The fundamentals of stocks."""
    for at in range(0, len(stocks), _PIECE):
        for instrument in stocks[at : at + _PIECE]:
            market.fundamentals(instrument.security)
        yield


def warm_warrants(market: MarketData, owner: Security | None, now_ns: int) -> Iterator[None]:
    """The structured products on an underlying, or on all if None, and their quotes."""
    for each in [owner] if owner else market.derivatives.warrant_owners():
        today = market.trading_date(each, now_ns)
        yield
        for instrument in market.derivatives.warrants(each, today):
            if has_started(instrument, today) and not market.has_read(instrument.security, now_ns):
                market.quote(instrument.security, now_ns)
                yield
