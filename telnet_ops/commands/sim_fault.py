"""The command about faults: sim_fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, Literal

from telnet_ops.control import DirectionName, FaultKind, FaultOrder, FaultReport, LinkName
from telnet_ops.durations import optional_duration, parse_duration
from telnet_ops.registry import Context, UsageError, Value, command
from telnet_ops.render import table
from telnet_ops.texts import INVALID_VALUE, MISSING_PARAMETER, NOTHING, Help, Text

ADDED: Final = Text("故障 {fault_id}: {kind}", "Fault {fault_id}: {kind}")
DONE: Final = Text("已执行: {kind}", "Done: {kind}")
CLEARED: Final = Text("已清除故障数: {count}", "Faults cleared: {count}")
ADD_OR_CLEAR: Final = Text("add 与 clear 只能填写一项", "Give either add or clear")
ONLY_WITH_ADD: Final = Text("{name} 须与 add 一起填写", "{name} goes with add only")
DOES_NOT_FIT: Final = Text(
    "{kind} 不支持参数 {name}，可用参数: {allowed}",
    "{name} does not go with {kind}, which takes {allowed}",
)
EXPECTED_CLEAR: Final = Text("all 或故障编号", "all or the number of a fault")
EXPECTED_PROBABILITY: Final = Text("大于 0 且不超过 1 的数字", "a number above 0 and up to 1")
EXPECTED_COUNT: Final = Text("大于 0 的整数", "an integer above 0")
EXPECTED_SKIP: Final = Text("不小于 0 的整数", "an integer of at least 0")
EXPECTED_RET_TYPE: Final = Text(
    "-1, -100, -200, -400 或 -500", "one of: -1, -100, -200, -400, -500"
)
EXPECTED_PERCENT: Final = Text("大于 -100 的非零数字", "a number above -100 that is not 0")
EXPECTED_SPAN: Final = Text("大于 0 的时长", "a span of time above 0")
RET_TYPES: Final = (-1, -100, -200, -400, -500)
"""Source: [P] Common.RetType."""
USUAL_PERCENT: Final = Decimal(20)

_WHOM: Final = ("conn_id", "client", "protocol", "security", "direction")
_WHEN: Final = ("probability", "skip", "count", "lasts")
_TAKES: Final[Mapping[FaultKind, tuple[str, ...]]] = {
    "latency": ("delay", "jitter", *_WHOM, *_WHEN),
    "bandwidth": ("rate", *_WHOM, *_WHEN),
    "drop": (*_WHOM, *_WHEN),
    "duplicate": (*_WHOM, *_WHEN),
    "reorder": (*_WHOM, *_WHEN),
    "swallow": (*_WHOM, *_WHEN),
    "error": ("ret_type", "message", "err_code", *_WHOM, *_WHEN),
    "wrong_digest": (*_WHOM, *_WHEN),
    "cut": (*_WHOM, *_WHEN),
    "refuse": ("client", *_WHEN),
    "outlier": ("percent", *_WHOM, *_WHEN),
    "stale": (*_WHOM, *_WHEN),
    "link": ("link", "subscriptions", "lasts"),
}
_NEEDS: Final[Mapping[FaultKind, str]] = {"latency": "delay", "bandwidth": "rate"}


@command(
    "sim_fault",
    chinese=Help(
        "查看、添加或清除故障",
        "不填参数则列出故障。add 添加一种故障，clear 清除故障。除 add 所列外，其余参数选择故障影响哪些连接、"
        "协议与证券，以及影响的概率、次数与时长；不填则不限。时长按网关时间计算。",
        {
            "add": "故障的种类",
            "clear": "清除的故障编号，或 all",
            "conn_id": "只影响该 API 连接",
            "client": "只影响该 clientID 的连接",
            "protocol": "只影响该协议，名称或编号，如 Qot_GetBasicQot 或 3004",
            "security": "只影响与该证券有关的消息，如 HK.00700",
            "direction": "只影响请求(request)、应答(reply)或推送(push)",
            "probability": "影响的概率，大于 0 且不超过 1，默认 1",
            "skip": "先放过几次，默认 0",
            "count": "影响几次后结束，默认不限；outlier 默认 1",
            "lasts": "持续多久，默认直到清除",
            "delay": "latency: 延迟",
            "jitter": "latency: 在 delay 之外最多再延迟多久",
            "rate": "bandwidth: 每秒字节数",
            "percent": "outlier: 偏离的百分比，默认 20",
            "ret_type": "error: retType，默认 -1",
            "message": "error: retMsg",
            "err_code": "error: errCode，默认 0",
            "link": "link: 断开的服务器连接，默认 both",
            "subscriptions": "link: 恢复后订阅保留(kept)或丢失(lost)，默认 kept",
        },
    ),
)
def sim_fault(
    context: Context,
    add: FaultKind | None = None,
    clear: str | None = None,
    conn_id: int | None = None,
    client: str | None = None,
    protocol: str | None = None,
    security: str | None = None,
    direction: DirectionName | None = None,
    probability: Decimal | None = None,
    skip: int | None = None,
    count: int | None = None,
    lasts: str | None = None,
    delay: str | None = None,
    jitter: str | None = None,
    rate: int | None = None,
    percent: Decimal | None = None,
    ret_type: int | None = None,
    message: str | None = None,
    err_code: int | None = None,
    link: LinkName | None = None,
    subscriptions: Literal["kept", "lost"] | None = None,
) -> str:
    """List, add or clear faults.

    Without a parameter, list the faults. A fault that is added hits everything unless connections,
    protocols or securities are chosen, and lasts until it has struck `count` times, its time is over
    or it is cleared. Spans are gateway time.

    Args:
        context: what the command works on.
        add: what is to go wrong
        clear: the number of a fault, or all
        conn_id: only that API connection
        client: only connections of that client id
        protocol: only that protocol, by name or number, such as Qot_GetBasicQot or 3004
        security: only messages about that security, such as HK.00700
        direction: only requests, replies or pushes
        probability: how likely it strikes, above 0 and up to 1; by default 1
        skip: how many times it lets pass first; by default none
        count: how often it strikes; by default always, but an outlier once
        lasts: how long; by default until it is cleared
        delay: of a latency: the delay
        jitter: of a latency: how much more at most
        rate: of a bandwidth: bytes per second
        percent: of an outlier: by how much it is off; by default 20
        ret_type: of an error: its retType; by default -1
        message: of an error: its retMsg
        err_code: of an error: its errCode; by default 0
        link: of a link: which one is lost; by default both
        subscriptions: of a link: whether subscriptions are kept or lost when it is back; by default kept
    """
    given: dict[str, Value] = {
        "conn_id": conn_id, "client": client, "protocol": protocol, "security": security,
        "direction": direction, "probability": probability, "skip": skip, "count": count,
        "lasts": lasts, "delay": delay, "jitter": jitter, "rate": rate, "percent": percent,
        "ret_type": ret_type, "message": message, "err_code": err_code, "link": link,
        "subscriptions": subscriptions,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    lasts_ns, delay_ns, jitter_ns = (
        optional_duration(name, text)
        for name, text in (("lasts", lasts), ("delay", delay), ("jitter", jitter))
    )
    if add is None:
        return _without_add(context, clear, given)
    if clear is not None:
        raise UsageError(ADD_OR_CLEAR)
    _check(add, given)
    order = FaultOrder(
        kind=add,
        conn_id=conn_id,
        client=client,
        protocol=protocol,
        security=security,
        direction=direction,
        probability=probability or Decimal(1),
        skip=skip or 0,
        count=count or (1 if add == "outlier" else None),
        lasts_ns=lasts_ns,
        delay_ns=delay_ns or 0,
        jitter_ns=jitter_ns or 0,
        rate=rate or 0,
        percent=percent or USUAL_PERCENT,
        ret_type=ret_type or -1,
        message=message or "",
        err_code=err_code or 0,
        link=link or "both",
        keeps_subscriptions=subscriptions != "lost",
    )
    fault_id = context.target.control.add_fault(order)
    if fault_id is None:
        return context.say(DONE, kind=add)
    return context.say(ADDED, fault_id=fault_id, kind=add)


def _without_add(context: Context, clear: str | None, given: Mapping[str, Value]) -> str:
    if given:
        raise UsageError(ONLY_WITH_ADD, name=next(iter(given)))
    control = context.target.control
    if clear is None:
        rows = [_row(report) for report in control.faults()]
        header = ("id", "kind", "parameters", "matched", "struck", "left")
        return table(header, rows) if rows else context.say(NOTHING)
    if clear != "all" and not clear.isdecimal():
        raise UsageError(INVALID_VALUE, name="clear", value=clear, expected=EXPECTED_CLEAR)
    count = control.clear_faults(None if clear == "all" else int(clear))
    return context.say(CLEARED, count=count)


def _row(report: FaultReport) -> tuple[str, ...]:
    left = "over" if report.is_over else "-"
    if report.left_ns is not None and not report.is_over:
        left = f"{report.left_ns / 1e9:g}s"
    written = " ".join(f"-{name}={value}" for name, value in report.parameters.items())
    return (
        str(report.fault_id),
        report.kind,
        written,
        str(report.matched),
        str(report.struck),
        left,
    )


def _check(kind: FaultKind, given: Mapping[str, Value]) -> None:
    """Refuse what does not belong to a kind, and values that say nothing."""
    allowed = _TAKES[kind]
    for name in given:
        if name not in allowed:
            choices = Text(", ".join(allowed), ", ".join(allowed))
            raise UsageError(DOES_NOT_FIT, name=name, kind=kind, allowed=choices)
    needed = _NEEDS.get(kind)
    if needed is not None and needed not in given:
        raise UsageError(MISSING_PARAMETER, name=needed)
    for name, value in given.items():
        rule = _RULES.get(name)
        if rule is not None and not rule[0](value):
            raise UsageError(INVALID_VALUE, name=name, value=str(value), expected=rule[1])


def _is_above(least: int) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, int) and value > least


def _is_share(value: Value) -> bool:
    return isinstance(value, Decimal) and 0 < value <= 1


def _is_change(value: Value) -> bool:
    return isinstance(value, Decimal) and value > -100 and value != 0


def _is_span(value: Value) -> bool:
    return isinstance(value, str) and parse_duration("lasts", value) > 0


_RULES: Final[Mapping[str, tuple[Callable[[Value], bool], Text]]] = {
    "probability": (_is_share, EXPECTED_PROBABILITY),
    "count": (_is_above(0), EXPECTED_COUNT),
    "rate": (_is_above(0), EXPECTED_COUNT),
    "skip": (_is_above(-1), EXPECTED_SKIP),
    "ret_type": (lambda value: value in RET_TYPES, EXPECTED_RET_TYPE),
    "percent": (_is_change, EXPECTED_PERCENT),
    "lasts": (_is_span, EXPECTED_SPAN),
    "delay": (_is_span, EXPECTED_SPAN),
}
