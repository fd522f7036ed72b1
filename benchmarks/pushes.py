"""What pushes cost: one stream to many connections, and many order books to some.

python -m benchmarks.pushes
"""

from collections import Counter
from dataclasses import replace
from typing import Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.load import Plan
from benchmarks.loading import Cost, loaded, measure
from benchmarks.report import Row, markdown
from benchmarks.running_gateway import RunningGateway
from gateway.pb import GetDelayStatistics, Qot_Common
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market
from simulator.market.universe import default_universe

SECONDS: Final = 4.0
LISTENERS: Final = (1, 50, 128)
STREAMS: Final = 40
"""Securities whose prints are told in the fan-out."""
FAST: Final = "-sim_speed=20"
"""Prints come as fast as the market's busiest minute."""
LEAST_FRAMES: Final = 150_000
BOOKS: Final = 300
BOOK_LISTENERS: Final = 20
BOOKS_A_SECOND: Final = 5
MOST_LATE_MS: Final = 50
OPTIONS: Final = ("-sim_limits=off", "-sim_clock=open")


def rows() -> list[Row]:
    """Fan-out, then books."""
    return [fan_out(), order_books()]


def fan_out() -> Row:
    """The cost of one more frame of a stream that is pushed anyway."""
    costs = {count: tick_stream(count) for count in LISTENERS}
    first, middle, last = (costs[count] for count in LISTENERS)
    each_us = _extra_us(first, last)
    until_middle_us = _extra_us(first, middle)
    per_core = 1e6 / each_us if each_us > 0 else float("inf")
    text = (
        f"{per_core:,.0f} frames/s and core; one more frame {each_us:.1f} µs "
        f"(1 to 50 connections {until_middle_us:.1f} µs); "
        + ", ".join(f"{n}: {c.per_second:,.0f}/s at {c.cpu_share:.0%}" for n, c in costs.items())
    )
    figures = {"extra_us": each_us, "extra_us_until_50": until_middle_us}
    figures |= {f"frames_per_s_{n}": c.per_second for n, c in costs.items()}
    figures |= {f"cpu_share_{n}": c.cpu_share for n, c in costs.items()}
    goal = f"≥ {LEAST_FRAMES:,} frames/s on one core"
    return Row(
        "one tick stream to 1, 50, 128 connections", goal, text, per_core >= LEAST_FRAMES, figures
    )


def tick_stream(connections: int) -> Cost:
    """Prints of some securities, pushed to so many connections."""
    plan = Plan(0, connections, SECONDS, setup=[subscription(STREAMS, Qot_Common.SubType_Ticker)])
    with RunningGateway(*OPTIONS, FAST) as gateway:
        return measure(gateway.pid, replace(plan, port=gateway.port))


def order_books() -> Row:
    """As many books as often as told, to twenty connections; lateness as the gateway counts it."""
    plan = Plan(
        0, BOOK_LISTENERS, SECONDS, setup=[subscription(BOOKS, Qot_Common.SubType_OrderBook)]
    )
    speed = f"-sim_speed={BOOKS_A_SECOND * 2}"
    with RunningGateway(*OPTIONS, speed) as gateway:
        client, before = BlockingClient(gateway.port), Counter[int]()
        plan = replace(plan, port=gateway.port)
        with loaded(gateway.pid, plan, lambda: before.update(_counts(client))) as cost:
            late_ms = _late_ms(_counts(client) - before)
        client.close()
    rate = cost.per_second / BOOK_LISTENERS / BOOKS
    text = (
        f"{rate:.1f}/s of each book, {cost.per_second:,.0f} frames/s: {cost.cpu_share:.0%} "
        f"of one core, p99 {late_ms} ms late"
    )
    share = cost.cpu_share * BOOKS_A_SECOND / rate if rate else 0.0
    text += f"; at {BOOKS_A_SECOND}/s that is {share:.0%}"
    return Row(
        f"{BOOKS} order books to {BOOK_LISTENERS} connections",
        f"≤ 60 % of one core at {BOOKS_A_SECOND}/s, p99 ≤ {MOST_LATE_MS} ms",
        text,
        share <= 0.6 and late_ms <= MOST_LATE_MS,
        {"rate_per_book": rate, "cpu_share": cost.cpu_share, "late_ms": late_ms},
    )


def subscription(count: int, sub_type: int) -> tuple[str, dict[str, object]]:
    """The request that subscribes and registers a type of so many securities."""
    universe = default_universe()
    chosen = [
        instrument
        for market in (Market.HK, Market.SH, Market.SZ)
        for instrument in universe.instruments(market)
        if instrument.is_tradable
    ][:count]
    if len(chosen) < count:
        chosen += [i for i in universe.instruments(Market.US) if i.is_tradable][
            : count - len(chosen)
        ]
    listed = [{"market": i.security.market, "code": i.security.code} for i in chosen]
    return "Qot_Sub", {
        "securityList": listed,
        "subTypeList": [sub_type],
        "isSubOrUnSub": True,
        "isRegOrUnRegPush": True,
        "isFirstPush": False,
    }


def _counts(client: BlockingClient) -> Counter[int]:
    """How many pushes of books were taken up within so many milliseconds, by upper bound."""
    reply = client.ask(
        ProtoId.GetDelayStatistics,
        typeList=[GetDelayStatistics.DelayStatisticsType_QotPush],
        qotPushStage=GetDelayStatistics.QotPushStage_SR2CS,
        segmentList=[*range(2, 101, 2), 500, 1000, 2000],
    )
    counts: Counter[int] = Counter()
    for entry in reply.s2c.qotPushStatisticsList:  # type: ignore[attr-defined]
        for segment in entry.itemList:
            counts[int(segment.end)] += segment.count
    return counts


def _late_ms(counts: Counter[int]) -> int:
    """The first bound under which 99 of 100 stayed; -1: none."""
    seen, total = 0, counts.total()
    for bound in sorted(counts):
        seen += counts[bound]
        if bound > 0 and seen * 100 >= total * 99:
            return bound
    return -1


def _extra_us(few: Cost, many: Cost) -> float:
    seconds = many.cpu_share - few.cpu_share
    frames = many.per_second - few.per_second
    return seconds / frames * 1e6 if frames > 0 else 0.0


if __name__ == "__main__":
    print(markdown(rows()))
