"""A security's snapshot on the wire."""

from __future__ import annotations

from typing import Final

from gateway.convert.quote import status_of
from gateway.convert.security import is_continuous, name_of, write_security
from gateway.convert.times import listing_timestamp, local_time_ms, timestamp, zone_of
from gateway.pb import Qot_Common, Qot_GetSecuritySnapshot
from gateway.texts import Language
from simulator.domain import Instrument, OrderBook, Quote, SecurityType
from simulator.market.statistics import Statistics

_DIGITS: Final = 3
"""Decimals of ratios and percentages. Source: [D] samples."""


def snapshot(
    instrument: Instrument,
    quote: Quote,
    book: OrderBook,
    statistics: Statistics,
    language: Language,
) -> Qot_GetSecuritySnapshot.Snapshot:
    """Everything known of a security at the quote's instant.

    Args:
        instrument: Whose snapshot.
        quote: Its prices and sums.
        book: Its order book with users' orders; empty for an index or a plate.
        statistics: Its figures.
        language: Of its name.

    Source: [P] Qot_GetSecuritySnapshot.proto; [O] `updateTime` with milliseconds.
    """
    whole = Qot_GetSecuritySnapshot.Snapshot(basic=_basic(instrument, quote, statistics, language))
    if book.asks:
        whole.basic.askPrice, whole.basic.askVol, _ = book.asks[0]
    if book.bids:
        whole.basic.bidPrice, whole.basic.bidVol, _ = book.bids[0]
    match instrument.security_type:
        case SecurityType.EQUITY:
            whole.equityExData.CopyFrom(_equity(statistics))
        case SecurityType.TRUST:
            whole.trustExData.CopyFrom(_trust(instrument, statistics))
        case SecurityType.INDEX:
            whole.indexExData.raiseCount = statistics.rising
            whole.indexExData.fallCount = statistics.falling
            whole.indexExData.equalCount = statistics.unchanged
        case SecurityType.PLATE:
            whole.plateExData.raiseCount = statistics.rising
            whole.plateExData.fallCount = statistics.falling
            whole.plateExData.equalCount = statistics.unchanged
        case SecurityType.FUTURE:
            whole.futureExData.lastSettlePrice = statistics.settlement_price
            whole.futureExData.position = statistics.open_interest
            whole.futureExData.positionChange = statistics.open_interest_change
            whole.futureExData.lastTradeTime = ""
            whole.futureExData.isMainContract = is_continuous(instrument)
        case _:
            pass  # the market lists nothing else
    return whole


def _basic(
    instrument: Instrument, quote: Quote, statistics: Statistics, language: Language
) -> Qot_GetSecuritySnapshot.SnapshotBasicData:
    return Qot_GetSecuritySnapshot.SnapshotBasicData(
        security=write_security(instrument.security),
        name=name_of(instrument, language),
        type=instrument.security_type,
        isSuspend=quote.is_suspended,
        listTime=instrument.listing_date,
        lotSize=instrument.lot_size,
        priceSpread=statistics.tick,
        updateTime=local_time_ms(quote.time_ns, zone_of(instrument.venue)),
        highPrice=quote.high,
        openPrice=quote.open,
        lowPrice=quote.low,
        lastClosePrice=quote.previous_close,
        curPrice=quote.last,
        volume=quote.volume,
        turnover=quote.turnover,
        turnoverRate=round(statistics.turnover_rate, _DIGITS),
        listTimestamp=listing_timestamp(instrument.listing_date, instrument.venue),
        updateTimestamp=timestamp(quote.time_ns),
        amplitude=round(statistics.amplitude, _DIGITS),
        avgPrice=round(statistics.average_price, _DIGITS),
        bidAskRatio=round(statistics.bid_ask_ratio, _DIGITS),
        volumeRatio=round(statistics.volume_ratio, _DIGITS),
        highest52WeeksPrice=statistics.high_52_weeks,
        lowest52WeeksPrice=statistics.low_52_weeks,
        highestHistoryPrice=statistics.high_history,
        lowestHistoryPrice=statistics.low_history,
        secStatus=status_of(instrument, quote),
        closePrice5Minute=statistics.close_5_minutes_ago,
    )


def _equity(statistics: Statistics) -> Qot_GetSecuritySnapshot.EquitySnapshotExData:
    facts = statistics.fundamentals
    return Qot_GetSecuritySnapshot.EquitySnapshotExData(
        issuedShares=facts.issued_shares,
        issuedMarketVal=round(statistics.market_value, _DIGITS),
        netAsset=facts.net_assets,
        netProfit=facts.net_profit,
        earningsPershare=facts.earnings_per_share,
        outstandingShares=facts.outstanding_shares,
        outstandingMarketVal=round(statistics.outstanding_market_value, _DIGITS),
        netAssetPershare=facts.book_value_per_share,
        eyRate=round(statistics.earnings_yield, _DIGITS),
        peRate=round(statistics.pe, _DIGITS),
        pbRate=round(statistics.pb, _DIGITS),
        peTTMRate=round(statistics.pe_ttm, _DIGITS),
        dividendTTM=facts.dividend_ttm,
        dividendRatioTTM=round(statistics.dividend_yield_ttm, _DIGITS),
        dividendLFY=facts.dividend_last_year,
        dividendLFYRatio=round(statistics.dividend_yield_last_year, _DIGITS),
    )


# Of what a fund holds, by a word in its sector's or its own name. Source: [I].
_ASSET_CLASSES: Final = {
    "Bond": Qot_Common.AssetClass_Bond,
    "Commodity": Qot_Common.AssetClass_Commodity,
    "商品": Qot_Common.AssetClass_Commodity,
    "黄金": Qot_Common.AssetClass_Commodity,
    "Leveraged": Qot_Common.AssetClass_Swap,
    "Inverse": Qot_Common.AssetClass_Swap,
    "杠杆": Qot_Common.AssetClass_Future,
    "反向": Qot_Common.AssetClass_Future,
}


def _asset_class(instrument: Instrument) -> int:
    name = f"{instrument.sector} {instrument.names.simplified}"
    found = (number for word, number in _ASSET_CLASSES.items() if word in name)
    return next(found, Qot_Common.AssetClass_Stock)


def _trust(
    instrument: Instrument, statistics: Statistics
) -> Qot_GetSecuritySnapshot.TrustSnapshotExData:
    units = statistics.fundamentals.outstanding_shares
    return Qot_GetSecuritySnapshot.TrustSnapshotExData(
        dividendYield=round(statistics.dividend_yield_ttm, _DIGITS),
        aum=round(statistics.net_asset_value * units, _DIGITS),
        outstandingUnits=units,
        netAssetValue=statistics.net_asset_value,
        premium=round(statistics.premium, _DIGITS),
        assetClass=_asset_class(instrument),
    )
