"""Which American hours a request means."""

from __future__ import annotations

from gateway import texts
from gateway.errors import ApiError
from gateway.pb import Common
from simulator.domain import Instrument
from simulator.market.extended import has_extended_hours
from simulator.trading_days import TradingHours


def read_hours(session: int, *, extended_time: bool) -> TradingHours:
    """The hours of `session`, or of the older `extendedTime` where that is not given.

    Raises:
        ApiError: It is no session that can be asked for.

    Source: [P] Common.Session; [D] the night alone cannot be asked for.
    """
    if session == Common.Session_NONE:
        return TradingHours.EXTENDED if extended_time else TradingHours.REGULAR
    try:
        return TradingHours(session)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name="session", value=session) from error


def hours_for(instrument: Instrument, wanted: TradingHours) -> TradingHours:
    """What of the wanted hours a security has."""
    return wanted if has_extended_hours(instrument) else TradingHours.REGULAR
