"""Commands that measure: ping, show_delay_report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from telnet_ops.commands.reports import deliver
from telnet_ops.limits import Limit
from telnet_ops.registry import Context, command
from telnet_ops.render import milliseconds, percent, span, table
from telnet_ops.target import DelayReport, OrderDelay, PushDelay, PushStage, RequestDelay
from telnet_ops.texts import NO, NO_ANSWER, NOTHING, YES, Text

PUSH_TITLE: Final = Text(
    "推送延迟({stage}) {push_type}: 总包数 {count}，平均延迟 {average}",
    "Push delay ({stage}) {push_type}: {count} packets, average {average}",
)
NO_PUSHES: Final = Text("推送延迟({stage}): 无数据", "Push delay ({stage}): no data")
PUSH_HEADER: Final = Text("区间|个数|占比|累计占比", "Range|Count|Share|Cumulative")
REQUESTS_TITLE: Final = Text("请求延迟:", "Request delay:")
REQUESTS_HEADER: Final = Text(
    "协议ID|请求个数|平均总耗时|平均OpenD耗时|平均网络耗时|本地回包",
    "Protocol ID|Count|Average total|Average OpenD|Average network|Local reply",
)
ORDERS_TITLE: Final = Text("下单延迟:", "Order delay:")
ORDERS_HEADER: Final = Text(
    "订单ID|总耗时|OpenD耗时|网络耗时|下单到交易所耗时",
    "Order ID|Total|OpenD|Network|Until at the exchange",
)


@command("ping", limit=Limit(10, window_s=60))
def ping(context: Context) -> str:
    """Measure the delay to the servers.

    Measure the delay to the servers that this program is connected to.

    Source: [D] what it does and its limit; [I] the answer.
    """
    return "\n".join(
        f"{result.name}: {_delay(context, result.milliseconds)}" for result in context.target.ping()
    )


def _delay(context: Context, delay_ms: float | None) -> str:
    return context.say(NO_ANSWER) if delay_ms is None else milliseconds(delay_ms)


@command("show_delay_report")
def show_delay_report(
    context: Context, detail_report_path: str | None = None, push_count_type: PushStage = "sr2cs"
) -> str:
    """Show the delay statistics.

    Show the delay statistics of pushes, requests and placed orders. The data are cleared daily at
    6:00 Beijing time.

    Args:
        context: what the command works on.
        detail_report_path: the file to write to; optional, without it the console shows the result
        push_count_type: which delay of pushes (sr2ss, ss2cr, cr2cs, ss2cs, sr2cs), by default
            sr2cs; sr is the time the server received (Hong Kong stocks only), ss the time the
            server sent, cr the time OpenD received, cs the time OpenD sent

    Source: [D] what it does and its parameters; [P] GetDelayStatistics.proto, the figures; [I] the
        layout.
    """
    report = context.target.delay_report(push_count_type)
    return deliver(context, _report(context, report, push_count_type), detail_report_path)


def _report(context: Context, report: DelayReport, stage: PushStage) -> str:
    pushes = [_push(context, push, stage) for push in report.pushes]
    parts = [
        *(pushes or [context.say(NO_PUSHES, stage=stage)]),
        _section(context, REQUESTS_TITLE, REQUESTS_HEADER, _request_rows(context, report.requests)),
        _section(context, ORDERS_TITLE, ORDERS_HEADER, _order_rows(report.orders)),
    ]
    return "\n\n".join(parts)


def _push(context: Context, push: PushDelay, stage: PushStage) -> str:
    title = context.say(
        PUSH_TITLE,
        stage=stage,
        push_type=push.push_type,
        count=push.count,
        average=milliseconds(push.average_ms),
    )
    rows = [
        (span(s.begin_ms, s.end_ms), str(s.count), percent(s.proportion), percent(s.cumulative))
        for s in push.segments
        if s.count
    ]
    return f"{title}\n{table(context.say(PUSH_HEADER).split('|'), rows)}"


def _section(context: Context, title: Text, header: Text, rows: Sequence[Sequence[str]]) -> str:
    content = table(context.say(header).split("|"), rows) if rows else context.say(NOTHING)
    return f"{context.say(title)}\n{content}"


def _request_rows(context: Context, requests: Sequence[RequestDelay]) -> list[tuple[str, ...]]:
    return [
        (
            str(request.proto_id),
            str(request.count),
            milliseconds(request.total_ms),
            milliseconds(request.opend_ms),
            milliseconds(request.network_ms),
            context.say(YES if request.is_local_reply else NO),
        )
        for request in requests
    ]


def _order_rows(orders: Sequence[OrderDelay]) -> list[tuple[str, ...]]:
    return [
        (
            order.order_id,
            milliseconds(order.total_ms),
            milliseconds(order.opend_ms),
            milliseconds(order.network_ms),
            milliseconds(order.update_ms),
        )
        for order in orders
    ]
