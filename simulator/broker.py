"""Puts the broker together: users' orders go through account, venue and back.

Theory of operation. A `Ticket` is an order that is not finished. It travels to the venue (status
SUBMITTING), is then accepted (SUBMITTED) and either meets the market at once or waits until a
session opens in which it may trade. Every step of the order's state table emits one OrderChanged,
every execution one FillMade after it. Money follows at once: each fill is booked, and what the
ticket holds back is computed anew from what is left of it.

Calls must come in the order of time; the engine sees to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simulator.brokerage.books import Books, BrokerHooks
from simulator.brokerage.combo_effects import ComboQueries
from simulator.brokerage.combos import Combos
from simulator.brokerage.conditional import ConditionalOrders
from simulator.brokerage.day_trading import DayTradeGuards, DayTrading
from simulator.brokerage.day_turn import DayTurn
from simulator.brokerage.entrance import Entrance
from simulator.brokerage.executions import Executions
from simulator.brokerage.expiration import Expiration
from simulator.brokerage.flow import MarketFlow
from simulator.brokerage.liquidation import Liquidation
from simulator.brokerage.order_desk import OrderDesk
from simulator.brokerage.overrides import Overrides
from simulator.brokerage.queries import Queries
from simulator.brokerage.record_keeper import RecordKeeper
from simulator.brokerage.slicing import Slicer
from simulator.brokerage.stillness import Observer
from simulator.brokerage.valuation import Valuation
from simulator.domain import AccountSpec, Security
from simulator.ids import OrderIds
from simulator.market_view import Calendars, MarketView


class Broker:
    """All accounts and orders, by who wants something of them.

    Args:
        market: where prices come from.
        specs: the accounts.
        calendars: the venues' hours.
        ids: names orders and fills.
        hooks: the engine.
        guards: which orders of day traders are stopped.
    """

    def __init__(
        self,
        market: MarketView,
        specs: Sequence[AccountSpec],
        calendars: Calendars,
        ids: OrderIds,
        hooks: BrokerHooks,
        guards: DayTradeGuards,
    ) -> None:
        books = Books(market, specs, calendars, ids, hooks)
        valuation = Valuation(books)
        executions = Executions(books, valuation, self._watch_margin)
        combos = Combos(books, executions)
        entrance = Entrance(books, executions, Slicer(books, executions), combos)
        conditional = ConditionalOrders(books, valuation, executions, entrance)
        self.queries: Final = Queries(books, valuation)
        """For users: what there is."""
        self.day_trading: Final = DayTrading(books, valuation, guards)
        """For American accounts."""
        self.desk: Final = OrderDesk(
            books, valuation, executions, entrance, conditional, self.day_trading
        )
        """For users: what they want of their orders."""
        self.combo_queries: Final = ComboQueries(books, valuation, self.desk)
        """For users: what a combo order would do."""
        self.flow: Final = MarketFlow(books, executions, entrance, conditional)
        """For the agenda: what time and market bring."""
        self.observer: Final = Observer(books)
        """For the agenda: when nothing can happen."""
        self.overrides: Final = Overrides(books, valuation, executions, self.flow, combos)
        """For commands."""
        self.records: Final = RecordKeeper(books)
        """For the journal."""
        self._liquidation = Liquidation(books, valuation, self.desk)
        self.day_turn: Final = DayTurn(books, valuation, executions, self.follow)
        """For the agenda: trade dates begin."""
        self.expiration: Final = Expiration(books, executions, self._delivered)
        """For the agenda: derivatives end."""

    def _watch_margin(self, account_id: int, now_ns: int) -> None:
        self._liquidation.watch(account_id, now_ns)

    def follow(self, security: Security, now_ns: int) -> None:
        """See to what time brings to a security that is held or ordered."""
        self.day_turn.follow(security, now_ns)
        self.expiration.follow(security, now_ns)

    def resume(self, now_ns: int) -> None:
        """Go on with accounts that were taken over: what they hold is seen to as before."""
        self.day_turn.catch_up(now_ns)
        for account_id, security in self.queries.held():
            self.expiration.follow(security, now_ns)
            self._liquidation.watch(account_id, now_ns)

    def _delivered(self, account_id: int, security: Security, now_ns: int) -> None:
        self.follow(security, now_ns)
        self._watch_margin(account_id, now_ns)
