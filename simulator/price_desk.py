"""What an order is reckoned at: limits judged against tick and day, market orders against the book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from simulator.domain import (
    Instrument,
    OrderRequest,
    OrderSession,
    OrderType,
    Side,
    Trail,
    TrailKind,
)
from simulator.errors import InvalidPrice, InvalidTrigger, MarketOrderOutsideHours
from simulator.market_view import Calendars, MarketView, exact
from simulator.placement import Placement
from simulator.ticks import decimal_tick
from simulator.venue import rules as venue_rules
from simulator.venue import triggers
from simulator.venue.models import MarketOrderCollar
from simulator.venue.rules import OrderRules


class PriceDesk:
    """Judges and finds prices at an instant of the gateway's clock.

    Args:
        market: where prices come from.
        calendars: give the trade date, which ticks and fees depend on.
    """

    def __init__(self, market: MarketView, calendars: Calendars) -> None:
        self._market = market
        self._calendars = calendars
        self._collar = MarketOrderCollar()
        self.placement: Final = Placement(market, calendars)
        """Judges how far from the market an order is."""

    def market_ns(self, instrument: Instrument, now_ns: int) -> int:
        """The clock of the instrument's venue."""
        return self._market.timeline.market_ns(instrument.venue, now_ns)

    def today(self, instrument: Instrument, now_ns: int) -> date:
        """The trade date that is today at the instrument's venue."""
        market_ns = self.market_ns(instrument, now_ns)
        return self._calendars(instrument.venue).trading_date(market_ns)

    def last(self, instrument: Instrument, now_ns: int) -> Decimal:
        """The last price."""
        return exact(self._market.quote(instrument.security, now_ns).last)

    def tick(self, instrument: Instrument, price: Decimal, now_ns: int) -> Decimal:
        """The price step at a price."""
        return decimal_tick(instrument, price, self.today(instrument, now_ns))

    def prices(
        self, request: OrderRequest, instrument: Instrument, rules: OrderRules, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        """The worst price an order may trade at, and what a share of it is reckoned at.

        An order that sleeps is reckoned at the price that it would have if it woke where it does.

        Raises:
            MarketOrderOutsideHours: a market order outside regular continuous trading.
            InvalidPrice, PriceOffTick, PriceOutsideLimits: see `check_limit`.
            PriceTooFar, PriceOutsideCage: see `Placement.check`.
            InvalidTrigger: nothing, or something impossible, is to wake a sleeping order.
        """
        order_type = request.order_type
        if order_type in venue_rules.TRAILING_TYPES:
            return self._trailing_prices(request, instrument, now_ns)
        if order_type in venue_rules.TRIGGERED_TYPES:
            aux_price = self._check_aux(request.aux_price, instrument, rules, now_ns)
            if not venue_rules.is_limit(order_type):
                return self._collared(aux_price, instrument, request.side, now_ns)
        if venue_rules.is_limit(order_type):
            limit = self.check_limit(request.price, instrument, rules, now_ns)
            self.placement.check(limit, request, instrument, rules, now_ns)
            return limit, limit
        if order_type is OrderType.MARKET and not self.is_open(instrument, rules, now_ns):
            raise MarketOrderOutsideHours(request.security)
        return self.market_prices(instrument, rules, request.side, now_ns)

    def market_prices(
        self, instrument: Instrument, rules: OrderRules, side: Side, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        """The same two prices for a market order.

        It may trade up to the collar around the opposite best price, or the last price where
        nothing is displayed. A purchase is reckoned at the collar, a sale at the best bid. [I]
        """
        best = self.opposite_best(instrument, side, now_ns)
        tick = decimal_tick(instrument, best, self.today(instrument, now_ns))
        worst = self._collar.worst_price(best, tick, is_buy=side is Side.BUY)
        if rules.has_price_limits:
            quote = self._market.quote(instrument.security, now_ns)
            low, high = venue_rules.price_limits(instrument, exact(quote.previous_close), tick)
            worst = min(max(worst, low), high)
        return worst, worst if side is Side.BUY else best

    def check_limit(
        self, price: Decimal | None, instrument: Instrument, rules: OrderRules, now_ns: int
    ) -> Decimal:
        """Judge a limit price and return it.

        Raises:
            InvalidPrice: missing, not a number, zero or negative.
            PriceOffTick: between two steps of the day's spread table.
            PriceOutsideLimits: beyond the day's limits, where there are any.
        """
        if price is None or not price.is_finite() or price <= 0:
            raise InvalidPrice(price)
        tick = decimal_tick(instrument, price, self.today(instrument, now_ns))
        limits = None
        if rules.has_price_limits:
            previous = exact(self._market.quote(instrument.security, now_ns).previous_close)
            limits = venue_rules.price_limits(instrument, previous, tick)
        return venue_rules.check_price(price, tick, limits)

    def is_open(self, instrument: Instrument, rules: OrderRules, now_ns: int) -> bool:
        """Whether regular continuous trading runs."""
        state = self._market.state(instrument.venue, now_ns)
        return venue_rules.trades_in(state, rules, OrderSession.NONE)

    def opposite_best(self, instrument: Instrument, side: Side, now_ns: int) -> Decimal:
        """The best price on the other side, or the last price where nothing is displayed."""
        book = self._market.displayed_book(instrument.security, now_ns)
        levels = book.asks if side is Side.BUY else book.bids
        return exact(levels[0].price) if levels else self.last(instrument, now_ns)

    # --- inside -------------------------------------------------------------------------------

    def _collared(
        self, price: Decimal, instrument: Instrument, side: Side, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        tick = self.tick(instrument, price, now_ns)
        worst = self._collar.worst_price(price, tick, is_buy=side is Side.BUY)
        return worst, worst if side is Side.BUY else price

    def _check_aux(
        self, price: Decimal | None, instrument: Instrument, rules: OrderRules, now_ns: int
    ) -> Decimal:
        if price is None or not price.is_finite() or price <= 0:
            raise InvalidTrigger(price)
        return self.check_limit(price, instrument, rules, now_ns)

    def _trailing_prices(
        self, request: OrderRequest, instrument: Instrument, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        trail = _checked_trail(request.trail)
        stop = triggers.stop_price(request.side, trail, self.last(instrument, now_ns))
        if stop <= 0:
            raise InvalidTrigger(trail.value)
        tick = self.tick(instrument, stop, now_ns)
        if request.order_type is OrderType.TRAILING_STOP_LIMIT:
            limit = triggers.trailing_limit(request.side, trail, stop, tick)
            return limit, limit
        return self._collared(stop, instrument, request.side, now_ns)


def _checked_trail(trail: Trail | None) -> Trail:
    if trail is None or trail.value <= 0 or trail.spread < 0:
        raise InvalidTrigger(trail.value if trail else None)
    if trail.kind is TrailKind.RATIO and trail.value >= 100:
        raise InvalidTrigger(trail.value)
    return trail
