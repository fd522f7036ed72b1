"""Fees and movements of cash as trade messages show them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from gateway.pb import Trd_Common, Trd_FlowSummary
from gateway.texts import Language, Text
from simulator.accounts.fees import FeeItems
from simulator.accounts.ledger import EntryKind, LedgerEntry
from simulator.domain import AccountSpec, Currency, Venue
from simulator.trading_days import calendar_for

FEE_TITLES: Final = {
    # [D] for the Chinese titles that it lists; [I] the rest.
    "Commission": "佣金",
    "Platform Fee": "平台使用费",
    "Settlement Fee": "交收费",
    "Stamp Duty": "印花税",
    "Trading Fee": "交易费",
    "Trading System Fee": "交易系统使用费",
    "Trading Tariff": "交易收费",
    "SFC Levy": "证监会征费",
    "FRC Levy": "财汇局征费",
    "SEC Fee": "证监会规费",
    "Trading Activity Fee": "交易活动费",
    "ORF": "期权监管费",
    "OCC Fee": "期权清算费",
    "Handling Fee": "经手费",
    "Securities Management Fee": "证管费",
    "Transfer Fee": "过户费",
    "Exchange Fee": "交易所费用",
    "NFA Fee": "NFA规费",
}

FLOW_TYPES: Final[dict[EntryKind, Text]] = {
    EntryKind.DEPOSIT: Text("入金", "Deposit", "[I]"),
    EntryKind.TRADE: Text(
        "买卖金融资产", "Buying/Selling Financial Assets", "[D] wording, [I] value"
    ),
    EntryKind.FEE: Text("交易费用", "Trading Fees", "[I]"),
    EntryKind.SETTLEMENT: Text("期货结算盈亏", "Futures Settlement", "[I]"),
    EntryKind.DIVIDEND: Text("股息", "Dividend", "[I]"),
}

SETTLEMENT_DAYS: Final = {Venue.HK_STOCK: 2, Venue.US_STOCK: 1, Venue.CN_STOCK: 1}
"""Trade dates from trade to settlement; futures settle at once. Source: [V]."""


def write_order_fee(order_id_ex: str, items: FeeItems, language: Language) -> Trd_Common.OrderFee:
    """What an order was charged; the amount is the sum of the items."""
    return Trd_Common.OrderFee(
        orderIDEx=order_id_ex,
        feeAmount=float(sum((amount for _, amount in items), Decimal(0))),
        feeList=[
            Trd_Common.OrderFeeItem(
                title=title if language == "en" else FEE_TITLES.get(title, title),
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
