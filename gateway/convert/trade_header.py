"""Who trades what: the header of trade requests, and securities as trade requests name them."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import Final

from gateway import texts
from gateway.convert.times import zone_of
from gateway.errors import ApiError
from gateway.pb import Trd_Common
from gateway.session.opend import OpenD
from simulator.domain import (
    AccountSpec,
    Instrument,
    Market,
    Security,
    SecurityType,
    TradingMarket,
    Venue,
)
from simulator.errors import MarketNotAuthorised, UnknownAccount, UnknownOrder
from simulator.trading_days import calendar_for

SECURITY_MARKETS: Final = {
    Market.HK: Trd_Common.TrdSecMarket_HK,
    Market.US: Trd_Common.TrdSecMarket_US,
    Market.SH: Trd_Common.TrdSecMarket_CN_SH,
    Market.SZ: Trd_Common.TrdSecMarket_CN_SZ,
    Market.SG: Trd_Common.TrdSecMarket_SG,
    Market.JP: Trd_Common.TrdSecMarket_JP,
}
"""A security's market as trade messages number it. Source: [P] Trd_Common.TrdSecMarket."""

_MARKETS: Final = {number: market for market, number in SECURITY_MARKETS.items()}
_DEFAULT_MARKETS: Final[dict[int, Market]] = {
    TradingMarket.HK: Market.HK,
    TradingMarket.US: Market.US,
    TradingMarket.SG: Market.SG,
    TradingMarket.JP: Market.JP,
    TradingMarket.FUTURES_SIMULATE_HK: Market.HK,
    TradingMarket.FUTURES_SIMULATE_US: Market.US,
    TradingMarket.FUTURES_SIMULATE_SG: Market.SG,
    TradingMarket.FUTURES_SIMULATE_JP: Market.JP,
}
END_OF_TIME_NS: Final = 2**63 - 1
"""Later than any order."""

_SHANGHAI_DIGITS: Final = ("5", "6", "9")
_VENUES: Final = {
    TradingMarket.HK: Venue.HK_STOCK,
    TradingMarket.US: Venue.US_STOCK,
    TradingMarket.CN: Venue.CN_STOCK,
    TradingMarket.HKCC: Venue.CN_STOCK,
}


def account_of(opend: OpenD, header: Trd_Common.TrdHeader) -> AccountSpec:
    """The account that a request is about.

    Raises:
        UnknownAccount: There is none of that number in that environment.
        ApiError: It does not trade that market.

    Source: [P] TrdHeader: account, environment and market must match, or the request fails.
    """
    spec = _find(opend, header)
    if header.trdMarket not in spec.markets:
        raise _mismatch(header)
    return spec


def account_for_order(
    opend: OpenD, header: Trd_Common.TrdHeader, instrument: Instrument
) -> AccountSpec:
    """The account that is to trade an instrument.

    Raises:
        UnknownAccount: As `account_of`.
        MarketNotAuthorised: It does not trade the header's market, which clients take from the
            instrument's code.
    """
    spec = _find(opend, header)
    if header.trdMarket not in spec.markets:
        raise MarketNotAuthorised(instrument.security)
    return spec


def account_numbered(opend: OpenD, account_id: int) -> AccountSpec:
    """The account of that number, in whichever environment.

    Raises:
        UnknownAccount: There is none.
    """
    for spec in opend.accounts():
        if spec.account_id == account_id:
            return spec
    raise UnknownAccount(account_id)


def find_instrument(
    opend: OpenD, header: Trd_Common.TrdHeader, code: str, security_market: int
) -> Instrument:
    """The instrument that a trade request names.

    Args:
        opend: Where to look.
        header: Its market decides if the request names no security market.
        code: Without market prefix.
        security_market: A TrdSecMarket; 0 if the request has none.

    Raises:
        ApiError: There is no such market.
        UnknownSecurity: There is no such code.
    """
    market = _MARKETS.get(security_market) or _default_market(header.trdMarket, code)
    if market is None:
        raise ApiError(texts.UNKNOWN_STOCK, code=code)
    return opend.market.universe.get(Security(market, code))


def find_order_id(
    opend: OpenD, spec: AccountSpec, order_id: int, order_id_ex: str, now_ns: int
) -> int:
    """The number of the order that a request names by either of its ids.

    Args:
        opend: Where to look.
        spec: Whose order it is.
        order_id: Counts only if there is no `order_id_ex`; the engine judges it.
        order_id_ex: Empty if the request has none.
        now_ns: Gateway time.

    Raises:
        UnknownOrder: The account has none of that `order_id_ex`.
    """
    if not order_id_ex:
        return order_id
    engine, account_id = opend.engine, spec.account_id
    finished = engine.history_orders(account_id, 0, END_OF_TIME_NS)
    for order in (*engine.orders(account_id, now_ns), *finished):
        if order.order_id_ex == order_id_ex:
            return order.order_id
    raise UnknownOrder(order_id_ex)


def trade_date(opend: OpenD, instrument: Instrument, now_ns: int) -> date:
    """The trade date on which an order placed now is judged."""
    market_ns = opend.market.timeline.market_ns(instrument.venue, now_ns)
    return calendar_for(instrument.venue).trading_date(market_ns)


def zone_of_account(opend: OpenD, spec: AccountSpec) -> tzinfo:
    """The zone in which an account's requests write times: that of its first market. Source: [D].

    Futures have the configured zone. Source: [D].
    """
    if spec.trades_futures:
        return opend.futures_zone
    return zone_of(_VENUES.get(spec.markets[0], Venue.HK_STOCK))


def zone_of_security(opend: OpenD, security: Security) -> tzinfo:
    """The zone of the times in messages about orders and fills of a security. Source: [D]."""
    instrument = opend.market.universe.get(security)
    if instrument.security_type is SecurityType.FUTURE:
        return opend.futures_zone
    return zone_of(instrument.venue)


def require_unlocked(opend: OpenD, spec: AccountSpec) -> None:
    """Let nobody trade with a real account before trading is unlocked.

    Raises:
        ApiError: Trading is locked. Source: [O].
    """
    if not spec.is_paper and not opend.login.trading_unlocked:
        raise ApiError(texts.NOT_UNLOCKED)


def header_of(spec: AccountSpec, trading_market: int | None = None) -> Trd_Common.TrdHeader:
    """The header of a reply or push.

    Args:
        spec: The account.
        trading_market: The account's first market if None.
    """
    return Trd_Common.TrdHeader(
        trdEnv=spec.environment,
        accID=spec.account_id,
        trdMarket=spec.markets[0] if trading_market is None else trading_market,
    )


def _find(opend: OpenD, header: Trd_Common.TrdHeader) -> AccountSpec:
    spec = account_numbered(opend, header.accID)
    if spec.environment != header.trdEnv:
        raise UnknownAccount(header.accID)
    return spec


def _mismatch(header: Trd_Common.TrdHeader) -> ApiError:
    try:
        market = TradingMarket(header.trdMarket).name
    except ValueError:
        market = str(header.trdMarket)
    return ApiError(texts.ACCOUNT_MARKET_MISMATCH, account_id=header.accID, market=market)


def _default_market(trading_market: int, code: str) -> Market | None:
    if trading_market in (TradingMarket.CN, TradingMarket.HKCC):
        return Market.SH if code.startswith(_SHANGHAI_DIGITS) else Market.SZ
    return _DEFAULT_MARKETS.get(trading_market)
