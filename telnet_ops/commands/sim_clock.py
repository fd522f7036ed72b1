"""Commands about time: sim_clock."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from telnet_ops.control import VenueName
from telnet_ops.durations import parse_duration, shown_instant
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.texts import Help, Text

STATE: Final = Text(
    "时间: {now}，{state}，倍速: {speed:g}", "Time: {now}, {state}, speed: {speed:g}"
)
RUNNING: Final = Text("运行中", "running")
STANDING: Final = Text("已暂停", "standing")
TRAVELLING: Final = Text("正在推进至 {goal}", "on its way to {goal}")
ONE_AT_A_TIME: Final = Text(
    "一次只能执行一项: action, speed, advance, jump",
    "One thing at a time: action, speed, advance or jump",
)
_HELP: Final = Help(
    "查看或控制时间",
    "查看时间、暂停、恢复、调整倍速、推进或跳转。推进时途中发生的一切依次发生并推送，"
    "完成后才应答；跳转时略过途中的行情推送。",
    {
        "action": "show 查看(默认)，pause 暂停，resume 恢复",
        "speed": "倍速，大于 0，至多 10000",
        "advance": "推进的时长，如 500ms、60s、10m、1.5h、2d",
        "step": "推进时每次合并推送的时长，默认逐个事件推送",
        "jump": "open 下一次开盘，close 下一次收盘，日期(其开盘)，或带时区的时刻",
        "venue": "以哪个市场的交易时段为准，默认 HK_STOCK",
    },
)
MAX_SPEED: Final = 10_000
BAD_SPEED: Final = Text("倍速应大于 0 且不超过 10000", "The speed must be above 0, at most 10000")


@command("sim_clock", chinese=_HELP)
def sim_clock(
    context: Context,
    action: Literal["show", "pause", "resume"] | None = None,
    speed: Decimal | None = None,
    advance: str | None = None,
    step: str = "0s",
    jump: str | None = None,
    venue: VenueName = "HK_STOCK",
) -> str:
    """Show or control time.

    Show the time, pause it, let it go on, change its speed, advance it or jump. While it advances
    everything on the way happens in order and is pushed, and the answer comes when all of it has
    been sent; a jump leaves out the quote pushes on the way.

    Args:
        context: what the command works on.
        action: show (the default), pause or resume
        speed: how many times as fast as real time, above 0, at most 10000
        advance: how far to go, such as 500ms, 60s, 10m, 1.5h or 2d
        step: what happens within so long may be pushed in one go; by default nothing
        jump: open (the next opening), close (the next one), a date (its opening) or an instant with
            its offset
        venue: whose hours are meant, by default HK_STOCK
    """
    control = context.target.control
    if sum(x is not None for x in (action, speed, advance, jump)) > 1:
        raise UsageError(ONE_AT_A_TIME)
    if speed is not None:
        if not 0 < speed <= MAX_SPEED:
            raise UsageError(BAD_SPEED)
        control.set_speed(speed)
    elif advance is not None:
        control.advance(parse_duration("advance", advance), parse_duration("step", step))
        return _goal(context)
    elif jump is not None:
        control.jump(jump, venue)
    elif action == "pause":
        control.pause()
    elif action == "resume":
        control.resume_time()
    return _report(context)


def _goal(context: Context) -> str:
    """The time at which the answer arrives."""
    report = context.target.control.clock()
    state = context.say(RUNNING if report.is_running else STANDING)
    now = shown_instant(report.goal_ns or report.now_ns)
    return context.say(STATE, now=now, state=state, speed=report.speed)


def _report(context: Context) -> str:
    report = context.target.control.clock()
    state = context.say(RUNNING if report.is_running else STANDING)
    if report.goal_ns is not None:
        state = context.say(TRAVELLING, goal=shown_instant(report.goal_ns))
    lines = [context.say(STATE, now=shown_instant(report.now_ns), state=state, speed=report.speed)]
    lines += [f"{venue}: {time} {name}" for venue, time, name in report.markets]
    return "\n".join(lines)
