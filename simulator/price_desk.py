"""What an order is reckoned at: limits judged against tick and day, market orders against the book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from simulator.domain import Instrument, OrderRequest, OrderSession, OrderType, Side
from simulator.errors import InvalidPrice, MarketOrderOutsideHours
from simulator.market_view import Calendars, MarketView, exact
from simulator.ticks import decimal_tick
from simulator.venue import rules as venue_rules
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

    def market_ns(self, instrument: Instrument, now_ns: int) -> int:
        """The clock of the instrument's venue."""
        return self._market.timeline.market_ns(instrument.venue, now_ns)

    def today(self, instrument: Instrument, now_ns: int) -> date:
        """The trade date that is today at the instrument's venue."""
        market_ns = self.market_ns(instrument, now_ns)
        return self._calendars(instrument.venue).trading_date(market_ns)

    def prices(
        self, request: OrderRequest, instrument: Instrument, rules: OrderRules, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        """The worst price an order may trade at, and what a share of it is reckoned at.

        Raises:
            MarketOrderOutsideHours: a market order outside regular continuous trading.
            InvalidPrice, PriceOffTick, PriceOutsideLimits: see `check_limit`.
        """
        if request.order_type is OrderType.MARKET:
            state = self._market.state(instrument.venue, now_ns)
            if not venue_rules.trades_in(state, rules, OrderSession.NONE):
                raise MarketOrderOutsideHours(request.security)
            return self.market_prices(instrument, rules, request.side, now_ns)
        limit = self.check_limit(request.price, instrument, rules, now_ns)
        return limit, limit

    def market_prices(
        self, instrument: Instrument, rules: OrderRules, side: Side, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        """The same two prices for a market order.

        It may trade up to the collar around the opposite best price, or the last price where
        nothing is displayed. A purchase is reckoned at the collar, a sale at the best bid. [I]
        """
        book = self._market.displayed_book(instrument.security, now_ns)
        quote = self._market.quote(instrument.security, now_ns)
        levels = book.asks if side is Side.BUY else book.bids
        best = exact(levels[0].price if levels else quote.last)
        tick = decimal_tick(instrument, best, self.today(instrument, now_ns))
        worst = self._collar.worst_price(best, tick, is_buy=side is Side.BUY)
        if rules.has_price_limits:
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
