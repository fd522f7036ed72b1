"""What the newest SDK is refused, in OpenD's words."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, refusal, rows
from tests.conformance.gateway_process import running

TEXTS = {
    "odd_lot": "不足1手数量的碎股",
    "zero_quantity": "数量不合法",
    "off_tick": "订单价格不在价位上",
    "zero_price": "价格",
    "buying_power": "购买力不足",
    "too_large": "下单数量超过最大可用",
    "unknown_code": "未知股票",
    "sell_short": "订单方向只能是买入或卖出",
    "nothing_to_sell": "下单数量超过最大可用",
    "stop_limit": "模拟交易不支持",
    "good_till_cancel": "模拟交易不支持GTC订单",
    "other_market": "US.AAPL",
    "modify_unknown_order": "123456789",
    "cancel_unknown_order": "123456789",
    "fills": "模拟交易不支持成交数据",
    "unknown_snapshot": "未知股票",
    "unknown_subscription": "未知股票",
    "not_subscribed": "请先订阅Basic数据",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    with running(tmp_path_factory.mktemp("refusals")) as gateway:
        yield observe("current", "refusals", gateway)


@pytest.mark.parametrize("name", TEXTS)
def test_a_request_that_cannot_be_met_is_refused_in_words(seen, name):
    """The SDK reports an error and hands on the text that says why."""
    assert TEXTS[name] in refusal(seen["refused"][name])


def test_a_refused_order_leaves_nothing_behind(seen):
    """No order in the list, no cent missing, and the connection lives."""
    (funds,) = rows(seen["funds"])

    assert rows(seen["orders"]) == []
    assert funds["cash"] == funds["power"] == 1_000_000
    assert seen["alive"]["ret"] == 0
