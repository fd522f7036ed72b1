"""Accounts, money, positions and quantities as trade messages show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from gateway.convert.security import name_of
from gateway.convert.trade_header import SECURITY_MARKETS
from gateway.pb import Trd_Common
from gateway.texts import Language
from simulator.accounts.day_trades import DayTradeStanding
from simulator.domain import (
    AccountSpec,
    AccountType,
    ComboEffects,
    Funds,
    Instrument,
    MaxQuantities,
    Position,
    SecurityType,
)

_MONEY_DIGITS: Final = 3
"""Source: [P] Funds, Position: three decimals."""

RISK_STEPS: Final = tuple(map(Decimal, ("0.1", "0.25", "0.4", "0.55", "0.7", "0.8", "0.9", "1")))
"""Shares of the equity that the maintenance margin takes, above which the status is one worse [I]."""
_WARNING_SHARE: Final = Decimal("0.8")


def money(amount: Decimal) -> float:
    """An amount of money on the wire."""
    return float(round(amount, _MONEY_DIGITS))


def write_account(spec: AccountSpec) -> Trd_Common.TrdAcc:
    """An account in the list of accounts.

    Source: [D] paper accounts have neither card number nor firm nor role.
    """
    message = Trd_Common.TrdAcc(
        trdEnv=spec.environment,
        accID=spec.account_id,
        trdMarketAuthList=spec.markets,
        accType=spec.account_type,
        accStatus=Trd_Common.TrdAccStatus_Active,
    )
    if spec.is_paper:
        message.simAccType = spec.simulated_type
        return message
    message.cardNum = spec.card_number
    message.securityFirm = spec.firm
    message.accRole = Trd_Common.TrdAccRole_Normal
    if spec.universal_card_number:
        message.uniCardNum = spec.universal_card_number
    return message


def write_funds(funds: Funds, spec: AccountSpec) -> Trd_Common.Funds:
    """An account's money.

    A cash account has no margin and no short side; a paper account of shares shows less than a
    real one; futures are worth nothing, their gains are.

    Source: [O] which fields a paper margin account sets; [D] for cash accounts;
        [P] Trd_Common.Funds for the rest.
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
    if spec.trades_futures:
        _write_futures(message, funds)
    elif spec.account_type is AccountType.MARGIN:
        message.maintenanceMargin = money(funds.maintenance_margin)
        if not spec.is_paper:
            _write_margin(message, funds)
    if not spec.is_paper:
        _write_assets(message, funds, spec)
    return message


def _write_futures(message: Trd_Common.Funds, funds: Funds) -> None:
    message.availableFunds = money(funds.available)
    message.unrealizedPL = money(funds.unrealized_pnl)
    message.realizedPL = money(funds.realized_pnl)
    message.initialMargin = money(funds.initial_margin)
    message.maintenanceMargin = money(funds.maintenance_margin)
    message.marginCallMargin = money(funds.margin_call)
    message.riskLevel = _risk_level(funds)
    _write_balances(message, funds)


def _write_margin(message: Trd_Common.Funds, funds: Funds) -> None:
    message.availableFunds = money(funds.available)
    message.initialMargin = money(funds.initial_margin)
    message.marginCallMargin = money(funds.margin_call)
    message.maxPowerShort = money(funds.power_short)
    message.maxWithdrawal = money(funds.available)
    message.riskStatus = risk_status(funds)
    message.riskLevel = _risk_level(funds)


def write_day_trading(message: Trd_Common.Funds, standing: DayTradeStanding) -> None:
    """How an American account stands with the rules of day trading.

    Source: [P] Trd_Common.Funds; [S] the number of trades left is a text such as `3` or `Unlimited`.
    """
    message.isPdt = standing.is_marked
    left = standing.trades_left
    message.pdtSeq = "Unlimited" if left is None else str(left)
    message.beginningDTBP = money(standing.beginning_power)
    message.remainingDTBP = money(standing.remaining_power)
    message.dtCallAmount = money(standing.call)
    message.dtStatus = standing.status


def _write_assets(message: Trd_Common.Funds, funds: Funds, spec: AccountSpec) -> None:
    message.pendingAsset = 0
    if spec.trades_futures:
        return
    message.securitiesAssets = money(funds.total_assets)
    message.fundAssets = message.bondAssets = 0
    if spec.is_universal:
        _write_balances(message, funds)
        for market, value in funds.market_values:
            message.marketInfoList.add(trdMarket=market, assets=money(value))


def _write_balances(message: Trd_Common.Funds, funds: Funds) -> None:
    for balance in funds.balances:
        message.cashInfoList.add(
            currency=balance.currency,
            cash=money(balance.cash),
            availableBalance=money(balance.available),
            netCashPower=money(balance.power),
        )


def risk_status(funds: Funds) -> int:
    """From 1, very safe, to 9, positions may be closed by force. Source: [P] CltRiskStatus; [I]."""
    share = _margin_share(funds)
    return 1 + sum(step <= share for step in RISK_STEPS)


def _risk_level(funds: Funds) -> int:
    share = _margin_share(funds)
    if not share:
        return Trd_Common.CltRiskLevel_AbsoluteSafe
    if share < _WARNING_SHARE:
        return Trd_Common.CltRiskLevel_Safe
    return Trd_Common.CltRiskLevel_Warning if share < 1 else Trd_Common.CltRiskLevel_Danger


def _margin_share(funds: Funds) -> Decimal:
    """How much of the equity the maintenance margin takes; 1 where there is no equity."""
    if not funds.maintenance_margin:
        return Decimal(0)
    return funds.maintenance_margin / funds.total_assets if funds.total_assets > 0 else Decimal(1)


def profit_ratio(position: Position) -> float | None:
    """Profit per money put in, as a fraction, on the diluted cost; None without such a cost.

    Source: [P] the Python SDK shows the ratio times 100 and sends its filters divided by 100, so
        the wire carries fractions, whatever the comment in the schema says.
    """
    return _ratio(position, position.cost_price)


def _ratio(position: Position, cost_price: Decimal) -> float | None:
    if position.quantity == 0 or cost_price <= 0:
        return None
    ratio = position.price / cost_price - 1
    return float(ratio if position.quantity > 0 else -ratio)


def write_position(
    position: Position, instrument: Instrument, language: Language, *, is_paper: bool = True
) -> Trd_Common.Position:
    """A position.

    Profit is that on the diluted cost: what is held now and what was realised since the position
    was last flat. Average cost and the split into realised and unrealised are for real and futures
    accounts; what is traded in a day, and market value, are not for futures.

    Source: [P] Trd_Common.Position.
    """
    is_future = instrument.security_type is SecurityType.FUTURE
    message = Trd_Common.Position(
        positionID=position.position_id,
        positionSide=position.side,
        code=position.security.code,
        name=name_of(instrument, language),
        qty=position.quantity,
        canSellQty=position.sellable_quantity,
        price=float(position.price),
        val=0 if is_future else money(position.market_value),
        plVal=money(position.profit),
        secMarket=SECURITY_MARKETS[position.security.market],
        td_plVal=money(position.today_pnl),
        currency=position.currency,
        trdMarket=position.trading_market,
        accID=position.account_id,
    )
    if not is_future:
        _write_day(message, position)
    if position.quantity:
        message.costPrice = message.dilutedCostPrice = float(position.cost_price)
    ratio = profit_ratio(position)
    if ratio is not None:
        message.plRatio = ratio
    if is_future or not is_paper:
        _write_average(message, position)
    return message


def _write_day(message: Trd_Common.Position, position: Position) -> None:
    message.td_trdVal = money(position.today_buy_value + position.today_sell_value)
    message.td_buyVal = money(position.today_buy_value)
    message.td_buyQty = position.today_buy_quantity
    message.td_sellVal = money(position.today_sell_value)
    message.td_sellQty = position.today_sell_quantity


def _write_average(message: Trd_Common.Position, position: Position) -> None:
    message.unrealizedPL = money(position.unrealized_pnl)
    message.realizedPL = money(position.realized_pnl)
    if position.quantity:
        message.averageCostPrice = float(position.average_cost_price)
    ratio = _ratio(position, position.average_cost_price)
    if ratio is not None:
        message.averagePlRatio = ratio


def write_max_quantities(quantities: MaxQuantities) -> Trd_Common.MaxTrdQtys:
    """How much could be traded; for futures what can be closed, and the margin of one contract.

    Source: [P] Trd_Common.MaxTrdQtys: which fields futures do not have.
    """
    if quantities.long_margin is not None and quantities.short_margin is not None:
        return Trd_Common.MaxTrdQtys(
            maxCashBuy=0,
            maxPositionSell=quantities.position_sell,
            longRequiredIM=money(quantities.long_margin),
            shortRequiredIM=money(quantities.short_margin),
        )
    return Trd_Common.MaxTrdQtys(
        maxCashBuy=quantities.cash_buy,
        maxCashAndMarginBuy=quantities.margin_buy,
        maxPositionSell=quantities.position_sell,
        maxSellShort=quantities.sell_short,
        maxBuyBack=quantities.buy_back,
    )


def write_combo_effects(effects: ComboEffects) -> Trd_Common.ComboMaxTrdQtys:
    """What a combo order would change. Source: [P] Trd_Common.ComboMaxTrdQtys."""
    return Trd_Common.ComboMaxTrdQtys(
        nlvChange=money(effects.equity),
        initialMarginChange=money(effects.initial_margin),
        maintenanceMarginChange=money(effects.maintenance_margin),
        optionBuyPower=money(effects.option_power),
        maxWithDrawChange=money(effects.withdrawable),
        buyPowerDecrease=money(effects.power_used),
    )
