"""The command about the journal of requests, replies and pushes: sim_journal."""

from __future__ import annotations

from typing import Final, Literal

from telnet_ops.commands.reports import deliver
from telnet_ops.control import DirectionName, JournalQuery
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.texts import INVALID_VALUE, NOTHING, Help, Text

SWITCHED: Final = Text("日志条数上限: {size}", "Journal entries kept: {size}")
CLEARED: Final = Text("已清空", "Journal cleared")
EXPECTED_SIZE: Final = Text("1 至 1000000 的整数", "an integer from 1 to 1000000")
USUAL_SIZE: Final = 10_000
MAX_SIZE: Final = 1_000_000
USUAL_LIMIT: Final = 20


@command(
    "sim_journal",
    chinese=Help(
        "请求日志",
        "记录每条连接的请求、应答与推送，并按条件查询。每条为一行 JSON；密码与密钥以 *** 代替。",
        {
            "action": "on 开始记录，off 停止，clear 清空，show 查询(默认)，count 只计数",
            "size": "on: 保留的条数，默认 10000",
            "conn_id": "只看该 API 连接",
            "client": "只看该 clientID 的连接",
            "protocol": "只看该协议，名称或编号",
            "direction": "只看请求(request)、应答(reply)或推送(push)",
            "since": "只看该编号之后，或该时刻(带时区)起的记录",
            "security": "只看与该证券有关的消息，如 HK.00700",
            "ret": "只看该 retType 的应答",
            "limit": "最多显示最近的几条，默认 20，写入文件时默认全部",
            "path": "文件输出路径，可选参数，若不指定则输出到控制台",
        },
    ),
)
def sim_journal(
    context: Context,
    action: Literal["on", "off", "clear", "show", "count"] = "show",
    size: int | None = None,
    conn_id: int | None = None,
    client: str | None = None,
    protocol: str | None = None,
    direction: DirectionName | None = None,
    since: str | None = None,
    security: str | None = None,
    ret: int | None = None,
    limit: int | None = None,
    path: str | None = None,
) -> str:
    """Write down what connections send and get.

    Switch the journal of requests, replies and pushes, or look into it. Each entry is one line of
    JSON; passwords and keys are replaced by ***.

    Args:
        context: what the command works on.
        action: on, off, clear, show (the default), or count for how many there are
        size: with on: how many entries are kept, by default 10000
        conn_id: only that API connection
        client: only connections of that client id
        protocol: only that protocol, by name or number
        direction: only requests, replies or pushes
        since: only entries behind that number, or from that instant with its offset on
        security: only messages about that security, such as HK.00700
        ret: only replies and pushes with that retType
        limit: at most so many, the latest; by default 20, in a file all of them
        path: the file to write to; optional, without it the console shows the result
    """
    control = context.target.control
    if action == "on":
        wanted = USUAL_SIZE if size is None else size
        _check_range("size", wanted)
        control.keep_journal(wanted)
        return context.say(SWITCHED, size=wanted)
    if action == "off":
        control.keep_journal(0)
        return context.say(SWITCHED, size=0)
    if action == "clear":
        control.clear_journal()
        return context.say(CLEARED)
    if limit is None and path is None:
        limit = USUAL_LIMIT
    if limit is not None:
        _check_range("limit", limit)
    shown = 0 if action == "count" else limit
    query = JournalQuery(conn_id, client, protocol, direction, since, security, ret, shown)
    report = control.journal(query)
    if action == "count":
        return str(report.count)
    return deliver(context, "\n".join(report.lines) or context.say(NOTHING), path)


def _check_range(name: str, value: int) -> None:
    if not 1 <= value <= MAX_SIZE:
        raise UsageError(INVALID_VALUE, name=name, value=str(value), expected=EXPECTED_SIZE)
