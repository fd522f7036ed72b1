"""The order in which planned actions run."""

from simulator.agenda import Agenda


def test_actions_run_in_order_of_time_then_of_planning():
    """Two of one instant keep their order; what is not due stays."""
    agenda, seen = Agenda(), []
    for at_ns, name in ((5, "b"), (3, "a"), (5, "c"), (9, "d")):
        agenda.add(at_ns, lambda now_ns, name=name: seen.append((now_ns, name)))

    agenda.run_until(5)

    assert seen == [(3, "a"), (5, "b"), (5, "c")]
    assert agenda.next_ns() == 9


def test_actions_may_plan_actions():
    """What becomes due on the way runs in the same call."""
    agenda, seen = Agenda(), []
    agenda.add(1, lambda now_ns: agenda.add(now_ns + 1, seen.append))

    agenda.run_until(2)

    assert seen == [2]
    assert agenda.next_ns() is None
