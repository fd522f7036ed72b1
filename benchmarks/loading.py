"""Runs the load generator beside a server and says what it cost that server."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from benchmarks.child import cpu_seconds
from benchmarks.load import Outcome, Plan
from benchmarks.running_gateway import ROOT


@dataclass(frozen=True)
class Cost:
    """What a load came to.

    Attributes:
        outcome: As the load generator counted it.
        cpu_s: Processor time of the server meanwhile.
    """

    outcome: Outcome
    cpu_s: float

    @property
    def per_second(self) -> float:
        """Frames received per second of time."""
        return self.outcome.frames / self.outcome.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's processor time per frame."""
        return self.cpu_s / self.outcome.frames * 1e6 if self.outcome.frames else 0.0

    @property
    def cpu_share(self) -> float:
        """Part of one core that the server used."""
        return self.cpu_s / self.outcome.seconds


@contextmanager
def loaded(pid: int, plan: Plan, started: Callable[[], None] = lambda: None) -> Iterator[Cost]:
    """Put a load on a server; its connections stay open within the context.

    Args:
        pid: Of the server.
        plan: The load.
        started: Called when the warm-up is over.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(plan))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        lines = iter(process.stdout or ())
        if next(lines, "").strip() != "started":
            raise RuntimeError("the load generator did not start")
        started()
        before = cpu_seconds(pid)
        outcome = Outcome(**json.loads(next(lines)))
        yield Cost(outcome, cpu_seconds(pid) - before)


def measure(pid: int, plan: Plan) -> Cost:
    """Put a load on a server and take it away again."""
    with loaded(pid, plan) as cost:
        return cost
