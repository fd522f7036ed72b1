"""Commands about the API connections: close_api_conn."""

from __future__ import annotations

from telnet_ops.registry import Context, command
from telnet_ops.texts import CONNECTIONS_CLOSED, NO_SUCH_CONNECTION


@command("close_api_conn")
def close_api_conn(context: Context, conn_id: int | None = None) -> str:
    """Close API connections.

    Close one API connection; without a parameter, all of them.

    Args:
        context: what the command works on.
        conn_id: the API connection's ID

    Source: [D] what it does; [I] the answer.
    """
    closed = context.target.close_connections(conn_id)
    if conn_id is not None and closed == 0:
        return context.say(NO_SUCH_CONNECTION, conn_id=conn_id)
    return context.say(CONNECTIONS_CLOSED, count=closed)
