"""The whole state to one file and back: sim_snapshot."""

from __future__ import annotations

import re
from typing import Final

from telnet_ops.registry import Context, UsageError, command
from telnet_ops.texts import FILES_OVER_TELNET_ONLY, Help, Text

SAVE_OR_LOAD: Final = Text("请填写 save 或 load 之一", "Say either save or load")
SAVED: Final = Text("已保存: {name}，{count} 条记录", "Saved: {name}, {count} records")
LOADED: Final = Text(
    "已载入: {name}，订单 {orders} (未完成 {open_orders})，成交 {fills}",
    "Loaded: {name}, {orders} orders ({open_orders} open), {fills} fills",
)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


@command(
    "sim_snapshot",
    chinese=Help(
        "快照",
        "将全部状态(账户、订单、自选股、提醒、对行情的干预、时钟、种子)保存到文件，或从文件载入。"
        "连接与订阅不变；载入失败则状态不变。",
        {
            "save": "保存到该文件；仅有名称时位于数据目录的 snapshots 中",
            "load": "从该文件载入",
        },
    ),
)
def sim_snapshot(context: Context, save: str | None = None, load: str | None = None) -> str:
    """Save or load the whole state.

    Accounts, orders, watch lists, reminders, what commands did to markets, clock and seed go to a file
    and come back from it. Connections and subscriptions stay; what cannot be loaded changes nothing.

    Args:
        context: what the command works on.
        save: the file; a plain name lies in `snapshots` in the data directory
        load: the file
    """
    name = save or load
    if name is None or (save and load):
        raise UsageError(SAVE_OR_LOAD)
    if not context.may_use_files and not _PLAIN_NAME.fullmatch(name):
        raise UsageError(FILES_OVER_TELNET_ONLY, path=name)
    if save is not None:
        return context.say(SAVED, name=name, count=context.target.control.save_state(name))
    found = context.target.control.load_state(name)
    return context.say(
        LOADED, name=name, orders=found.orders, open_orders=found.open_orders, fills=found.fills
    )
