"""What a derivative's contract says, on the wire."""

from __future__ import annotations

from gateway.convert.times import midnight, zone_of
from gateway.pb import Qot_Common
from simulator.domain import (
    FutureTerms,
    Instrument,
    OptionStyle,
    OptionTerms,
    Security,
    WarrantTerms,
)
from simulator.market.option_classes import SMALL_CLASSES, settles_at_opening
from simulator.market.option_listing import read_code


def add_static_terms(info: Qot_Common.SecurityStaticInfo, instrument: Instrument) -> None:
    """What a derivative's contract says. Source: [P] Qot_Common.*StaticExData."""
    terms, zone = instrument.terms, zone_of(instrument.venue)
    match terms:
        case OptionTerms():
            data = info.optionExData
            data.type = terms.kind
            data.owner.CopyFrom(_key(terms.owner))
            data.strikeTime = terms.expiry.isoformat()
            data.strikePrice = terms.strike
            data.suspend = False
            data.market = instrument.security.market.prefix
            data.strikeTimestamp = midnight(terms.expiry, zone)
            data.expirationCycle = terms.cycle
            data.optionStandardType = Qot_Common.OptionStandardType_Standard
            data.optionSettlementMode = _settlement(instrument)
            if kind := index_option_type(instrument):
                data.indexOptionType = kind
        case WarrantTerms():
            info.warrantExData.type = terms.kind
            info.warrantExData.owner.CopyFrom(_key(terms.owner))
        case FutureTerms():
            info.futureExData.lastTradeTime = terms.last_trade_day.isoformat()
            info.futureExData.lastTradeTimestamp = midnight(terms.last_trade_day, zone)
            info.futureExData.isMainContract = False
        case None:
            pass


def _settlement(instrument: Instrument) -> int:
    """The `OptionSettlementMode`. Source: [S] American indices' monthly options settle in the morning."""
    code = read_code(instrument.security.code)
    if code is not None and settles_at_opening(code.root):
        return Qot_Common.OptionSettlementMode_AM
    return Qot_Common.OptionSettlementMode_PM


def index_option_type(instrument: Instrument) -> int | None:
    """The `IndexOptionType`; None unless it is an option on an index."""
    terms = instrument.terms
    if not isinstance(terms, OptionTerms) or terms.style is not OptionStyle.EUROPEAN:
        return None
    code = read_code(instrument.security.code)
    is_small = code is not None and code.root in SMALL_CLASSES
    return Qot_Common.IndexOptionType_Small if is_small else Qot_Common.IndexOptionType_Normal


def _key(security: Security) -> Qot_Common.Security:
    return Qot_Common.Security(market=security.market, code=security.code)
