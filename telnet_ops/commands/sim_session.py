"""Commands about the session: sim_quota, sim_rights, sim_notify, sim_connections."""

from __future__ import annotations

from typing import Final, Literal

from telnet_ops.control import NoticeName
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.render import table
from telnet_ops.texts import INVALID_VALUE, NOTHING, Help, Text

QUOTAS: Final = Text(
    "订阅额度: {subscriptions}，历史 K 线额度: {history}",
    "Subscription quota: {subscriptions}, history quota: {history}",
)
RIGHT: Final = Text("{product} 的行情权限: {right}", "Quote right of {product}: {right}")
SENT: Final = Text("已通知: {notice}", "Notice sent: {notice}")
NOT_NEGATIVE: Final = Text("不小于 0 的整数", "an integer of at least 0")
Product = Literal[
    "hk_stock", "hk_option", "hk_future", "us_stock", "us_option", "us_future", "us_index", "us_otc",
    "cn", "sg_future", "jp_future", "sg_stock", "my_stock", "jp_stock", "crypto", "event_contract",
]  # fmt: skip
RightName = Literal["NO", "BMP", "LV1", "LV2", "LV3", "SF"]


@command(
    "sim_quota",
    chinese=Help(
        "查看或调整额度",
        "查看或调整订阅额度与历史 K 线额度，并通知客户端。已有的订阅不受影响。",
        {"subscriptions": "订阅额度", "history": "历史 K 线额度"},
    ),
)
def sim_quota(
    context: Context, subscriptions: int | None = None, history: int | None = None
) -> str:
    """Show or change the quotas.

    Show or change how many subscriptions and how many securities' history there may be; clients are
    told. What is subscribed stays.

    Args:
        context: what the command works on.
        subscriptions: how many (security, type) pairs may be subscribed
        history: how many securities' history may be read
    """
    for name, value in (("subscriptions", subscriptions), ("history", history)):
        if value is not None and value < 0:
            raise UsageError(INVALID_VALUE, name=name, value=str(value), expected=NOT_NEGATIVE)
    both = context.target.control.set_quotas(subscriptions, history)
    return context.say(QUOTAS, subscriptions=both[0], history=both[1])


@command(
    "sim_rights",
    chinese=Help(
        "调整行情权限",
        "调整一类产品的行情权限，并通知客户端。",
        {"product": "产品，如 hk_stock", "right": "权限(NO, BMP, LV1, LV2, LV3, SF)"},
    ),
)
def sim_rights(context: Context, product: Product, right: RightName) -> str:
    """Change a quote right.

    Change the quote right of one kind of product; clients are told.

    Args:
        context: what the command works on.
        product: the product, such as hk_stock
        right: NO, BMP, LV1, LV2, LV3 or SF
    """
    context.target.control.set_right(product, right)
    return context.say(RIGHT, product=product, right=right)


@command(
    "sim_notify",
    chinese=Help(
        "发送通知",
        "向接收通知的客户端发送一条通知，程序自身的状态不变。",
        {"notice": "通知的内容"},
    ),
)
def sim_notify(context: Context, notice: NoticeName) -> str:
    """Send a notice.

    Send a notice to the clients that receive them, without the event behind it.

    Args:
        context: what the command works on.
        notice: what it tells
    """
    context.target.control.notify(notice)
    return context.say(SENT, notice=notice)


@command("sim_connections", chinese=Help("查看连接", "查看所有 API 连接。"))
def sim_connections(context: Context) -> str:
    """List the connections.

    List the API connections, oldest first.
    """
    rows = [
        (
            str(c.conn_id),
            c.peer,
            c.client_id,
            c.programming_language,
            f"{c.connected_s:.0f}s",
            c.encryption,
            "ready" if c.is_ready else "-",
        )
        for c in context.target.connections()
    ]
    header = ("conn_id", "peer", "client", "language", "age", "encryption", "state")
    return table(header, rows) if rows else context.say(NOTHING)
