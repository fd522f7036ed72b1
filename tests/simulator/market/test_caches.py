"""Bounded memories."""

from simulator.market.caches import Recent


def test_least_recently_used_value_is_forgotten():
    """Beyond the number, what was asked for longest ago goes."""
    kept: Recent[str, int] = Recent(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1

    kept.put("c", 3)

    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_chosen_values_are_forgotten_and_made_anew():
    """`forget` drops the values of some keys; `get_or` makes only what is not remembered."""
    kept: Recent[str, int] = Recent(3)
    kept.put("a", 1)
    kept.put("b", 2)

    kept.forget(lambda key: key == "a")

    assert kept.get_or("a", lambda: 3) == 3
    assert kept.get_or("b", lambda: 4) == 2
