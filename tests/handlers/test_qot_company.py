"""Dividends and splits as companies announce them, beside the factors that follow from them."""

import pytest

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import APPLE, HANG_SENG, HSBC, MOUTAI, TENCENT, TRACKER, answer, refusal

SPY = {"market": 11, "code": "SPY"}
JOHNSON = {"market": 11, "code": "JNJ"}


@pytest.fixture(scope="module")
def client():
    return World().connect()


def dividends(client, security):
    asked = client.ask(ProtoId.Qot_GetCorporateActionsDividends, security=security)
    return answer(asked).dividendList


def splits(client, security, **page):
    return answer(client.ask(ProtoId.Qot_GetCorporateActionsStockSplits, security=security, **page))


def rehabs(client, security):
    return answer(client.ask(ProtoId.Qot_RequestRehab, security=security)).rehabList


@pytest.mark.parametrize("security", [TENCENT, HSBC, APPLE, MOUTAI, TRACKER, SPY])
def test_dividends_are_those_of_the_factors(client, security):
    """The latest first, each with its amount, and the days around it in order."""
    found = dividends(client, security)
    paid = {r.time[:10]: r for r in rehabs(client, security) if r.dividend or r.spDividend}

    assert paid
    assert [item.exDate for item in found] == sorted((i.exDate for i in found), reverse=True)
    assert {item.exDate.replace("/", "-") for item in found} >= set(paid)
    for item in found:
        event = paid.get(item.exDate.replace("/", "-"))
        assert item.pubDate < item.exDate < item.dividendPayableDate
        assert event is None or not event.dividend or f"{event.dividend:g}" in item.statement
        is_fund = security in (TRACKER, SPY)
        assert item.HasField("recordDate") != is_fund
        assert item.HasField("fiscalYear") == is_fund
        assert item.HasField("process") == (security["market"] != 11)


def test_splits_come_in_pages_and_agree_with_the_factors(client):
    """No gap, no repeat, and the ratios are those by which prices changed."""
    events = [r for r in rehabs(client, JOHNSON) if r.splitBase or r.joinBase]
    ratios = [
        f"{r.splitBase}:{r.splitErt}" if r.splitBase else f"{r.joinBase}:{r.joinErt}"
        for r in reversed(events)
    ]
    pages, key = [], "0"
    while key != "-1":
        page = splits(client, JOHNSON, nextKey=key, num=1)
        pages += page.splitItemList
        key = page.nextKey

    assert ratios
    assert [item.rate for item in pages] == ratios
    assert list(splits(client, JOHNSON).splitItemList) == pages
    assert not any(item.HasField("exDateStr") for item in pages)


def test_hong_kong_splits_name_the_temporary_code(client):
    """The one that code changes tell, until the day they tell."""
    changes = answer(client.ask(ProtoId.Qot_GetCodeChange, typeList=[4, 5])).codeChangeList
    change = changes[0]
    security = {"market": 1, "code": change.security.code}
    found = {item.exDateStr: item for item in splits(client, security).splitItemList}
    item = found[change.effectiveTime[:10]]

    assert item.tempShareCode == change.relatedSecurity.code
    assert item.simulTradeEndDateStr == change.endTime[:10]
    assert item.dirDeciPubDateStr == change.publicTime[:10]


def test_bad_requests_are_refused(client):
    """Indices pay nothing, pages have a size and a key."""
    ask = client.ask

    assert "800000" in refusal(ask(ProtoId.Qot_GetCorporateActionsDividends, security=HANG_SENG))
    for page in ({"num": 0}, {"num": 51}, {"nextKey": "x"}):
        request = {"security": APPLE, **page}
        assert refusal(ask(ProtoId.Qot_GetCorporateActionsStockSplits, **request))
    assert not splits(client, APPLE, nextKey="-1").splitItemList
