"""Which fields of a snapshot belong to which type of security, and how they hang together."""

import math
from datetime import date, timedelta
from itertools import chain

import pytest

from gateway.pb import Qot_GetSecuritySnapshot as schema
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market, Security, WarrantKind
from simulator.market.data import MarketData
from simulator.market.long_tail import full_universe
from simulator.market.option_classes import classes_of
from simulator.market.option_listing import expirations
from simulator.market.synthetic import SyntheticSource
from simulator.timeline import WallTimeline
from tests.support.conversation import World
from tests.support.markets import utc_ns
from tests.support.quotes import answer

TODAY = date(2026, 11, 18)
NEW_YORK_EVENING = utc_ns("2026-11-18T17:30:00-05:00")

_ALWAYS = """security name type isSuspend listTime lotSize priceSpread updateTime highPrice openPrice
    lowPrice lastClosePrice curPrice volume turnover turnoverRate listTimestamp updateTimestamp
    amplitude avgPrice bidAskRatio volumeRatio highest52WeeksPrice lowest52WeeksPrice
    highestHistoryPrice lowestHistoryPrice secStatus closePrice5Minute"""
_BOOK = "askPrice bidPrice askVol bidVol"
_HOURS = "preMarket afterMarket overnight"
_EQUITY = """issuedShares issuedMarketVal netAsset netProfit earningsPershare outstandingShares
    outstandingMarketVal netAssetPershare eyRate peRate pbRate peTTMRate dividendTTM
    dividendRatioTTM dividendLFY dividendLFYRatio"""
_TRUST = "dividendYield aum outstandingUnits netAssetValue premium assetClass"
_COUNTS = "raiseCount fallCount equalCount"
_FUTURE = "lastSettlePrice position positionChange lastTradeTime isMainContract"
_OPTION = """type owner strikeTime strikePrice contractSize contractSizeFloat openInterest
    impliedVolatility premium delta gamma vega theta rho strikeTimestamp expiryDateDistance
    optionAreaType contractMultiplier"""
_HK_OPTION = "netOpenInterest contractNominalValue"
_WARRANT = """conversionRate warrantType strikePrice maturityTime endTradeTime owner recoveryPrice
    streetVolumn issueVolumn streetRate delta impliedVolatility premium maturityTimestamp
    endTradeTimestamp leverage ipop breakEvenPoint conversionPrice score issuerCode"""

# Kind of security: fields of its basic data, and those of its one block of further data.
# Source: [P] comments of Qot_GetSecuritySnapshot.proto; [D] margin and short selling are withdrawn.
FIELDS = {
    "HK share": (f"{_ALWAYS} {_BOOK}", "equityExData", _EQUITY),
    "US share": (f"{_ALWAYS} {_BOOK} {_HOURS}", "equityExData", _EQUITY),
    "CN share": (f"{_ALWAYS} {_BOOK}", "equityExData", _EQUITY),
    "tail share": (f"{_ALWAYS} {_BOOK}", "equityExData", _EQUITY),
    "HK fund": (f"{_ALWAYS} {_BOOK}", "trustExData", _TRUST),
    "US fund": (f"{_ALWAYS} {_BOOK} {_HOURS}", "trustExData", _TRUST),
    "index": (_ALWAYS, "indexExData", _COUNTS),
    "plate": (_ALWAYS, "plateExData", _COUNTS),
    "main": (f"{_ALWAYS} {_BOOK}", "futureExData", _FUTURE),
    "month": (f"{_ALWAYS} {_BOOK}", "futureExData", f"{_FUTURE} lastTradeTimestamp"),
    "HK option": (
        f"{_ALWAYS} {_BOOK}",
        "optionExData",
        f"{_OPTION} {_HK_OPTION} ownerLotMultiplier",
    ),
    "index option": (
        f"{_ALWAYS} {_BOOK}",
        "optionExData",
        f"{_OPTION} {_HK_OPTION} indexOptionType",
    ),
    "US option": (f"{_ALWAYS} {_BOOK}", "optionExData", _OPTION),
    "SPX option": (f"{_ALWAYS} {_BOOK}", "optionExData", f"{_OPTION} indexOptionType"),
    "CALL": (f"{_ALWAYS} {_BOOK}", "warrantExData", _WARRANT),
    "PUT": (f"{_ALWAYS} {_BOOK}", "warrantExData", _WARRANT),
    "BULL": (f"{_ALWAYS} {_BOOK}", "warrantExData", f"{_WARRANT} priceRecoveryRatio"),
    "BEAR": (f"{_ALWAYS} {_BOOK}", "warrantExData", f"{_WARRANT} priceRecoveryRatio"),
    "INLINE": (
        f"{_ALWAYS} {_BOOK}",
        "warrantExData",
        f"{_WARRANT} upperStrikePrice lowerStrikePrice inLinePriceStatus",
    ),
}
EXTRA = {extra for _, extra, _ in FIELDS.values()}


def near_option(market, owner):
    """The call nearest to the money, of an expiry some weeks ahead."""
    series = classes_of(market.universe.get(owner))[0]
    expiry = next(e for e in expirations(series, TODAY) if (e.day - TODAY).days > 14)
    spot = market.quote(owner, NEW_YORK_EVENING).last
    pairs = market.derivatives.chain(series, expiry, TODAY)
    return min(pairs, key=lambda pair: abs(pair.strike - spot)).call.security


@pytest.fixture(scope="module")
def market():
    return MarketData(full_universe(), WallTimeline(), SyntheticSource(1))


@pytest.fixture(scope="module")
def named(market):
    """A security of each kind."""
    tencent = Security(Market.HK, "00700")
    products = market.derivatives.warrants(None, TODAY)
    return {
        "HK share": tencent,
        "US share": Security(Market.US, "AAPL"),
        "CN share": Security(Market.SH, "600519"),
        "tail share": next(
            i for i in market.universe.instruments(Market.HK) if i.is_generated
        ).security,
        "HK fund": Security(Market.HK, "02800"),
        "US fund": Security(Market.US, "SPY"),
        "index": Security(Market.HK, "800000"),
        "plate": Security(Market.HK, "LIST1079"),
        "main": Security(Market.HK, "HSImain"),
        "month": Security(Market.HK, "HSI2612"),
        "HK option": near_option(market, tencent),
        "index option": near_option(market, Security(Market.HK, "800000")),
        "US option": near_option(market, Security(Market.US, "AAPL")),
        "SPX option": near_option(market, Security(Market.US, ".SPX")),
        **{
            kind.name: next(
                i.security
                for i in products
                if i.terms.kind is kind
                and i.terms.listed < TODAY
                and market.quote(i.security, NEW_YORK_EVENING).bid
            )
            for kind in WarrantKind
        },
    }


@pytest.fixture(scope="module")
def shots(market, named):
    """All their snapshots at one instant, in one request."""
    client = World(market=market, start_ns=NEW_YORK_EVENING).connect()
    asked = [{"market": int(s.market), "code": s.code} for s in named.values()]
    found = answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=asked)).snapshotList
    return dict(zip(named, found, strict=True))


def fields(message):
    return {field.name for field, _ in message.ListFields()}


@pytest.mark.parametrize("kind", FIELDS)
def test_fields_are_those_of_the_type(shots, kind):
    """What belongs to a type is there, and nothing else."""
    basic, extra, further = FIELDS[kind]
    shot = shots[kind]

    assert fields(shot.basic) == set(basic.split())
    assert fields(shot) == {"basic", extra}
    assert fields(getattr(shot, extra)) == set(further.split())


@pytest.mark.parametrize("kind", FIELDS)
def test_prices_and_sums_agree(shots, kind):
    """Amplitude, mean price, extremes and turnover follow from each other."""
    basic = shots[kind].basic
    option = shots[kind].optionExData
    scale = option.contractSize or (basic.lotSize if kind in ("main", "month") else 1)

    assert basic.lowPrice <= basic.curPrice <= basic.highPrice
    assert basic.lowPrice <= basic.openPrice <= basic.highPrice
    assert basic.amplitude == pytest.approx(
        (basic.highPrice - basic.lowPrice) / basic.lastClosePrice * 100, abs=0.001
    )
    if kind not in ("index", "plate"):
        shares = basic.volume * scale
        assert basic.avgPrice * shares == pytest.approx(basic.turnover, rel=1e-4, abs=6e-4 * shares)
        assert basic.bidPrice < basic.askPrice
        assert abs(basic.bidAskRatio) <= 100
    assert basic.lowest52WeeksPrice <= basic.lowPrice
    assert basic.highPrice <= basic.highest52WeeksPrice <= basic.highestHistoryPrice
    assert basic.lowestHistoryPrice <= basic.lowest52WeeksPrice
    assert basic.volumeRatio > 0


@pytest.mark.parametrize("kind", ["HK share", "US share", "CN share", "tail share"])
def test_valuation_agrees_with_the_price(shots, kind):
    """Market values, ratios and yields are the price over or times the figures beside it."""
    price, equity = shots[kind].basic.curPrice, shots[kind].equityExData

    def near(value):
        return pytest.approx(value, rel=1e-3, abs=2e-3)

    assert equity.issuedMarketVal == near(price * equity.issuedShares)
    assert equity.outstandingMarketVal == near(price * equity.outstandingShares)
    assert 0 < equity.outstandingShares <= equity.issuedShares
    assert equity.peRate == near(price / equity.earningsPershare)
    assert equity.pbRate == near(price / equity.netAssetPershare)
    assert equity.eyRate == near(equity.earningsPershare / price * 100)
    assert equity.netAsset == near(equity.netAssetPershare * equity.issuedShares)
    assert equity.netProfit == near(equity.earningsPershare * equity.issuedShares)
    assert equity.dividendRatioTTM == near(equity.dividendTTM / price * 100)
    assert equity.dividendLFYRatio == near(equity.dividendLFY / price * 100)
    assert math.copysign(1, equity.peTTMRate) == math.copysign(1, equity.peRate)


@pytest.mark.parametrize("kind", ["HK fund", "US fund"])
def test_a_funds_figures_agree_with_its_price(shots, kind):
    """It pays, and its net assets are near yesterday's close, whatever the index has done since."""
    basic, trust = shots[kind].basic, shots[kind].trustExData

    assert 0.5 < trust.dividendYield < 5
    assert trust.netAssetValue == pytest.approx(basic.lastClosePrice, rel=0.003)
    assert trust.aum == pytest.approx(trust.netAssetValue * trust.outstandingUnits)
    assert trust.premium == pytest.approx(
        (basic.curPrice / trust.netAssetValue - 1) * 100, abs=6e-4
    )


@pytest.mark.parametrize("kind", ["US share", "US fund"])
def test_sessions_outside_the_day_are_whole(shots, kind):
    """Each has all eight fields, and its change counts from the close before it."""
    basic = shots[kind].basic

    for session in (basic.preMarket, basic.afterMarket, basic.overnight):
        assert len(fields(session)) == 8
        assert session.lowPrice <= session.price <= session.highPrice
    assert basic.afterMarket.changeVal == pytest.approx(basic.afterMarket.price - basic.curPrice)
    assert basic.preMarket.changeVal == pytest.approx(basic.preMarket.price - basic.lastClosePrice)


NORMAL, CALLED, PAST_LAST_TRADE, EXPIRED, DELISTED = 1, 10, 11, 12, 13


def test_what_trades_no_more_says_why(market):
    """Expired contracts, products called or past their last trade, companies that have left."""
    client = World(market=market, start_ns=NEW_YORK_EVENING).connect()
    gone = next(i for i in market.universe.instruments(Market.HK) if i.delisting_date)
    ended = {
        Security(Market.HK, "HSI2610"): EXPIRED,
        near_option(market, Security(Market.HK, "00700")): NORMAL,
        gone.security: DELISTED,
    }
    for product in market.derivatives.warrants(None, TODAY - timedelta(days=20)):
        terms, last = product.terms, market.final_day(product)
        if terms.listed < last < TODAY:
            status = PAST_LAST_TRADE if terms.maturity >= TODAY else EXPIRED
            ended[product.security] = CALLED if last < terms.last_trade_day else status
    asked = [{"market": int(s.market), "code": s.code} for s in ended][:400]
    found = answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=asked)).snapshotList
    told = [shot.basic.secStatus for shot in found]

    assert told == list(ended.values())[:400]
    assert {NORMAL, CALLED, EXPIRED, DELISTED} <= set(told)


def test_every_optional_field_has_its_kind():
    """Nothing the schema has is left out but what is withdrawn or belongs to crypto currencies."""
    written = set(chain.from_iterable(basic.split() for basic, _, _ in FIELDS.values()))
    known = {field.name for field in schema.SnapshotBasicData.DESCRIPTOR.fields}

    assert {f.name for f in schema.Snapshot.DESCRIPTOR.fields} == EXTRA | {"basic"}
    assert known - written == {
        *("enableMargin", "mortgageRatio", "longMarginInitialRatio", "enableShortSell"),
        *("shortSellRate", "shortAvailableVolume", "shortMarginInitialRatio"),
        *("hpVolume", "hpAskVol", "hpBidVol"),
    }
    for _, extra, further in FIELDS.values():
        whole = set(
            chain.from_iterable(f.split() for _, other, f in FIELDS.values() if other == extra)
        )
        fields_of = schema.Snapshot.DESCRIPTOR.fields_by_name[extra].message_type.fields
        assert {field.name for field in fields_of} == whole
        assert set(further.split()) <= whole
