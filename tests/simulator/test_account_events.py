"""Corporate actions and the end of derivatives reach accounts, to the cent and on the right date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.accounts.account_table import (
    CASH_ACCOUNT,
    PAPER_ACCOUNTS,
    REAL_ACCOUNTS,
    UNIVERSAL_ACCOUNT,
    with_profile,
)
from simulator.domain import (
    FutureTerms,
    Market,
    OptionKind,
    OrderStatus,
    Profile,
    Security,
    ShareEvent,
    Side,
    TimeInForce,
    Venue,
)
from simulator.errors import SimulatorError
from simulator.events import OrderChanged
from simulator.trading_days import calendar_for
from tests.simulator.test_journal import JournalingDesk, books, restarted
from tests.support.sources import (
    APPLE,
    HANG_SENG,
    HK_MORNING,
    HSI_FUTURE,
    LAST_DAY,
    TENCENT,
    US_REGULAR,
    ScriptedUniverse,
    at,
    make_option,
)
from tests.support.trading import HK, US

REAL = UNIVERSAL_ACCOUNT.account_id
HK_OPTIONS, HK_FUTURES = 9053219, 9497808
ACCOUNTS = (*PAPER_ACCOUNTS, *REAL_ACCOUNTS)
EX_DAY = date(2026, 1, 16)
HK_EX_OPEN, US_EX_OPEN = at("2026-01-16T10:00:00+08:00"), at("2026-01-16T10:00:00-05:00")
AFTER_LAST = at("2026-02-02T10:00:00-05:00")
CENT = Decimal("0.01")


def event(
    cash="0", shares=Fraction(1), rights=Fraction(0), rights_price="0", close=100
) -> ShareEvent:
    """An action on `EX_DAY` after a close."""
    money = Decimal(cash) - Decimal(rights.numerator) / rights.denominator * Decimal(rights_price)
    total = shares + rights
    ex_price = (close - money) * total.denominator / total.numerator
    return ShareEvent(EX_DAY, Decimal(cash), shares, rights, Decimal(rights_price), ex_price)


def desk_at(now_ns: int, accounts=ACCOUNTS) -> JournalingDesk:
    return JournalingDesk(now_ns, accounts)


def entries(desk, account_id, kind):
    return [e for e in desk.engine.ledger(account_id) if e.kind == kind]


# --- corporate actions ------------------------------------------------------------------------


def test_a_dividend_is_paid_to_who_held_before_the_ex_date() -> None:
    """Bought the day before: paid on the ex-date. Bought on the ex-date: nothing."""
    desk = desk_at(US_REGULAR)
    desk.market.events[APPLE].append(event("0.26"))
    desk.buy(APPLE, 150)
    assert entries(desk, US, "dividend") == []
    desk.run_to(US_EX_OPEN)
    desk.buy(APPLE, 1000)
    desk.run_to(at("2026-01-20T10:00:00-05:00"))

    (paid,) = entries(desk, US, "dividend")
    assert (paid.amount, paid.security) == (Decimal("39.00"), APPLE)
    assert desk.funds(US).cash == sum(e.amount for e in desk.engine.ledger(US))


def test_a_short_position_pays_the_dividend() -> None:
    """The entry flows out."""
    desk = desk_at(US_REGULAR)
    desk.market.events[APPLE].append(event("0.26"))
    desk.sell(APPLE, 100)
    desk.run_to(US_EX_OPEN)

    assert [e.amount for e in entries(desk, US, "dividend")] == [Decimal("-26.00")]


def test_strict_paper_accounts_get_american_dividends_only() -> None:
    """Hong Kong's reach real accounts and those of the extended profile."""
    for accounts, account_id, count in (
        (ACCOUNTS, HK, 0),
        (with_profile(ACCOUNTS, Profile.EXTENDED), HK, 1),
        (ACCOUNTS, REAL, 1),
    ):
        desk = desk_at(HK_MORNING, accounts)
        desk.market.events[TENCENT].append(event("4.5", close=400))
        desk.buy(TENCENT, 200, account_id=account_id)
        desk.run_to(HK_EX_OPEN)
        assert [e.amount for e in entries(desk, account_id, "dividend")] == [900] * count


def test_a_split_multiplies_shares_and_divides_costs() -> None:
    """1 into 4: four times the shares at a quarter of the cost; today's profit starts anew."""
    desk = desk_at(US_REGULAR)
    desk.market.events[APPLE].append(event(shares=Fraction(4)))
    desk.buy(APPLE, 150)
    before = desk.position(APPLE)
    desk.run_to(US_EX_OPEN)
    after = desk.position(APPLE)

    assert (after.quantity, after.sellable_quantity) == (600, 600)
    assert after.average_cost_price == before.average_cost_price / 4
    assert after.cost_price == before.cost_price / 4
    assert entries(desk, US, "fraction") == []


def test_a_fraction_of_a_share_is_paid_in_cash() -> None:
    """10 into 1 leaves 5 of 125 shares over: half a share at ten times the price."""
    desk = desk_at(US_REGULAR)
    desk.market.events[APPLE].append(event(shares=Fraction(1, 10)))
    desk.buy(APPLE, 125)
    desk.run_to(US_EX_OPEN)

    assert desk.position(APPLE).quantity == 12
    assert [e.amount for e in entries(desk, US, "fraction")] == [Decimal("500.00")]


def test_a_split_cancels_open_orders_and_says_so() -> None:
    """An order that outlives the day ends on the ex-date, and what it held back is free."""
    desk = desk_at(HK_MORNING)
    desk.market.events[TENCENT].append(event(shares=Fraction(5), close=400))
    order = desk.buy(TENCENT, 100, 395, account_id=REAL, time_in_force=TimeInForce.GTC)
    desk.run_to(at("2026-01-16T08:00:00+08:00"))
    assert desk.now(order).status is OrderStatus.SUBMITTED
    desk.events()
    desk.run_to(at("2026-01-16T09:15:00+08:00"))

    assert desk.now(order).status is OrderStatus.CANCELLED_ALL
    assert [e.order.order_id for e in desk.events() if isinstance(e, OrderChanged)] == [
        order.order_id
    ]
    assert desk.funds(REAL).frozen_cash == 0


def test_a_dividend_leaves_orders_alone() -> None:
    """Only what changes the number of shares cancels."""
    desk = desk_at(HK_MORNING)
    desk.market.events[TENCENT].append(event("4.5", close=400))
    order = desk.buy(TENCENT, 100, 395, account_id=REAL, time_in_force=TimeInForce.GTC)
    desk.run_to(HK_EX_OPEN)

    assert desk.now(order).status is OrderStatus.SUBMITTED


def test_what_happened_while_nothing_ran_is_booked_at_the_restart() -> None:
    """A gateway that was down over the ex-date pays and cancels when it comes back, once."""
    desk = desk_at(HK_MORNING)
    desk.market.events[TENCENT].append(event("4.5", shares=Fraction(5), close=400))
    desk.buy(TENCENT, 200, account_id=REAL)
    order = desk.buy(TENCENT, 100, 395, account_id=REAL, time_in_force=TimeInForce.GTC)
    desk.save()
    desk.now_ns = HK_EX_OPEN
    again = restarted(desk, accounts=ACCOUNTS)
    again.run(1)

    assert [e.amount for e in entries(again, REAL, "dividend")] == [900]
    assert again.position(TENCENT, REAL).quantity == 1000
    assert again.now(order).status is OrderStatus.CANCELLED_ALL
    again.run(60)
    assert len(entries(again, REAL, "dividend")) == 1


RATIOS = st.tuples(st.integers(1, 12), st.integers(1, 12)).map(lambda pair: Fraction(*pair))


@settings(max_examples=30, deadline=None)
@given(
    st.integers(-900, 900).filter(bool),
    st.integers(0, 300),
    RATIOS,
    st.sampled_from((Fraction(0), Fraction(1, 10), Fraction(3, 10))),
    st.booleans(),
)
def test_no_corporate_action_makes_or_loses_money(
    quantity, cents, shares, rights, restarts
) -> None:
    """Equity at the price that follows from the action is equity before it, to a cent a booking."""
    desk = desk_at(US_REGULAR)
    given_event = event(str(Decimal(cents) / 100), shares, rights, "5" if rights else "0")
    desk.market.events[APPLE].append(given_event)
    (desk.buy if quantity > 0 else desk.sell)(APPLE, abs(quantity))
    desk.market.trade(APPLE, desk.now_ns, 100.0, 1)
    before = desk.funds(US).total_assets
    desk.market.trade(APPLE, US_EX_OPEN - 10**9, float(given_event.ex_price), 1)
    desk.save()
    desk.run_to(US_EX_OPEN)
    desk.save()
    if restarts:
        again = restarted(desk, accounts=ACCOUNTS)
        assert books(again, PAPER_ACCOUNTS[:2]) == books(desk, PAPER_ACCOUNTS[:2])
        desk = again
    funds = desk.funds(US)

    assert abs(funds.total_assets - before) < 4 * CENT
    assert funds.total_assets == funds.cash + funds.market_value
    assert funds.cash == sum(e.amount for e in desk.engine.ledger(US))


# --- the end of options -----------------------------------------------------------------------


def option_desk(kind, strike, owner=APPLE, multiplier=100) -> tuple[JournalingDesk, Security]:
    """A desk on the option's last day, and the option."""
    now_ns = at("2026-01-30T10:00:00-05:00" if owner is APPLE else "2026-01-30T10:00:00+08:00")
    desk = desk_at(now_ns)
    underlying = ScriptedUniverse().get(owner)
    option = desk.market.universe.add(make_option(underlying, kind, strike, multiplier))
    return desk, option.security


@pytest.mark.parametrize(
    ("kind", "strike", "contracts", "shares", "cash"),
    [
        (OptionKind.CALL, 95, 2, 200, -19_000),
        (OptionKind.CALL, 95, -2, -200, 19_000),
        (OptionKind.PUT, 105, 2, -200, 21_000),
        (OptionKind.PUT, 105, -2, 200, -21_000),
    ],
)
def test_an_american_option_in_the_money_becomes_shares(
    kind, strike, contracts, shares, cash
) -> None:
    """Shares against the strike; the option is gone, and equity is what its value made it."""
    desk, option = option_desk(kind, strike)
    desk.engine.transfer(US, option, contracts, Decimal(5), desk.now_ns)
    desk.run_to(at("2026-01-30T15:59:00-05:00"))
    assert desk.position(option).quantity == contracts
    desk.run_to(at("2026-01-30T16:30:00-05:00"))

    held = desk.position(APPLE)
    assert (held.quantity, held.average_cost_price) == (shares, strike)
    assert desk.position(option).quantity == 0
    assert [e.amount for e in entries(desk, US, "exercise")] == [cash]
    assert entries(desk, US, "fee") == []
    funds = desk.funds(US)
    assert funds.total_assets == 1_000_000 + contracts * 100 * 5
    desk.run_to(AFTER_LAST)
    assert desk.position(option) is None


@pytest.mark.parametrize(("kind", "strike"), [(OptionKind.CALL, 100), (OptionKind.PUT, 99.995)])
def test_an_option_at_or_out_of_the_money_vanishes(kind, strike) -> None:
    """Nothing moves but the position; the loss is the price paid."""
    desk, option = option_desk(kind, strike)
    desk.engine.transfer(US, option, 3, Decimal(5), desk.now_ns)
    desk.run_to(at("2026-01-30T16:30:00-05:00"))

    gone = desk.position(option)
    assert (gone.quantity, gone.realized_pnl) == (0, -1500)
    assert desk.position(APPLE) is None
    assert entries(desk, US, "exercise") == []


def test_a_paper_account_for_options_is_settled_in_cash() -> None:
    """It can hold no shares; less than 1.5 % in the money is worthless."""
    desk, option = option_desk(OptionKind.CALL, 390, TENCENT)
    near = desk.market.universe.add(
        make_option(ScriptedUniverse().get(TENCENT), OptionKind.CALL, 395, 100)
    ).security
    for security in (option, near):
        desk.engine.transfer(HK_OPTIONS, security, 2, Decimal(5), desk.now_ns)
    desk.run_to(at("2026-01-30T16:30:00+08:00"))

    assert [e.amount for e in entries(desk, HK_OPTIONS, "exercise")] == [Decimal(2000)]
    assert all(p.quantity == 0 for p in desk.engine.positions(HK_OPTIONS, desk.now_ns))


def test_a_real_account_takes_delivery_in_hong_kong_for_a_fee() -> None:
    """Two dollars a contract beside the strike."""
    desk, option = option_desk(OptionKind.CALL, 390, TENCENT)
    desk.engine.transfer(REAL, option, 2, Decimal(5), desk.now_ns)
    desk.run_to(at("2026-01-30T16:30:00+08:00"))

    assert desk.position(TENCENT, REAL).quantity == 200
    assert [e.amount for e in entries(desk, REAL, "exercise")] == [-78_000]
    assert [e.amount for e in entries(desk, REAL, "fee")] == [-4]


def test_an_option_on_an_index_is_settled_in_cash() -> None:
    """The difference times the multiplier, however small."""
    desk, option = option_desk(OptionKind.PUT, 26_100, HANG_SENG, 50)
    desk.engine.transfer(REAL, option, -1, Decimal(200), desk.now_ns)
    desk.run_to(at("2026-01-30T16:30:00+08:00"))

    assert [e.amount for e in entries(desk, REAL, "exercise")] == [-5000]


def test_options_follow_a_split_of_their_underlying() -> None:
    """Four contracts at a quarter of the strike for one, at the same cost; then they expire."""
    desk, owner = desk_at(US_REGULAR), ScriptedUniverse().get(APPLE)
    option, adjusted = (
        desk.market.universe.add(make_option(owner, OptionKind.CALL, strike, 100)).security
        for strike in (95, 23.75)
    )
    desk.market.successors[option] = adjusted
    desk.market.events[APPLE].append(event(shares=Fraction(4)))
    desk.engine.transfer(US, option, -2, Decimal(6), desk.now_ns)
    desk.run_to(US_EX_OPEN)

    held = desk.position(adjusted)
    assert (held.quantity, held.average_cost_price) == (-8, Decimal("1.5"))
    assert desk.position(option) is None
    assert entries(desk, US, "exercise") == entries(desk, US, "fraction") == []
    desk.save()
    again = restarted(desk, accounts=ACCOUNTS)
    assert books(again, PAPER_ACCOUNTS[:2]) == books(desk, PAPER_ACCOUNTS[:2])
    desk.market.trade(APPLE, at("2026-01-30T15:00:00-05:00"), 25.0, 1)
    desk.run_to(at("2026-01-30T16:30:00-05:00"))
    assert desk.position(adjusted).quantity == 0
    assert desk.position(APPLE).quantity == -800


def test_options_without_a_successor_are_paid_out_and_their_orders_cancelled() -> None:
    """At the last close before, so that nobody gains or loses."""
    desk = desk_at(US_REGULAR)
    option = desk.market.universe.add(
        make_option(ScriptedUniverse().get(APPLE), OptionKind.CALL, 95, 100)
    ).security
    desk.market.events[APPLE].append(event(shares=Fraction(4)))
    desk.engine.transfer(US, option, 2, Decimal(5), desk.now_ns)
    order = desk.buy(option, 1, 3, account_id=REAL, time_in_force=TimeInForce.GTC)
    desk.market.trade(option, US_REGULAR + 60 * 10**9, 7.5, 1)
    desk.run_to(at("2026-01-15T17:00:00-05:00"))
    before = desk.funds(US).total_assets
    desk.run_to(US_EX_OPEN)

    assert [e.amount for e in entries(desk, US, "exercise")] == [1500]
    assert desk.position(option).quantity == 0
    assert desk.funds(US).total_assets == before
    assert desk.now(order).status is OrderStatus.CANCELLED_ALL


def test_orders_in_an_option_end_with_it() -> None:
    """Also one that was to last longer."""
    desk, option = option_desk(OptionKind.CALL, 95)
    order = desk.buy(option, 1, 3, account_id=REAL, time_in_force=TimeInForce.GTC)
    assert order.status is OrderStatus.SUBMITTED
    desk.run_to(at("2026-01-30T16:30:00-05:00"))

    assert desk.now(order).status is OrderStatus.CANCELLED_ALL


def test_an_option_ends_by_command_for_one_account() -> None:
    """At the present price; others keep theirs."""
    desk, option = option_desk(OptionKind.CALL, 95)
    for account_id in (US, REAL):
        desk.engine.transfer(account_id, option, 1, Decimal(5), desk.now_ns)

    assert desk.engine.expire(option, US, desk.now_ns) == 1
    assert desk.position(APPLE).quantity == 100
    assert desk.position(option, REAL).quantity == 1


def test_a_restart_after_the_end_settles_the_option() -> None:
    """What expired while nothing ran is exercised at the close of its last day."""
    desk, option = option_desk(OptionKind.CALL, 95)
    desk.engine.transfer(US, option, 1, Decimal(5), desk.now_ns)
    desk.save()
    desk.now_ns = AFTER_LAST
    again = restarted(desk, accounts=ACCOUNTS)
    again.run(1)

    assert again.position(APPLE).quantity == 100
    assert again.position(option, US).quantity == 0


# --- futures ----------------------------------------------------------------------------------


def month(desk, code: str, last: date) -> Security:
    """A contract month of the Hang Seng index."""
    main = desk.market.universe.get(HSI_FUTURE)
    terms = FutureTerms("HSI", HSI_FUTURE, date(2025, 7, 1), last)
    contract = replace(main, security=Security(Market.HK, code), terms=terms)
    assert contract.venue is Venue.HK_FUTURE
    return desk.market.universe.add(contract).security


def test_a_future_settles_at_its_last_close() -> None:
    """Gains of its life are cash, the position is gone, and nothing happens after that."""
    desk = desk_at(at("2026-01-29T10:00:00+08:00"))
    contract = month(desk, "HSI2601", LAST_DAY)
    desk.buy(contract, 2, 26_960, account_id=HK_FUTURES)
    paid = desk.position(contract, HK_FUTURES).average_cost_price
    desk.market.trade(contract, at("2026-01-30T16:00:00+08:00"), 27_100.0, 1)
    desk.run_to(at("2026-01-30T20:00:00+08:00"))

    settled = sum(e.amount for e in entries(desk, HK_FUTURES, "settlement"))
    assert settled == 2 * 50 * (27_100 - paid)
    assert all(p.quantity == 0 for p in desk.engine.positions(HK_FUTURES, desk.now_ns))
    funds = desk.funds(HK_FUTURES)
    assert funds.total_assets == funds.cash == sum(e.amount for e in desk.engine.ledger(HK_FUTURES))


def test_the_nearest_future_is_liquidated_first() -> None:
    """Whatever it lost: the next one to end, not the one that lost most."""
    poor = replace(PAPER_ACCOUNTS[4], initial_cash=Decimal(1_200_000))
    desk = desk_at(HK_MORNING, (poor,))
    near, far = month(desk, "HSI2601", LAST_DAY), month(desk, "HSI2603", date(2026, 3, 30))
    for contract in (near, far):
        desk.buy(contract, 4, 26_960, account_id=HK_FUTURES)
    desk.market.trade(near, desk.now_ns + 10**9, 26_000.0, 1)
    desk.market.trade(far, desk.now_ns + 10**9, 24_500.0, 1)
    desk.events()
    desk.run(90)

    forced = [e.order for e in desk.events() if isinstance(e, OrderChanged)]
    assert forced[0].security == near
    assert forced[0].side is Side.SELL


# --- all of it together -----------------------------------------------------------------------

CASH = CASH_ACCOUNT.account_id
DAYS = calendar_for(Venue.HK_STOCK).trading_days(date(2026, 1, 16), date(2026, 2, 3))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("buy", "sell", "option", "hold")),
        st.integers(1, 8),
        st.sampled_from((Fraction(1), Fraction(1), Fraction(2), Fraction(1, 3), Fraction(13, 10))),
        st.integers(0, 400),
        st.integers(200, 700),
    ),
    min_size=len(DAYS),
    max_size=len(DAYS),
)


def live(desk: JournalingDesk, option: Security, action: str, lots: int) -> None:
    """One day's trading, as far as the account can."""
    try:
        if action == "buy":
            desk.buy(TENCENT, lots * 100, account_id=CASH)
        elif action == "sell":
            desk.sell(TENCENT, lots * 100, account_id=CASH)
        elif action == "option":
            sign = 1 if lots % 2 else -1
            desk.engine.transfer(CASH, option, sign * lots, Decimal(5), desk.now_ns)
    except SimulatorError:
        return


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_weeks_of_events_balance_and_replay(steps) -> None:
    """Every day equity is cash and market value, cash is its entries, and a restart agrees."""
    accounts = (CASH_ACCOUNT,)
    desk = JournalingDesk(HK_MORNING, accounts)
    owner = ScriptedUniverse().get(TENCENT)
    option = desk.market.universe.add(make_option(owner, OptionKind.CALL, 400, 100)).security
    for trading_day, (action, lots, shares, cents, price) in zip(DAYS, steps, strict=True):
        if cents or shares != 1:
            given_event = event(str(Decimal(cents) / 100), shares, close=price)
            desk.market.events[TENCENT].append(replace(given_event, ex_day=trading_day.day))
        opened_ns = calendar_for(Venue.HK_STOCK).sessions(trading_day.day)[0].start_ns
        desk.market.trade(TENCENT, opened_ns + 1, float(price), 100)
        desk.run_to(opened_ns + 60 * 10**9)
        live(desk, option, action, lots)
        desk.run(5)
        desk.save()
        funds = desk.funds(CASH)
        assert funds.total_assets == funds.cash + funds.market_value
        assert funds.cash == sum(e.amount for e in desk.engine.ledger(CASH))
        assert funds.frozen_cash == 0

    ended = desk.position(option, CASH)
    assert ended is None or ended.quantity == 0
    assert books(restarted(desk, accounts=accounts), accounts) == books(desk, accounts)
