"""What only options, structured products and contract months have, on the wire."""

from __future__ import annotations

from typing import Final

from gateway.convert.security import write_security
from gateway.convert.terms import index_option_type
from gateway.convert.times import midnight, zone_of
from gateway.pb import Qot_Common, Qot_GetSecuritySnapshot
from simulator.domain import (
    FutureTerms,
    Instrument,
    Market,
    OptionTerms,
    WarrantKind,
    WarrantTerms,
)
from simulator.market.data import MarketData
from simulator.market.derivative_figures import (
    WarrantFigures,
    lot_multiplier,
    option_columns,
    option_premium,
    warrant_figures,
)

_DIGITS: Final = 3
_GREEK_DIGITS: Final = 6


def add_snapshot_figures(
    whole: Qot_GetSecuritySnapshot.Snapshot,
    market: MarketData,
    instrument: Instrument,
    now_ns: int,
) -> None:
    """The figures of a derivative in its snapshot. Source: [P] Qot_GetSecuritySnapshot.proto."""
    terms, zone = instrument.terms, zone_of(instrument.venue)
    _tell_end(whole.basic, market, instrument, now_ns)
    match terms:
        case OptionTerms():
            data = whole.optionExData
            data.type = terms.kind
            data.owner.CopyFrom(write_security(terms.owner))
            data.strikeTime = terms.expiry.isoformat()
            data.strikeTimestamp = midnight(terms.expiry, zone)
            _fill_option(data, market, instrument, whole.basic.curPrice, now_ns)
        case WarrantTerms():
            quote = market.quote(instrument.security, now_ns)
            figures = warrant_figures(market, instrument, quote, now_ns)
            whole.warrantExData.CopyFrom(_warrant(instrument, terms, figures))
        case FutureTerms():
            whole.futureExData.lastTradeTime = terms.last_trade_day.isoformat()
            whole.futureExData.lastTradeTimestamp = midnight(terms.last_trade_day, zone)
            whole.futureExData.isMainContract = False
        case None:
            pass


def add_basic_figures(
    basic: Qot_Common.BasicQot, market: MarketData, instrument: Instrument, now_ns: int
) -> None:
    """The figures of a derivative in its quote. Source: [P] Qot_Common.BasicQot."""
    terms = instrument.terms
    _tell_end(basic, market, instrument, now_ns)
    match terms:
        case OptionTerms():
            _fill_option(basic.optionExData, market, instrument, basic.curPrice, now_ns)
        case WarrantTerms():
            quote = market.quote(instrument.security, now_ns)
            figures = warrant_figures(market, instrument, quote, now_ns)
            if terms.kind in (WarrantKind.CALL, WarrantKind.PUT):
                basic.warrantExData.delta = round(figures.delta, _DIGITS)
                basic.warrantExData.impliedVolatility = round(figures.volatility, _DIGITS)
            basic.warrantExData.premium = round(figures.premium, _DIGITS)
        case FutureTerms():
            today = market.trading_date(instrument.security, now_ns)
            basic.futureExData.expiryDateDistance = (terms.last_trade_day - today).days
        case None:
            pass


def _tell_end(
    basic: Qot_Common.BasicQot | Qot_GetSecuritySnapshot.SnapshotBasicData,
    market: MarketData,
    instrument: Instrument,
    now_ns: int,
) -> None:
    """A derivative that trades no more says why. Source: [P] SecurityStatus; [I] when each begins."""
    last = market.final_day(instrument)
    today = market.trading_date(instrument.security, now_ns)
    if last is None or today <= last:
        return
    basic.secStatus = Qot_Common.SecurityStatus_Expired
    match instrument.terms:
        case WarrantTerms() as terms if last < terms.last_trade_day:
            basic.secStatus = Qot_Common.SecurityStatus_Called
        case WarrantTerms(maturity=maturity) if today <= maturity:
            basic.secStatus = Qot_Common.SecurityStatus_ExpiredLastTradingDate
        case _:
            pass


def _fill_option(
    data: Qot_GetSecuritySnapshot.OptionSnapshotExData | Qot_Common.OptionBasicQotExData,
    market: MarketData,
    instrument: Instrument,
    price: float,
    now_ns: int,
) -> None:
    terms, columns = instrument.terms, option_columns(market, [instrument], now_ns)
    if columns is None or not isinstance(terms, OptionTerms):
        return
    data.strikePrice = terms.strike
    data.contractSize = terms.multiplier
    data.contractSizeFloat = terms.multiplier
    data.contractMultiplier = terms.multiplier
    data.openInterest = int(columns.open_interest[0])
    data.impliedVolatility = round(float(columns.volatility[0]) * 100.0, _DIGITS)
    data.premium = round(option_premium(terms, price, columns.spot), _DIGITS)
    data.delta = round(float(columns.delta[0]), _GREEK_DIGITS)
    data.gamma = round(float(columns.gamma[0]), _GREEK_DIGITS)
    data.vega = round(float(columns.vega[0]), _GREEK_DIGITS)
    data.theta = round(float(columns.theta[0]), _GREEK_DIGITS)
    data.rho = round(float(columns.rho[0]), _GREEK_DIGITS)
    data.expiryDateDistance = (terms.expiry - market.trading_date(instrument.security, now_ns)).days
    data.optionAreaType = terms.style
    if kind := index_option_type(instrument):
        data.indexOptionType = kind
    if instrument.security.market is Market.HK:
        data.netOpenInterest = int(columns.net_open_interest[0])
        data.contractNominalValue = round(columns.spot * terms.multiplier, _DIGITS)
        lots = lot_multiplier(market, terms)
        if lots is not None:
            data.ownerLotMultiplier = lots


def inline_status(terms: WarrantTerms, spot: float) -> int:
    """Whether the underlying is between the bounds, as a `PriceType`."""
    is_inside = terms.lower <= spot <= terms.upper
    return Qot_Common.PriceType_WithIn if is_inside else Qot_Common.PriceType_Outside


def _warrant(
    instrument: Instrument, terms: WarrantTerms, figures: WarrantFigures
) -> Qot_GetSecuritySnapshot.WarrantSnapshotExData:
    zone = zone_of(instrument.venue)
    data = Qot_GetSecuritySnapshot.WarrantSnapshotExData(
        conversionRate=terms.conversion_ratio,
        warrantType=terms.kind,
        strikePrice=terms.strike,
        maturityTime=terms.maturity.isoformat(),
        endTradeTime=terms.last_trade_day.isoformat(),
        owner=write_security(terms.owner),
        recoveryPrice=terms.recovery_price,
        streetVolumn=figures.street_volume,
        issueVolumn=terms.issue_size,
        streetRate=round(figures.street_rate, _DIGITS),
        delta=round(figures.delta, _DIGITS),
        impliedVolatility=round(figures.volatility, _DIGITS),
        premium=round(figures.premium, _DIGITS),
        maturityTimestamp=midnight(terms.maturity, zone),
        endTradeTimestamp=midnight(terms.last_trade_day, zone),
        leverage=round(figures.leverage, _DIGITS),
        ipop=round(figures.in_the_money, _DIGITS),
        breakEvenPoint=round(figures.break_even, _DIGITS),
        conversionPrice=round(figures.conversion_price, _DIGITS),
        score=figures.score,
        issuerCode=terms.issuer_code,
    )
    if terms.recovery_price:
        data.priceRecoveryRatio = round(figures.recovery_distance, _DIGITS)
    if terms.kind is WarrantKind.INLINE:
        data.upperStrikePrice, data.lowerStrikePrice = terms.upper, terms.lower
        data.inLinePriceStatus = inline_status(terms, figures.spot)
    return data
