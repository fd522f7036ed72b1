"""Commands about orders and accounts: sim_order, sim_deposit, sim_withdraw, sim_position, sim_reset."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from telnet_ops.control import OrderAct, OrderOrder, ResetScope
from telnet_ops.durations import optional_duration
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.texts import INVALID_VALUE, Help, Text

DONE: Final = Text("订单 {order_id}: {action}", "Order {order_id}: {action}")
PLANNED: Final = Text("下一笔符合条件的订单: {action}", "Next order that fits: {action}")
BALANCE: Final = Text("账户 {account} 现金: {cash}", "Cash of account {account}: {cash}")
MOVED: Final = Text(
    "账户 {account}: {security} {quantity:+}", "Account {account}: {security} {quantity:+}"
)
RESET: Final = Text("已重置: {what}", "Reset: {what}")
ABOVE_ZERO: Final = Text("应大于 0 的数字", "a number above 0")
NOT_ZERO: Final = Text("不为 0 的整数", "an integer other than 0")
UP_TO_100: Final = Text("大于 0 且不超过 100 的数字", "a number above 0, at most 100")
DELAY_NEEDED: Final = Text("delay 需要填写 span", "A delay needs its span")
RELEASE_NEEDS_ORDER: Final = Text("release 需要填写 order_id", "A release needs its order_id")
_ACCOUNT_ZH: Final = "账户 ID"
Currency = Literal["HKD", "USD", "CNH", "JPY", "SGD"]


@command(
    "sim_order",
    chinese=Help(
        "干预订单",
        "成交、部分成交、拒绝、延迟、挂起或放行一笔订单；不指定订单则作用于下一笔符合条件的订单。"
        "部分成交后其余部分挂起，放行后继续由市场撮合。",
        {
            "action": "fill 成交，reject 拒绝，delay 延迟到达，hold 挂起，release 放行",
            "order_id": "订单 ID，不填则为下一笔订单",
            "account": "仅限该账户的下一笔订单",
            "security": "仅限该证券的下一笔订单",
            "quantity": "成交数量，默认全部",
            "percent": "成交比例(%)，默认 100",
            "price": "成交价格，默认为订单价格，市价单为最新价",
            "span": "延迟的时长，如 5s",
            "reason": "拒绝的原因",
        },
    ),
)
def sim_order(
    context: Context,
    action: OrderAct,
    order_id: str | None = None,
    account: int | None = None,
    security: str | None = None,
    quantity: int | None = None,
    percent: Decimal | None = None,
    price: Decimal | None = None,
    span: str | None = None,
    reason: str = "rejected by command",
) -> str:
    """Act on an order.

    Fill an order, fill a part of it, reject it, let it travel longer, keep it from the market or let
    it go on. Without an order it happens to the next one that fits, when it reaches the exchange.
    What a partial fill leaves is held; a release lets the market fill it.

    Args:
        context: what the command works on.
        action: fill, reject, delay, hold or release
        order_id: the order; without it, the next one
        account: only the next order of that account
        security: only the next order in that security
        quantity: how much to fill; by default all
        percent: how much of it to fill, in percent; by default 100
        price: what to fill at; by default the order's price, or the last one for a market order
        span: how long to delay, such as 5s
        reason: why it is rejected
    """
    delay_ns = optional_duration("span", span)
    if action == "delay" and delay_ns is None:
        raise UsageError(DELAY_NEEDED)
    if action == "release" and order_id is None:
        raise UsageError(RELEASE_NEEDS_ORDER)
    _check("quantity", quantity, ABOVE_ZERO)
    _check("price", price, ABOVE_ZERO)
    if percent is not None and not 0 < percent <= 100:
        raise UsageError(INVALID_VALUE, name="percent", value=str(percent), expected=UP_TO_100)
    what = OrderOrder(
        action, order_id, account, security, quantity, percent, price, delay_ns, reason
    )
    context.target.control.act(what)
    if order_id is None:
        return context.say(PLANNED, action=action)
    return context.say(DONE, order_id=order_id, action=action)


@command(
    "sim_deposit",
    chinese=Help(
        "存入资金",
        "向账户存入资金。",
        {"account": _ACCOUNT_ZH, "amount": "金额，大于 0", "currency": "币种，默认账户币种"},
    ),
)
def sim_deposit(
    context: Context, account: int, amount: Decimal, currency: Currency | None = None
) -> str:
    """Pay cash in.

    Pay cash into an account.

    Args:
        context: what the command works on.
        account: the account
        amount: how much, above 0
        currency: by default the account's own
    """
    _check("amount", amount, ABOVE_ZERO)
    cash = context.target.control.pay(account, amount, currency)
    return context.say(BALANCE, account=account, cash=cash)


@command(
    "sim_withdraw",
    chinese=Help(
        "取出资金",
        "从账户取出资金，余额可以为负。",
        {"account": _ACCOUNT_ZH, "amount": "金额，大于 0", "currency": "币种，默认账户币种"},
    ),
)
def sim_withdraw(
    context: Context, account: int, amount: Decimal, currency: Currency | None = None
) -> str:
    """Pay cash out.

    Pay cash out of an account; what is left may be negative.

    Args:
        context: what the command works on.
        account: the account
        amount: how much, above 0
        currency: by default the account's own
    """
    _check("amount", amount, ABOVE_ZERO)
    cash = context.target.control.pay(account, -amount, currency)
    return context.say(BALANCE, account=account, cash=cash)


@command(
    "sim_position",
    chinese=Help(
        "转入或转出持仓",
        "转入持仓，数量为负则转出；不影响现金。",
        {
            "account": _ACCOUNT_ZH,
            "security": "证券代码，如 HK.00700",
            "quantity": "数量，负数为转出",
            "price": "成本价，默认最新价",
        },
    ),
)
def sim_position(
    context: Context, account: int, security: str, quantity: int, price: Decimal | None = None
) -> str:
    """Transfer a position.

    Bring shares into an account, or take them out; cash stays as it is.

    Args:
        context: what the command works on.
        account: the account
        security: the security, such as HK.00700
        quantity: how many; negative to take them out
        price: what they cost; by default the last price
    """
    if not quantity:
        raise UsageError(INVALID_VALUE, name="quantity", value="0", expected=NOT_ZERO)
    _check("price", price, ABOVE_ZERO)
    context.target.control.transfer(account, security, quantity, price)
    return context.say(MOVED, account=account, security=security, quantity=quantity)


@command(
    "sim_reset",
    chinese=Help(
        "重置",
        "将账户(资金、持仓、订单)或行情(设置过的价格、停牌)恢复到开始时的状态；时间与连接不变。",
        {"what": "all 全部(默认)，accounts 账户，market 行情", "account": "仅重置该账户"},
    ),
)
def sim_reset(context: Context, what: ResetScope | None = None, account: int | None = None) -> str:
    """Put things back to how they began.

    Accounts lose their orders and positions and have their first cash again; markets forget prices and
    halts that were set; plans for orders are forgotten. Time and connections stay.

    Args:
        context: what the command works on.
        what: all (the default), accounts or market
        account: this account only
    """
    scope = what or ("accounts" if account is not None else "all")
    context.target.control.reset(scope, account)
    return context.say(RESET, what=scope if account is None else account)


def _check(name: str, value: Decimal | int | None, expected: Text) -> None:
    if value is not None and value <= 0:
        raise UsageError(INVALID_VALUE, name=name, value=str(value), expected=expected)
