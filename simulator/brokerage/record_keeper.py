"""Tells the journal what changed in the books, and takes an earlier run's books over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from simulator.accounts.account import Account
from simulator.accounts.positions import Holding
from simulator.brokerage.books import Books
from simulator.domain import Order
from simulator.journal import (
    AccountRecord,
    Arrival,
    Change,
    CounterRecord,
    FillRecord,
    HoldingRecord,
    LedgerRecord,
    MomentRecord,
    OrderRecord,
    QueuedOrder,
    Record,
    Restored,
    Resumption,
    TakenLevel,
    account_of,
)
from simulator.packing import pack_fields, unpack_fields
from simulator.tickets import Phase, Ticket
from simulator.venue.orders import LiveOrder

_TICKET_REFERENCES: Final = frozenset({"live", "account", "instrument", "rules"})
"""Fields of a ticket that the journal does not keep: they are found again."""


class RecordKeeper:
    """The books as records, out and in.

    Args:
        books: what all parts share.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def take_changes(self) -> list[Change]:
        """What changed in the books since the last call, orders and fills excepted."""
        records: list[Change] = [*self._books.removals]
        self._books.removals.clear()
        if not self._books.accounts_changed:
            return records
        self._books.accounts_changed = False
        for account_id, account in self._books.accounts.items():
            if not account.has_changes:
                continue
            first, entries, holdings = account.take_changes()
            records += [
                LedgerRecord(account_id, number, entry)
                for number, entry in enumerate(entries, first)
            ]
            records += [HoldingRecord(account_id, holding) for holding in holdings]
        return records

    def all_records(self) -> list[Record]:
        """The whole books."""
        records: list[Record] = []
        for account_id, account in self._books.accounts.items():
            orders = self._books.orders[account_id].values()
            records += [self.order_record(live.order) for live in orders]
            records += [FillRecord(fill) for fill in self._books.fills[account_id]]
            records += [
                LedgerRecord(account_id, number, entry)
                for number, entry in enumerate(account.ledger.entries)
            ]
            records += [HoldingRecord(account_id, holding) for holding in account.holdings()]
        records.append(self.counters())
        return records

    def moment(self, arrivals: Iterable[Arrival]) -> MomentRecord:
        """What `all_records` leaves out, because a restart does not go on from it."""
        matchers = self._books.matchers.items()
        return MomentRecord(
            tuple(TakenLevel(s, *row) for s, m in matchers for row in m.liquidity.all_taken()),
            tuple(QueuedOrder(o.order_id, o.ahead) for _, m in matchers for o in m.queued()),
            tuple(arrivals),
        )

    def resume_moment(self, record: MomentRecord) -> None:
        """Put orders back where they stood at the venue; call it after `restore`."""
        for taken in record.taken:
            matcher = self._books.matcher(taken.security)
            matcher.liquidity.take(taken.side, taken.price_key, taken.quantity, taken.since_ns)
        for order_id, ahead in record.queued:
            ticket = self._books.tickets.get(order_id)
            if ticket is None or ticket.is_sliced or ticket.phase is not Phase.WAITING:
                continue
            ticket.phase = Phase.AT_VENUE
            order = ticket.venue_order()
            order.ahead = ahead
            self._books.matcher(ticket.order.security).put_back(order)

    def counters(self) -> CounterRecord:
        """How many ids have been given out."""
        return CounterRecord(self._books.order_count, self._books.fill_count)

    def order_record(self, order: Order) -> OrderRecord:
        """An order with all that is needed to resume it."""
        live = self._books.orders[order.account_id][order.order_id]
        ticket = self._books.tickets.get(order.order_id)
        resumption = None
        if ticket is not None:
            held = ticket.account.reserved(order.order_id)
            resumption = Resumption(held, pack_fields(ticket, without=_TICKET_REFERENCES))
        return OrderRecord(LiveOrder(live.order, live.filled_value), resumption)

    def restore(self, records: Sequence[Record]) -> Restored:
        """Take over the accounts and orders of an earlier run; only in a broker that did nothing.

        An order that the venue had goes behind what is displayed at its price; among themselves
        users' orders keep their order, so nobody gains. One on its way is still on its way. What the market did meanwhile is not made up for. [I]
        """
        of_account: dict[int, list[AccountRecord]] = {}
        for record in records:
            if isinstance(record, CounterRecord):
                self._books.order_count, self._books.fill_count = record.orders, record.fills
            elif isinstance(record, AccountRecord):
                of_account.setdefault(account_of(record), []).append(record)
        tickets: list[Ticket] = []
        known = [account_id for account_id in of_account if account_id in self._books.accounts]
        for account_id in known:
            tickets += self._restore_account(
                self._books.accounts[account_id], of_account[account_id]
            )
        for ticket in sorted(tickets, key=lambda ticket: ticket.queue_number or math.inf):
            self._books.add(ticket)
        return Restored(
            orders=sum(len(orders) for orders in self._books.orders.values()),
            open_orders=len(self._books.tickets),
            fills=sum(len(fills) for fills in self._books.fills.values()),
            unknown_accounts=tuple(sorted(of_account.keys() - set(known))),
        )

    def _restore_account(self, account: Account, records: Iterable[AccountRecord]) -> list[Ticket]:
        """Take over one account, and give the orders that go on."""
        tickets: list[Ticket] = []
        entries: list[LedgerRecord] = []
        holdings: list[Holding] = []
        for record in records:
            match record:
                case LedgerRecord():
                    entries.append(record)
                case HoldingRecord():
                    holdings.append(replace(record.holding))
                case FillRecord():
                    self._books.fills[account.spec.account_id].append(record.fill)
                case OrderRecord():
                    tickets += self._restore_order(account, record)
        entries.sort(key=lambda record: record.number)
        account.restore([record.entry for record in entries], holdings)
        return tickets

    def _restore_order(self, account: Account, record: OrderRecord) -> list[Ticket]:
        live = replace(record.live)
        order = live.order
        self._books.orders[order.account_id][order.order_id] = live
        resumption = record.resumption
        if resumption is None:
            return []
        instrument = self._books.market.universe.get(order.security)
        ticket = Ticket(
            live,
            account,
            instrument,
            self._books.rules(account, instrument),
            **unpack_fields(Ticket, resumption.ticket),  # type: ignore[arg-type]
        )
        if ticket.phase is Phase.AT_VENUE:
            ticket.phase = Phase.WAITING
        if resumption.reservation is not None:
            account.reserve(order.order_id, resumption.reservation)
        return [ticket]
