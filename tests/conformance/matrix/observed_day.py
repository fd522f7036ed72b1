"""What a client's day must look like, whatever the client: the form of its document, and the judge.

Programs in Python, JavaScript, Java and Go live through the same day against the same seed and
write one JSON document each:

    runtime    what it ran on, as text, such as "CPython 3.11.7, protobuf 3.20.3"
    snapshot   {"code", "last", "low", "high", "lot"} of HK.00700
    history    {"pages": [[[date, open, high, low, close, volume], ...], ...]}: `HISTORY`, unadjusted
    pushes     by kind, in order of arrival:
               quote, rt {"code", "price"}; ticker {"code", "price", "volume", "sequence"};
               order_book {"code", "asks": [price, ...], "bids"}; broker {"code", "bids": n, "asks": n};
               candle {"code", "open", "high", "low", "close"}; reminder {"code", "note"};
               notify {"type"}; order {"id", "status"}; fill {"order", "price", "quantity"}
    bought     {"id", "states": [...]} of an order for one lot at the third ask
    cancelled  the same of an order at the tenth bid that was cancelled
    orders     [{"id", "status", "filled"}, ...]: the history of orders of that day
    position   {code: quantity} after all that
    missing    {feature: why this client does not offer it}

Codes may lack their market; states are the names or numbers of `Trd_Common.OrderStatus`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from typing import Any, Final

from simulator.domain import Market, Period, Security
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import OpenTimeline

SETTINGS: Final = {
    "sim_seed": 1,
    "sim_start": "2026-01-15",
    "sim_speed": 20,
    "sim_profile": "extended",
    "sim_limits": "off",
}
"""How the gateway of such a day runs: paper accounts that show fills, and no hurry with requests."""

HISTORY: Final = (date(2025, 6, 2), date(2025, 12, 31))
_TENCENT: Final = Security(Market.HK, "00700")
_LOT: Final = 100
_FAR: Final = 0.2
"""No price of the day is this far from the last one, as a part of it."""
_STATES: Final = {
    "2": "SUBMITTING",
    "5": "SUBMITTED",
    "10": "FILLED_PART",
    "11": "FILLED_ALL",
    "13": "CANCELLING_ALL",
    "15": "CANCELLED_ALL",
}

Day = Mapping[str, Any]


@cache
def expected_history() -> tuple[tuple[object, ...], ...]:
    """The market's own days, straight from the simulator: (date, open, high, low, close, volume)."""
    now = int(datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()) * 1_000_000_000
    market = MarketData(default_universe(), OpenTimeline(now), SyntheticSource(1))
    days = market.candles(_TENCENT, Period.DAY, *HISTORY, now)
    return tuple(
        (datetime.fromtimestamp(ns // 10**9 + 8 * 3600, UTC).date().isoformat(), *map(float, bar))
        for ns, *bar in zip(
            days.time_ns, days.open, days.high, days.low, days.close, days.volume, strict=True
        )
    )


def judge(day: Day) -> dict[str, str]:
    """Look at each feature of a day: "passed", "not offered: why" or "failed: what"."""
    return {feature: _verdict(feature, check, day) for feature, check in CHECKS.items()}


def _verdict(feature: str, check: Callable[[Day], None], day: Day) -> str:
    if feature in day["missing"]:
        return f"not offered: {day['missing'][feature]}"
    try:
        check(day)
    except (AssertionError, LookupError, TypeError, ValueError) as error:
        return f"failed: {type(error).__name__} {error}"[:300]
    return "passed"


def _check_snapshot(day: Day) -> None:
    seen = day["snapshot"]
    assert _is_tencent(seen), seen
    assert seen["low"] <= seen["last"] <= seen["high"], seen
    assert seen["lot"] == _LOT, seen


def _check_history(day: Day) -> None:
    pages = day["history"]["pages"]
    bars = [tuple(bar) for page in pages for bar in page]
    wrong = [(e, s) for e, s in zip(expected_history(), bars, strict=True) if not _same(e, s)]
    assert not wrong, wrong[:2]
    assert len(pages) == 2 or "next page" in day["missing"], [len(page) for page in pages]


def _same(expected: tuple[object, ...], seen: tuple[object, ...]) -> bool:
    numbers = zip(expected[1:], seen[1:], strict=True)
    return expected[0] == seen[0] and all(abs(float(e) - float(s)) < 5e-4 for e, s in numbers)


def _pushes(day: Day, kind: str, least: int) -> list[dict[str, Any]]:
    seen = day["pushes"].get(kind, [])
    assert len(seen) >= least, f"{len(seen)} pushes"
    assert all(_is_tencent(push) for push in seen), seen[:2]
    return seen


def _is_tencent(push: Mapping[str, Any]) -> bool:
    return push["code"] in {"HK.00700", "00700"}


def _is_near(day: Day, *prices: float) -> bool:
    last = day["snapshot"]["last"]
    return all(abs(price - last) < _FAR * last for price in prices)


def _check_priced(kind: str, least: int) -> Callable[[Day], None]:
    def check(day: Day) -> None:
        for push in _pushes(day, kind, least):
            assert _is_near(day, push["price"]), push

    return check


def _check_books(day: Day) -> None:
    for push in _pushes(day, "order_book", 2):
        asks, bids = push["asks"], push["bids"]
        assert len(asks) == len(bids) == 10, push
        assert asks == sorted(asks), push
        assert bids == sorted(bids, reverse=True), push
        assert bids[0] < asks[0], push
        assert _is_near(day, asks[0], bids[0]), push


def _check_ticker(day: Day) -> None:
    trades = _pushes(day, "ticker", 2)
    assert all(_is_near(day, trade["price"]) and trade["volume"] > 0 for trade in trades), trades
    numbers = [int(trade["sequence"]) for trade in trades]
    assert all(a < b for a, b in pairwise(numbers)), numbers


def _check_brokers(day: Day) -> None:
    assert any(push["bids"] and push["asks"] for push in _pushes(day, "broker", 1))


def _check_candles(day: Day) -> None:
    for bar in _pushes(day, "candle", 2):
        assert bar["low"] <= min(bar["open"], bar["close"]), bar
        assert max(bar["open"], bar["close"]) <= bar["high"], bar
        assert _is_near(day, bar["close"]), bar


def _check_reminder(day: Day) -> None:
    assert [push["note"] for push in _pushes(day, "reminder", 1)] == ["day"]


def _check_notice(day: Day) -> None:
    assert day["pushes"]["notify"]


def _states(answer: Mapping[str, Any]) -> list[str]:
    return [_state(state) for state in answer["states"]]


def _state(told: object) -> str:
    return _STATES.get(str(told), str(told)).upper()


def _check_order(day: Day) -> None:
    pushed = [_state(p["status"]) for p in day["pushes"]["order"] if p["id"] == day["bought"]["id"]]
    assert {"SUBMITTED", "FILLED_ALL"} <= set(pushed), pushed
    assert pushed.index("SUBMITTED") < pushed.index("FILLED_ALL"), pushed


def _check_fill(day: Day) -> None:
    fills = [fill for fill in day["pushes"]["fill"] if fill["order"] == day["bought"]["id"]]
    assert sum(fill["quantity"] for fill in fills) == _LOT, fills
    assert _is_near(day, *(fill["price"] for fill in fills)), fills


def _check_bought(day: Day) -> None:
    assert _states(day["bought"])[-1] == "FILLED_ALL", day["bought"]


def _check_cancelled(day: Day) -> None:
    assert _states(day["cancelled"])[-1] == "CANCELLED_ALL", day["cancelled"]


def _check_orders(day: Day) -> None:
    listed = {order["id"]: (_state(order["status"]), order["filled"]) for order in day["orders"]}
    assert listed == {
        day["bought"]["id"]: ("FILLED_ALL", _LOT),
        day["cancelled"]["id"]: ("CANCELLED_ALL", 0),
    }, listed


def _check_position(day: Day) -> None:
    assert [(_is_tencent({"code": code}), held) for code, held in day["position"].items()] == [
        (True, _LOT)
    ], day["position"]


CHECKS: Final[dict[str, Callable[[Day], None]]] = {
    "snapshot": _check_snapshot,
    "history": _check_history,
    "quote push": _check_priced("quote", 2),
    "order book push": _check_books,
    "ticker push": _check_ticker,
    "time-share push": _check_priced("rt", 2),
    "broker push": _check_brokers,
    "candle push": _check_candles,
    "reminder push": _check_reminder,
    "notice push": _check_notice,
    "order push": _check_order,
    "fill push": _check_fill,
    "filled order": _check_bought,
    "cancelled order": _check_cancelled,
    "order history": _check_orders,
    "position": _check_position,
}
