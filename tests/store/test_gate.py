"""How far what happened is committed."""

from gateway.store.gate import Gate


def test_changes_are_numbered_in_order():
    """Each change handed over gets the next number."""
    gate = Gate()

    assert [gate.append(), gate.append(2), gate.append()] == [1, 3, 4]
    assert gate.committed == 0


def test_a_commit_wakes_everybody_once():
    """Who still has to wait asks again."""
    gate, calls = Gate(), []
    gate.wake_at_commit(lambda: calls.append("a"))
    gate.wake_at_commit(lambda: calls.append("b"))
    gate.commit(1)
    gate.commit(2)

    assert calls == ["a", "b"]
    assert gate.committed == 2


def test_a_commit_never_goes_back():
    """An older message that comes late changes nothing."""
    gate = Gate()
    gate.commit(5)
    gate.commit(3)

    assert gate.committed == 5
