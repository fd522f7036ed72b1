"""The façade of the simulator: a market, a broker, and the time that drives both.

Theory of operation. All that will happen stands in one agenda, keyed by gateway time: orders that
arrive or expire, the next change of each followed security, the next state of each venue in use.
`advance` works it off in order. A security in which users have orders moves print by print, so
that fills happen at their instant; others move in chunks that end with the market's minute. Every
command first advances to its own instant, so nothing happens out of order.

Where users have orders but nobody watches, stretches in which nothing can happen to these orders are
passed over in one go (`Observer`). Whatever else happens meanwhile finds the stretch passed up to its
instant; if the orders have changed then, what is to come is looked at anew. Changes of securities come
before all else of an instant, in the order in which the securities were first followed: so it does
not matter how long ago they were planned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Final

from simulator.accounts.account_table import PAPER_ACCOUNTS
from simulator.accounts.day_trades import DayTradeStanding
from simulator.accounts.fees import FeeItems
from simulator.accounts.ledger import LedgerEntry
from simulator.accounts.terms import ContractTerms
from simulator.agenda import Action, Agenda
from simulator.broker import Broker
from simulator.brokerage.books import BrokerHooks
from simulator.brokerage.day_trading import DayTradeGuards
from simulator.brokerage.order_desk import as_request
from simulator.brokerage.stillness import Stillness
from simulator.domain import (
    AccountSpec,
    ComboEffects,
    Currency,
    Fill,
    Funds,
    MarketState,
    MaxQuantities,
    Order,
    OrderBook,
    OrderQueues,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Security,
    Trade,
    TradeKind,
    TradingMarket,
    Trigger,
    Venue,
)
from simulator.errors import OrderNotModifiable, UnknownOrder
from simulator.events import Event, FillMade, MarketMoved, MarketStateChanged, OrderChanged
from simulator.ids import OrderIds
from simulator.interventions import Act, OrderPlan, OrderPlans
from simulator.journal import (
    Arrival,
    Change,
    CounterRecord,
    FillRecord,
    MomentRecord,
    PlansRecord,
    PrintRecord,
    Record,
    Restored,
)
from simulator.market.data import MarketData
from simulator.market_view import Calendars
from simulator.packing import pack_fields, unpack
from simulator.trading_days import calendar_for
from simulator.venue.models import ConstantLatency, LatencyModel

_MOST_FORESEEN: Final = 16
"""With more open orders in a security each of its changes is looked at: to foresee that nothing can
happen takes a look at every order, whenever one of them changes."""


@dataclass(slots=True)
class _Followed:
    """A security that somebody watches or has an open order in."""

    venue: Venue
    watchers: int = 0
    open_orders: int = 0
    seen_ns: int | None = None
    """Up to where its prints were handled; None until the first `advance`."""
    rank: int = 0
    """Its place among those that change at the same instant."""
    still: Stillness | None = None
    """The stretch that is being passed over."""

    @property
    def is_used(self) -> bool:
        return self.watchers > 0 or self.open_orders > 0


class Engine:
    """Everything that happens in the simulator.

    Args:
        market: the market's data.
        accounts: the accounts that exist.
        calendars: the venues' hours.
        latency: how long orders travel.
        seed: order ids follow from it.
        guards: which orders of American day traders are stopped.
    """

    def __init__(
        self,
        market: MarketData,
        accounts: Sequence[AccountSpec] = PAPER_ACCOUNTS,
        *,
        calendars: Calendars = calendar_for,
        latency: LatencyModel | None = None,
        seed: int = 0,
        guards: DayTradeGuards = DayTradeGuards(),  # noqa: B008 - frozen
    ) -> None:
        self.market = market
        self._calendars = calendars
        self._latency = latency or ConstantLatency()
        self._agenda = Agenda()
        self._events: list[Event] = []
        self._followed: dict[Security, _Followed] = {}
        self._still: dict[Security, _Followed] = {}
        """Those that pass over a stretch, and some that did."""
        self._ranks = count()
        self._leaps_to_ns = 0
        """Before this nobody is told of prints and books."""
        self._fresh: list[Security] = []
        """Followed since the last `advance`."""
        self._states: dict[Venue, MarketState] = {}
        self._now_ns = 0
        self._arrivals: dict[int, int] = {}
        """When orders that travel are to arrive."""
        self._touched: dict[int, Order] = {}
        """Orders that changed since the last `take_changes`."""
        self._records: list[Record] = []
        """Fills and prints since the last `take_changes`."""
        self._counters = CounterRecord(0, 0)
        self._accounts = tuple(accounts)
        self._guards = guards
        self._broker = self._make_broker(seed)
        self.listen: Callable[[Event], None] = lambda _event: None
        """Told of every change of an order and every fill at once, before anyone else."""
        self.plans: Final = OrderPlans()
        """What commands want to happen to the next orders."""

    def _make_broker(self, seed: int) -> Broker:
        hooks = BrokerHooks(
            self._emit,
            self._printed,
            self._order_opened,
            self._order_closed,
            self._plan,
            self._forced,
            self._touch,
        )
        return Broker(
            self.market, self._accounts, self._calendars, OrderIds(seed), hooks, self._guards
        )

    # --- time ---------------------------------------------------------------------------------

    def watch(self, security: Security) -> None:
        """Follow a security's market; counted, so each call needs one `unwatch`.

        Raises:
            UnknownSecurity: there is none of that name.
        """
        self._follow(security).watchers += 1

    def unwatch(self, security: Security) -> None:
        """Take one `watch` back."""
        followed = self._followed[security]
        followed.watchers -= 1
        self._drop_unused(security)

    def next_deadline_ns(self) -> int | None:
        """When `advance` has something to do next, in gateway time; None if never."""
        self._look_again()
        return self._now_ns if self._fresh else self._agenda.next_ns()

    def advance(self, now_ns: int) -> None:
        """Let everything happen that happens up to `now_ns`, gateway time, in order.

        A time before that of an earlier call is taken as that of the earlier call.
        """
        now_ns = max(now_ns, self._now_ns)
        self._look_again()
        if 0 < self._leaps_to_ns <= now_ns:
            self._land()
        self._run_until(now_ns)
        for security in self._fresh:
            self._start_following(security, now_ns)
        self._fresh.clear()

    def _run_until(self, now_ns: int) -> None:
        self._now_ns = now_ns
        self._agenda.run_until(now_ns)
        self._pass_over(now_ns)

    def drain(self) -> list[Event]:
        """Take the events that have queued up, oldest first."""
        events = self._events.copy()
        self._events.clear()
        return events

    # --- by command ---------------------------------------------------------------------------

    def leap(self, now_ns: int) -> None:
        """Go to a later instant past everything that only watchers would be told of.

        Orders, their securities and the venues' states do as always.
        """
        self.leap_towards(now_ns)
        self.advance(now_ns)

    def leap_towards(self, goal_ns: int) -> None:
        """Pass over what only watchers would be told of from now on, until `goal_ns` is reached."""
        for security, followed in tuple(self._followed.items()):
            if not followed.open_orders:
                self._followed[security] = replace(followed, seen_ns=None)
        self._leaps_to_ns = max(goal_ns, self._now_ns)

    def _land(self) -> None:
        """End a leap; those who watch are told how things are."""
        self._run_until(self._leaps_to_ns)
        self._leaps_to_ns = 0
        idle = [s for s, followed in self._followed.items() if not followed.open_orders]
        for security, followed in self._followed.items():
            if followed.open_orders:
                self._tell(security, followed, self._now_ns, (), ())
        self.market_changed(idle, self._now_ns)
        self._look_again()

    def followed(self) -> tuple[Security, ...]:
        """All securities that are watched or have open orders."""
        return tuple(self._followed)

    def market_changed(self, securities: Iterable[Security], now_ns: int) -> None:
        """The markets of these securities are not any more what they seemed to become.

        What happened up to now is told, prints of this very instant included.
        """
        self.advance(now_ns)
        for security in securities:
            followed = self._followed.get(security)
            if followed is None:
                continue
            fresh = replace(followed, still=None)  # the plans made for the other one are void
            followed = self._followed[security] = fresh
            followed.seen_ns = self._now_ns - 1
            self._move(security, followed, self._now_ns, book_changed=True)
            if self._followed.get(security) is followed:
                self._plan_change(security, followed, self._now_ns)

    def fill(self, order_id: int, quantity: int | None, price: Decimal | None, now_ns: int) -> None:
        """Execute an order by command; see `Overrides.fill`."""
        self.advance(now_ns)
        self._broker.overrides.fill(order_id, quantity, price, self._now_ns)

    def refuse(self, order_id: int, reason: str, now_ns: int) -> None:
        """Fail an order by command; see `Overrides.refuse`."""
        self.advance(now_ns)
        self._broker.overrides.refuse(order_id, reason, self._now_ns)

    def hold(self, order_id: int, now_ns: int, *, is_held: bool) -> None:
        """Keep an order from the market, or let it go on; see `Overrides.hold`."""
        self.advance(now_ns)
        if is_held:
            self._broker.overrides.hold(order_id)
        else:
            self._broker.flow.market_moved(
                self._broker.overrides.let_go(order_id), (), self._now_ns
            )

    def delay(self, order_id: int, delay_ns: int, now_ns: int) -> None:
        """Let an order that travels arrive that much later than now.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it has arrived.
        """
        self.advance(now_ns)
        order = self.unfinished(order_id)
        if order.status is not OrderStatus.SUBMITTING:
            raise OrderNotModifiable(order_id)
        self._arrivals[order_id] = self._now_ns + delay_ns
        self._plan_arrival(order, self._now_ns + delay_ns)

    def unfinished(self, name: int | str) -> Order:
        """An order that can still change, whoever's it is, by one of its two ids.

        Raises:
            UnknownOrder: there is none, or it is finished.
        """
        for order in self._broker.queries.unfinished():
            if str(name) in (str(order.order_id), order.order_id_ex):
                return order
        raise UnknownOrder(str(name))

    def pay(self, account_id: int, amount: Decimal, currency: Currency | None, now_ns: int) -> None:
        """Pay cash into an account, or out of it if negative. Raises UnknownAccount."""
        self.advance(now_ns)
        self._broker.overrides.pay(account_id, amount, currency, self._now_ns)

    def transfer(
        self, account_id: int, security: Security, quantity: int, price: Decimal, now_ns: int
    ) -> None:
        """Bring shares into an account, or take them out; see `Overrides.transfer`."""
        self.advance(now_ns)
        self._broker.overrides.transfer(account_id, security, quantity, price, self._now_ns)
        self._broker.follow(security, self._now_ns)

    def expire(self, security: Security, account_id: int | None, now_ns: int) -> int:
        """End a derivative now; see `Expiration.end_now`."""
        self.advance(now_ns)
        return self._broker.expiration.end_now(security, account_id, self._now_ns)

    def reset(self, account_id: int | None, now_ns: int) -> None:
        """Put one account or all back to how it began. Raises UnknownAccount."""
        self.advance(now_ns)
        self._broker.overrides.reset(account_id)
        self._touched.clear()

    # --- the journal --------------------------------------------------------------------------

    def take_changes(self) -> list[Change]:
        """What changed since the last call and must outlive this run, in the order of `restore`.

        Whoever tells anyone of a change makes sure first that its record is kept.
        """
        records: list[Change] = [*self._records]
        self._records.clear()
        records += [self._broker.records.order_record(order) for order in self._touched.values()]
        self._touched.clear()
        records += self._broker.records.take_changes()
        plans = self.plans.take_changed()
        if plans is not None:
            records.append(PlansRecord(tuple(pack_fields(plan) for plan in plans)))
        counters = self._broker.records.counters()
        if counters != self._counters:
            self._counters = counters
            records.append(counters)
        return records

    def restore(self, records: Sequence[Record], now_ns: int) -> Restored:
        """Go on from what an earlier run kept; before anything else happens in this one.

        Args:
            records: all there are; of one kind in the order in which their keys first appeared.
            now_ns: gateway time, at or after that of the last record.

        Orders are matched from now on: what the market did while nothing ran is not made up for,
        but a DAY order whose day has ended meanwhile expires at once. [I]
        """
        self._now_ns = now_ns
        for record in records:
            if isinstance(record, PrintRecord):
                self.market.restore_trade(record.security, record.trade)
            elif isinstance(record, MomentRecord):
                self._arrivals.update(record.arrivals)
            elif isinstance(record, PlansRecord):
                self.plans.restore(unpack(OrderPlan, plan) for plan in record.plans)
        restored = self._broker.records.restore(records)
        self._counters = self._broker.records.counters()
        for record in records:
            if isinstance(record, MomentRecord):
                self._broker.records.resume_moment(record)
        for order in self._broker.queries.unfinished():
            venue = self.market.universe.get(order.security).venue
            created_ns = self.market.timeline.gateway_ns(venue, order.created_ns)
            if order.status is OrderStatus.SUBMITTING:
                self._plan_arrival(order, self._arrivals.get(order.order_id, now_ns))
            self._plan_expiry(order, created_ns)
            self._plan_resumption(order.security, now_ns)
        self._agenda.add(now_ns, self._broker.resume)
        return restored

    def all_records(self) -> list[Record]:
        """The whole state as `restore` takes it, changes that were not taken yet included."""
        plans = tuple(pack_fields(plan) for plan in self.plans.waiting())
        return [
            *self._broker.records.all_records(),
            *(PrintRecord(security, trade) for security, trade in self.market.user_trades()),
            *([PlansRecord(plans)] if plans else []),
            self._broker.records.moment(Arrival(*row) for row in self._arrivals.items()),
        ]

    def load(self, records: Sequence[Record], seed: int, now_ns: int) -> Restored:
        """Become what the records say, whatever was before, at an instant that may be earlier.

        What is watched is still watched, and told anew.

        Args:
            records: as for `restore`.
            seed: order ids follow from it.
            now_ns: gateway time.
        """
        watched = {s: each.watchers for s, each in self._followed.items() if each.watchers}
        for kept in (
            self._agenda,
            self._events,
            self._still,
            self._fresh,
            self._touched,
            self._records,
        ):
            kept.clear()
        for known in (self._arrivals, self._states, self._followed):
            known.clear()
        self.plans.restore(())
        self._broker = self._make_broker(seed)
        restored = self.restore(records, now_ns)
        for security, watchers in watched.items():
            self._follow(security).watchers += watchers
        self.market_changed(watched, now_ns)
        return restored

    # --- market -------------------------------------------------------------------------------

    def order_book(self, security: Security, now_ns: int, depth: int = 10) -> OrderBook:
        """Displayed liquidity less what users just took, plus users' resting orders."""
        return self.with_users(self.market.displayed_book(security, now_ns, depth), now_ns, depth)

    def with_users(self, displayed: OrderBook, now_ns: int, depth: int = 10) -> OrderBook:
        """What `order_book` makes of a displayed book; the same object where users play no part."""
        return self._broker.queries.resting_levels(displayed.security, displayed, now_ns, depth)

    def order_queues(self, security: Security, now_ns: int, depth: int = 10) -> OrderQueues:
        """The single orders at each level of `order_book`, users' own under their order numbers."""
        displayed = self.market.displayed_book(security, now_ns, depth)
        return self._broker.queries.resting_orders(security, displayed, now_ns, depth)

    # --- accounts -----------------------------------------------------------------------------

    def accounts(self) -> tuple[AccountSpec, ...]:
        """All accounts."""
        return self._broker.queries.accounts()

    def funds(self, account_id: int, now_ns: int, currency: Currency | None = None) -> Funds:
        """An account's money, in its own currency or another one. Raises UnknownAccount."""
        return self._broker.queries.funds(account_id, now_ns, currency)

    def terms(self, account_id: int, security: Security) -> ContractTerms:
        """On what terms an account holds a security. Raises UnknownAccount, UnknownSecurity."""
        return self._broker.queries.terms(account_id, security)

    def positions(self, account_id: int, now_ns: int) -> tuple[Position, ...]:
        """What an account holds or traded today. Raises UnknownAccount."""
        return self._broker.queries.positions(account_id, now_ns)

    def day_trading(self, account_id: int, now_ns: int) -> DayTradeStanding | None:
        """How an account stands with the rules of day trading; None where there are none.

        Raises:
            UnknownAccount: as named.
        """
        return self._broker.day_trading.standing(account_id, now_ns)

    def ledger(self, account_id: int) -> tuple[LedgerEntry, ...]:
        """Every movement of an account's cash, oldest first. Raises UnknownAccount."""
        return self._broker.queries.ledger(account_id)

    def max_quantities(
        self,
        account_id: int,
        security: Security,
        order_type: OrderType,
        price: Decimal | None,
        now_ns: int,
        order_id: int | None = None,
    ) -> MaxQuantities:
        """The largest orders that `submit` accepts now; see `Queries.max_quantities`."""
        return self._broker.queries.max_quantities(
            account_id, security, order_type, price, now_ns, order_id
        )

    def combo_effects(
        self, request: OrderRequest, now_ns: int, order_id: int | None = None
    ) -> ComboEffects:
        """What filling a combo order would do to its account; see `ComboQueries.effects`."""
        self.advance(now_ns)
        return self._broker.combo_queries.effects(request, now_ns, order_id)

    # --- orders -------------------------------------------------------------------------------

    def orders(self, account_id: int, now_ns: int) -> tuple[Order, ...]:
        """Unfinished orders and those that changed today, newest first. Raises UnknownAccount."""
        return self._broker.queries.orders(account_id, now_ns)

    def order(self, account_id: int, order_id: int) -> Order:
        """One order, finished or not. Raises UnknownAccount, UnknownOrder."""
        return self._broker.queries.order(account_id, order_id)

    def order_fees(self, account_id: int, order_id: int) -> FeeItems:
        """What an order's fills were charged, by title. Raises UnknownAccount, UnknownOrder."""
        return self._broker.queries.order_fees(account_id, order_id)

    def history_orders(self, account_id: int, begin_ns: int, end_ns: int) -> tuple[Order, ...]:
        """Finished orders created in [begin, end] of the market's clock, newest first."""
        return self._broker.queries.history_orders(account_id, begin_ns, end_ns)

    def fills(self, account_id: int, begin_ns: int, end_ns: int) -> tuple[Fill, ...]:
        """Executions in [begin, end] of the market's clock, newest first."""
        return self._broker.queries.fills(account_id, begin_ns, end_ns)

    def submit(self, request: OrderRequest, now_ns: int) -> Order:
        """Take an order in status SUBMITTING; it reaches the venue after the latency.

        Raises:
            UnknownAccount, UnknownSecurity: as named.
            OrderRejected: one of its kinds, when the order is not even sent.
        """
        self.advance(now_ns)
        order = self._broker.desk.submit(request, self._now_ns)
        plan = self.plans.take(request, Act.DELAY)
        delay_ns = plan.delay_ns if plan is not None else self._latency.delay_ns(request)
        self._arrivals[order.order_id] = self._now_ns + delay_ns
        self._plan_arrival(order, self._now_ns + delay_ns)
        self._plan_expiry(order, self._now_ns)
        return order

    def modify(
        self,
        account_id: int,
        order_id: int,
        quantity: Decimal,
        price: Decimal | None,
        now_ns: int,
        trigger: Trigger | None = None,
    ) -> Order:
        """Change an open order that names a limit or waits for a price, at once.

        Args:
            account_id: whose order it is.
            order_id: which one.
            quantity: the new total, filled part included. Source: [D]
            price: the new limit. Another price or a larger quantity loses the place in the queue.
            now_ns: gateway time.
            trigger: what is to wake the order; what it leaves out stays.

        Raises:
            UnknownAccount, UnknownOrder: as named.
            OrderNotModifiable: finished, or a market order.
            OrderRejected: one of its kinds; the order stays as it was.
        """
        self.advance(now_ns)
        self._catch_up(self._broker.queries.order(account_id, order_id), self._now_ns)
        return self._broker.desk.modify(
            account_id, order_id, quantity, price, self._now_ns, trigger
        )

    def cancel(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Take back what is left of an open order, at once.

        Raises:
            UnknownAccount, UnknownOrder: as named.
            OrderNotModifiable: the order is finished.
        """
        self.advance(now_ns)
        return self._broker.desk.cancel(account_id, order_id, self._now_ns)

    def cancel_all(self, account_id: int, market: TradingMarket | None, now_ns: int) -> None:
        """Take back all open orders of an account, or of one market of it.

        Raises:
            UnknownAccount: as named.
            OperationNotSupported: the account or the market does not know it.
        """
        self.advance(now_ns)
        self._broker.desk.cancel_all(account_id, market, self._now_ns)

    def disable(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Take an open order out of the market without ending it.

        Raises:
            UnknownAccount, UnknownOrder: as named.
            OperationNotSupported: the account or the product does not know it.
            OrderNotModifiable: finished, disabled already or partly filled.
        """
        self.advance(now_ns)
        return self._broker.desk.disable(account_id, order_id, self._now_ns)

    def enable(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Send a disabled order to the venue again.

        Raises:
            UnknownAccount, UnknownOrder: as named.
            OperationNotSupported, OrderNotModifiable: as `disable`.
            OrderRejected: the account cannot take it any more.
        """
        self.advance(now_ns)
        order = self._broker.desk.enable(account_id, order_id, self._now_ns)
        self._send(order, self._now_ns)
        return order

    def delete(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Remove an order that was disabled, or ended, without a fill.

        Raises:
            UnknownAccount, UnknownOrder: as named.
            OperationNotSupported, OrderNotModifiable: as `disable`.
        """
        self.advance(now_ns)
        return self._broker.desk.delete(account_id, order_id, self._now_ns)

    # --- following securities -----------------------------------------------------------------

    def _follow(self, security: Security) -> _Followed:
        followed = self._followed.get(security)
        if followed is None:
            venue = self.market.universe.get(security).venue
            followed = self._followed[security] = _Followed(venue, rank=next(self._ranks))
            self._fresh.append(security)
        return followed

    def _drop_unused(self, security: Security) -> None:
        if not self._followed[security].is_used:
            del self._followed[security]

    def _start_following(self, security: Security, now_ns: int) -> None:
        followed = self._followed.get(security)
        if followed is None or followed.seen_ns is not None:
            return
        followed.seen_ns = now_ns
        self._plan_change(security, followed, now_ns)
        if followed.venue not in self._states:
            self._states[followed.venue] = self.market.state(followed.venue, now_ns)
            self._plan_state(followed.venue, now_ns)

    def _order_opened(self, security: Security) -> None:
        followed = self._follow(security)
        followed.open_orders += 1
        self._start_following(security, self._now_ns)
        self._broker.follow(security, self._now_ns)

    def _order_closed(self, security: Security) -> None:
        self._followed[security].open_orders -= 1
        self._drop_unused(security)

    # --- what happens -------------------------------------------------------------------------

    def _emit(self, event: Event) -> None:
        self._events.append(event)
        self.listen(event)
        if isinstance(event, OrderChanged):
            self._touched[event.order.order_id] = event.order
        elif isinstance(event, FillMade):
            self._records.append(FillRecord(event.fill))

    def _touch(self, order: Order) -> None:
        self._touched[order.order_id] = order

    def _forced(self, order: Order, now_ns: int) -> None:
        self._send(order, now_ns)
        self._plan_expiry(order, now_ns)

    def _send(self, order: Order, now_ns: int) -> None:
        """Let an order arrive after the latency."""
        request = as_request(order, Decimal(order.quantity), order.price)
        self._plan_arrival(order, now_ns + self._latency.delay_ns(request))

    def _plan_arrival(self, order: Order, arrival_ns: int) -> None:
        self._plan(arrival_ns, lambda at_ns: self._arrive(order, at_ns))

    def _plan_resumption(self, security: Security, now_ns: int) -> None:
        self._plan(now_ns, lambda at_ns: self._broker.flow.market_moved(security, (), at_ns))

    def _plan_expiry(self, order: Order, created_ns: int) -> None:
        self._plan(
            self._broker.flow.expiry_ns(order, created_ns),
            lambda at_ns: self._broker.flow.expire(order.order_id, at_ns),
        )

    def _plan_change(
        self,
        security: Security,
        followed: _Followed,
        after_ns: int,
        *,
        looks_ahead: bool = False,
    ) -> None:
        followed.still = None
        from_ns = after_ns
        if looks_ahead and 0 < followed.open_orders <= _MOST_FORESEEN and not self._tells(followed):
            still = followed.still = self._broker.observer.still_after(security, after_ns)
            if still is not None:
                self._still[security] = followed
                from_ns = still.until_ns - 1
        at_ns = max(after_ns + 1, self.market.next_change_ns(security, from_ns))
        self._agenda.add(
            at_ns, lambda at_ns: self._change(security, followed, at_ns), followed.rank
        )

    def _change(self, security: Security, followed: _Followed, at_ns: int) -> None:
        if self._followed.get(security) is not followed:
            return
        self._pass_over_one(security, followed, at_ns)
        until_ns = at_ns
        if not followed.open_orders:
            minute_ns = self.market.next_minute_ns(security, at_ns)
            until_ns = max(at_ns, min(self._now_ns, minute_ns - 1))
        self._move(security, followed, until_ns, book_changed=True)
        self._plan_change(security, followed, until_ns, looks_ahead=True)

    def _move(
        self, security: Security, followed: _Followed, until_ns: int, *, book_changed: bool
    ) -> None:
        """Handle everything up to an instant, the instant itself included."""
        seen_ns = until_ns if followed.seen_ns is None else followed.seen_ns
        trades = self.market.trades_between(security, seen_ns, until_ns)
        extended = self.market.extended_trades(security, seen_ns, until_ns)
        followed.seen_ns = until_ns
        if not trades and not extended and not book_changed:
            return
        if self._tells(followed):
            self._tell(security, followed, until_ns, trades, extended)
        if followed.open_orders:
            auctions = [trade for trade in trades if trade.kind is TradeKind.AUCTION]
            prints = [trade for trade in trades if trade.kind is not TradeKind.AUCTION]
            self._broker.flow.market_moved(security, prints, until_ns, auctions)

    def _tells(self, followed: _Followed) -> bool:
        """Whether somebody is to be told of its prints and books."""
        return followed.watchers > 0 and not self._leaps_to_ns

    def _tell(
        self,
        security: Security,
        followed: _Followed,
        now_ns: int,
        trades: tuple[Trade, ...],
        extended: tuple[Trade, ...],
    ) -> None:
        if followed.watchers:
            session = self.market.running_session(security, now_ns)
            self._events.append(
                MarketMoved(
                    security, now_ns, trades, book_changed=True, extended=extended, session=session
                )
            )

    # --- stretches in which nothing happens ---------------------------------------------------

    def _plan(self, at_ns: int, action: Action) -> None:
        """Plan anything that may change orders."""
        self._agenda.add(at_ns, lambda at_ns: self._act(action, at_ns))

    def _act(self, action: Action, at_ns: int) -> None:
        self._pass_over(at_ns)
        action(at_ns)
        self._look_again()

    def _pass_over(self, now_ns: int) -> None:
        """All stretches have passed up to an instant."""
        for security, followed in self._still.items():
            self._pass_over_one(security, followed, now_ns)

    def _pass_over_one(self, security: Security, followed: _Followed, now_ns: int) -> None:
        still = followed.still
        if still is None or followed.seen_ns is None:
            return
        passed_ns = min(now_ns, still.until_ns - 1)
        if passed_ns > followed.seen_ns:
            self._broker.observer.pass_over(security, still, followed.seen_ns, passed_ns)
            followed.seen_ns = passed_ns

    def _look_again(self) -> None:
        """Orders may have changed, or watchers come: is every stretch still one?"""
        for security, followed in tuple(self._still.items()):
            if self._followed.get(security) is not followed or followed.still is None:
                del self._still[security]
                continue
            if self._tells(followed) or not self._is_still(security, followed):
                after_ns = followed.seen_ns if followed.seen_ns is not None else self._now_ns
                fresh = self._followed[security] = replace(followed, still=None)
                del self._still[security]
                self._plan_change(security, fresh, after_ns)

    def _is_still(self, security: Security, followed: _Followed) -> bool:
        """Whether its orders wait for just what its stretch was planned with."""
        if followed.still is None or followed.open_orders > _MOST_FORESEEN:
            return False
        return self._broker.observer.needs(security) == followed.still.needs

    def _catch_up(self, order: Order, at_ns: int) -> None:
        """Handle the tape before an order meets the market, whose fill is printed on it."""
        for security in order.securities:
            followed = self._followed.get(security)
            if followed is not None:
                self._move(security, followed, at_ns, book_changed=False)

    def _arrive(self, order: Order, at_ns: int) -> None:
        if self._arrivals.get(order.order_id, at_ns) > at_ns:  # a command delayed it meanwhile
            return
        self._arrivals.pop(order.order_id, None)
        self._catch_up(order, at_ns)
        plan = self.plans.take(order, Act.REJECT, Act.FILL, Act.HOLD)
        if plan is None or not self._broker.queries.is_unfinished(order.order_id):
            self._broker.flow.arrive(order.order_id, at_ns)
        else:
            self._follow_plan(plan, order, at_ns)

    def _follow_plan(self, plan: OrderPlan, order: Order, at_ns: int) -> None:
        if plan.act is Act.REJECT:
            self._broker.overrides.refuse(order.order_id, plan.reason, at_ns)
            return
        self._broker.overrides.hold(order.order_id)
        self._broker.flow.arrive(order.order_id, at_ns)
        if plan.act is Act.FILL:
            lot_size = max(1, self.market.universe.get(order.security).lot_size)
            quantity = plan.quantity_of(order.quantity, lot_size)
            self._broker.overrides.fill(order.order_id, quantity, plan.price, at_ns)

    def _printed(self, security: Security, trade: Trade, now_ns: int) -> None:
        self._records.append(PrintRecord(security, trade))
        followed = self._followed.get(security)
        if followed is not None and followed.watchers:
            self._events.append(MarketMoved(security, now_ns, (trade,), book_changed=True))

    def _plan_state(self, venue: Venue, after_ns: int) -> None:
        timeline = self.market.timeline
        market_ns = timeline.market_ns(venue, after_ns)
        change_ns = self._calendars(venue).next_state_change_ns(market_ns)
        at_ns = max(after_ns + 1, timeline.gateway_ns(venue, change_ns))
        self._agenda.add(at_ns, lambda at_ns: self._change_state(venue, at_ns))

    def _change_state(self, venue: Venue, at_ns: int) -> None:
        if all(followed.venue is not venue for followed in self._followed.values()):
            del self._states[venue]
            return
        state = self.market.state(venue, at_ns)
        if state is not self._states[venue]:
            self._states[venue] = state
            self._events.append(MarketStateChanged(venue, state))
        self._plan_state(venue, at_ns)
