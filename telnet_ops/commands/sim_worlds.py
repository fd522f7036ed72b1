"""Commands about private worlds: sim_worlds."""

from __future__ import annotations

from typing import Final

from telnet_ops.durations import shown_instant
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.render import table
from telnet_ops.texts import NOTHING, Help, Text

ENDED: Final = Text("已结束: {name}", "World ended: {name}")
NO_SUCH_WORLD: Final = Text("没有该世界: {name}", "No such world: {name}")


@command(
    "sim_worlds",
    chinese=Help(
        "查看或结束独立世界",
        "sim_worlds=client_id 时每个 clientID 有各自的账户、订单、额度与时钟；查看它们，或结束其中一个。"
        "其他命令加 world 参数即作用于该世界。",
        {"end": "结束该世界及其连接"},
    ),
)
def sim_worlds(context: Context, end: str | None = None) -> str:
    """List or end private worlds.

    With sim_worlds=client_id each client id has accounts, orders, quotas and a clock of its own. List
    these worlds, or end one. Any other command takes a parameter world to act on one of them.

    Args:
        context: what the command works on.
        end: the world to end, with its connections
    """
    worlds = context.target.worlds
    if end is not None:
        if not worlds.end(end):
            raise UsageError(NO_SUCH_WORLD, name=end)
        return context.say(ENDED, name=end)
    rows = [(w.name, str(w.connections), shown_instant(w.now_ns)) for w in worlds.report()]
    return table(("world", "connections", "time"), rows) if rows else context.say(NOTHING)
