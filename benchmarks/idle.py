"""What connections cost that only exist.

python -m benchmarks.idle
"""

from dataclasses import replace
from typing import Final

from benchmarks.load import Plan
from benchmarks.loading import loaded
from benchmarks.report import Row, markdown
from benchmarks.running_gateway import RunningGateway

CONNECTIONS: Final = 128
SECONDS: Final = 4.0
MOST_KB: Final = 40.0
MOST_CPU: Final = 0.005
"""Part of one core; the kernel counts in steps of 10 ms."""


def rows() -> list[Row]:
    """Memory and processor time of as many connections as there may be."""
    with RunningGateway("-sim_limits=off") as gateway:
        before = gateway.resident_mb()
        plan = Plan(gateway.port, CONNECTIONS, SECONDS)
        with loaded(gateway.pid, replace(plan)) as cost:
            each_kb = (gateway.resident_mb() - before) * 1000 / CONNECTIONS
    text = f"{each_kb:.0f} KB each, {cost.cpu_share:.1%} of one core"
    return [
        Row(
            f"{CONNECTIONS} idle connections",
            f"≤ {MOST_KB:g} KB each, no measurable processor time",
            text,
            each_kb <= MOST_KB and cost.cpu_share <= MOST_CPU,
            {"kb_each": each_kb, "cpu_share": cost.cpu_share},
        )
    ]


if __name__ == "__main__":
    print(markdown(rows()))
