"""Values of the simulator survive the way through JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.accounts.ledger import EntryKind, LedgerEntry
from simulator.accounts.positions import Holding
from simulator.accounts.reservations import Reservation
from simulator.domain import Currency, Fill, Market, Order, Security, Side, Trade, TradeDirection
from simulator.packing import PackingError, pack, pack_fields, unpack, unpack_fields
from simulator.venue.orders import LiveOrder

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
st.register_type_strategy(Decimal, DECIMALS)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


class Phase(Enum):
    FIRST = auto()


@dataclass(frozen=True)
class Mixture:
    phase: Phase
    day: date
    names: tuple[str, ...]
    pair: tuple[int, Decimal]
    amounts: dict[Security, Decimal]
    limit: Decimal | None = None
    count: int = 3


MIXTURE = Mixture(
    Phase.FIRST,
    date(2026, 1, 15),
    ("a", "b"),
    (1, Decimal("1.50")),
    {Security(Market.HK, "00700"): Decimal("1E+3")},
)


def through_json(value):
    return unpack(type(value), json.loads(json.dumps(pack(value))))


@pytest.mark.parametrize("kind", [Order, Fill, LedgerEntry, Trade, Reservation, Security])
@given(st.data())
def test_every_frozen_value_comes_back_equal(kind, data):
    """What is packed and unpacked equals what it was, types included."""
    value = data.draw(st.builds(kind) if kind is not Security else st.builds(Security))
    again = through_json(value)

    assert again == value
    assert repr(again) == repr(value)


def test_collections_enumerations_dates_and_defaults_come_back():
    """Each kind of field has a form in JSON."""
    assert through_json(MIXTURE) == MIXTURE


def test_mutable_books_come_back_with_their_inner_fields():
    """A holding's costs and an order's filled value are fields like others."""
    holding = Holding(Security(Market.US, "AAPL"))
    holding.roll(date(2026, 1, 15))
    holding.apply(Side.BUY, 3, Decimal("10.01"))

    assert pack(through_json(holding)) == pack(holding)
    assert through_json(holding).average_cost == holding.average_cost


def test_a_field_that_was_not_stored_takes_its_default():
    """A new field with a default needs no migration."""
    packed = pack(MIXTURE)
    assert isinstance(packed, dict)
    del packed["count"]

    assert unpack(Mixture, packed).count == 3


@pytest.mark.parametrize(
    ("kind", "packed", "text"),
    [
        (LedgerEntry, {"time_ns": 1, "kind": "fee"}, "lacks its field amount"),
        (LedgerEntry, {"time_ns": 1, "kind": "fee", "amount": "1", "x": 1}, "has no field x"),
        (LedgerEntry, {"time_ns": "1", "kind": "fee", "amount": "1"}, "'1' is no int"),
        (LedgerEntry, {"time_ns": 1, "kind": "gift", "amount": "1"}, "gift"),
        (LedgerEntry, {"time_ns": 1, "kind": "fee", "amount": "much"}, "not a LedgerEntry"),
        (Security, [1], "not a Security"),
        (Trade, None, "not a Trade"),
    ],
)
def test_what_does_not_fit_is_refused(kind, packed, text):
    """Nothing stored is dropped or guessed at."""
    with pytest.raises(PackingError, match=text):
        unpack(kind, packed)


def test_what_has_no_form_is_refused():
    """A class without a form in JSON is a mistake that shows at once."""
    with pytest.raises(PackingError, match="object cannot be packed"):
        pack(object())


def test_fields_that_refer_to_others_can_be_left_out():
    """The rest becomes keyword arguments."""
    entry = LedgerEntry(1, EntryKind.FEE, Decimal(-2))
    packed = pack_fields(entry, without={"time_ns"})

    assert unpack_fields(LedgerEntry, packed) == {
        "kind": EntryKind.FEE,
        "amount": Decimal(-2),
        "order_id": None,
        "security": None,
        "currency": Currency.UNKNOWN,
    }


def test_a_live_order_keeps_its_exact_filled_value():
    """The average price is rounded, the value is not."""
    order = Order(
        *(1, "x", 2, Security(Market.US, "AAPL"), Side.BUY),
        *(1, 5, 3, Decimal(10), 0, Decimal(0), 1, 1, 0, "", "", False, 2, 2),  # type: ignore[arg-type]
    )
    live = unpack(LiveOrder, json.loads(json.dumps(pack(LiveOrder(order, Decimal("10.01"))))))

    assert live.filled_value == Decimal("10.01")
    assert Trade(1, 2, 3.0, 4, TradeDirection.BUY) == through_json(
        Trade(1, 2, 3.0, 4, TradeDirection.BUY)
    )
