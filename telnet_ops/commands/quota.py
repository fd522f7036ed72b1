"""Commands about subscriptions and their quota: show_sub_info."""

from __future__ import annotations

from typing import Final

from telnet_ops.commands.reports import deliver
from telnet_ops.registry import Context, command
from telnet_ops.target import ConnectionInfo, ConnectionSubscriptions
from telnet_ops.texts import NO_SUCH_CONNECTION, NOTHING, Text

USED_QUOTA: Final = Text("已用额度: {count}", "The used quota: {count}")
REMAINING_QUOTA: Final = Text("剩余额度: {count}", "The remaining quota: {count}")
OPTION_QUOTA: Final = Text(
    "期权已用额度: {used}，期权剩余额度: {left}",
    "The used option quota: {used}, the remaining option quota: {left}",
)
CONNECTION: Final = Text(
    "连接ID: {conn_id}，占用额度: {count}，占用期权额度: {options}",
    "Connection ID: {conn_id}, used quota: {count}, used option quota: {options}",
)
CONNECTION_DETAILS: Final = Text(
    "地址: {peer}，客户端: {client}，语言: {programming_language}",
    "Address: {peer}, client: {client}, language: {programming_language}",
)


@command("show_sub_info")
def show_sub_info(
    context: Context, conn_id: int | None = None, sub_info_path: str | None = None
) -> str:
    """Show the subscriptions.

    Show the subscriptions of one connection; without a connection, of all of them.

    Args:
        context: what the command works on.
        conn_id: the API connection's ID
        sub_info_path: the file to write to; optional, without it the console shows the result

    Source: [D] what it does; [O] `The remaining quota:`; [I] the rest of the layout.
    """
    infos = {info.conn_id: info for info in context.target.connections()}
    report = context.target.subscriptions(conn_id)
    if conn_id is not None and conn_id not in infos and not report.connections:
        return context.say(NO_SUCH_CONNECTION, conn_id=conn_id)
    lines = [
        context.say(USED_QUOTA, count=report.used_quota),
        context.say(REMAINING_QUOTA, count=report.remaining_quota),
        context.say(
            OPTION_QUOTA, used=report.option_used_quota, left=report.option_remaining_quota
        ),
    ]
    for connection in report.connections:
        lines += _connection(context, connection, infos.get(connection.conn_id))
    return deliver(context, "\n".join(lines), sub_info_path)


def _connection(
    context: Context, connection: ConnectionSubscriptions, info: ConnectionInfo | None
) -> list[str]:
    lines = [
        context.say(
            CONNECTION,
            conn_id=connection.conn_id,
            count=connection.used_quota,
            options=connection.option_used_quota,
        )
    ]
    if info is not None:
        details = context.say(
            CONNECTION_DETAILS,
            peer=info.peer,
            client=info.client_id,
            programming_language=info.programming_language,
        )
        lines.append(details)
    lines += [f"{group.type_name}: {', '.join(group.symbols)}" for group in connection.groups]
    return lines if connection.groups else [*lines, context.say(NOTHING)]
