"""Each right of each product, as clients meet it: types, depth, interfaces, and the words of refusals."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest

from gateway import texts
from gateway.pb import Notify
from gateway.session.quote_rights import RIGHT_NAMES, QuoteRights
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import Client, World
from tests.support.quotes import (
    APPLE,
    BASIC,
    BOOK,
    BROKER,
    HSI_FUTURE,
    KL_1MIN,
    KL_DAY,
    MOUTAI,
    RT,
    TENCENT,
    TICKER,
    answer,
    refusal,
    subscribe,
)

DOW: Final = {"market": 11, "code": ".DJI"}
ES_FUTURE: Final = {"market": 11, "code": "ESmain"}
SG_FUTURE: Final = {"market": 31, "code": "CNmain"}
JP_FUTURE: Final = {"market": 41, "code": "NK225main"}
COMMON: Final = frozenset({BASIC, BOOK, TICKER, RT, KL_1MIN, KL_DAY})
ALL: Final = COMMON | {BROKER}
NONE: Final[frozenset[int]] = frozenset()
QUOTES: Final = frozenset({"snapshot", "history", "flow"})
"""Interfaces that any right opens."""
SCREENS: Final = frozenset({"filter", "warrants"})


class Row(NamedTuple):
    """What a right opens."""

    product: str
    security: dict[str, Any]
    right: str
    types: frozenset[int]
    levels: int
    interfaces: frozenset[str] = QUOTES


ROWS: Final = (
    Row("hk_stock", TENCENT, "NO", NONE, 0, frozenset()),
    Row("hk_stock", TENCENT, "BMP", NONE, 0),
    Row("hk_stock", TENCENT, "LV1", COMMON, 1, QUOTES | SCREENS),
    Row("hk_stock", TENCENT, "LV2", ALL, 10, QUOTES | SCREENS),
    Row("hk_stock", TENCENT, "SF", ALL, 40, QUOTES | SCREENS),
    Row("hk_future", HSI_FUTURE, "NO", NONE, 0, frozenset()),
    Row("hk_future", HSI_FUTURE, "BMP", NONE, 0),
    Row("hk_future", HSI_FUTURE, "LV1", COMMON - {TICKER}, 1),
    Row("hk_future", HSI_FUTURE, "LV2", ALL, 10),
    Row("us_stock", APPLE, "NO", NONE, 0, SCREENS),
    Row("us_stock", APPLE, "BMP", NONE, 0, QUOTES | SCREENS),
    Row("us_stock", APPLE, "LV1", COMMON, 1, QUOTES | SCREENS),
    Row("us_stock", APPLE, "LV2", COMMON, 60, QUOTES | SCREENS),
    Row("us_stock", APPLE, "LV3", COMMON, 60, QUOTES | SCREENS),
    Row("us_index", DOW, "NO", NONE, 0, frozenset()),
    Row("us_index", DOW, "LV1", COMMON - {BOOK, TICKER}, 0),
    Row("us_future", ES_FUTURE, "NO", NONE, 0, frozenset()),
    Row("us_future", ES_FUTURE, "LV1", COMMON, 1),
    Row("us_future", ES_FUTURE, "LV2", COMMON, 10),
    Row("cn", MOUTAI, "NO", NONE, 0, SCREENS),
    Row("cn", MOUTAI, "LV1", COMMON, 5, QUOTES | SCREENS),
    Row("sg_future", SG_FUTURE, "NO", NONE, 0, frozenset()),
    Row("sg_future", SG_FUTURE, "LV2", COMMON, 10),
    Row("jp_future", JP_FUTURE, "NO", NONE, 0, frozenset()),
    Row("jp_future", JP_FUTURE, "LV2", COMMON, 10),
)
WORDS: Final = {
    "hk_stock": "HK.00700. Please check HK MarketStocks",
    "hk_future": "HK.HSImain. Please check HK MarketFutures",
    "us_stock": "US.AAPL. Please check US MarketStocks",
    "us_future": "US.ESmain. Please check US MarketFutures",
    "cn": "SH.600519. Please check CN MarketStocks",
    "sg_future": "SG.CNmain. Please check Futures",
    "jp_future": "JP.NK225main. Please check Futures",
}
"""Source: [O] `JP.7203 … Stocks` and those of America and Shanghai; [I] the others after them."""
SNAPSHOT: Final = ProtoId.Qot_GetSecuritySnapshot
HISTORY: Final = {"rehabType": 0, "klType": 2, "beginTime": "2026-01-05", "endTime": "2026-01-14"}


def text(row: Row) -> str:
    if row.product == "us_index":
        return texts.US_INDICES_UNSUPPORTED.en
    return f"No permission to get quotes for {WORDS[row.product]} quote permissions."


@pytest.fixture(scope="module")
def market():
    """One market for all worlds here: nobody trades in it."""
    return World().opend.market


def client_of(market: Any, product: str, right: str) -> Client:
    return World(market=market, rights=QuoteRights.named([(product, right)])).connect()


def row_id(row: Row) -> str:
    return f"{row.product}={row.right}"


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_each_right_opens_its_types_and_depth(market, row):
    """What is open is subscribed, answered and pushed; what is closed is refused in OpenD's words."""
    client, opened = client_of(market, row.product, row.right), set()
    for sub_type in sorted(ALL):
        reply = subscribe(client, [row.security], [sub_type], isRegOrUnRegPush=True)
        if reply.retType == 0:
            opened.add(sub_type)
        else:
            assert refusal(reply) in (text(row), no_such_type(row, sub_type))

    assert opened == row.types
    if BOOK not in row.types:
        getter = client.ask(ProtoId.Qot_GetOrderBook, security=row.security, num=60)
        assert getter.retType == -1
        return
    book = answer(client.ask(ProtoId.Qot_GetOrderBook, security=row.security, num=60))
    assert len(book.orderBookBidList) == len(book.orderBookAskList) == row.levels


def no_such_type(row: Row, sub_type: int) -> str:
    """What is said of a type that the security never has, whatever the right."""
    name = {BOOK: "OrderBook", TICKER: "Ticker", BROKER: "Broker"}.get(sub_type, "")
    symbol = "US..DJI" if row.product == "us_index" else WORDS[row.product].partition(". ")[0]
    return f"{symbol} does not support subscribing to {name} data."


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_each_right_opens_its_interfaces(market, row):
    """Snapshots, history and flows need some right, screens of Hong Kong more than BMP. [O], [D]."""
    client, market = client_of(market, row.product, row.right), row.security["market"]
    answers = {
        "snapshot": client.ask(SNAPSHOT, securityList=[row.security]),
        "history": client.ask(ProtoId.Qot_RequestHistoryKL, security=row.security, **HISTORY),
    }
    if row.product in ("hk_stock", "us_stock", "cn"):
        answers["flow"] = client.ask(ProtoId.Qot_GetCapitalFlow, security=row.security)
        page = {"begin": 0, "num": 1}
        answers["filter"] = client.ask(ProtoId.Qot_StockFilter, market=market, **page)
    if row.product == "hk_stock":
        answers["warrants"] = client.ask(
            ProtoId.Qot_GetWarrant, begin=0, num=1, sortField=1, ascend=True
        )
    opened = {name for name, reply in answers.items() if text(row) != reply.retMsg}
    refused = {name for name in opened if answers[name].retMsg == "Insufficient quote permissions."}

    assert opened - refused == row.interfaces & set(answers)


@pytest.mark.parametrize("row", [r for r in ROWS if r.right == "NO"], ids=row_id)
def test_static_data_and_states_need_no_right(market, row):
    """What does not move with the market is open to everybody. Source: [O]."""
    client = client_of(market, row.product, row.right)

    assert answer(client.ask(ProtoId.Qot_GetStaticInfo, securityList=[row.security])).staticInfoList
    assert answer(
        client.ask(ProtoId.Qot_GetMarketState, securityList=[row.security])
    ).marketInfoList


@pytest.mark.parametrize("right", ["NO", "BMP", "LV1", "LV2"])
@pytest.mark.parametrize(("product", "owner"), [("hk_option", TENCENT), ("us_option", APPLE)])
def test_options_need_a_right_of_their_own(market, product, owner, right):
    """Dates and chains need any, subscriptions LV1; Hong Kong's prints LV2. Source: [O], [D]."""
    client = client_of(market, product, right)
    dates = client.ask(ProtoId.Qot_GetOptionExpirationDate, owner=owner)
    spans = (("2026-01-16", "2026-02-12"), ("2026-02-13", "2026-03-10"))
    chains = [
        client.ask(ProtoId.Qot_GetOptionChain, owner=owner, beginTime=begin, endTime=end)
        for begin, end in spans
    ]
    if right == "NO":
        words = "HK.00700. Please check HK" if owner is TENCENT else "US.AAPL. Please check US"
        refused = f"No permission to get quotes for {words} MarketOptions quote permissions."
        assert {refusal(dates), *map(refusal, chains)} == {refused}
        return
    option = next(
        pair.call.basic.security
        for chain in chains
        for day in answer(chain).optionChain
        for pair in day.option
    )
    security = {"market": option.market, "code": option.code}
    opened = {
        sub_type
        for sub_type in (BASIC, BOOK, TICKER, KL_DAY)
        if subscribe(client, [security], [sub_type]).retType == 0
    }
    everything = {BASIC, BOOK, TICKER, KL_DAY}
    expected = {"BMP": set(), "LV1": everything, "LV2": everything}[right]
    if (product, right) == ("hk_option", "LV1"):
        expected = everything - {TICKER}
    assert opened == expected
    assert client.ask(SNAPSHOT, securityList=[security]).retType == 0


@pytest.mark.parametrize("right", RIGHT_NAMES)
def test_every_change_of_a_right_is_told(right):
    """The notice carries the new right, and what the right closes falls silent at once."""
    world = World()
    client = world.connect()
    subscribe(client, [TENCENT], [BASIC], isRegOrUnRegPush=True)
    client.collect()
    world.command(f"sim_rights -product=hk_stock -right={right}")
    told = [p.s2c for p in client.collect() if p.proto_id is ProtoId.Notify]

    if right == "LV2":
        assert told == []
    else:
        (notice,) = (n for n in told if n.type == Notify.NotifyType_QotRight)
        assert notice.qotRight.hkQotRight == RIGHT_NAMES[right]
    world.pass_time(30)
    pushed = {p.proto_id for p in client.collect()}
    is_open = right not in ("NO", "BMP")
    assert (ProtoId.Qot_UpdateBasicQot in pushed) is is_open


def test_a_device_that_keeps_the_rights_keeps_them():
    """Without `auto_hold_quote_right` the first kick is final; the command asks again. Source: [D]."""
    world = World()
    world.opend.quote_access.holds_automatically = False
    client = world.connect()
    world.command("sim_kick")
    assert refusal(subscribe(client, [TENCENT], [BASIC])) == text(ROWS[0])
    assert answer(client.ask(SNAPSHOT, securityList=[TENCENT])).snapshotList
    world.pass_time(3600)
    assert refusal(subscribe(client, [TENCENT], [BASIC])) == text(ROWS[0])
    world.command("request_highest_quote_right")
    answer(subscribe(client, [TENCENT], [BASIC]))
