"""Every row of the documented rate limits at its boundary, asked by a client."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.errors import ApiError
from gateway.pb import message_type
from gateway.rate_limits import LIMITS, Counts, Scope, check
from gateway.registry import ROUTES
from gateway.session.limits import WINDOW_NS, RateLimiter
from gateway.wire.ft_frame import BodyFormat, Frame, body_digest
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from tests.support.conversation import Client, World

DOCUMENTED: Final = {
    **dict.fromkeys((3103, 3105, 3203, 3210, 3220, 3224, *range(3401, 3434)), 60),
    **dict.fromkeys((3211, 3212, 3218, 3219, *range(3225, 3252), *range(3255, 3259)), 30),
    **dict.fromkeys((*range(3204, 3210), *range(3213, 3216), 3217, *range(3221, 3224)), 10),
    **dict.fromkeys((3253, 3262, 3263), 10),
    **dict.fromkeys((2005, 2101, 2102, 2111, 2112, 2201, 2211, 2221, 2222, 2223, 2225), 10),
    **dict.fromkeys((2202, 2227), 15),
    **dict.fromkeys((2205, 2226), 20),
}
"""Requests in 30 s by protocol id. Source: [D], but [O] for 3253."""
NAMES: Final = {
    3203: ("获取市场快照", "Get Market Snapshot"),
    3103: ("获取历史K线", "Get Historical Candlestick"),
    3209: ("获取期权链", "Get Option Chain"),
    3205: ("获取板块内股票列表", "Get Stock List within a Sector"),
    3253: ("期权筛选", "Option Screening"),
    2005: ("解锁交易", "Unlock Trading"),
    2201: ("查询订单列表", "Get Order list"),
    2202: ("下单", "Place Order"),
    2223: ("获取融资融券数据", "Get Margin Trading Data"),
}
"""Source: [O] where one was seen."""
ZH: Final = "{}频率太高，请求失败，每30秒最多{}次。"
EN: Final = "{} request failed due to high frequency. Maximum {} times per 30 seconds."
ACCOUNT: Final = 9053218


def fill(message: Message) -> Message:
    """Set what a message must have, to zero and the like: the request fails, and counts. [O]."""
    descriptor: Descriptor = message.DESCRIPTOR
    for name, field in descriptor.fields_by_name.items():
        if not field.is_required:
            continue
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            getattr(message, name).SetInParent()
            fill(getattr(message, name))
        else:
            setattr(message, name, "" if field.type == FieldDescriptor.TYPE_STRING else 0)
    return message


def request(proto_id: ProtoId, account_id: int = ACCOUNT, *, counts: bool = True) -> Any:
    """A request that is counted, or one of the same interface that is not."""
    made: Any = fill(message_type(f"{proto_id.name}.Request")())
    limit = LIMITS[proto_id]
    if limit.scope is Scope.ACCOUNT:
        made.c2s.header.accID = account_id
        made.c2s.header.trdMarket = 1
    match limit.counts:
        case Counts.REFRESH:
            made.c2s.refreshCache = counts
        case Counts.FIRST_PAGE if not counts:
            made.c2s.nextReqKey = b"1"
        case Counts.NOT_WARRANTS:
            made.c2s.referenceType = 2 if counts else 1
    return made


def text(client: Client, proto_id: ProtoId, **how: Any) -> str:
    return str(client.send(proto_id, request(proto_id, **how)).retMsg)


def test_the_table_is_that_of_the_documentation():
    """No row is missing, none is added, and each has its number."""
    assert {int(number): limit.requests for number, limit in LIMITS.items()} == DOCUMENTED
    assert {n: (LIMITS[n].zh, LIMITS[n].en) for n in NAMES} == NAMES


@pytest.mark.parametrize("language", ["chs", "en"])
@pytest.mark.parametrize("number", sorted(set(DOCUMENTED) & set(ROUTES)))
def test_each_interface_at_its_boundary(number, language):
    """The last of n passes, one more does not until the first is more than 30 s old."""
    proto_id, limit = ProtoId(number), LIMITS[number]
    world = World(limits=True, language=language)
    assert world.opend.limiter is not None
    world.opend.limiter.keeps_spacing = False
    client, other = world.connect(), world.connect()
    expected = ZH.format(limit.zh, limit.requests)
    if language == "en":
        expected = EN.format(limit.en, limit.requests)

    first_ns = world.now_ns
    answers = {text(client, proto_id)}
    world.now_ns += NS_PER_S
    for _ in range(limit.requests - 1):
        answers.add(text(client, proto_id))
    assert expected not in answers

    world.now_ns = first_ns + WINDOW_NS
    assert text(other, proto_id) == expected
    if limit.counts is not Counts.ALL:
        assert text(client, proto_id, counts=False) != expected
    if limit.scope is Scope.ACCOUNT:
        assert text(client, proto_id, account_id=10741586) != expected
    world.now_ns += 1
    assert text(client, proto_id) != expected
    assert text(client, proto_id) == expected
    world.now_ns = first_ns + NS_PER_S + WINDOW_NS + 1
    assert text(client, proto_id) != expected


@pytest.mark.parametrize("number", sorted(set(DOCUMENTED) - set(ROUTES)))
def test_each_interface_that_is_not_built_has_its_row_ready(number):
    """The check refuses one too many, whether or not somebody answers."""
    proto_id, limit = ProtoId(number), LIMITS[number]
    limiter, c2s = RateLimiter(keeps_spacing=False), request(proto_id).c2s
    for _ in range(limit.requests):
        check(limiter, proto_id, c2s, 0)
    with pytest.raises(ApiError) as refused:
        check(limiter, proto_id, c2s, WINDOW_NS)
    assert refused.value.render("en") == EN.format(limit.en, limit.requests)
    check(limiter, proto_id, c2s, WINDOW_NS + 1)


SPACED: Final = {2202: 0.02, 2205: 0.04, 2227: 0.02}


@pytest.mark.parametrize("number", sorted(set(SPACED) & set(ROUTES)))
def test_writes_keep_their_distance_if_the_limits_are_strict(number):
    """A nanosecond too early is refused, for that account only; a refusal costs nothing. [D]."""
    proto_id, spacing_ns = ProtoId(number), round(SPACED[number] * NS_PER_S)
    world = World(limits=True)
    client = world.connect()
    text(client, proto_id)
    world.now_ns += spacing_ns - 1

    assert text(client, proto_id).endswith(
        f"Two requests must be at least {SPACED[number]} seconds apart."
    )
    assert "seconds apart" not in text(client, proto_id, account_id=10741586)
    world.now_ns += 1
    assert "seconds apart" not in text(client, proto_id)
    assert {LIMITS[n].spacing_s for n in LIMITS if n not in SPACED} == {0.0}


def test_what_is_over_its_limit_is_not_computed_ahead():
    """A refusal costs next to nothing, however much the answer would take."""
    world = World(limits=True)
    client = world.connect()
    proto_id = ProtoId.Qot_StockFilter
    wanted = message_type("Qot_StockFilter.Request")(c2s={"market": 1, "begin": 0, "num": 5})
    body = wanted.SerializeToString()
    frame = Frame(proto_id, BodyFormat.PROTOBUF, 0, 1, body_digest(body), body)

    def pieces() -> int:
        ahead = world.dispatcher.prepare(client.connection, frame, world.now_ns)
        return sum(1 for _ in islice(ahead, 1))

    assert [(pieces(), client.send(proto_id, wanted).retType) for _ in range(11)] == [
        *[(1, 0)] * 10,
        (0, -1),
    ]
