"""Judges how far from the market an order may be placed: each exchange's rules at an instant."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from simulator.domain import (
    NS_PER_S,
    DepthLevel,
    Instrument,
    Market,
    MarketState,
    Order,
    OrderRequest,
    OrderType,
    Side,
)
from simulator.errors import (
    OrderTooLarge,
    PriceOutsideBand,
    PriceOutsideCage,
    PriceOutsideLimits,
    PriceTooFar,
    ShortSaleBelowMarket,
)
from simulator.market_view import Calendars, MarketView, exact
from simulator.ticks import TickTable, tick_table
from simulator.venue import price_rules
from simulator.venue import rules as venue_rules
from simulator.venue.rules import OrderRules

_SNAPSHOTS_NS: Final = tuple(second * NS_PER_S for second in (60, 45, 30, 15, 0))
"""When before the end of continuous trading nominal prices are noted. Source: [V] HKEX."""

POOL_SHARE: Final = 500
"""One share in so many can be borrowed [I]."""


class Placement:
    """The rules on prices that depend on the market.

    Args:
        market: where prices come from.
        calendars: the venues' hours.
    """

    def __init__(self, market: MarketView, calendars: Calendars) -> None:
        self._market = market
        self._calendars = calendars

    def check(
        self,
        limit: Decimal,
        request: OrderRequest,
        instrument: Instrument,
        rules: OrderRules,
        now_ns: int,
    ) -> None:
        """Judge the limit of an order that is on the tick.

        Raises:
            PriceTooFar: nine times the nominal price, or too many steps from the best prices.
            PriceOutsideLimits: outside an auction's limits.
            PriceOutsideBand: outside the band of a cooling-off period.
            PriceOutsideCage: an A-share order too far into the other side.
        """
        state = self._market.state(instrument.venue, now_ns)
        if rules.spreads is not None:
            self._check_quotation(limit, instrument, now_ns)
            if request.order_type is OrderType.AUCTION_LIMIT:
                self._check_auction(limit, instrument, state, now_ns)
        if state not in venue_rules.REGULAR_STATES:
            return
        self._check_band(limit, instrument, now_ns)
        if rules.spreads is not None and request.order_type is OrderType.NORMAL:
            self._check_spreads(limit, request.side, instrument, rules.spreads, now_ns)
        if rules.has_price_limits and price_rules.has_cage(instrument):
            self._check_cage(limit, request.side, instrument, now_ns)

    def check_short(
        self, order: Order, instrument: Instrument, rules: OrderRules, now_ns: int
    ) -> None:
        """Judge a sale of what is not held.

        In Hong Kong it may not be below the best offer, in America not at the bid or below once the
        share has lost a tenth today; neither may be a market order then. No more than the pool of
        shares can be borrowed.

        Raises:
            OrderTooLarge: more than can be borrowed.
            ShortSaleBelowMarket: against the rule.

        Source: [V] HKEX short selling rules, Reg SHO rule 201; [I] that such orders are refused, and
            that the American rule ends with the day.
        """
        if not rules.borrows:
            return
        pool = borrowable(instrument)
        if order.quantity > pool:
            raise OrderTooLarge(order.quantity, pool)
        if self._market.state(instrument.venue, now_ns) not in venue_rules.REGULAR_STATES:
            return
        least = self._least_short(instrument, now_ns)
        limit = order.price
        if least is not None and (limit is None or limit < least):
            raise ShortSaleBelowMarket(least)

    def _least_short(self, instrument: Instrument, now_ns: int) -> Decimal | None:
        quote = self._market.quote(instrument.security, now_ns)
        if instrument.security.market is Market.HK:
            return exact(quote.ask) if quote.ask > 0 else None
        if not price_rules.is_restricted(exact(quote.low), exact(quote.previous_close)):
            return None
        bid = exact(quote.bid) if quote.bid > 0 else exact(quote.last)
        return price_rules.stepped(bid, 1, self._table(instrument, now_ns))

    def _check_quotation(self, limit: Decimal, instrument: Instrument, now_ns: int) -> None:
        nominal = exact(self._market.quote(instrument.security, now_ns).last)
        if not price_rules.is_quotable(limit, nominal):
            factor = price_rules.QUOTATION_FACTOR
            raise PriceTooFar(limit, nominal * factor if limit > nominal else nominal / factor)

    def _check_spreads(
        self,
        limit: Decimal,
        side: Side,
        instrument: Instrument,
        rule: price_rules.SpreadRule,
        now_ns: int,
    ) -> None:
        book = self._market.displayed_book(instrument.security, now_ns, 1)
        last = exact(self._market.quote(instrument.security, now_ns).last)
        bid, ask = _best(book.bids, last), _best(book.asks, last)
        low, high = price_rules.spread_band(side, bid, ask, rule, self._table(instrument, now_ns))
        if not low <= limit <= high:
            raise PriceTooFar(limit, low if limit < low else high)

    def _check_auction(
        self, limit: Decimal, instrument: Instrument, state: MarketState, now_ns: int
    ) -> None:
        quote = self._market.quote(instrument.security, now_ns)
        if state is MarketState.AUCTION:
            reference, fraction = exact(quote.previous_close), price_rules.OPENING_FRACTION
        elif state is MarketState.HK_CAS:
            reference = self._closing_reference(instrument, now_ns)
            fraction = price_rules.CLOSING_FRACTION
        else:
            return
        table = self._table(instrument, now_ns)
        low, high = price_rules.auction_band(reference, fraction, table)
        if not low <= limit <= high:
            raise PriceOutsideLimits(limit, low, high)

    def _check_band(self, limit: Decimal, instrument: Instrument, now_ns: int) -> None:
        band = self._market.cooling_band(instrument.security, now_ns)
        if band is not None and not exact(band[0]) <= limit <= exact(band[1]):
            raise PriceOutsideBand(limit, exact(band[0]), exact(band[1]))

    def _closing_reference(self, instrument: Instrument, now_ns: int) -> Decimal:
        venue, timeline = instrument.venue, self._market.timeline
        calendar = self._calendars(venue)
        day = calendar.trading_date(timeline.market_ns(venue, now_ns))
        end_ns = calendar.sessions(day)[-1].end_ns
        instants = (timeline.gateway_ns(venue, end_ns - before) for before in _SNAPSHOTS_NS)
        quotes = (self._market.quote(instrument.security, at_ns) for at_ns in instants)
        return price_rules.closing_reference([exact(quote.last) for quote in quotes])

    def _check_cage(self, limit: Decimal, side: Side, instrument: Instrument, now_ns: int) -> None:
        book = self._market.displayed_book(instrument.security, now_ns, 1)
        own, other = (book.bids, book.asks) if side is Side.BUY else (book.asks, book.bids)
        last = exact(self._market.quote(instrument.security, now_ns).last)
        reference = _best(other, _best(own, last))
        tick = self._table(instrument, now_ns).tick_at(reference)
        low, high = price_rules.cage(side, reference, tick)
        if not low <= limit <= high:
            raise PriceOutsideCage(limit, low if limit < low else high)

    def _table(self, instrument: Instrument, now_ns: int) -> TickTable:
        market_ns = self._market.timeline.market_ns(instrument.venue, now_ns)
        return tick_table(instrument, self._calendars(instrument.venue).trading_date(market_ns))


def borrowable(instrument: Instrument) -> int:
    """Shares that can be borrowed to sell them short."""
    return instrument.issued_shares // POOL_SHARE


def _best(levels: tuple[DepthLevel, ...], otherwise: Decimal) -> Decimal:
    return exact(levels[0].price) if levels else otherwise
