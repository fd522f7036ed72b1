"""References and what futures contracts say."""

import pytest

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import APPLE, HANG_SENG, HSI_FUTURE, NOBODY, TENCENT, answer, refusal

WARRANT, FUTURE = 1, 2


@pytest.fixture(scope="module")
def client():
    return World().connect()


def reference(client, security, kind):
    asked = client.ask(ProtoId.Qot_GetReference, security=security, referenceType=kind)
    return answer(asked).staticInfoList


def test_a_product_refers_to_its_contracts_nearest_first(client):
    """The continuous series come first and have no last trading day."""
    found = reference(client, HSI_FUTURE, FUTURE)

    assert [row.basic.security.code for row in found] == [
        "HSImain", "HSIcurrent", "HSI2601", "HSI2602", "HSI2603", "HSI2606", "HSI2609", "HSI2612",
    ]  # fmt: skip
    assert [row.futureExData.isMainContract for row in found] == [True] * 2 + [False] * 6
    ends = [row.futureExData.lastTradeTime for row in found]
    assert ends[:3] == ["", "", "2026-01-29"]
    assert ends[2:] == sorted(ends[2:])


def test_an_index_refers_to_the_contracts_on_it(client):
    """Large and small ones."""
    found = {row.basic.security.code for row in reference(client, HANG_SENG, FUTURE)}

    assert {"HSImain", "HSI2601", "MHImain", "MHI2601"} <= found


def test_a_share_refers_to_its_structured_products(client):
    """All of them on it, by code; an American share has none."""
    found = reference(client, TENCENT, WARRANT)
    numbers = [row.basic.security.code for row in found]

    assert numbers == sorted(numbers)
    assert {row.warrantExData.owner.code for row in found} == {"00700"}
    assert all(row.basic.listTime <= "2026-01-15" for row in found)
    assert len(reference(client, APPLE, WARRANT)) == 0


def test_an_unknown_reference_is_refused(client):
    """By type or by code."""
    asked = client.ask(ProtoId.Qot_GetReference, security=TENCENT, referenceType=3)

    assert "referenceType" in refusal(asked)
    asked = client.ask(ProtoId.Qot_GetReference, security=NOBODY, referenceType=WARRANT)
    assert refusal(asked) == "Unknown stock. 99999"


def test_contracts_tell_size_tick_hours_and_the_month_behind(client):
    """The night begins on the day before."""
    asked = [HSI_FUTURE, {"market": 1, "code": "HSI2603"}, {"market": 11, "code": "ESmain"}]
    main, month, spoos = answer(
        client.ask(ProtoId.Qot_GetFutureInfo, securityList=asked)
    ).futureInfoList

    assert (main.contractSize, main.minVar, main.quoteCurrency) == (50, 1, "HKD")
    assert (spoos.contractSize, spoos.minVar, spoos.quoteCurrency) == (50, 0.25, "USD")
    assert [(t.begin, t.end) for t in main.tradeTime] == [(-405, 180), (555, 720), (780, 990)]
    assert [info.origin.code for info in (main, month, spoos)] == ["HSI2601", "HSI2603", "ES2603"]
    assert (main.lastTradeTime, month.lastTradeTime) == ("", "2026-03-30")
    assert (main.owner.code, spoos.owner.code) == ("800000", ".SPX")


def test_only_futures_are_told_of(client):
    """A share in the list is passed over; too long a list is refused."""
    asked = client.ask(ProtoId.Qot_GetFutureInfo, securityList=[TENCENT, HSI_FUTURE])

    assert [info.security.code for info in answer(asked).futureInfoList] == ["HSImain"]
    assert "200" in refusal(client.ask(ProtoId.Qot_GetFutureInfo, securityList=[HSI_FUTURE] * 201))


def test_snapshots_of_contract_months_name_their_last_day(client):
    """And share settlement and open interest with the series that they are."""
    asked = [HSI_FUTURE, {"market": 1, "code": "HSI2601"}, {"market": 1, "code": "HSI2602"}]
    main, near, far = answer(
        client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=asked)
    ).snapshotList

    assert near.futureExData.lastTradeTime == "2026-01-29"
    assert near.futureExData.position == main.futureExData.position > far.futureExData.position
    assert near.basic.curPrice == main.basic.curPrice
    assert not near.futureExData.isMainContract
