"""What can go wrong on the way through the gateway, and how the simulator's refusals read on the wire."""

from __future__ import annotations

from typing import Final

from gateway import texts
from gateway.texts import Language, Text
from simulator import errors as domain


class WireError(Exception):
    """The bytes of a connection make no sense; the connection ends. The text is a diagnosis."""


class BodyError(WireError):
    """One body cannot be read as its message, but the frame around it was sound."""


class ApiError(Exception):
    """A refusal that the client reads as the head of a Response without `s2c`.

    Args:
        text: The catalogue entry that becomes `retMsg`.
        ret_type: Becomes `retType`: -1 (failed) in all live captures [O].
        **values: What fills the text's variables.
    """

    def __init__(self, text: Text, *, ret_type: int = -1, **values: object) -> None:
        self.text = text
        self.ret_type = ret_type
        self.values = values
        super().__init__(text.render("en", **values))

    def render(self, language: Language) -> str:
        """The reply's retMsg."""
        return self.text.render(language, **self.values)


def refusal(error: domain.SimulatorError) -> ApiError:
    """How a refusal of the simulator reads on the wire: the one table between the two.

    Raises:
        TypeError: The table lacks this error, which is our mistake.
    """
    match error:
        case domain.OrderRejected():
            return _order_refusal(error)
        case domain.PersonalRefused():
            return _personal_refusal(error)
        case domain.UnknownAccount(account_id):
            return ApiError(texts.UNKNOWN_ACCOUNT, account_id=account_id)
        case domain.UnknownOrder(order):
            return ApiError(texts.UNKNOWN_ORDER, order=order)
        case _:
            return _security_refusal(error)


def _security_refusal(error: domain.SimulatorError) -> ApiError:
    match error:
        case domain.UnknownSecurity(security):
            return ApiError(texts.UNKNOWN_STOCK, code=security.code)
        case domain.UnsupportedPeriod(security, _):
            return ApiError(texts.UNSUPPORTED_PERIOD, symbol=security.symbol)
        case domain.TradingHalted(security):
            return ApiError(texts.TRADING_HALTED, symbol=security.symbol)
        case domain.NoPriceLimit(security):
            return ApiError(texts.NO_PRICE_LIMIT, symbol=security.symbol)
        case domain.InvalidExDate(security, day):
            return ApiError(texts.INVALID_EX_DATE, symbol=security.symbol, day=day.isoformat())
        case domain.NotBendable(security):
            return ApiError(texts.NOT_BENDABLE, symbol=security.symbol)
        case _:
            raise TypeError(f"no text for {type(error).__name__}")


def _personal_refusal(error: domain.PersonalRefused) -> ApiError:
    match error:
        case domain.UnknownGroup():
            return ApiError(texts.UNKNOWN_WATCH_GROUP)
        case domain.SystemGroup():
            return ApiError(texts.SYSTEM_WATCH_GROUP)
        case domain.WatchListFull(limit):
            return ApiError(texts.WATCH_LIST_FULL, limit=limit)
        case domain.UnknownReminder(reminder_key):
            return ApiError(texts.UNKNOWN_REMINDER, key=reminder_key)
        case domain.TooManyReminders(limit):
            return ApiError(texts.TOO_MANY_REMINDERS, limit=limit)
        case _:
            raise TypeError(f"no text for {type(error).__name__}")


def _order_refusal(error: domain.OrderRejected) -> ApiError:
    match error:
        case domain.OddLot(_, lot_size):
            return ApiError(texts.ODD_LOT, lot_size=lot_size)
        case domain.MarketNotAuthorised(security):
            return ApiError(texts.MARKET_NOT_AUTHORISED, symbol=security.symbol)
        case domain.NotOfThisAccount():
            return _capability_refusal(error)
        case _:
            return _price_refusal(error)


def _price_refusal(error: domain.OrderRejected) -> ApiError:
    match error:
        case domain.PriceOffTick(_, tick):
            return ApiError(texts.PRICE_OFF_TICK, tick=tick)
        case domain.PriceOutsideLimits(_, low, high):
            return ApiError(texts.PRICE_OUTSIDE_LIMITS, low=low, high=high)
        case domain.PriceOutsideBand(_, low, high):
            return ApiError(texts.PRICE_OUTSIDE_BAND, low=low, high=high)
        case domain.PriceOutsideCage(_, limit):
            return ApiError(texts.PRICE_OUTSIDE_CAGE, limit=limit)
        case domain.ShortSaleBelowMarket(least):
            return ApiError(texts.SHORT_SALE_BELOW_MARKET, least=least)
        case _:
            return ApiError(_ORDER_TEXTS[type(error)])


def _capability_refusal(error: domain.NotOfThisAccount) -> ApiError:
    """What a kind of account or product does not do; paper accounts say so in their own words."""
    paper = error.is_paper
    match error:
        case domain.OrderTypeNotSupported(order_type) if paper:
            return ApiError(texts.PAPER_ORDER_TYPE_NOT_SUPPORTED, name=order_type.client_name)
        case domain.OrderTypeNotSupported():
            return ApiError(texts.ORDER_TYPE_NOT_SUPPORTED)
        case domain.TimeInForceNotSupported():
            return ApiError(texts.PAPER_TIF_NOT_SUPPORTED if paper else texts.TIF_NOT_SUPPORTED)
        case domain.ComboNotSupported():
            return ApiError(texts.PAPER_NO_COMBO if paper else texts.COMBO_NOT_SUPPORTED)
        case domain.SessionNotSupported():
            return ApiError(
                texts.PAPER_SESSION_NOT_SUPPORTED if paper else texts.SESSION_NOT_SUPPORTED
            )
        case _:
            return ApiError(
                texts.PAPER_OPERATION_NOT_SUPPORTED if paper else texts.OPERATION_NOT_SUPPORTED
            )


_ORDER_TEXTS: Final[dict[type[domain.OrderRejected], Text]] = {
    domain.InvalidQuantity: texts.QUANTITY_INVALID,
    domain.InvalidPrice: texts.PRICE_INVALID,
    domain.InsufficientBuyingPower: texts.INSUFFICIENT_BUYING_POWER,
    domain.OrderTooLarge: texts.QUANTITY_ABOVE_MAXIMUM,
    domain.InsufficientPosition: texts.QUANTITY_ABOVE_MAXIMUM,
    domain.OppositePositionConflict: texts.LONG_SHORT_CONFLICT,
    domain.SideNotSupported: texts.SIDE_NOT_SUPPORTED,
    domain.MarketOrderMayOnlyClose: texts.FUTURES_OPEN_WITH_LIMIT,
    domain.PriceTooFar: texts.PRICE_TOO_FAR,
    domain.InvalidCombo: texts.COMBO_INVALID,
    domain.InvalidTrigger: texts.TRIGGER_INVALID,
    domain.InvalidExpiry: texts.EXPIRY_INVALID,
    domain.MarketOrderOutsideHours: texts.MARKET_ORDER_OUTSIDE_HOURS,
    domain.OrderNotModifiable: texts.ORDER_NOT_MODIFIABLE,
    domain.WouldBeMarked: texts.WOULD_BE_MARKED,
    domain.EquityTooLowToOpen: texts.EQUITY_TOO_LOW_TO_OPEN,
    domain.BeyondDayTradingPower: texts.BEYOND_DAY_TRADING_POWER,
}
