"""The table of rate limits: what is counted, together with what, and how a refusal reads."""

import pytest

from gateway.errors import ApiError
from gateway.pb import (
    Qot_GetReference,
    Qot_GetSecuritySnapshot,
    Qot_RequestHistoryKL,
    Trd_GetFunds,
    Trd_GetMarginRatio,
    Trd_ModifyOrder,
    Trd_PlaceComboOrder,
    Trd_PlaceOrder,
    message_type,
)
from gateway.rate_limits import LIMITS, Counts, Scope, check
from gateway.session.limits import WINDOW_NS, RateLimiter
from gateway.wire.proto_ids import PUSH_IDS, ProtoId

MS = 1_000_000
SECOND_APART = 1_000 * MS


def refused(limiter, proto_id, c2s, now_ns=0):
    """The refusal's two texts, or None if the request passes."""
    try:
        check(limiter, proto_id, c2s, now_ns)
    except ApiError as error:
        return error.render("chs"), error.render("en")
    return None


def for_account(message, account_id, **fields):
    return message(header={"trdEnv": 0, "accID": account_id, "trdMarket": 1}, **fields)


def test_sixty_first_snapshot_is_refused_in_both_languages():
    """The texts are those seen from a real OpenD."""
    limiter, c2s = RateLimiter(), Qot_GetSecuritySnapshot.C2S()
    for _ in range(60):
        assert refused(limiter, ProtoId.Qot_GetSecuritySnapshot, c2s) is None

    assert refused(limiter, ProtoId.Qot_GetSecuritySnapshot, c2s, WINDOW_NS) == (
        "获取市场快照频率太高，请求失败，每30秒最多60次。",
        "Get Market Snapshot request failed due to high frequency. Maximum 60 times per 30 seconds.",
    )
    assert refused(limiter, ProtoId.Qot_GetSecuritySnapshot, c2s, WINDOW_NS + 1) is None


def test_history_counts_first_pages_only():
    """Requests that carry nextReqKey are free, even when the window is full."""
    limiter, proto_id = RateLimiter(), ProtoId.Qot_RequestHistoryKL
    first, following = Qot_RequestHistoryKL.C2S(), Qot_RequestHistoryKL.C2S(nextReqKey=b"2")
    for _ in range(60):
        assert refused(limiter, proto_id, following) is None
        assert refused(limiter, proto_id, first) is None

    assert refused(limiter, proto_id, following) is None
    assert refused(limiter, proto_id, first) == (
        "获取历史K线频率太高，请求失败，每30秒最多60次。",
        (
            "Get Historical Candlestick request failed due to high frequency. "
            "Maximum 60 times per 30 seconds."
        ),
    )


@pytest.mark.parametrize(
    "proto_id",
    [
        ProtoId.Trd_GetFunds,
        ProtoId.Trd_GetPositionList,
        ProtoId.Trd_GetOrderList,
        ProtoId.Trd_GetOrderFillList,
    ],
)
def test_account_data_counts_with_refresh_cache_only(proto_id):
    """Reading OpenD's cache is free; going past it is not."""
    limiter, message = RateLimiter(), message_type(f"{proto_id.name}.C2S")
    cached, refreshed = for_account(message, 1), for_account(message, 1, refreshCache=True)
    for _ in range(10):
        assert refused(limiter, proto_id, refreshed) is None

    assert refused(limiter, proto_id, refreshed) is not None
    assert refused(limiter, proto_id, for_account(message, 1, refreshCache=False)) is None
    assert refused(limiter, proto_id, cached) is None


def test_accounts_have_windows_of_their_own():
    """What one account used up, another still has."""
    limiter = RateLimiter()
    for _ in range(11):
        refused(limiter, ProtoId.Trd_GetFunds, for_account(Trd_GetFunds.C2S, 1, refreshCache=True))
    other = for_account(Trd_GetFunds.C2S, 2, refreshCache=True)

    assert refused(limiter, ProtoId.Trd_GetFunds, other) is None


def test_margin_data_is_limited_per_user():
    """Requests for different accounts share one window."""
    limiter = RateLimiter()
    for account_id in range(10):
        c2s = for_account(Trd_GetMarginRatio.C2S, account_id)
        assert refused(limiter, ProtoId.Trd_GetMarginRatio, c2s) is None

    assert refused(
        limiter, ProtoId.Trd_GetMarginRatio, for_account(Trd_GetMarginRatio.C2S, 99)
    ) == (
        "获取融资融券数据频率太高，请求失败，每30秒最多10次。",
        (
            "Get Margin Trading Data request failed due to high frequency. "
            "Maximum 10 times per 30 seconds."
        ),
    )


def test_warrants_of_a_stock_are_free():
    """Of the related securities only futures are limited."""
    limiter, proto_id = RateLimiter(), ProtoId.Qot_GetReference
    warrants = Qot_GetReference.C2S(referenceType=Qot_GetReference.ReferenceType_Warrant)
    futures = Qot_GetReference.C2S(referenceType=Qot_GetReference.ReferenceType_Future)

    assert all(refused(limiter, proto_id, warrants) is None for _ in range(20))
    assert [refused(limiter, proto_id, futures) is None for _ in range(11)] == [True] * 10 + [False]


@pytest.mark.parametrize(
    ("proto_id", "message", "spacing_ns", "zh", "en"),
    [
        (
            ProtoId.Trd_PlaceOrder,
            Trd_PlaceOrder.C2S,
            20 * MS,
            "下单频率太高，请求失败，两次请求至少间隔0.02秒。",
            (
                "Place Order request failed due to high frequency. "
                "Two requests must be at least 0.02 seconds apart."
            ),
        ),
        (
            ProtoId.Trd_ModifyOrder,
            Trd_ModifyOrder.C2S,
            40 * MS,
            "改单撤单频率太高，请求失败，两次请求至少间隔0.04秒。",
            (
                "Modify or Cancel Orders request failed due to high frequency. "
                "Two requests must be at least 0.04 seconds apart."
            ),
        ),
    ],
)
def test_orders_keep_their_distance(proto_id, message, spacing_ns, zh, en):
    """Two writes for one account are refused when they follow too closely."""
    limiter, c2s = RateLimiter(), for_account(message, 1)
    refused(limiter, proto_id, c2s)

    assert refused(limiter, proto_id, c2s, spacing_ns - 1) == (zh, en)
    assert refused(limiter, proto_id, for_account(message, 2), spacing_ns - 1) is None
    assert refused(limiter, proto_id, c2s, spacing_ns) is None


def test_combo_orders_share_the_window_of_orders():
    """15 of both together pass; the refusal names what was asked."""
    limiter, now_ns = RateLimiter(), 0
    for _ in range(14):
        now_ns += SECOND_APART
        refused(limiter, ProtoId.Trd_PlaceOrder, for_account(Trd_PlaceOrder.C2S, 1), now_ns)
    combo = for_account(Trd_PlaceComboOrder.C2S, 1)
    now_ns += SECOND_APART

    assert refused(limiter, ProtoId.Trd_PlaceComboOrder, combo, now_ns) is None
    assert refused(limiter, ProtoId.Trd_PlaceComboOrder, combo, now_ns + SECOND_APART) == (
        "组合下单频率太高，请求失败，每30秒最多15次。",
        "Place Combo Order request failed due to high frequency. Maximum 15 times per 30 seconds.",
    )
    order = for_account(Trd_PlaceOrder.C2S, 1)
    assert refused(limiter, ProtoId.Trd_PlaceOrder, order, now_ns + SECOND_APART) is not None


def test_protocols_without_a_limit_never_refuse():
    """Getters of subscribed data may be called as often as a client likes."""
    limiter = RateLimiter()
    c2s = message_type("Qot_GetBasicQot.C2S")()

    assert all(refused(limiter, ProtoId.Qot_GetBasicQot, c2s) is None for _ in range(1000))


@pytest.mark.parametrize("proto_id", [ProtoId(number) for number in LIMITS], ids=str)
def test_row_fits_its_protocol(proto_id):
    """A row stands for a request whose message has what the row looks at."""
    limit, c2s = LIMITS[proto_id], message_type(f"{proto_id.name}.C2S")
    fields = c2s.DESCRIPTOR.fields_by_name
    looked_at = {
        Counts.ALL: set(),
        Counts.REFRESH: {"refreshCache"},
        Counts.FIRST_PAGE: {"nextReqKey"},
        Counts.NOT_WARRANTS: {"referenceType"},
    }[limit.counts]

    assert proto_id not in PUSH_IDS
    assert looked_at <= set(fields)
    assert limit.scope is Scope.USER or "header" in fields
    assert limit.requests in (10, 15, 20, 30, 60)
    assert limit.source.startswith("[")


def test_texts_tell_interfaces_apart():
    """No two interfaces have the same name in either language."""
    assert len(LIMITS) == len({limit.zh for limit in LIMITS.values()})
    assert len(LIMITS) == len({limit.en for limit in LIMITS.values()})
