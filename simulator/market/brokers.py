"""Who stands in the queue: brokers of the Hong Kong exchange, slowly changing over the day."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.domain import NS_PER_MINUTE, BrokerEntry
from simulator.market.randomness import lane, stream_key, uniforms

# Exchange participants' broker numbers. Source: [S] public lists read over the years; a number may
# meanwhile belong to another seat of the same house or to another house.
_BROKERS: Final[tuple[tuple[int, str], ...]] = (
    (6998, "中国投资"), (6996, "中国投资"), (6999, "中国投资"), (6898, "中国创盈"),
    (6896, "中国创盈"), (8577, "汇丰证券"), (8575, "汇丰证券"), (8462, "富途证券"),
    (8464, "富途证券"), (4988, "富途证券"), (8134, "中银国际"), (8136, "中银国际"),
    (3440, "高盛(亚洲)"), (3439, "高盛(亚洲)"), (5465, "摩根士丹利"), (5342, "摩根大通"),
    (5345, "摩根大通"), (9065, "瑞银证券"), (9067, "瑞银证券"), (6388, "美林远东"),
    (7738, "花旗环球"), (4498, "盈透证券"), (4497, "盈透证券"), (4977, "法国巴黎"),
    (2069, "国泰君安"), (9022, "耀才证券"), (1799, "耀才证券"), (2308, "海通国际"),
    (6460, "辉立证券"), (6824, "交银国际"), (9057, "建银国际"), (8093, "工银国际"),
    (2845, "招商证券"), (1450, "中信里昂"), (6698, "巴克莱亚洲"), (1196, "麦格理"),
    (8738, "申万宏源"), (5998, "大和资本"), (3678, "星展唯高达"), (1099, "恒生证券"),
    (7389, "东亚证券"), (4085, "致富证券"),
)  # fmt: skip
_PLACES: Final = 40
"""Entries a side. Source: [D] up to 40 in the broker queue."""
_CHANGE_MINUTES: Final = 12
_NEXT_LEVEL: Final = 0.35


def broker_side(key: int, day: int, side: str, time_ns: int) -> tuple[BrokerEntry, ...]:
    """One side of the queue, best level first.

    A few big houses are seen most; each place changes hands about every twelve minutes.
    """
    stream = stream_key(key, "brokers", day, side)
    places = np.arange(_PLACES, dtype=np.uint64)
    phase = uniforms(lane(stream, 0), places)
    epoch = (time_ns / (_CHANGE_MINUTES * NS_PER_MINUTE) + phase).astype(np.uint64)
    counters = epoch * np.uint64(_PLACES) + places
    favour = uniforms(lane(stream, 1), counters) ** 1.7
    chosen = (favour * len(_BROKERS)).astype(np.int64)
    steps = uniforms(lane(stream, 2), counters) < _NEXT_LEVEL
    steps[0] = False
    levels = 1 + np.cumsum(steps)
    return tuple(
        BrokerEntry(_BROKERS[broker][0], _BROKERS[broker][1], level)
        for broker, level in zip(chosen.tolist(), levels.tolist(), strict=True)
        if level <= 10
    )
