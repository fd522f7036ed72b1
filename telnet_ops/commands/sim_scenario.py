"""Commands about scenarios: sim_scenario."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final, Literal

from telnet_ops.durations import shown_instant
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.render import table
from telnet_ops.scenario import ScenarioReport
from telnet_ops.texts import Help, Text

NO_SCENARIO: Final = Text("没有场景", "There is no scenario")
ONE_AT_A_TIME: Final = Text(
    "一次只能填写一项: file, text, action", "One thing at a time: file, text or action"
)
NOT_READ: Final = Text("无法读取文件: {path}，{reason}", "Cannot read the file: {path}, {reason}")
HEAD: Final = Text(
    "场景 {name}: {state}，已完成 {done}/{count} 步",
    "Scenario {name}: {state}, {done} of {count} steps done",
)
STATES: Final = {
    "running": Text("进行中", "running"),
    "finished": Text("已结束", "finished"),
    "failed": Text("失败", "failed"),
    "stopped": Text("已停止", "stopped"),
}
UNNAMED: Final = "scenario"


@command(
    "sim_scenario",
    chinese=Help(
        "场景",
        "载入场景文件并开始执行，查看进度，或停止。场景是按时间或条件执行的一系列命令，见 docs/scenarios.md。",
        {
            "file": "场景文件(YAML)，仅限命令行与 Telnet",
            "text": "场景的内容(YAML)",
            "name": "配合 text: 提示信息中的名称",
            "action": "show 查看进度(默认)，stop 停止",
        },
    ),
)
def sim_scenario(
    context: Context,
    file: str | None = None,
    text: str | None = None,
    name: str = UNNAMED,
    action: Literal["show", "stop"] | None = None,
) -> str:
    """Run a scenario.

    Load a scenario and begin it, show how far it is, or stop it. A scenario gives commands at times
    and on conditions, see docs/scenarios.md; a new one takes the place of one that is under way.

    Args:
        context: what the command works on.
        file: a YAML file; only for the console and telnet
        text: the content of one
        name: with text, what messages call it
        action: show (the default) how far it is, or stop it
    """
    if sum(x is not None for x in (file, text, action)) > 1:
        raise UsageError(ONE_AT_A_TIME)
    scenarios = context.target.scenarios
    if file is not None:
        try:
            text, name = context.read_file(file), PurePath(file).name
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(NOT_READ, path=file, reason=reason) from error
    if text is not None:
        scenarios.load(text, name)
    elif action == "stop":
        scenarios.stop()
    report = scenarios.report()
    return context.say(NO_SCENARIO) if report is None else _shown(context, report)


def _shown(context: Context, report: ScenarioReport) -> str:
    steps = [step for track in report.tracks for step in track.steps]
    head = context.say(
        HEAD,
        name=f"{report.place} ({report.title})" if report.title else report.place,
        state=context.say(STATES[report.state]),
        done=sum(step.state == "done" for step in steps),
        count=len(steps),
    )
    rows = [
        (
            str(step.line),
            track.name,
            step.state,
            step.title or step.trigger,
            shown_instant(step.at_ns) if step.at_ns is not None else "-",
            step.told.replace("\n", " "),
        )
        for track in report.tracks
        for step in track.steps
    ]
    return f"{head}\n{table(('line', 'track', 'state', 'step', 'time', 'answer'), rows)}"
