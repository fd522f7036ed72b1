"""Which right opens what, what is refused with which words, and what other devices take away."""

from dataclasses import fields
from typing import get_args

import pytest

from gateway.config.values import HurdleName, Product, RightName
from gateway.errors import ApiError
from gateway.pb import Qot_Common
from gateway.session.login import Hurdle
from gateway.session.notices import RightsChanged
from gateway.session.quote_access import (
    HOLD_NS,
    QuoteAccess,
    grant,
    no_permission,
    product_of,
)
from gateway.session.quote_rights import RIGHT_NAMES, QuoteRight, QuoteRights
from simulator.domain import Market, Security, SecurityType
from simulator.market.universe import default_universe

NOW_NS = 1_768_449_600 * 1_000_000_000
TENCENT = Security(Market.HK, "00700")
HSI_FUTURE = Security(Market.HK, "HSImain")
APPLE = Security(Market.US, "AAPL")
MOUTAI = Security(Market.SH, "600519")
SHANGHAI = Security(Market.SH, "000001")
BASIC = Qot_Common.SubType_Basic
BOOK = Qot_Common.SubType_OrderBook
TICKER = Qot_Common.SubType_Ticker
BROKER = Qot_Common.SubType_Broker
TYPES = (BASIC, BOOK, TICKER, BROKER)


def instrument(security):
    return default_universe().get(security)


def access(**names):
    return QuoteAccess(QuoteRights.named(names.items()))


def test_configuration_knows_the_same_words():
    """Every product, right and hurdle can be written in the configuration, and no other."""
    assert get_args(Product) == tuple(f.name for f in fields(QuoteRights))
    assert get_args(RightName) == tuple(RIGHT_NAMES)
    assert set(RIGHT_NAMES.values()) == set(QuoteRight)
    assert get_args(HurdleName) == tuple(Hurdle)


@pytest.mark.parametrize(
    ("security", "product"),
    [
        (TENCENT, "hk_stock"),
        (HSI_FUTURE, "hk_future"),
        (Security(Market.HK, "800000"), "hk_stock"),
        (APPLE, "us_stock"),
        (MOUTAI, "cn"),
        (SHANGHAI, "cn"),
    ],
)
def test_instruments_belong_to_products(security, product):
    """Market and type decide whose right it takes."""
    assert product_of(instrument(security)) == product


def test_every_instrument_has_a_product_that_is_open_by_default():
    """Whoever starts without a configuration can subscribe all that the market has."""
    usual = QuoteAccess()
    closed = [i for i in default_universe().instruments() if not usual.opens(i, BASIC)]

    assert closed == []


@pytest.mark.parametrize(
    ("product", "security", "right", "open_types", "levels"),
    [
        ("hk_stock", TENCENT, "NO", (), 0),
        ("hk_stock", TENCENT, "BMP", (), 0),
        ("hk_stock", TENCENT, "LV1", (BASIC, BOOK, TICKER), 1),
        ("hk_stock", TENCENT, "LV2", TYPES, 10),
        ("hk_stock", TENCENT, "SF", TYPES, 40),
        ("hk_future", HSI_FUTURE, "BMP", (), 0),
        ("hk_future", HSI_FUTURE, "LV1", (BASIC, BOOK), 1),
        ("hk_future", HSI_FUTURE, "LV2", TYPES, 10),
        ("us_stock", APPLE, "BMP", (), 0),
        ("us_stock", APPLE, "LV1", TYPES, 1),
        ("us_stock", APPLE, "LV2", TYPES, 60),
        ("us_stock", APPLE, "LV3", TYPES, 60),
        ("cn", MOUTAI, "NO", (), 0),
        ("cn", MOUTAI, "LV1", TYPES, 5),
    ],
)
def test_a_right_opens_types_and_levels(product, security, right, open_types, levels):
    """Below LV1 nothing can be subscribed; Hong Kong closes its queue and its futures' prints."""
    rights = access(**{product: right})
    subject = instrument(security)

    assert tuple(t for t in TYPES if rights.opens(subject, t)) == open_types
    assert rights.book_levels(subject) == levels
    assert rights.right_for(subject) is RIGHT_NAMES[right]


def test_products_without_a_row_have_one_level_or_ten():
    """LV1 shows the best price, more shows ten."""
    assert grant("sg_future", QuoteRight.LEVEL1).book_levels == 1
    assert grant("sg_future", QuoteRight.LEVEL2).book_levels == 10
    assert not grant("sg_future", QuoteRight.NONE).subscribes


@pytest.mark.parametrize(
    ("security", "security_type", "words"),
    [
        (APPLE, None, "US.AAPL. Please check US MarketStocks"),
        (APPLE, SecurityType.OPTION, "US.AAPL. Please check US MarketOptions"),
        (SHANGHAI, None, "SH.000001. Please check CN MarketIndixes"),
        (TENCENT, None, "HK.00700. Please check HK MarketStocks"),
        (HSI_FUTURE, None, "HK.HSImain. Please check HK MarketFutures"),
    ],
)
def test_the_refusal_joins_market_and_class(security, security_type, words):
    """The words run together as OpenD's do. Source: [O]."""
    error = no_permission(instrument(security), security_type)

    assert error.render("en") == f"No permission to get quotes for {words} quote permissions."
    assert security.symbol in error.render("chs")


def test_american_indices_have_a_text_of_their_own():
    """Their options need the right to options only. Source: [O]."""
    index = instrument(Security(Market.US, ".SPX"))
    rights = access(us_index="NO")

    with pytest.raises(ApiError) as caught:
        rights.check_quotes(index)
    assert caught.value.render("en") == "US stock indices are not supported"
    assert caught.value.render("chs") == "暂不支持美股指数"
    rights.check_options(index)
    assert "MarketOptions" in no_permission(index, SecurityType.OPTION).render("en")


def test_snapshots_and_history_need_some_right():
    """BMP is enough; without any right the text names the security."""
    access(hk_stock="BMP").check_quotes(instrument(TENCENT))
    with pytest.raises(ApiError, match=r"No permission to get quotes for HK\.00700"):
        access(hk_stock="NO").check_quotes(instrument(TENCENT))


@pytest.mark.parametrize(("count", "is_refused"), [(20, False), (21, True)])
def test_a_snapshot_under_bmp_holds_twenty_of_hong_kong(count, is_refused):
    """Others in the same request do not count."""
    shares = default_universe().instruments(market=Market.HK, security_type=SecurityType.EQUITY)
    wanted = [*list(shares)[:count], *[instrument(APPLE)] * 30]
    rights = access(hk_stock="BMP")

    if is_refused:
        with pytest.raises(ApiError, match="20"):
            rights.check_snapshot(wanted)
    else:
        rights.check_snapshot(wanted)
    access(hk_stock="LV1").check_snapshot(wanted)


def test_screening_hong_kong_needs_more_than_bmp():
    """Other markets can be screened whatever the right to Hong Kong."""
    low = access(hk_stock="BMP")

    low.check_screening(Market.US)
    access(hk_stock="LV1").check_screening(Market.HK)
    with pytest.raises(ApiError, match="Insufficient quote permissions"):
        low.check_screening(Market.HK)


def test_option_chains_need_the_right_to_options():
    """The right to the share is not enough."""
    access(us_option="LV1").check_options(instrument(APPLE))
    with pytest.raises(ApiError, match="US MarketOptions"):
        access(us_option="NO").check_options(instrument(APPLE))
    with pytest.raises(ApiError, match="CN MarketOptions"):
        QuoteAccess().check_options(instrument(MOUTAI))


# --- other devices ------------------------------------------------------------------------------


def test_a_kick_is_answered_by_taking_the_rights_back():
    """Both changes are told in their order."""
    rights = QuoteAccess()
    rights.kick(NOW_NS)

    assert rights.drain() == [
        RightsChanged(rights.granted.lowered()),
        RightsChanged(rights.granted),
    ]
    assert rights.current == rights.granted


@pytest.mark.parametrize(("later_ns", "is_back"), [(HOLD_NS - 1, False), (HOLD_NS, True)])
def test_a_second_kick_within_ten_seconds_is_final(later_ns, is_back):
    """From ten seconds on it counts as a new one. Source: [D]."""
    rights = QuoteAccess()
    rights.kick(NOW_NS)
    rights.kick(NOW_NS + later_ns)

    assert (rights.current == rights.granted) is is_back
    assert rights.opens(instrument(TENCENT), BASIC) is is_back


def test_what_was_lost_comes_back_on_request():
    """The command takes the rights back, and a kick right after it is final."""
    rights = QuoteAccess(holds_automatically=False)
    rights.kick(NOW_NS)
    lost = rights.current
    rights.request_highest(NOW_NS + 1)

    assert lost.hk_stock is QuoteRight.BMP
    assert rights.current == rights.granted
    rights.drain()
    rights.request_highest(NOW_NS + 2)
    assert rights.drain() == []


def test_a_kick_leaves_a_shares_and_what_there_never_was():
    """A shares are on or off for every device, and nothing cannot become something."""
    rights = QuoteRights.named([("us_stock", "NO")])
    lowered = rights.lowered()

    assert (lowered.hk_stock, lowered.us_future) == (QuoteRight.BMP, QuoteRight.BMP)
    assert (lowered.cn, lowered.us_stock) == (QuoteRight.LEVEL1, QuoteRight.NONE)
