"""Commands about markets: sim_price, sim_halt, sim_resume, sim_limit_up, sim_limit_down, sim_seed."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from telnet_ops.control import PinSide, VenueName
from telnet_ops.durations import optional_duration, parse_duration
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.texts import INVALID_VALUE, Help, Text

PRICE_SET: Final = Text("{security} 的价格: {price}", "Price of {security}: {price}")
PRICE_RELEASED: Final = Text("{security} 恢复原有走势", "{security} follows its own path again")
HALTED: Final = Text("已停牌: {count}", "Securities halted: {count}")
RESUMED: Final = Text("已复牌: {count}", "Securities trading again: {count}")
RESEEDED: Final = Text("行情种子: {seed}", "Seed of the market: {seed}")
ONE_PRICE: Final = Text(
    "price, percent, path, release 须且只能填写一项",
    "Give one of price, percent, path and release",
)
EXPECTED_PATH: Final = Text(
    "时长:价格，以逗号分隔，如 0s:500,30s:480", "spans and prices such as 0s:500,30s:480, ascending"
)
SECURITY_OR_VENUE: Final = Text(
    "security 与 venue 须且只能填写一项", "Give either a security or a venue"
)
NOT_NEGATIVE: Final = Text("应大于 0 的数字", "a number above 0")
Switch = Literal["on", "off"]
_SECURITY_ZH: Final = "证券代码，如 HK.00700"


@command(
    "sim_price",
    chinese=Help(
        "设置价格",
        "将价格设为指定值、按百分比移动或沿路径移动。此后原有走势在新的价位上继续；所有接口看到的行情一致。",
        {
            "security": _SECURITY_ZH,
            "price": "目标价格，取最近的价位",
            "percent": "相对最新价移动的百分比，如 -5",
            "path": "路径，如 0s:500,30s:480,60s:520",
            "over": "在多长时间内匀速到达，默认立即",
            "lasts": "到达后保持多久再回到原有走势，默认一直保持",
            "release": "yes 回到原有走势",
            "halts": "on 或 off：涨跌过快时是否触发停牌或冷静期（美股熔断、港股市调机制）；"
            "默认仅用于逐步变动、且市场按时开收市时",
        },
    ),
)
def sim_price(
    context: Context,
    security: str,
    price: Decimal | None = None,
    percent: Decimal | None = None,
    path: str | None = None,
    over: str = "0s",
    lasts: str | None = None,
    release: str | None = None,
    halts: Switch | None = None,
) -> str:
    """Set or move a price.

    Set a price, move it by percent or lead it along a path. Its own ups and downs go on around the
    new level, and every interface tells the same story. A price that is reached at once is printed
    at once, while the market trades.

    Args:
        context: what the command works on.
        security: the security, such as HK.00700
        price: the new price; the nearest price step counts
        percent: by how many percent of the last price to move, such as -5
        path: spans of time and prices, such as 0s:500,30s:480,60s:520
        over: the time in which the price gets there; by default at once
        lasts: how long it stays there before its own path goes on; by default for good
        release: yes, to go back to its own path
        halts: on or off, whether the exchange pauses trading, or cools it off, when the price moves too
            fast; by default for moves that take time, where markets keep their hours
    """
    control = context.target.control
    if sum(x is not None for x in (price, percent, path, release)) != 1:
        raise UsageError(ONE_PRICE)
    if release is not None:
        control.release_price(security)
        return context.say(PRICE_RELEASED, security=security)
    after_ns, lasts_ns = parse_duration("over", over), optional_duration("lasts", lasts)
    if path is not None:
        points = _points(path)
    elif price is not None:
        points = _towards(after_ns, price)
    else:
        factor = 1 + (percent or Decimal(0)) / 100
        points = _towards(after_ns, control.last_price(security) * factor)
    pauses = None if halts is None else halts == "on"
    reached = control.set_path(security, points, lasts_ns, pauses=pauses)
    return context.say(PRICE_SET, security=security, price=reached)


def _towards(after_ns: int, price: Decimal) -> list[tuple[int, Decimal]]:
    if price <= 0:
        raise UsageError(INVALID_VALUE, name="price", value=str(price), expected=NOT_NEGATIVE)
    return [(after_ns, price)]


def _points(path: str) -> list[tuple[int, Decimal]]:
    points: list[tuple[int, Decimal]] = []
    for part in path.split(","):
        span, _, price = part.strip().partition(":")
        if not price.replace(".", "", 1).isdecimal() or not Decimal(price):
            raise UsageError(INVALID_VALUE, name="path", value=path, expected=EXPECTED_PATH)
        points.append((parse_duration("path", span), Decimal(price)))
    if points != sorted(points, key=lambda point: point[0]):
        raise UsageError(INVALID_VALUE, name="path", value=path, expected=EXPECTED_PATH)
    return points


@command(
    "sim_halt",
    aliases=("sim_suspend",),
    chinese=Help(
        "停牌",
        "停止一只证券或整个市场的交易：不再有成交与买卖盘，订单等待复牌。",
        {
            "security": _SECURITY_ZH,
            "venue": "整个市场",
            "lasts": "停牌时长，默认直到 sim_resume",
        },
    ),
)
def sim_halt(
    context: Context,
    security: str | None = None,
    venue: VenueName | None = None,
    lasts: str | None = None,
) -> str:
    """Halt trading.

    Stop trading in one security or at a whole venue: no prints, an empty order book, and orders wait
    until trading resumes.

    Args:
        context: what the command works on.
        security: the security, such as HK.00700
        venue: everything that trades there
        lasts: how long; by default until sim_resume
    """
    if (security is None) == (venue is None):
        raise UsageError(SECURITY_OR_VENUE)
    count = context.target.control.halt(security, venue, optional_duration("lasts", lasts))
    return context.say(HALTED, count=count)


@command(
    "sim_resume",
    chinese=Help(
        "复牌",
        "恢复停牌的交易，并解除涨跌停。",
        {"security": f"{_SECURITY_ZH}，不填则为所有证券", "venue": "整个市场"},
    ),
)
def sim_resume(
    context: Context, security: str | None = None, venue: VenueName | None = None
) -> str:
    """Resume trading.

    Let halted securities trade again, and unlock prices at their limits.

    Args:
        context: what the command works on.
        security: the security; by default all of them
        venue: only what trades there
    """
    if security is not None and venue is not None:
        raise UsageError(SECURITY_OR_VENUE)
    count = context.target.control.resume_trading(security, venue)
    return context.say(RESUMED, count=count)


def _limit_help(title: str, side: str) -> Help:
    return Help(
        title,
        f"价格锁定在{title}价，{side}为空，直到 sim_resume 或 sim_price。",
        {
            "security": _SECURITY_ZH,
            "price": "锁定的价格；默认当日涨跌停价，没有涨跌停限制的市场须填写 price 或 percent",
            "percent": "相对昨收的幅度(%)，大于 0",
            "halts": "on 或 off：是否触发停牌或冷静期，默认 off",
        },
    )


@command("sim_limit_up", chinese=_limit_help("涨停", "卖盘"))
def sim_limit_up(
    context: Context,
    security: str,
    price: Decimal | None = None,
    percent: Decimal | None = None,
    halts: Switch = "off",
) -> str:
    """Lock a price limit up.

    The price stays at its upper limit and nobody offers, until sim_resume or sim_price.

    Args:
        context: what the command works on.
        security: the security, such as HK.00700
        price: the price; by default the day's limit, where the market has one
        percent: instead of a price, how far from the last close, in percent, above 0
        halts: on or off, whether the exchange pauses trading, or cools it off, on the way there
    """
    return _lock(context, security, "up", price, percent, halts)


@command("sim_limit_down", chinese=_limit_help("跌停", "买盘"))
def sim_limit_down(
    context: Context,
    security: str,
    price: Decimal | None = None,
    percent: Decimal | None = None,
    halts: Switch = "off",
) -> str:
    """Lock a price limit down.

    The price stays at its lower limit and nobody bids, until sim_resume or sim_price.

    Args:
        context: what the command works on.
        security: the security, such as HK.00700
        price: the price; by default the day's limit, where the market has one
        percent: instead of a price, how far from the last close, in percent, above 0
        halts: on or off, whether the exchange pauses trading, or cools it off, on the way there
    """
    return _lock(context, security, "down", price, percent, halts)


def _lock(
    context: Context,
    security: str,
    side: PinSide,
    price: Decimal | None,
    percent: Decimal | None,
    halts: Switch,
) -> str:
    for name, value in (("price", price), ("percent", percent)):
        if value is not None and value <= 0:
            raise UsageError(INVALID_VALUE, name=name, value=str(value), expected=NOT_NEGATIVE)
    reached = context.target.control.lock(security, side, price, percent, pauses=halts == "on")
    return context.say(PRICE_SET, security=security, price=reached)


@command(
    "sim_seed",
    chinese=Help(
        "更换行情种子",
        "所有市场改按另一种子运行，如同一直如此；设置过的价格与停牌随之取消。",
        {"seed": "种子，大于等于 0 的整数"},
    ),
)
def sim_seed(context: Context, seed: int) -> str:
    """Change the seed of the market.

    All markets follow another seed from now on, as if they always had; prices and halts that were set
    are forgotten.

    Args:
        context: what the command works on.
        seed: the seed, a whole number from 0
    """
    if seed < 0:
        raise UsageError(INVALID_VALUE, name="seed", value=str(seed), expected=NOT_NEGATIVE)
    context.target.control.reseed(seed)
    return context.say(RESEEDED, seed=seed)
