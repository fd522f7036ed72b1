"""What an account shows to whoever asks: its money and its positions, at the marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from simulator.accounts.account import Account
from simulator.accounts.positions import Holding, Mark
from simulator.accounts.worth import Marks, Worth
from simulator.domain import (
    AccountSpec,
    AccountType,
    CashBalance,
    Currency,
    Funds,
    Position,
    PositionSide,
    Security,
    SimulatedAccountType,
)

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_POWER_SHARES: Final = Decimal("0.5"), Decimal("0.6")
"""Source: [O] US margin paper: twice the cash, and shorts up to equity / 0.6."""
_NOT_MONEY: Final = frozenset({"currency", "balances", "market_values"})


def funds_of(account: Account, marks: Marks) -> Funds:
    """The account's money, in its own currency.

    Power is what could be bought if everything were like American shares where there is
    margin, and the money available everywhere else.

    Source: [O] US margin paper: power is twice the cash when nothing is held; [D] otherwise
        cash less frozen cash.
    """
    worth = account.worth(marks)
    long_value, short_value = worth.sides()
    available = max(_ZERO, account.available(marks))
    margins = worth.margins()
    cash = worth.cash()
    long_share, short_share = _power_shares(account.spec)
    return Funds(
        currency=account.spec.currency,
        power=available / long_share,
        power_short=available / short_share if short_share else _ZERO,
        cash=cash,
        frozen_cash=account.frozen_cash,
        market_value=long_value - short_value,
        long_value=long_value,
        short_value=-short_value,
        total_assets=worth.equity(),
        withdrawable_cash=max(_ZERO, min(available, cash - account.frozen_cash)),
        unrealized_pnl=worth.total(Holding.unrealized_pnl),
        realized_pnl=worth.total(lambda holding, _: holding.realized_pnl),
        initial_margin=margins.initial,
        maintenance_margin=margins.maintenance,
        margin_call=margins.call,
        available=available,
        balances=_cash_balances(worth, available),
        market_values=tuple(worth.by_market(account.spec.markets).items()),
    )


def funds_in(funds: Funds, currency: Currency, rate: Decimal) -> Funds:
    """The same money in another currency; what lies in each currency stays as it is.

    Args:
        funds: in the account's own currency.
        currency: the other one.
        rate: units of the other one for one of its own.
    """
    amounts = {
        name: getattr(funds, name) * rate for name in funds.__slots__ if name not in _NOT_MONEY
    }
    values = tuple((market, value * rate) for market, value in funds.market_values)
    return replace(funds, currency=currency, market_values=values, **amounts)


def positions_of(
    account: Account,
    marks: Marks,
    position_id: Callable[[Security], int],
    resells_same_day: Callable[[Security], bool],
) -> tuple[Position, ...]:
    """All visible positions, in the order in which they were first opened."""
    positions = []
    for holding in account.visible_holdings():
        security = holding.security
        resells = resells_same_day(security)
        sellable = account.sellable(security, resells_same_day=resells)
        positions.append(
            _position(
                account,
                holding,
                marks.prices[security],
                position_id(security),
                sellable or -account.buyable_back(security),
            )
        )
    return tuple(positions)


def _power_shares(spec: AccountSpec) -> tuple[Decimal, Decimal | None]:
    """How much of a purchase, and of a short sale, has to be the account's own money."""
    if spec.account_type is AccountType.CASH or spec.trades_futures:
        return _ONE, None
    if spec.simulated_type is SimulatedAccountType.OPTION:
        return _ONE, None
    return _POWER_SHARES


def _cash_balances(worth: Worth, available: Decimal) -> tuple[CashBalance, ...]:
    balances = []
    for currency, amount in worth.balances.items():
        usable = max(_ZERO, min(amount, available / worth.rate(currency)))
        balances.append(CashBalance(currency, amount, usable, usable))
    return tuple(balances)


def _position(
    account: Account, holding: Holding, mark: Mark, position_id: int, sellable: int
) -> Position:
    terms = account.terms(holding.security)
    return Position(
        position_id=position_id,
        account_id=account.spec.account_id,
        security=holding.security,
        side=PositionSide.SHORT if holding.quantity < 0 else PositionSide.LONG,
        quantity=holding.quantity,
        sellable_quantity=sellable,
        price=mark.last,
        cost_price=holding.diluted_cost,
        average_cost_price=holding.average_cost,
        market_value=holding.market_value(mark),
        unrealized_pnl=holding.unrealized_pnl(mark),
        realized_pnl=holding.realized_pnl,
        today_pnl=holding.today_pnl(mark),
        today_buy_quantity=holding.today_buy_quantity,
        today_buy_value=holding.today_buy_value,
        today_sell_quantity=holding.today_sell_quantity,
        today_sell_value=holding.today_sell_value,
        currency=terms.currency,
        trading_market=terms.market,
        multiplier=terms.multiplier,
    )
