"""Runs a scenario: waits for each step's trigger and gives its commands, each at its own instant.

Theory of operation. `catch_up` is called before and after each request and at each step of the clock.
It takes the simulator from one instant at which something may be due to the next, so that a step
happens at its instant however late it is noticed, and the rest of the story follows from it. While a
change of an order is waited for, every deadline of the simulator is such an instant. A track that
waits for an order sees the changes after the one that its last step waited for, in their order, even
if they happened in the same instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import structlog

from gateway.scenario.progress import Progress
from gateway.scenario.steps import Scenario
from gateway.session.opend import OpenD
from simulator.events import Event, OrderChanged
from telnet_ops.registry import UsageError
from telnet_ops.scenario import ScenarioReport, ScenarioState

_log: Final = structlog.get_logger()

Execute = Callable[[str, Mapping[str, str], int], str]
"""Gives a command with its parameters at an instant of gateway time and returns its answer.

Raises UsageError where it is refused.
"""
_GAP_NS: Final = 1_000
"""Between two commands of one instant, so that each has an instant of its own."""


class ScenarioRunner:
    """Runs one scenario at a time on an OpenD.

    Args:
        opend: What it happens to.
        execute: Gives commands.
    """

    def __init__(self, opend: OpenD, execute: Execute) -> None:
        self._opend = opend
        self._execute = execute
        self._scenario: Scenario | None = None
        self._tracks: list[Progress] = []
        self._changes: list[OrderChanged] = []
        """Changes of orders since the last look."""
        self._is_looking = False
        self._is_stopped = False
        opend.engine.listen = self._note

    # --- by command ---------------------------------------------------------------------------

    def start(self, scenario: Scenario, now_ns: int) -> None:
        """Begin a scenario; it takes the place of one that is under way."""
        self._scenario = scenario
        self._is_stopped = False
        self._changes.clear()
        self._tracks = [Progress(track, self._opend, now_ns) for track in scenario.tracks]

    def stop(self) -> None:
        """Let the rest not happen; what has happened stays."""
        self._is_stopped = True

    def reset(self) -> None:
        """Stop, unless one of its own steps resets everything."""
        if not self._is_looking:
            self.stop()

    def report(self) -> ScenarioReport | None:
        """How far it is; None if there was no scenario."""
        if self._scenario is None:
            return None
        is_stopped = self._is_stopped
        tracks = tuple(progress.report(is_stopped=is_stopped) for progress in self._tracks)
        return ScenarioReport(self._scenario.place, self._scenario.title, self._state(), tracks)

    def _state(self) -> ScenarioState:
        if any(progress.has_failed for progress in self._tracks):
            return "failed"
        if all(progress.step is None for progress in self._tracks):
            return "finished"
        return "stopped" if self._is_stopped else "running"

    # --- the script ---------------------------------------------------------------------------

    def next_deadline_ns(self) -> int | None:
        """When something may be due next; None if only others can bring it about."""
        return None if self._is_idle else min(self._deadlines(), default=None)

    def catch_up(self, now_ns: int, *, leaps: bool = False) -> bool:
        """Do what is due up to `now_ns`, each thing at its own instant; see `Script`.

        While it leaps, conditions are judged where something is due and at the end only.
        """
        if self._is_idle or self._is_looking:
            return False
        has_done = False
        move = self._opend.engine.leap if leaps else self._opend.engine.advance
        reached_ns = 0
        while not self._is_idle:
            times = self._times() if leaps else self._instants(reached_ns)
            due_ns = min(times, default=None)
            if due_ns is None or due_ns > now_ns:
                break
            reached_ns = max(due_ns, reached_ns)
            move(reached_ns)
            has_done |= self._look(reached_ns)
        return self._look(now_ns) or has_done

    @property
    def _is_idle(self) -> bool:
        if not self._tracks or self._is_stopped:
            return True
        return all(progress.step is None for progress in self._tracks)

    def _instants(self, reached_ns: int) -> list[int]:
        """Everything after `reached_ns` at which a step may become due, and what is overdue."""
        found = self._deadlines()
        if any(progress.waits_for_orders for progress in self._tracks):
            engine_ns = self._opend.engine.next_deadline_ns()
            if engine_ns is not None and engine_ns > reached_ns:
                found.append(engine_ns)
        return found

    def _deadlines(self) -> list[int]:
        return self._times() + [t for progress in self._tracks for t in progress.looks()]

    def _times(self) -> list[int]:
        return [t for progress in self._tracks for t in progress.times()]

    def _note(self, event: Event) -> None:
        if isinstance(event, OrderChanged) and not self._is_idle:
            self._changes.append(event)

    # --- steps --------------------------------------------------------------------------------

    def _look(self, now_ns: int) -> bool:
        """Do every step whose trigger has come and those that follow at once; say if there was one."""
        self._is_looking = True
        count, at_ns, has_done = 0, now_ns, True
        try:
            while has_done:
                has_done = False
                for progress in self._tracks:
                    if not self._is_stopped and progress.look(self._changes, now_ns):
                        at_ns, has_done = self._do(progress, at_ns), True
                        count += 1
        finally:
            self._is_looking = False
            self._changes.clear()
            for progress in self._tracks:
                progress.forget_changes()
        return count > 0

    def _do(self, progress: Progress, at_ns: int) -> int:
        """Give the commands of a track's next step and return the instant after them."""
        answers = []
        for call in progress.step.calls if progress.step else ():
            try:
                answers.append(self._execute(call.name, progress.filled(call), at_ns))
            except UsageError as error:
                told = f"{call.name}: {error.in_language(self._opend.language)}"
                _log.warning("scenario_failed", line=call.line, reason=told)
                progress.finish(at_ns, "failed", told)
                return at_ns + _GAP_NS
            at_ns += _GAP_NS
        progress.finish(at_ns, "done", "; ".join(answers))
        return at_ns
