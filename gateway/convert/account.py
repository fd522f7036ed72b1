"""Accounts, money and positions as trade messages show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from gateway.convert.security import name_of
from gateway.convert.trade_header import SECURITY_MARKETS
from gateway.pb import Trd_Common
from gateway.texts import Language
from simulator.domain import AccountSpec, AccountType, Funds, Instrument, MaxQuantities, Position

_MONEY_DIGITS: Final = 3
"""Source: [P] Funds, Position: three decimals."""


def money(amount: Decimal) -> float:
    """An amount of money on the wire."""
    return float(round(amount, _MONEY_DIGITS))


def write_account(spec: AccountSpec) -> Trd_Common.TrdAcc:
    """An account in the list of accounts.

    Source: [D] paper accounts have neither card number nor firm nor role.
    """
    return Trd_Common.TrdAcc(
        trdEnv=spec.environment,
        accID=spec.account_id,
        trdMarketAuthList=spec.markets,
        accType=spec.account_type,
        simAccType=spec.simulated_type,
        accStatus=Trd_Common.TrdAccStatus_Active,
    )


def write_funds(funds: Funds, account_type: AccountType) -> Trd_Common.Funds:
    """An account's money.

    Left out are the fields of futures and real accounts; a cash account has no margin and no
    short side either.

    Source: [O] which fields a paper margin account sets; [D] opend_facts 8.7 for cash accounts.
    """
    message = Trd_Common.Funds(
        power=money(funds.power),
        totalAssets=money(funds.total_assets),
        cash=money(funds.cash),
        marketVal=money(funds.market_value),
        frozenCash=money(funds.frozen_cash),
        debtCash=money(max(Decimal(0), -funds.cash)),
        avlWithdrawalCash=money(funds.withdrawable_cash),
        currency=funds.currency,
        netCashPower=money(max(Decimal(0), funds.cash - funds.frozen_cash)),
        longMv=money(funds.long_value),
        shortMv=money(funds.short_value),
    )
    if account_type is AccountType.MARGIN:
        message.maintenanceMargin = money(funds.maintenance_margin)
    return message


def profit_ratio(position: Position) -> float | None:
    """Profit per money put in, as a fraction, on the diluted cost; None without such a cost.

    Source: [P] the Python SDK shows the ratio times 100 and sends its filters divided by 100, so
        the wire carries fractions, whatever the comment in the schema says.
    """
    if position.quantity == 0 or position.cost_price <= 0:
        return None
    ratio = position.price / position.cost_price - 1
    return float(ratio if position.quantity > 0 else -ratio)


def write_position(
    position: Position, instrument: Instrument, language: Language
) -> Trd_Common.Position:
    """A position.

    Profit is that on the diluted cost: what is held now and what was realised since the position
    was last flat. Average cost and the split into realised and unrealised are for real and futures
    accounts.

    Source: [P] Trd_Common.Position.
    """
    traded_value = position.today_buy_value + position.today_sell_value
    message = Trd_Common.Position(
        positionID=position.position_id,
        positionSide=position.side,
        code=position.security.code,
        name=name_of(instrument, language),
        qty=position.quantity,
        canSellQty=position.sellable_quantity,
        price=float(position.price),
        val=money(position.market_value),
        plVal=money(_profit(position)),
        secMarket=SECURITY_MARKETS[position.security.market],
        td_plVal=money(position.today_pnl),
        td_trdVal=money(traded_value),
        td_buyVal=money(position.today_buy_value),
        td_buyQty=position.today_buy_quantity,
        td_sellVal=money(position.today_sell_value),
        td_sellQty=position.today_sell_quantity,
        currency=position.currency,
        trdMarket=position.trading_market,
        accID=position.account_id,
    )
    if position.quantity:
        message.costPrice = message.dilutedCostPrice = float(position.cost_price)
    ratio = profit_ratio(position)
    if ratio is not None:
        message.plRatio = ratio
    return message


def write_max_quantities(quantities: MaxQuantities) -> Trd_Common.MaxTrdQtys:
    """How much could be traded."""
    return Trd_Common.MaxTrdQtys(
        maxCashBuy=quantities.cash_buy,
        maxCashAndMarginBuy=quantities.margin_buy,
        maxPositionSell=quantities.position_sell,
        maxSellShort=quantities.sell_short,
        maxBuyBack=quantities.buy_back,
    )


def _profit(position: Position) -> Decimal:
    if not position.quantity:
        return position.today_pnl
    return position.market_value - position.quantity * position.cost_price
