"""Guards American margin accounts: against the mark of a pattern day trader, and against its calls.

Source: [D] which orders are stopped, and that both guards can be switched off; [V] how power and calls
are reckoned; [I] that a mark lasts ninety days and that a closing order is stopped when it is placed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from simulator.accounts.account import Account
from simulator.accounts.day_trades import (
    TRADES_OF_A_PATTERN,
    WINDOW_DAYS,
    DayTradeCount,
    DayTradeStanding,
    DayTradeStatus,
    Step,
    count_day_trades,
)
from simulator.accounts.exchange_rates import exchange_rate
from simulator.accounts.ledger import EntryKind
from simulator.brokerage.books import Books
from simulator.brokerage.valuation import Valuation, utc_date
from simulator.domain import (
    NS_PER_S,
    AccountSpec,
    AccountType,
    Currency,
    Fill,
    SecurityFirm,
    Side,
    TradingMarket,
    Venue,
)
from simulator.errors import BeyondDayTradingPower, EquityTooLowToOpen, WouldBeMarked
from simulator.tickets import Ticket
from simulator.trading_days import calendar_for

LEAST_EQUITY: Final = Decimal(25_000)
"""USD that a marked account needs to open positions. Source: [D], [P] Trd_Common.DTStatus."""
POWER_FACTOR: Final = 4
"""What the excess of equity over maintenance margin is multiplied by. Source: [V]."""
MARK_LASTS: Final = timedelta(days=90)
"""Source: [V]."""
_LOOKED_BACK: Final = MARK_LASTS + timedelta(days=30)
"""What was traded before tells nothing: as long as a mark lasts, and well beyond a window before it."""
_A_DATE_BACK: Final = timedelta(days=2)
"""A trade date may begin in the evening before."""


@dataclass(frozen=True, slots=True)
class DayTradeGuards:
    """Which orders are stopped before they do harm."""

    against_mark: bool = True
    """`pdt_protection`: those that would mark the account."""
    against_call: bool = True
    """`dtcall_confirmation`: those that open more than the remaining power."""


def is_guarded(spec: AccountSpec) -> bool:
    """Whether the rules of day trading hold: for margin accounts of Futu Inc. in America only. [D]."""
    return (
        spec.firm is SecurityFirm.FUTU_INC
        and spec.account_type is AccountType.MARGIN
        and TradingMarket.US in spec.markets
    )


class DayTrading:
    """Looks at accounts as their regulator would.

    Args:
        books: what all parts share.
        valuation: what holdings are worth.
        guards: which orders are stopped.
    """

    def __init__(self, books: Books, valuation: Valuation, guards: DayTradeGuards) -> None:
        self._books = books
        self._valuation = valuation
        self._guards = guards

    def check(self, ticket: Ticket, value: Decimal, now_ns: int, *, opens: bool) -> None:
        """Stop an order that the guards are there for.

        Args:
            ticket: the order.
            value: what it would trade, in the account's currency.
            now_ns: gateway time.
            opens: whether it opens or adds to a position.

        Raises:
            WouldBeMarked: it closes what was opened today, and that would be the fourth day trade.
            EquityTooLowToOpen: it opens a position in a marked account with too little equity.
            BeyondDayTradingPower: it opens more than a marked account can close again today.
        """
        if not is_guarded(ticket.account.spec):
            return
        account = ticket.account
        today = self._today(now_ns)
        count = self._count(account, today)
        if not opens:
            is_last = count.in_window(_window(today)) >= TRADES_OF_A_PATTERN - 1
            makes_one = ticket.order.security in count.open_legs
            if self._guards.against_mark and is_last and makes_one and not _is_marked(count, today):
                raise WouldBeMarked(ticket.order.security)
            return
        if not _is_marked(count, today):
            return
        standing = self._standing(account, count, today, now_ns)
        if standing.status is DayTradeStatus.EQUITY_CALL:
            raise EquityTooLowToOpen(LEAST_EQUITY)
        if not self._guards.against_call:
            return
        if value + self._pending(account, now_ns) > standing.remaining_power:
            raise BeyondDayTradingPower(value, standing.remaining_power)

    def standing(self, account_id: int, now_ns: int) -> DayTradeStanding | None:
        """How an account stands; None if the rules do not hold for it. Raises UnknownAccount."""
        account = self._books.account(account_id)
        if not is_guarded(account.spec):
            return None
        today = self._today(now_ns)
        return self._standing(account, self._count(account, today), today, now_ns)

    # --- the day ------------------------------------------------------------------------------

    def _today(self, now_ns: int) -> date:
        market_ns = self._books.market.timeline.market_ns(Venue.US_STOCK, now_ns)
        return calendar_for(Venue.US_STOCK).trading_date(market_ns)

    def _count(self, account: Account, today: date) -> DayTradeCount:
        recent = self._fills_since(account, today - _LOOKED_BACK)
        steps = [self._step(account, fill) for fill in recent]
        given = {security: account.quantity(security) for security in account.held_securities}
        for step in steps:
            given[step.security] = given.get(step.security, 0) - step.quantity
        return count_day_trades(steps, today, given)

    def _fills_since(self, account: Account, day: date) -> list[Fill]:
        fills, since_ns = self._books.fills[account.spec.account_id], _midnight_ns(day)
        return [fill for fill in fills if fill.created_ns >= since_ns]

    def _step(self, account: Account, fill: Fill) -> Step:
        terms = account.terms(fill.security)
        day = calendar_for(Venue.US_STOCK).trading_date(fill.created_ns)
        rate = exchange_rate(terms.currency, account.spec.currency, day)
        value = fill.quantity * terms.multiplier * fill.price * rate
        quantity = fill.quantity if fill.side is Side.BUY else -fill.quantity
        return Step(fill.security, day, quantity, value, fill.created_ns)

    # --- money --------------------------------------------------------------------------------

    def _standing(
        self, account: Account, count: DayTradeCount, today: date, now_ns: int
    ) -> DayTradeStanding:
        least = LEAST_EQUITY * exchange_rate(Currency.USD, account.spec.currency, utc_date(now_ns))
        is_poor = account.equity(self._valuation.marks(account, now_ns)) < least
        is_marked = _is_marked(count, today)
        beginning = Decimal(0) if is_poor else self._beginning_power(account, today, now_ns)
        call = max(Decimal(0), count.peak - beginning) / POWER_FACTOR
        call = (
            max(Decimal(0), call - _paid_in(account, today, count.peak_ns))
            if is_marked
            else Decimal(0)
        )
        left: int | None = max(0, TRADES_OF_A_PATTERN - 1 - count.in_window(_window(today)))
        if is_marked:
            left = 0 if is_poor else None
        return DayTradeStanding(
            is_marked=is_marked,
            trades_left=left,
            beginning_power=beginning,
            remaining_power=max(Decimal(0), beginning - count.exposure),
            call=call,
            status=_status(call, is_marked=is_marked, is_poor=is_poor),
        )

    def _beginning_power(self, account: Account, today: date, now_ns: int) -> Decimal:
        """Four times yesterday's equity less its maintenance margin."""
        marks = self._valuation.marks(account, now_ns)
        held = {security: account.quantity(security) for security in marks.prices}
        for fill in self._fills_since(account, today - _A_DATE_BACK):
            step = self._step(account, fill)
            if step.day == today:
                held[step.security] -= step.quantity
        equity = margin = Decimal(0)
        for security, quantity in held.items():
            mark, terms = marks.prices[security], account.terms(security)
            value = quantity * terms.multiplier * mark.previous_close * mark.rate
            equity += value
            margin += terms.rates.maintenance(max(value, Decimal(0)), max(-value, Decimal(0)))
        for currency, cash in account.ledger.balances.items():
            rate = exchange_rate(currency, account.spec.currency, utc_date(now_ns))
            equity += (cash - self._moved(account, currency, today)) * rate
        return max(Decimal(0), POWER_FACTOR * (equity - margin))

    def _pending(self, account: Account, now_ns: int) -> Decimal:
        """What open orders may still open."""
        pending = Decimal(0)
        for ticket in self._books.tickets.values():
            held = account.reserved(ticket.order.order_id)
            if held is not None and held.opens:
                price, quantity = ticket.reserve_price, ticket.order.quantity
                pending += self._valuation.value(ticket, quantity, price, now_ns)
        return pending

    def _moved(self, account: Account, currency: Currency, today: date) -> Decimal:
        """What a balance has changed today."""
        own, since_ns = account.spec.currency, _midnight_ns(today - _A_DATE_BACK)
        calendar = calendar_for(Venue.US_STOCK)
        return sum(
            (
                entry.amount
                for entry in account.ledger.entries
                if (entry.currency or own) is currency
                and entry.time_ns >= since_ns
                and calendar.trading_date(entry.time_ns) == today
            ),
            Decimal(0),
        )


def _midnight_ns(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * NS_PER_S


def _paid_in(account: Account, today: date, since_ns: int) -> Decimal:
    """What was deposited after an instant: it meets a call."""
    own = account.spec.currency
    return sum(
        (
            entry.amount * exchange_rate(entry.currency or own, own, today)
            for entry in account.ledger.entries
            if entry.kind is EntryKind.DEPOSIT and entry.time_ns > since_ns
        ),
        Decimal(0),
    )


def _window(day: date) -> list[date]:
    """A trade date and the four before it."""
    calendar = calendar_for(Venue.US_STOCK)
    days = [day]
    while len(days) < WINDOW_DAYS:
        days.append(calendar.previous_day(days[-1]))
    return days


def _is_marked(count: DayTradeCount, today: date) -> bool:
    """Whether a pattern was seen within the last ninety days."""
    return any(
        count.in_window(_window(day)) >= TRADES_OF_A_PATTERN
        for day in count.trades
        if today - day <= MARK_LASTS
    )


def _status(call: Decimal, *, is_marked: bool, is_poor: bool) -> DayTradeStatus:
    if not is_marked:
        return DayTradeStatus.UNKNOWN
    if is_poor:
        return DayTradeStatus.EQUITY_CALL
    return DayTradeStatus.DAY_TRADE_CALL if call else DayTradeStatus.UNLIMITED
