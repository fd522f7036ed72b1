"""Screening thousands of stocks through the newest SDK."""

import pytest

from tests.conformance.client_programs import observe


@pytest.fixture(scope="module")
def seen(quote_gateway):
    return observe("current", "screening", quote_gateway)


def test_filters_of_every_kind_meet_in_one_answer(seen):
    """Each row meets all four, in falling order of the change; prices move between the pages."""
    rows = [row["values"] for page in seen["pages"] for row in page["rows"]]
    changes = [change for _, change, _, _ in rows]

    assert seen["everything"] > 2_000
    assert 20 < len(rows) < seen["everything"] / 3
    assert len(rows) == pytest.approx(seen["pages"][0]["count"], abs=10)
    assert all(2.0 <= price <= 9.0 for price, *_ in rows)
    assert min(changes) >= 1.0
    for page in seen["pages"]:
        of_page = [row["values"][1] for row in page["rows"]]
        assert of_page == sorted(of_page, reverse=True)
    assert all(returns >= 5.0 for _, _, returns, _ in rows)
    assert all(price > mean for *_, (price, mean) in rows)


def test_returns_on_equity_follow_from_the_snapshots(seen):
    """Earnings over book value of a share, as the snapshots show them."""
    values = {row["code"]: row["values"][2] for page in seen["pages"] for row in page["rows"]}

    for code, eps in seen["eps"].items():
        assert values[code] == pytest.approx(100 * eps / seen["book"][code], rel=0.01)


def test_refusals_are_in_opends_words(seen):
    """A filter without an interval, and too large a page."""
    assert "没有给需要筛选的字段进行区间赋值" in seen["no_interval"]["refusal"]
    assert "请求个数超过限制" in seen["too_many"]["refusal"]
