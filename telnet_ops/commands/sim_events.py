"""Commands about what happens to securities: sim_corporate_action, sim_expire."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

from telnet_ops.control import CorporateKind, CorporateOrder
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.texts import INVALID_VALUE, Help, Text

DECLARED: Final = Text("{security} {day}: {kind}", "{security} on {day}: {kind}")
EXPIRED: Final = Text("已到期，涉及账户持仓: {count}", "Expired; positions settled: {count}")
NEEDED: Final = Text("{kind} 需要填写 {name}", "A {kind} needs its {name}")
ABOVE_ZERO: Final = Text("应大于 0 的数字", "a number above 0")
SO_MANY_DAYS: Final = Text("1 至 1000 的整数", "an integer from 1 to 1000")
A_DATE: Final = Text("如 2026-01-16 的日期", "a date such as 2026-01-16")
A_RATIO: Final = Text("如 1:4 的比例，均为正整数", "a ratio such as 1:4, of whole numbers above 0")
ONE_OF_TWO: Final = Text("请填写 security 或 account", "Say security or account")
_MOST_DAYS: Final = 1000
_RATIO: Final = re.compile(r"([1-9]\d{0,5}):([1-9]\d{0,5})")


@command(
    "sim_corporate_action",
    chinese=Help(
        "公司行动",
        "宣布派息、拆合股、送股、供股或停牌。除权日起价格、复权因子、复权 K 线与账户持仓和现金一致变化。",
        {
            "security": "证券代码，如 HK.00700",
            "kind": "dividend 派息，split 拆合股，bonus 送股，rights 供股，suspension 停牌",
            "date": "除权日或停牌首日，默认下一交易日",
            "amount": "dividend: 每股派息",
            "ratio": "split: 原股数:新股数；bonus 与 rights: 每持有:所得",
            "price": "rights: 供股价",
            "days": "suspension: 停牌的交易日数，默认 1",
        },
    ),
)
def sim_corporate_action(
    context: Context,
    security: str,
    kind: CorporateKind,
    date: str | None = None,
    amount: Decimal | None = None,
    ratio: str | None = None,
    price: Decimal | None = None,
    days: int = 1,
) -> str:
    """Declare a corporate action.

    Declare a dividend, split, bonus, rights issue or suspension. From its date on the price, rehab
    factors, adjusted bars and what accounts hold and get all follow from it.

    Args:
        context: what the command works on.
        security: the security, such as HK.00700
        kind: dividend, split (also the other way round), bonus, rights or suspension
        date: the ex-date, or the first day of the suspension; by default the next trading day
        amount: of a dividend, for each share
        ratio: of a split, shares before:after; of a bonus or rights, shares held:given
        price: of rights, for each new share
        days: of a suspension, how many trading days; by default 1
    """
    wanted = {"dividend": ("amount",), "rights": ("ratio", "price"), "suspension": ()}
    given = {"amount": amount, "ratio": ratio, "price": price}
    for name in wanted.get(kind, ("ratio",)):
        if given[name] is None:
            raise UsageError(NEEDED, kind=kind, name=name)
    for name, value in (("amount", amount), ("price", price), ("days", days)):
        if value is not None and value <= 0:
            raise UsageError(INVALID_VALUE, name=name, value=str(value), expected=ABOVE_ZERO)
    if days > _MOST_DAYS:
        raise UsageError(INVALID_VALUE, name="days", value=str(days), expected=SO_MANY_DAYS)
    order = CorporateOrder(
        kind, _read_date(date), amount or Decimal(0), _read_ratio(ratio), price or Decimal(0), days
    )
    day = context.target.control.declare(security, order)
    return context.say(DECLARED, security=security, day=day.isoformat(), kind=kind)


def _read_date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(INVALID_VALUE, name="date", value=text, expected=A_DATE) from error


def _read_ratio(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    match = _RATIO.fullmatch(text)
    if match is None:
        raise UsageError(INVALID_VALUE, name="ratio", value=text, expected=A_RATIO)
    return int(match[1]), int(match[2])


@command(
    "sim_expire",
    chinese=Help(
        "到期",
        "衍生品立即按现价到期: 期权行权或作废，期货与窝轮现金结算，未成交订单撤销。",
        {
            "security": "期权、窝轮、牛熊证或期货合约的代码",
            "account": "仅限该账户；不填 security 则为其持有的全部期权",
        },
    ),
)
def sim_expire(context: Context, security: str | None = None, account: int | None = None) -> str:
    """Expire derivatives now.

    A derivative ends before its time, at present prices: options are exercised or lapse, futures and
    warrants are settled in cash, open orders are cancelled. The contract itself stays listed.

    Args:
        context: what the command works on.
        security: an option, warrant or contract month
        account: this account only; without a security, all options that it holds
    """
    if security is None and account is None:
        raise UsageError(ONE_OF_TWO)
    count = context.target.control.expire(security, account)
    return context.say(EXPIRED, count=count)
