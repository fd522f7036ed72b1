"""Costs and profits of a holding, worked out by hand."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from simulator.accounts.positions import Holding, Mark
from simulator.domain import Side
from tests.support.sources import TENCENT

MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)
BUY, SELL = Side.BUY, Side.SELL


def holding(*trades, day=MONDAY):
    held = Holding(TENCENT)
    held.roll(day)
    for side, quantity, price in trades:
        held.apply(side, quantity, Decimal(price))
    return held


def mark(last, previous="400"):
    return Mark(Decimal(last), Decimal(previous))


def test_average_and_diluted_cost_of_purchases():
    """100 at 400 and 300 at 404: both costs are 403."""
    held = holding((BUY, 100, "400"), (BUY, 300, "404"))

    assert (held.average_cost, held.diluted_cost) == (403, 403)


def test_a_sale_leaves_the_average_and_dilutes_the_cost():
    """Of 400 at 403, 100 sold at 415: average 403, diluted (161,200 - 41,500) / 300 = 399."""
    held = holding((BUY, 400, "403"), (SELL, 100, "415"))

    assert (held.average_cost, held.diluted_cost) == (403, 399)
    assert held.realized_pnl == 1200
    assert held.unrealized_pnl(mark("410")) == 2100


def test_diluted_cost_can_fall_below_zero():
    """More taken out than put in."""
    assert holding((BUY, 200, "10"), (SELL, 100, "30")).diluted_cost == -10


def test_flat_holding_starts_its_costs_afresh():
    """After all is sold the old prices are forgotten, the profit is not."""
    held = holding((BUY, 100, "400"), (SELL, 100, "390"), (BUY, 100, "395"))

    assert (held.average_cost, held.diluted_cost, held.realized_pnl) == (395, 395, -1000)


def test_short_position():
    """Sold 100 at 50, 40 bought back at 45: 60 short at 50, 200 earned, 60 x 2 unrealised at 48."""
    held = holding((SELL, 100, "50"), (BUY, 40, "45"))

    assert (held.quantity, held.average_cost, held.realized_pnl) == (-60, 50, 200)
    assert held.diluted_cost == Decimal(5000 - 1800) / 60
    assert held.unrealized_pnl(mark("48")) == 120
    assert held.market_value(mark("48")) == -2880


def test_a_trade_across_zero_closes_then_opens():
    """Long 100 at 10, sold 150 at 12: 200 earned, short 50 at 12."""
    held = holding((BUY, 100, "10"), (SELL, 150, "12"))

    assert (held.quantity, held.average_cost, held.realized_pnl) == (-50, 12, 200)


def test_profit_of_the_day_counts_from_yesterdays_close():
    """100 kept from Monday, 50 bought at 402 on Tuesday, 20 sold at 408, last 405."""
    held = holding((BUY, 100, "390"))
    held.roll(TUESDAY)
    held.apply(BUY, 50, Decimal(402))
    held.apply(SELL, 20, Decimal(408))

    expected = 130 * 405 - 100 * 400 - 50 * 402 + 20 * 408
    assert held.today_pnl(mark("405", "400")) == expected
    assert (held.today_buy_quantity, held.today_buy_value) == (50, 20100)
    assert (held.today_sell_quantity, held.today_sell_value) == (20, 8160)


def test_a_new_day_counts_from_zero():
    """Today's columns are empty again; a flat holding is no longer shown."""
    held = holding((BUY, 100, "400"), (SELL, 100, "401"))
    assert held.is_visible

    held.roll(TUESDAY)

    assert not held.is_visible
    assert held.today_pnl(mark("405")) == 0


TRADES = st.lists(
    st.tuples(st.sampled_from((BUY, SELL)), st.integers(1, 50), st.integers(1, 1000)), max_size=20
)


@given(TRADES, st.integers(1, 1000))
def test_realised_and_unrealised_profit_are_all_the_profit(trades, last):
    """Their sum is what is held plus what was taken out less what was put in."""
    held = holding(*trades)
    cash = sum((q * p if side is SELL else -q * p) for side, q, p in trades)
    at_last = mark(last)

    total = held.realized_pnl + held.unrealized_pnl(at_last)

    assert abs(held.market_value(at_last) + cash - total) < Decimal("1e-15")
    assert held.quantity == sum(q if side is BUY else -q for side, q, _ in trades)
