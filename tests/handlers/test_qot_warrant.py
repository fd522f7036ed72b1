"""GetWarrant: filters, order and pages, checked against what other interfaces tell."""

from datetime import date, timedelta

import pytest

from gateway.session.quote_rights import QuoteRight, QuoteRights
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import NOBODY, TENCENT, answer, refusal

CODE, PRICE, VOLUME, LEVERAGE, MATURITY = 1, 2, 10, 23, 20
CALL, PUT, BULL, BEAR, INLINE = 1, 2, 3, 4, 5
NORMAL, PENDING = 1, 4
TODAY = date(2026, 1, 15)


@pytest.fixture(scope="module")
def client():
    return World().connect()


def screen(client, *, sort=CODE, ascend=True, begin=0, num=200, owner=TENCENT, **filters):
    return client.ask(
        ProtoId.Qot_GetWarrant,
        begin=begin,
        num=num,
        sortField=sort,
        ascend=ascend,
        owner=owner,
        **filters,
    )


def rows(client, **arguments):
    return answer(screen(client, **arguments)).warrantDataList


def codes(found):
    return [row.stock.code for row in found]


def test_pages_join_without_gap_or_repeat(client):
    """Only the last one says so."""
    everything = answer(screen(client, sort=VOLUME, ascend=False))
    pages = [
        answer(screen(client, sort=VOLUME, ascend=False, begin=begin, num=10))
        for begin in range(0, everything.allCount, 10)
    ]

    assert [page.lastPage for page in pages] == [False] * (len(pages) - 1) + [True]
    assert {page.allCount for page in pages} == {len(everything.warrantDataList)}
    joined = [code for page in pages for code in codes(page.warrantDataList)]
    assert joined == codes(everything.warrantDataList)


def test_all_kinds_are_there(client):
    """Each with the fields of its kind and no other."""
    found = rows(client)

    assert {row.type for row in found} == {CALL, PUT, BULL, BEAR, INLINE}
    for row in found:
        assert row.HasField("delta") == (row.type in (CALL, PUT))
        assert row.HasField("recoveryPrice") == (row.type in (BULL, BEAR))
        assert row.HasField("upperStrikePrice") == (row.type == INLINE)
        assert row.owner.code == "00700"


@pytest.mark.parametrize(
    ("sort", "name"),
    [
        (CODE, None),
        (PRICE, "curPrice"),
        (VOLUME, "volume"),
        (LEVERAGE, "leverage"),
        (MATURITY, "maturityTime"),
        (15, "delta"),
        (28, "streetRate"),
        (24, "ipop"),
        (32, "issuer"),
    ],
)
@pytest.mark.parametrize("ascend", [True, False])
def test_rows_are_in_the_order_asked_for(client, sort, name, ascend):
    """Up or down, by any field."""
    found = rows(client, sort=sort, ascend=ascend)
    keys = codes(found) if name is None else [getattr(row, name) for row in found]

    assert keys == sorted(keys, reverse=not ascend)


@pytest.mark.parametrize(
    ("filters", "name", "low", "high"),
    [
        ({"curPriceMin": 0.1, "curPriceMax": 0.4}, "curPrice", 0.1, 0.4),
        ({"strikePriceMin": 500, "strikePriceMax": 700}, "strikePrice", 500, 700),
        ({"leverageRatioMin": 3, "leverageRatioMax": 12}, "leverage", 3, 12),
        ({"premiumMin": 0, "premiumMax": 15}, "premium", 0, 15),
        ({"deltaMin": 0.2, "deltaMax": 0.8}, "delta", 0.2, 0.8),
        ({"impliedMin": 50, "impliedMax": 60}, "impliedVolatility", 50, 60),
        ({"volMin": 50000, "volMax": 10**9}, "volume", 50000, 10**9),
        ({"streetMin": 5, "streetMax": 40}, "streetRate", 5, 40),
        ({"recoveryPriceMin": 400, "recoveryPriceMax": 650}, "recoveryPrice", 400, 650),
        ({"conversionMin": 100, "conversionMax": 200}, "conversionRatio", 100, 200),
    ],
)
def test_a_range_keeps_exactly_what_lies_in_it(client, filters, name, low, high):
    """Rounding of what is shown apart."""
    everything = rows(client)
    kept = set(codes(rows(client, **filters)))
    has = [row for row in everything if row.HasField(name)]
    clear = 0.001

    assert kept >= {r.stock.code for r in has if low + clear <= getattr(r, name) <= high - clear}
    assert kept <= {r.stock.code for r in has if low - clear <= getattr(r, name) <= high + clear}
    assert 0 < len(kept) < len(everything)


def test_choices_of_kind_issuer_maturity_and_state(client):
    """Each filter narrows the whole list to what it names."""
    everything = rows(client)
    issuer = everything[0].issuer
    middle = sorted(row.maturityTime for row in everything)[len(everything) // 2]

    assert {row.type for row in rows(client, typeList=[BULL, BEAR])} == {BULL, BEAR}
    assert {row.issuer for row in rows(client, issuerList=[issuer])} == {issuer}
    early = rows(client, maturityTimeMax=middle)
    late = rows(client, maturityTimeMin=middle)
    both = set(codes(early)) & set(codes(late))
    assert len(early) + len(late) - len(both) == len(everything)
    inside = rows(client, typeList=[CALL], priceType=2)
    outside = rows(client, typeList=[CALL], priceType=1)
    assert all(row.ipop >= 0 for row in inside)
    assert all(row.ipop < 0 for row in outside)
    assert len(inside) + len(outside) == len(rows(client, typeList=[CALL]))


def test_announced_products_are_pending(client):
    """They list in the days to come and have no price yet."""
    pending = answer(
        client.ask(
            ProtoId.Qot_GetWarrant, begin=0, num=200, sortField=CODE, ascend=True, status=PENDING
        )
    ).warrantDataList

    assert pending
    for row in pending:
        listed = date.fromisoformat(row.listTime)
        assert TODAY < listed <= TODAY + timedelta(days=8)
        assert (row.curPrice, row.volume) == (0.0, 0)


def test_prices_are_those_of_the_snapshot(client):
    """Row by row, and the figures with them."""
    found = [row for row in rows(client) if row.status == NORMAL]
    asked = [{"market": 1, "code": row.stock.code} for row in found]
    shots = answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=asked)).snapshotList
    for row, shot in zip(found, shots, strict=True):
        assert (row.curPrice, row.volume) == (shot.basic.curPrice, shot.basic.volume)
        assert row.lastClosePrice == shot.basic.lastClosePrice
        data = shot.warrantExData
        assert (row.premium, row.leverage) == (data.premium, data.leverage)
        assert (row.streetVol, row.score) == (data.streetVolumn, data.score)
        assert (row.strikePrice, row.maturityTime) == (data.strikePrice, data.maturityTime)


def test_mistakes_are_refused(client):
    """Too large a page, an order for other lists, an unknown underlying."""
    assert "num" in refusal(screen(client, num=201))
    assert "num" in refusal(screen(client, num=0))
    assert "begin" in refusal(screen(client, begin=-1))
    assert "sortField" in refusal(screen(client, sort=35))
    assert refusal(screen(client, owner=NOBODY)) == "Unknown stock. 99999"


def test_screening_needs_more_than_the_basic_right():
    """Under BMP it is refused."""
    poor = World(rights=QuoteRights(hk_stock=QuoteRight.BMP)).connect()

    assert refusal(screen(poor))
