"""Dividends and changes of shares, as companies announce them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.convert.times import midnight, zone_of
from gateway.pb import (
    Qot_GetCorporateActionsDividends as Dividends,
)
from gateway.pb import (
    Qot_GetCorporateActionsStockSplits as Splits,
)
from gateway.texts import Language
from simulator.domain import Currency, Instrument, Market
from simulator.market.code_changes import CodeChange
from simulator.market.corporate_actions import CorporateAction, Ratio
from simulator.trading_days import calendar_for

_ANNOUNCED: Final = 20
_PAYABLE: Final = 15
"""Trading days from the announcement to the ex-date and from there to the payment. Source: [I]."""
_DONE: Final = ("方案实施", "Implemented")
_MONEY: Final = {
    Currency.HKD: ("港元", "HKD"),
    Currency.USD: ("美元", "USD"),
    Currency.CNH: ("元", "CNY"),
}


@dataclass(frozen=True, slots=True)
class _Days:
    """What surrounds an ex-date."""

    announced: date
    record: date
    ex: date
    payable: date

    @classmethod
    def of(cls, instrument: Instrument, action: CorporateAction) -> _Days:
        """Reckon the days from an action's ex-date.

        Source: [S] who holds shares in the evening of the record date is paid: America settles in a
            day, Hong Kong in two, the mainland counts the day before the ex-date.
        """
        calendar = calendar_for(instrument.venue)
        ex = date.fromordinal(action.ordinal)
        number = calendar.day_number(ex)
        later = {Market.US: 0, Market.HK: 1}.get(instrument.security.market, -1)
        return cls(
            calendar.day_at(max(number - _ANNOUNCED, 0)),
            calendar.day_at(number + later),
            ex,
            calendar.day_at(number + _PAYABLE),
        )


def write_dividend(
    instrument: Instrument, action: CorporateAction, language: Language
) -> Dividends.DividendItem:
    """One distribution.

    Source: [P] Qot_GetCorporateActionsDividends.proto: progress in Hong Kong and on the mainland only,
        no record date but a financial year of funds; [I] the sentences.
    """
    days = _Days.of(instrument, action)
    item = Dividends.DividendItem(
        pubDate=_slashed(days.announced),
        statement=_statement(instrument, action, language),
        exDate=_slashed(days.ex),
        dividendPayableDate=_slashed(days.payable),
    )
    if instrument.security.market is not Market.US:
        item.process = _DONE[language == "en"]
    if instrument.is_etf:
        item.fiscalYear = str(days.ex.year)
    else:
        item.recordDate = _slashed(days.record)
    return item


def _statement(instrument: Instrument, action: CorporateAction, language: Language) -> str:
    is_english = language == "en"
    money = _MONEY.get(instrument.currency, ("", instrument.currency.name))[is_english]
    parts = []
    for amount, zh, en in (
        (action.dividend, "每股派息", "Dividend"),
        (action.special_dividend, "每股派特别股息", "Special dividend"),
    ):
        if amount:
            parts.append(
                f"{en} {money} {amount:g} per share" if is_english else f"{zh}{amount:g}{money}"
            )
    for ratio, zh, en in ((action.bonus, "送", "bonus"), (action.transfer, "转增", "transferred")):
        if ratio:
            parts.append(
                f"{ratio.grant} {en} shares for {ratio.base}"
                if is_english
                else f"每{ratio.base}股{zh}{ratio.grant}股"
            )
    return (", " if is_english else "，").join(parts)


def write_split(
    instrument: Instrument,
    action: CorporateAction,
    change: CodeChange | None,
    language: Language,
) -> Splits.StockSplitItem:
    """One split or consolidation.

    Args:
        instrument: Whose.
        action: What happened.
        change: The temporary code in Hong Kong; None elsewhere.
        language: Of the words.

    Source: [P] Qot_GetCorporateActionsStockSplits.proto, fields of Hong Kong only; [I] the words.
    """
    zone = zone_of(instrument.venue)
    days = _Days.of(instrument, action)
    ratio = action.split or action.join or Ratio(1, 1)
    words = ("拆股", "Split") if action.split else ("合股", "Consolidation")
    item = Splits.StockSplitItem(
        dirDeciPubDate=int(midnight(days.announced, zone)),
        dirDeciPubDateStr=days.announced.isoformat(),
        reformType=words[language == "en"],
        rate=f"{ratio.base}:{ratio.grant}",
    )
    if change is None or change.ended is None:
        return item
    item.exDate, item.exDateStr = int(midnight(days.ex, zone)), days.ex.isoformat()
    item.tempTradeBeginDate, item.tempTradeBeginDateStr = item.exDate, item.exDateStr
    item.simulTradeEndDate = int(midnight(change.ended, zone))
    item.simulTradeEndDateStr = change.ended.isoformat()
    item.eventStatus = _DONE[language == "en"]
    item.tempShareCode = change.temporary.code
    item.newTradeUnit = instrument.lot_size
    return item


def _slashed(day: date) -> str:
    return f"{day:%Y/%m/%d}"
