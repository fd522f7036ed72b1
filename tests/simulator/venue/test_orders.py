"""The life of an order, row by row."""

from decimal import Decimal

import pytest

from simulator.domain import (
    Currency,
    Market,
    Order,
    OrderStatus,
    OrderType,
    Security,
    Side,
    TimeInForce,
    TradingMarket,
)
from simulator.venue.orders import TRANSITIONS, IllegalStepError, LiveOrder, Step

S = OrderStatus


def live_order(status=S.SUBMITTED, filled=0) -> LiveOrder:
    return LiveOrder(
        Order(
            order_id=1,
            order_id_ex="1",
            account_id=1,
            security=Security(Market.HK, "00700"),
            side=Side.BUY,
            order_type=OrderType.NORMAL,
            status=status,
            quantity=300,
            price=Decimal(400),
            filled_quantity=filled,
            filled_average_price=Decimal(0),
            created_ns=0,
            updated_ns=0,
            time_in_force=TimeInForce.DAY,
            remark="",
            last_error="",
            fill_outside_rth=False,
            currency=Currency.HKD,
            trading_market=TradingMarket.HK,
        )
    )


STEPS = {
    Step.ACCEPT: lambda live: live.accept(7, OrderType.ABSOLUTE_LIMIT),
    Step.REFUSE: lambda live: live.refuse(7, "closed"),
    Step.FILL_PART: lambda live: live.fill(100, Decimal(400), 7),
    Step.FILL_REST: lambda live: live.fill(live.left, Decimal(400), 7),
    Step.CHANGE: lambda live: live.change(250, Decimal(399), 7),
    Step.CANCEL: lambda live: live.cancel(7),
    Step.EXPIRE: lambda live: live.expire(7),
    Step.HOLD: lambda live: live.hold(7),
    Step.DISABLE: lambda live: live.disable(7),
    Step.ENABLE: lambda live: live.enable(7),
}

ROWS = [
    (S.SUBMITTING, Step.ACCEPT, S.SUBMITTED),
    (S.SUBMITTING, Step.REFUSE, S.FAILED),
    (S.SUBMITTING, Step.CHANGE, S.SUBMITTING),
    (S.SUBMITTING, Step.CANCEL, S.CANCELLED_ALL),
    (S.SUBMITTING, Step.EXPIRE, S.CANCELLED_ALL),
    (S.SUBMITTING, Step.HOLD, S.WAITING_SUBMIT),
    (S.SUBMITTING, Step.DISABLE, S.DISABLED),
    (S.WAITING_SUBMIT, Step.ACCEPT, S.SUBMITTED),
    (S.WAITING_SUBMIT, Step.REFUSE, S.FAILED),
    (S.WAITING_SUBMIT, Step.CHANGE, S.WAITING_SUBMIT),
    (S.WAITING_SUBMIT, Step.CANCEL, S.CANCELLED_ALL),
    (S.WAITING_SUBMIT, Step.EXPIRE, S.CANCELLED_ALL),
    (S.WAITING_SUBMIT, Step.DISABLE, S.DISABLED),
    (S.DISABLED, Step.ENABLE, S.SUBMITTING),
    (S.DISABLED, Step.CHANGE, S.DISABLED),
    (S.DISABLED, Step.CANCEL, S.CANCELLED_ALL),
    (S.DISABLED, Step.EXPIRE, S.CANCELLED_ALL),
    (S.SUBMITTED, Step.REFUSE, S.FAILED),
    (S.SUBMITTED, Step.DISABLE, S.DISABLED),
    (S.SUBMITTED, Step.FILL_PART, S.FILLED_PART),
    (S.SUBMITTED, Step.FILL_REST, S.FILLED_ALL),
    (S.SUBMITTED, Step.CHANGE, S.SUBMITTED),
    (S.SUBMITTED, Step.CANCEL, S.CANCELLED_ALL),
    (S.SUBMITTED, Step.EXPIRE, S.CANCELLED_ALL),
    (S.FILLED_PART, Step.FILL_PART, S.FILLED_PART),
    (S.FILLED_PART, Step.FILL_REST, S.FILLED_ALL),
    (S.FILLED_PART, Step.CHANGE, S.FILLED_PART),
    (S.FILLED_PART, Step.CANCEL, S.CANCELLED_PART),
    (S.FILLED_PART, Step.EXPIRE, S.CANCELLED_PART),
]


@pytest.mark.parametrize(("before", "step", "after"), ROWS)
def test_step_leads_to_the_status_of_its_row(before, step, after):
    """Each row of the table, and the time of the change."""
    live = live_order(before, filled=100 if before is S.FILLED_PART else 0)

    STEPS[step](live)

    assert (after, 7) == (live.order.status, live.order.updated_ns)


def test_the_rows_above_are_the_whole_table():
    """Nothing in the table is untested."""
    table = {(b, s, a) for b, steps in TRANSITIONS.items() for s, a in steps.items()}

    assert set(ROWS) == table


@pytest.mark.parametrize("status", [s for s in S if s not in TRANSITIONS])
@pytest.mark.parametrize("step", STEPS)
def test_a_status_without_a_row_allows_nothing(status, step):
    """Finished orders, and statuses that paper orders never have, do not move."""
    live = live_order(status)

    with pytest.raises(IllegalStepError):
        STEPS[step](live)

    assert status is live.order.status


def test_final_statuses_have_no_row():
    """`is_final` and the table agree."""
    assert not any(status.is_final for status in TRANSITIONS)


def test_average_price_of_fills_is_exact():
    """100 at 400.2 and 200 at 400 average 400.0666…; the value behind it is exact."""
    live = live_order()

    live.fill(100, Decimal("400.2"), 1)
    live.fill(200, Decimal(400), 2)

    assert Decimal(120020) == live.filled_value
    assert Decimal("400.0667") == round(live.order.filled_average_price, 4)


@pytest.mark.parametrize("quantity", [0, -1, 301])
def test_no_fill_beyond_what_is_left(quantity):
    """A fill is more than nothing and at most the rest."""
    with pytest.raises(IllegalStepError):
        live_order().fill(quantity, Decimal(400), 1)


def test_no_change_below_what_is_filled():
    """A new total must leave something to do."""
    live = live_order()
    live.fill(100, Decimal(400), 1)

    with pytest.raises(IllegalStepError):
        live.change(100, Decimal(400), 2)


def test_refused_order_says_why():
    """`last_error` carries the reason."""
    live = live_order(S.SUBMITTING)

    assert live.refuse(1, "closed").last_error == "closed"
