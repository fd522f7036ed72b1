"""Subscriptions: quota units, the minute's rule, connections that leave."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.session.subscriptions import (
    MINIMUM_HOLD_NS,
    HeldTooShort,
    QuotaExceeded,
    Subscriptions,
    Topic,
    Unit,
)
from simulator.domain import Market, Security

TENCENT = Security(Market.HK, "00700")
HSBC = Security(Market.HK, "00005")
BASIC, BOOK, KL_DAY = 1, 2, 6


def test_a_unit_is_counted_once_however_many_connections_hold_it():
    """Two connections with the same unit use one unit of quota."""
    subs = Subscriptions()

    assert subs.subscribe(1, [Unit(TENCENT, BASIC)], 0) == (TENCENT,)
    assert subs.subscribe(2, [Unit(TENCENT, BASIC)], 0) == ()
    assert subs.used == 1


def test_subscribing_again_keeps_the_age():
    """A repeated subscription does not start a new minute."""
    subs = Subscriptions()
    subs.subscribe(1, [Unit(TENCENT, BASIC)], 0)
    subs.subscribe(1, [Unit(TENCENT, BASIC)], MINIMUM_HOLD_NS - 1)

    assert subs.unsubscribe(1, [Unit(TENCENT, BASIC)], MINIMUM_HOLD_NS) == (TENCENT,)
    assert subs.used == 0


def test_quota_refuses_the_whole_request():
    """One unit too many and nothing is subscribed."""
    subs = Subscriptions(quota=2)
    subs.subscribe(1, [Unit(TENCENT, BASIC)], 0)

    with pytest.raises(QuotaExceeded) as refused:
        subs.subscribe(1, [Unit(HSBC, BASIC), Unit(HSBC, BOOK)], 0)

    assert (refused.value.used, refused.value.total) == (1, 2)
    assert not subs.holds(1, HSBC, BASIC)
    assert subs.remaining == 1


def test_one_too_young_unit_refuses_the_whole_unsubscription():
    """The minute counts to the nanosecond, and the old unit stays too."""
    subs = Subscriptions()
    subs.subscribe(1, [Unit(TENCENT, BASIC)], 0)
    subs.subscribe(1, [Unit(TENCENT, BOOK)], 1)

    with pytest.raises(HeldTooShort) as refused:
        subs.unsubscribe(1, [Unit(TENCENT, BASIC), Unit(TENCENT, BOOK)], MINIMUM_HOLD_NS)

    assert refused.value.unit == Unit(TENCENT, BOOK)
    assert subs.holds(1, TENCENT, BASIC)
    assert subs.unsubscribe_all(1, MINIMUM_HOLD_NS + 1) == (TENCENT,)


def test_units_of_an_ended_connection_live_to_their_minute():
    """What was younger than a minute keeps its quota until the minute is over."""
    subs = Subscriptions()
    subs.subscribe(1, [Unit(TENCENT, BASIC)], 0)
    subs.subscribe(1, [Unit(HSBC, BASIC)], 50)

    assert subs.drop_connection(1, MINIMUM_HOLD_NS) == (TENCENT,)
    assert (subs.used, subs.next_deadline_ns()) == (1, MINIMUM_HOLD_NS + 50)
    assert subs.expire(MINIMUM_HOLD_NS + 49) == ()
    assert subs.expire(MINIMUM_HOLD_NS + 50) == (HSBC,)
    assert (subs.used, subs.next_deadline_ns()) == (0, None)


def test_a_dropped_connection_hears_nothing_more():
    """Registrations end with the subscription they belong to."""
    subs = Subscriptions()
    topic = Topic(TENCENT, KL_DAY, 1)
    subs.subscribe(1, [Unit(TENCENT, KL_DAY)], 0)
    subs.listen(1, [topic])

    assert subs.topics(TENCENT) == {topic: {1}}

    subs.drop_connection(1, 10)

    assert subs.topics(TENCENT) == {}


def test_ignoring_drops_every_rehab_variant():
    """Unregistering a candle type silences all its adjustments, of that connection only."""
    subs = Subscriptions()
    topics = [Topic(TENCENT, KL_DAY, rehab) for rehab in (0, 1)]
    subs.listen(1, topics)
    subs.listen(2, topics[:1])

    subs.ignore(1, [Unit(TENCENT, KL_DAY)])

    assert subs.topics(TENCENT) == {topics[0]: {2}}


class SubscriptionRules(RuleBasedStateMachine):
    """Random use against a model that is a plain dictionary of owners."""

    def __init__(self) -> None:
        super().__init__()
        self.subs = Subscriptions(quota=6)
        self.model: dict[Unit, dict[int, int]] = {}
        self.now = 0

    units = st.builds(
        Unit, st.sampled_from([TENCENT, HSBC]), st.sampled_from([BASIC, BOOK, KL_DAY, 4])
    )

    @rule(conn=st.integers(1, 3), unit=units)
    def subscribe(self, conn, unit):
        """Subscribing succeeds exactly while units are left."""
        fits = unit in self.model or len(self.model) < 6
        if not fits:
            with pytest.raises(QuotaExceeded):
                self.subs.subscribe(conn, [unit], self.now)
            return
        self.subs.subscribe(conn, [unit], self.now)
        self.model.setdefault(unit, {}).setdefault(conn, self.now)

    @rule(conn=st.integers(1, 3), unit=units)
    def unsubscribe(self, conn, unit):
        """Giving up works from the minute on."""
        since = self.model.get(unit, {}).get(conn)
        if since is not None and self.now - since < MINIMUM_HOLD_NS:
            with pytest.raises(HeldTooShort):
                self.subs.unsubscribe(conn, [unit], self.now)
            return
        self.subs.unsubscribe(conn, [unit], self.now)
        if since is not None:
            self._forget(unit, conn)

    @rule(seconds=st.integers(0, 90))
    def wait(self, seconds):
        """Time passes and orphans expire."""
        self.now += seconds * 1_000_000_000
        self.subs.expire(self.now)
        for unit in list(self.model):
            since = self.model[unit].get(0)
            if since is not None and self.now - since >= MINIMUM_HOLD_NS:
                self._forget(unit, 0)

    @rule(conn=st.integers(1, 3))
    def leave(self, conn):
        """A connection ends."""
        self.subs.drop_connection(conn, self.now)
        for unit in list(self.model):
            since = self.model[unit].get(conn)
            if since is None:
                continue
            if self.now - since < MINIMUM_HOLD_NS:
                self.model[unit][0] = max(since, self.model[unit].get(0, since))
            self._forget(unit, conn)

    def _forget(self, unit: Unit, conn: int) -> None:
        self.model[unit].pop(conn, None)
        if not self.model[unit]:
            del self.model[unit]

    @invariant()
    def counts_agree(self):
        """Used units are exactly the model's."""
        assert self.subs.used == len(self.model)
        for unit, owners in self.model.items():
            for conn in owners:
                if conn:
                    assert self.subs.holds(conn, *unit)


SubscriptionRules.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestSubscriptionRules = SubscriptionRules.TestCase
