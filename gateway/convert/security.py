"""Securities and the facts behind them, between the wire and the simulator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gateway import texts
from gateway.convert.terms import add_static_terms
from gateway.convert.times import listing_timestamp
from gateway.errors import ApiError
from gateway.pb import Qot_Common
from gateway.texts import Language
from simulator.domain import Instrument, Market, Security, SecurityType
from simulator.market.universe import Universe

_MARKETS: Final = {market.value: market for market in Market if market is not Market.UNKNOWN} | {
    Market.HK_FUTURE.value: Market.HK
}
"""By wire number; futures of Hong Kong have moved to its market. Source: [P] QotMarket."""

_MAIN: Final = ("main", "current")


def read_security(message: Qot_Common.Security) -> Security:
    """The key of a security that a client names.

    Raises:
        ApiError: There is no such market.
    """
    market = _MARKETS.get(message.market)
    if market is None:
        raise ApiError(texts.UNKNOWN_STOCK, code=message.code)
    return Security(market, message.code)


def find(universe: Universe, message: Qot_Common.Security) -> Instrument:
    """The instrument that a client names.

    Raises:
        ApiError: There is no such market.
        UnknownSecurity: It is not listed.
    """
    return universe.get(read_security(message))


def find_all(
    universe: Universe, messages: Sequence[Qot_Common.Security], limit: int
) -> list[Instrument]:
    """The instruments of a whole list; the first that is unknown fails the request.

    Args:
        universe: Where to look.
        messages: May name a security twice.
        limit: How many the protocol takes.

    Raises:
        ApiError: More than `limit`, none at all, or an unknown market.
        UnknownSecurity: One is not listed.
    """
    if not messages:
        raise ApiError(texts.MISSING_PARAMETER, name="securityList")
    if len(messages) > limit:
        raise ApiError(texts.TOO_MANY_SECURITIES, limit=limit)
    return [find(universe, message) for message in messages]


def write_security(security: Security) -> Qot_Common.Security:
    """A security on the wire."""
    return Qot_Common.Security(market=security.market, code=security.code)


def name_of(instrument: Instrument, language: Language) -> str:
    """The name in the language of texts. Source: [I] follows `lang` as texts do."""
    names = instrument.names
    return names.english if language == "en" else names.simplified


def static_info(instrument: Instrument, language: Language) -> Qot_Common.SecurityStaticInfo:
    """What does not change while a security trades.

    Source: [P] Qot_Common.SecurityStaticInfo; a continuous contract has no last trading day.
    """
    info = Qot_Common.SecurityStaticInfo(
        basic=Qot_Common.SecurityStaticBasic(
            security=write_security(instrument.security),
            id=instrument.instrument_id,
            lotSize=instrument.lot_size,
            secType=instrument.security_type,
            name=name_of(instrument, language),
            listTime=instrument.listing_date,
            delisting=bool(instrument.delisting_date),
            listTimestamp=listing_timestamp(instrument.listing_date, instrument.venue),
            exchType=instrument.exchange,
        )
    )
    if instrument.security_type is SecurityType.FUTURE:
        info.futureExData.lastTradeTime = ""
        info.futureExData.isMainContract = is_continuous(instrument)
    add_static_terms(info, instrument)
    return info


def static_infos(
    instruments: Iterable[Instrument], language: Language
) -> list[Qot_Common.SecurityStaticInfo]:
    """`static_info` of each."""
    return [static_info(instrument, language) for instrument in instruments]


def is_continuous(instrument: Instrument) -> bool:
    """Whether a future stands for the contract that trades most, `HSImain`, or next expires."""
    return instrument.security.code.endswith(_MAIN)


def plate_info(
    plate: Instrument, language: Language, plate_set: int | None = None
) -> Qot_Common.PlateInfo:
    """A plate in a list of plates, with its set where the protocol tells it."""
    return Qot_Common.PlateInfo(
        plate=write_security(plate.security), name=name_of(plate, language), plateType=plate_set
    )
