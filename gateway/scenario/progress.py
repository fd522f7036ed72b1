"""How far one track of a scenario is, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from gateway.scenario.conditions import Facts, Watch, begin_watch
from gateway.scenario.steps import ClockTime, CommandCall, Instant, Pause, Step, Track
from gateway.session.opend import OpenD
from simulator.domain import NS_PER_S, Venue
from simulator.events import OrderChanged
from simulator.trading_days import calendar_for
from telnet_ops.scenario import StepReport, StepState, TrackReport
from telnet_ops.texts import Text

_TOO_LATE: Final = Text("未在 within 的时间内发生", "did not come true within the time")


class Progress:
    """One track on its way.

    Args:
        track: Its steps.
        opend: What they happen to.
        now_ns: When it begins, gateway time.
    """

    def __init__(self, track: Track, opend: OpenD, now_ns: int) -> None:
        self._track = track
        self._opend = opend
        self._done: list[StepReport] = []
        self._has_failed = False
        self._facts: dict[str, str] = {}
        self._watch: Watch | None = None
        self._due_ns: int | None = None
        self._gives_up_ns: int | None = None
        self._look_ns: int | None = None
        self._seen = 0
        """How many of the recent changes of orders are behind it."""
        self._await(now_ns, now_ns)

    # --- what it waits for --------------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """The next step; None at the end."""
        is_over = self._has_failed or len(self._done) == len(self._track.steps)
        return None if is_over else self._track.steps[len(self._done)]

    @property
    def has_failed(self) -> bool:
        """Whether a command was refused or a condition did not come true in time."""
        return self._has_failed

    @property
    def waits_for_orders(self) -> bool:
        """Whether it must be shown every change of an order."""
        return self._watch is not None and self._watch.sees_orders

    def times(self) -> list[int]:
        """When it goes on whatever else happens."""
        return [t for t in (self._due_ns, self._gives_up_ns) if t is not None]

    def looks(self) -> list[int]:
        """When what it watches may have changed by itself."""
        return [] if self._look_ns is None else [self._look_ns]

    def look(self, changes: Sequence[OrderChanged], now_ns: int) -> bool:
        """Whether its next step is due.

        Args:
            changes: of orders, since the time before; a track takes notice of each once.
            now_ns: gateway time.
        """
        if self._watch is not None:
            facts = self._judge(self._watch, changes, now_ns)
            if facts is not None:
                self._facts.update(facts)
                self._watch, self._due_ns = None, now_ns
            elif self._gives_up_ns is not None and self._gives_up_ns <= now_ns:
                self.finish(now_ns, "failed", _TOO_LATE.in_language(self._opend.language))
            else:
                self._look_ns = self._watch.next_look_ns(now_ns)
        elif self._due_ns is not None and self._due_ns <= now_ns:
            self._seen = len(changes)
        return self._due_ns is not None and self._due_ns <= now_ns

    def forget_changes(self) -> None:
        """The next changes of orders begin a new sequence."""
        self._seen = 0

    def _judge(self, watch: Watch, changes: Sequence[OrderChanged], now_ns: int) -> Facts | None:
        while watch.sees_orders and self._seen < len(changes):
            self._seen += 1
            facts = watch.saw(changes[self._seen - 1])
            if facts is not None:
                return facts
        facts = watch.look(now_ns)
        if facts is not None:
            self._seen = len(changes)
        return facts

    # --- steps --------------------------------------------------------------------------------

    def filled(self, call: CommandCall) -> Mapping[str, str]:
        """A command's parameters with what is known now."""
        return {
            name: self._facts.get(value[1:], value) if value.startswith("$") else value
            for name, value in call.parameters.items()
        }

    def finish(self, at_ns: int, state: StepState, told: str) -> None:
        """The next step has been done, or has failed and with it the track; go on to the next."""
        step = self.step
        if step is None:
            return
        begun_ns = at_ns if self._due_ns is None else self._due_ns
        self._done.append(
            StepReport(step.line, step.title, step.shown_trigger, state, begun_ns, told)
        )
        self._has_failed = state == "failed"
        self._watch = self._due_ns = self._gives_up_ns = self._look_ns = None
        self._await(begun_ns, at_ns)

    def _await(self, since_ns: int, now_ns: int) -> None:
        """Wait for the next step.

        Args:
            since_ns: when the step before was due; spans count from there.
            now_ns: when its commands had been given.
        """
        step = self.step
        if step is None:
            return
        match step.trigger:
            case Pause(span_ns):
                self._due_ns = since_ns + span_ns
            case ClockTime(second):
                self._due_ns = self._next_time(step.venue, second, since_ns)
            case Instant(market_ns):
                self._due_ns = self._opend.market.timeline.gateway_ns(step.venue, market_ns)
                self._due_ns = max(self._due_ns, since_ns)
            case condition:
                self._watch = begin_watch(condition, self._opend, now_ns)
                self._look_ns = now_ns
                if step.within_ns is not None:
                    self._gives_up_ns = since_ns + step.within_ns

    def _next_time(self, venue: Venue, second_of_day: int, since_ns: int) -> int:
        """The next trading day's time of day that is not over; gateway time."""
        calendar, timeline = calendar_for(venue), self._opend.market.timeline
        market_ns = timeline.market_ns(venue, since_ns)
        day = datetime.fromtimestamp(market_ns // NS_PER_S, calendar.zone).date()
        while True:
            moment = datetime.combine(day, time(), calendar.zone) + timedelta(seconds=second_of_day)
            found_ns = int(moment.timestamp()) * NS_PER_S
            if calendar.is_trading_day(day) and found_ns >= market_ns:
                return timeline.gateway_ns(venue, found_ns)
            day += timedelta(days=1)

    def report(self, *, is_stopped: bool) -> TrackReport:
        """How far it is."""
        rest = self._track.steps[len(self._done) :]
        waits = self.step is not None and not is_stopped
        later = (
            StepReport(s.line, s.title, s.shown_trigger, "later" if i or not waits else "waiting")
            for i, s in enumerate(rest)
        )
        return TrackReport(self._track.name, (*self._done, *later))
