"""How many events the venue's book of one security takes, without accounts around it.

python -m benchmarks.matching
"""

import random
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.report import Row
from simulator.domain import Side
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import SecurityMatcher
from simulator.venue.models import HalfLifeRefill
from simulator.venue.order_book import VenueOrder, price_key

LEAST_PER_SECOND: Final = 200_000
EVENTS: Final = 100_000
_ROUNDS: Final = 3
_MIDDLE: Final = 10_000
_TICK: Final = price_key(0.01)


def main() -> None:
    """Measure and print."""
    for row in rows():
        print(f"{row.what}: {row.measured}")


def rows() -> list[Row]:
    """Limits that rest, orders that take, cancellations; the best of a few rounds of CPU time."""
    best, matches = max(_play(_events(seed)) for seed in range(_ROUNDS))
    return [
        Row(
            "matching core: limits, takers, cancellations",
            f"≥ {LEAST_PER_SECOND:,} events/s on one core",
            f"{best:,.0f} events/s, {matches:,} executions in {EVENTS:,} events",
            best >= LEAST_PER_SECOND,
            {"events_per_second": best},
        )
    ]


def _events(seed: int) -> list[VenueOrder | int]:
    """Orders to arrive, and numbers of orders to take out: 55 % rest, 10 % take, 35 % go."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    events: list[VenueOrder | int] = []
    for number in range(EVENTS):
        kind = rng.random()
        side = rng.choice((Side.BUY, Side.SELL))
        away = -1 if side is Side.BUY else 1
        if kind < 0.55:
            ticks = _MIDDLE + away * rng.randint(1, 20)
            events.append(VenueOrder(number, rng.randint(1, 50), side, ticks * _TICK, 100))
        elif kind < 0.65:
            ticks, quantity = _MIDDLE - away * 25, 100 * rng.randint(1, 4)
            account = rng.randint(51, 99)
            events.append(VenueOrder(number, account, side, ticks * _TICK, quantity, rests=False))
        else:
            events.append(rng.randint(max(0, number - 400), number))
    return events


def _play(events: Sequence[VenueOrder | int]) -> tuple[float, int]:
    """Events a second of CPU time, and executions."""
    matcher, nothing = SecurityMatcher(HalfLifeRefill()), DisplayedBook({}, {})
    matches = 0
    begin = time.process_time()
    for now_ns, event in enumerate(events):
        if isinstance(event, int):
            matcher.remove(event)
        else:
            matches += len(matcher.arrive(event, nothing, now_ns))
    return len(events) / (time.process_time() - begin), matches


if __name__ == "__main__":
    main()
