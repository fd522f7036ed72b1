"""Fees and movements of cash as trade messages show them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from gateway import texts
from gateway.pb import Trd_Common, Trd_FlowSummary
from gateway.texts import Language
from simulator.accounts.fees import FeeItems
from simulator.accounts.ledger import EntryKind, LedgerEntry
from simulator.domain import AccountSpec, Currency, Venue
from simulator.trading_days import calendar_for

FLOW_TYPES: Final = {
    EntryKind.DEPOSIT: texts.FLOW_DEPOSIT,
    EntryKind.TRADE: texts.FLOW_TRADE,
    EntryKind.FEE: texts.FLOW_FEE,
    EntryKind.SETTLEMENT: texts.FLOW_SETTLEMENT,
    EntryKind.WITHDRAWAL: texts.FLOW_WITHDRAWAL,
    EntryKind.DIVIDEND: texts.FLOW_DIVIDEND,
    EntryKind.FRACTION: texts.FLOW_FRACTION,
    EntryKind.RIGHTS: texts.FLOW_RIGHTS,
    EntryKind.EXERCISE: texts.FLOW_EXERCISE,
}

TRADED: Final = frozenset({EntryKind.TRADE, EntryKind.FEE})
"""What settles later than it is booked; all other money moves on its date. Source: [I]."""

SETTLEMENT_DAYS: Final = {Venue.HK_STOCK: 2, Venue.US_STOCK: 1, Venue.CN_STOCK: 1}
"""Trade dates from trade to settlement; futures settle at once. Source: [V]."""


def write_order_fee(order_id_ex: str, items: FeeItems, language: Language) -> Trd_Common.OrderFee:
    """What an order was charged; the amount is the sum of the items."""
    return Trd_Common.OrderFee(
        orderIDEx=order_id_ex,
        feeAmount=float(sum((amount for _, amount in items), Decimal(0))),
        feeList=[
            Trd_Common.OrderFeeItem(
                title=title if language == "en" else texts.FEE_TITLES.get(title, title),
                value=float(amount),
            )
            for title, amount in items
        ],
    )


def settlement_date(day: date, venue: Venue | None) -> date:
    """When what was traded on a date is settled; what is no trade settles on the date itself."""
    if venue is None:
        return day
    for _ in range(SETTLEMENT_DAYS.get(venue, 0)):
        day = calendar_for(venue).next_day(day)
    return day


def write_flow(
    number: int, entry: LedgerEntry, day: date, settles: date, spec: AccountSpec, language: Language
) -> Trd_FlowSummary.FlowSummaryInfo:
    """A movement of cash; what flows out is negative. Source: [D] get_acc_cash_flow."""
    is_in = entry.amount > 0
    security = entry.security
    return Trd_FlowSummary.FlowSummaryInfo(
        clearingDate=day.isoformat(),
        settlementDate=settles.isoformat(),
        currency=spec.currency if entry.currency is Currency.UNKNOWN else entry.currency,
        cashFlowType=FLOW_TYPES[entry.kind].render(language),
        cashFlowDirection=(
            Trd_FlowSummary.TrdCashFlowDirection_In
            if is_in
            else Trd_FlowSummary.TrdCashFlowDirection_Out
        ),
        cashFlowAmount=float(entry.amount),
        cashFlowRemark=security.symbol if security else "",
        cashFlowID=spec.account_id % 10**9 * 10**9 + number,
    )
