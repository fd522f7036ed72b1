"""Where scenarios are handed in: the gateway's side of `telnet_ops.scenario.Scenarios`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.scenario.reading import read_scenario
from gateway.scenario.running import ScenarioRunner
from gateway.scenario.steps import Scenario
from gateway.session.opend import OpenD
from telnet_ops.console import Console
from telnet_ops.registry import UsageError
from telnet_ops.scenario import ScenarioReport
from telnet_ops.texts import INTERNAL_ERROR


class ScenarioDesk:
    """Reads scenarios and has them run, one at a time.

    Args:
        opend: What they happen to.
        now_ns: The gateway's time.
        wake: Has what is due at once done soon.
    """

    def __init__(self, opend: OpenD, now_ns: Callable[[], int], wake: Callable[[], None]) -> None:
        self._opend = opend
        self._now_ns = now_ns
        self._wake = wake
        self._console: Console | None = None
        self._runner: ScenarioRunner | None = None

    def use(self, console: Console, run_at: Callable[[str, Mapping[str, str], int], str]) -> None:
        """Give commands by this console from now on.

        Args:
            console: Knows all commands.
            run_at: Runs one of them at an instant.
        """
        self._console = console
        self._runner = self._opend.script = ScenarioRunner(self._opend, run_at)

    def read(self, text: str, place: str) -> Scenario:
        """Read a file; see `read_scenario`."""
        if self._console is None:
            raise UsageError(INTERNAL_ERROR)
        return read_scenario(text, place, self._console, self._opend.market.universe)

    def start(self, scenario: Scenario) -> None:
        """Begin a scenario now."""
        if self._runner is not None:
            self._runner.start(scenario, self._now_ns())
            self._wake()

    def load(self, text: str, place: str) -> None:
        """Read a file and begin; nothing changes if there is something wrong with it."""
        self.start(self.read(text, place))

    def stop(self) -> None:
        """Let the rest not happen."""
        if self._runner is not None:
            self._runner.stop()

    def report(self) -> ScenarioReport | None:
        """How far it is; None if there was no scenario."""
        return self._runner.report() if self._runner else None
