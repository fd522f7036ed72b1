"""Playing back the user's own files: what they say is what every interface shows."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from simulator.domain import Market, Period, Security
from simulator.errors import UnknownSecurity
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.replay.source import ReplaySource, read_folder
from simulator.replay.tables import ReplayError
from simulator.timeline import WallTimeline
from tests.support.markets import utc_ns

UNIVERSE = default_universe()
TENCENT = Security(Market.HK, "00700")
APPLE = Security(Market.US, "AAPL")
HSBC = Security(Market.HK, "00005")
NOON = utc_ns("2025-03-06T12:30:00+08:00")
EVENING = utc_ns("2025-03-06T20:00:00+08:00")

DAYS = """Date,Open,High,Low,Close,Volume,Turnover
2025-03-03,500.0,510.0,495.0,505.0,20000000,10060000000
2025-03-04,505.0,506.5,490.0,492.5,18000000,8960000000
2025-03-06,493.0,520.0,493.0,518.0,31000000,15780000000
"""
MINUTES = """time_key,open,high,low,close,volume
2025-03-06 09:31:00,493.0,495.0,492.0,494.0,120000
2025-03-06 09:32:00,494.0,494.5,494.0,494.5,60000
2025-03-06 09:35:00,494.5,496.0,494.5,496.0,80000
2025-03-06 12:00:00,496.0,497.0,496.0,496.5,90000
"""
TICKS = """datetime,price,qty,side
2025-03-06 09:30:01,493.0,200,B
2025-03-06 09:30:01,493.2,300,B
2025-03-06 09:30:40.250,493.0,100,S
2025-03-06 09:31:05,494.0,700,
"""


def market(folder, **files):
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    source = ReplaySource(read_folder(folder, UNIVERSE), SyntheticSource(1), seed=1)
    return MarketData(UNIVERSE, WallTimeline(), source)


def candles(data, period, begin, end, now=EVENING):
    return data.candles(TENCENT, period, begin, end, now)


def parquet_market(folder, **columns):
    parquet.write_table(pyarrow.table(columns), folder / "HK.00700.parquet")
    source = ReplaySource(read_folder(folder, UNIVERSE), SyntheticSource(1), seed=1)
    return MarketData(UNIVERSE, WallTimeline(), source)


TRADE_DATES = pyarrow.array([date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 6)])


@pytest.mark.parametrize(
    "days",
    [
        TRADE_DATES,
        TRADE_DATES.cast(pyarrow.timestamp("us")),
        TRADE_DATES.cast(pyarrow.timestamp("ns")),
        pyarrow.array(["20250303", "20250304", "20250306"]),
    ],
    ids=["date", "timestamp", "nanoseconds", "text"],
)
def test_parquet_says_what_csv_says(tmp_path, days):
    """Whatever type the dates have, under other names, whole numbers and gaps included."""
    data = parquet_market(
        tmp_path,
        Index=[0, 1, 2],
        trade_date=days,
        O=[500.0, 505.0, 493.0],
        H=[510.0, 506.5, 520.0],
        L=[495, 490, 493],
        C=[505.0, 492.5, 518.0],
        vol=[20_000_000, 18_000_000, 31_000_000],
        amount=[10_060_000_000.0, None, 15_780_000_000.0],
    )
    (tmp_path / "csv").mkdir()
    text = market(tmp_path / "csv", HK_00700_csv=DAYS)
    span = (Period.DAY, date(2025, 3, 1), date(2025, 3, 31))
    bars, expected = candles(data, *span), candles(text, *span)

    for name in ("time_ns", "open", "high", "low", "close", "volume"):
        assert getattr(bars, name).tolist() == getattr(expected, name).tolist()
    assert bars.turnover[[0, 2]].tolist() == expected.turnover[[0, 2]].tolist()


def test_prints_in_parquet_may_have_a_zone(tmp_path):
    """Times with a zone are brought to the exchange's."""
    at = [datetime(2025, 3, 6, 1, 30, second, tzinfo=UTC) for second in (1, 2, 40)]
    data = parquet_market(
        tmp_path,
        timestamp=pyarrow.array(at, pyarrow.timestamp("ms", tz="UTC")),
        last_price=[493.0, 493.2, 493.0],
        size=[200, 300, 100],
        side=["BUY", "BUY", "SELL"],
    )
    trades = data.trades(TENCENT, NOON, 10)

    assert [(t.price, t.volume) for t in trades] == [(493.0, 200), (493.2, 300), (493.0, 100)]
    assert [t.time_ns // 10**9 % 60 for t in trades] == [1, 2, 40]


def test_a_bad_parquet_file_is_named_with_its_row(tmp_path):
    """Rows count from two, as under a heading; what is no Parquet at all is said so."""
    columns = {"date": ["2025-03-03", "2025-03-04"], "open": [5.0, 5.0], "high": [6.0, 4.0]}
    with pytest.raises(ReplayError, match=r"HK\.00700\.parquet, line 3: low .* does not hold"):
        parquet_market(tmp_path, **columns, low=[5.0, 4.0], close=[5.0, 4.0])
    (tmp_path / "HK.00700.parquet").write_bytes(b"no columns here")
    with pytest.raises(ReplayError, match=r"HK\.00700\.parquet: cannot be read as Parquet"):
        read_folder(tmp_path, UNIVERSE)


def test_day_bars_are_shown_as_they_are(tmp_path):
    """To the last digit of price, volume and turnover; days without a row are missing."""
    data = market(tmp_path, HK_00700_csv=DAYS)
    bars = candles(data, Period.DAY, date(2025, 3, 1), date(2025, 3, 31))

    assert bars.open.tolist() == [500.0, 505.0, 493.0]
    assert bars.high.tolist() == [510.0, 506.5, 520.0]
    assert bars.low.tolist() == [495.0, 490.0, 493.0]
    assert bars.close.tolist() == [505.0, 492.5, 518.0]
    assert bars.volume.tolist() == [20_000_000, 18_000_000, 31_000_000]
    assert bars.turnover.tolist() == pytest.approx([10.06e9, 8.96e9, 15.78e9], rel=1e-9)
    assert bars.previous_close.tolist()[1:] == [505.0, 492.5]


def test_minutes_and_prints_inside_days_add_up(tmp_path):
    """What is drawn between open and close keeps to the day's bar."""
    data = market(tmp_path, HK_00700_csv=DAYS)
    minutes = candles(data, Period.MINUTE_1, date(2025, 3, 6), date(2025, 3, 6))
    trades = data.trades(TENCENT, EVENING, 100_000)
    quote = data.quote(TENCENT, EVENING)

    assert (minutes.open[0], minutes.close[-1]) == (493.0, 518.0)
    assert (minutes.high.max(), minutes.low.min()) == (520.0, 493.0)
    assert minutes.volume.sum() == sum(t.volume for t in trades) == 31_000_000
    assert trades[-1].price == quote.last == 518.0
    assert (quote.open, quote.high, quote.low) == (493.0, 520.0, 493.0)
    assert quote.previous_close == 492.5


def test_minutes_labelled_by_their_end_fall_into_place(tmp_path):
    """As OpenD labels them; a minute without a row has no trades."""
    data = market(tmp_path, HK_00700_csv=MINUTES)
    bars = candles(data, Period.MINUTE_1, date(2025, 3, 6), date(2025, 3, 6), NOON)
    traded = bars.volume > 0
    first = utc_ns("2025-03-06T09:31:00+08:00")

    assert bars.time_ns[0] == first
    assert ((bars.time_ns[traded] - first) // 60_000_000_000).tolist() == [0, 1, 4, 149]
    assert bars.close[traded].tolist() == [494.0, 494.5, 496.0, 496.5]
    assert bars.high[traded].tolist() == [495.0, 494.5, 496.0, 497.0]
    assert bars.volume[traded].tolist() == [120_000, 60_000, 80_000, 90_000]
    assert bars.close[2] == 494.5


def test_minutes_labelled_by_their_start_are_recognised(tmp_path):
    """A label at the very open can only be a start."""
    shifted = MINUTES.replace("09:31", "09:30").replace("09:32", "09:31").replace("12:00", "11:59")
    data = market(tmp_path, HK_00700_csv=shifted)
    bars = candles(data, Period.MINUTE_1, date(2025, 3, 6), date(2025, 3, 6), NOON)

    assert bars.volume[:2].tolist() == [120_000, 60_000]
    assert bars.volume[-1] == 90_000


def test_prints_are_shown_as_they_are(tmp_path):
    """Prices, volumes, sides and times; two of the same instant keep their order."""
    data = market(tmp_path, HK_00700_ticks_csv=TICKS)
    trades = data.trades(TENCENT, NOON, 10)
    bars = candles(data, Period.MINUTE_1, date(2025, 3, 6), date(2025, 3, 6), NOON)

    assert [t.price for t in trades] == [493.0, 493.2, 493.0, 494.0]
    assert [t.volume for t in trades] == [200, 300, 100, 700]
    assert [t.direction.name for t in trades] == ["BUY", "BUY", "SELL", "BUY"]
    assert trades[2].time_ns == utc_ns("2025-03-06T09:30:40.250+08:00")
    assert trades[0].time_ns < trades[1].time_ns < trades[2].time_ns
    assert (bars.high[0], bars.low[0], bars.volume[0]) == (493.2, 493.0, 600)


def test_a_book_lies_around_the_last_price(tmp_path):
    """Best bid below best ask, both near the file's price."""
    data = market(tmp_path, HK_00700_csv=MINUTES)
    book = data.displayed_book(TENCENT, utc_ns("2025-03-06T09:33:30+08:00"))

    assert book.bids[0].price < book.asks[0].price
    assert abs(book.bids[0].price - 494.5) < 3
    assert len(book.bids) == len(book.asks) == 10


def test_days_and_minutes_of_one_security_go_together(tmp_path):
    """A day that has minutes is the sum of them; the others come from the file of days."""
    data = market(tmp_path, HK_00700_day_csv=DAYS, HK_00700_1m_csv=MINUTES)
    bars = candles(data, Period.DAY, date(2025, 3, 1), date(2025, 3, 31))

    assert bars.close.tolist() == [505.0, 492.5, 496.5]
    assert bars.volume.tolist() == [20_000_000, 18_000_000, 350_000]


def test_other_securities_are_synthetic(tmp_path):
    """And the very ones of the seed."""
    data = market(tmp_path, HK_00700_csv=DAYS)
    plain = MarketData(UNIVERSE, WallTimeline(), SyntheticSource(1))

    assert data.quote(HSBC, EVENING) == plain.quote(HSBC, EVENING)


def test_before_the_first_row_a_security_is_not_listed(tmp_path):
    """Nothing is invented in front of the file."""
    data = market(tmp_path, HK_00700_csv=DAYS)

    with pytest.raises(UnknownSecurity):
        data.quote(TENCENT, utc_ns("2025-02-10T12:00:00+08:00"))


def test_after_the_last_row_the_price_stands_still(tmp_path):
    """As if trading were suspended."""
    data = market(tmp_path, HK_00700_csv=DAYS)
    later = data.quote(TENCENT, utc_ns("2025-04-10T12:00:00+08:00"))

    assert (later.last, later.volume, later.is_suspended) == (518.0, 0, True)


@pytest.mark.parametrize(
    "text",
    [
        "日期;开盘;最高;最低;收盘;成交量\n20250306;493;520;493;518;31000000\n",
        "\ufeffdate,time,o,h,l,c,vol\n2025-03-06,,493,520,493,518,31000000\n",
        'timestamp,close,low,high,open,volume\n2025/03/06,518,493,520,493,"31,000,000"\n',
    ],
)
def test_columns_may_have_many_names(tmp_path, text):
    """Chinese, short, in any order, with a byte order mark, semicolons or grouped digits."""
    bars = candles(
        market(tmp_path, HK_00700_csv=text), Period.DAY, date(2025, 3, 6), date(2025, 3, 6)
    )

    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (493.0, 520.0, 493.0, 518.0)
    assert bars.volume[0] == 31_000_000


def test_times_may_tell_their_zone(tmp_path):
    """An American file in UTC lands in New York's hours."""
    text = "time,open,high,low,close,volume\n2025-03-06T14:31:00+00:00,230,231,229,230.5,90000\n"
    data = market(tmp_path, US_AAPL_csv=text)
    bars = data.candles(
        APPLE,
        Period.MINUTE_1,
        date(2025, 3, 6),
        date(2025, 3, 6),
        utc_ns("2025-03-06T15:00:00-05:00"),
    )

    assert bars.time_ns[0] == utc_ns("2025-03-06T09:31:00-05:00")
    assert bars.close[0] == 230.5


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("HK.00700.csv", "", "HK.00700.csv: the file is empty"),
        ("HK.00700.csv", "date,open\n", "line 1: no column for high, low, close"),
        ("HK.00700.csv", "date,price\n", "HK.00700.csv: there are no rows"),
        ("HK.00700.csv", DAYS.replace("505.0,506.5", "x,506.5"), "line 3: open is not a number: 'x'"),
        ("HK.00700.csv", DAYS.replace("506.5", "5.0"), "line 3: low 490.0 <= open 505.0"),
        ("HK.00700.csv", DAYS.replace("2025-03-04", "2025-03-02"), "line 3: 2025-03-02 00:00:00 does"),
        ("HK.00700.csv", DAYS.replace("2025-03-04", "4.3.2025"), "line 3: not a time: '4.3.2025'"),
        ("HK.00700.csv", DAYS.replace("2025-03-04", "2025-03-05").replace("2025-03-03", "2025-03-02"),
         "line 2: 2025-03-02 is not a trading day of HK_STOCK"),
        ("HK.00700.csv", MINUTES.replace("12:00", "12:30"), "line 5: 2025-03-06 12:30:00 is outside"),
        ("HK.00700.csv", DAYS.replace(",18000000,8960000000", ""), "line 3: 5 cells, but volume is"),
        ("HK.00700.csv", DAYS.replace("18000000", "-1"), "line 3: volume must be zero or more"),
        ("tencent.csv", DAYS, "tencent.csv: the name must be market.code.csv"),
        ("HK.99999.csv", DAYS, "HK.99999.csv: HK.99999 is not listed here"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_its_line(tmp_path, name, text, complaint):
    """File, line and reason."""
    (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(ReplayError) as caught:
        read_folder(tmp_path, UNIVERSE)
    assert complaint in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path):
    """There must be something to play back."""
    with pytest.raises(ReplayError, match=r"no \.csv or \.parquet files"):
        read_folder(tmp_path, UNIVERSE)
    with pytest.raises(ReplayError, match="there is no such folder"):
        read_folder(tmp_path / "nowhere", UNIVERSE)


def test_the_example_of_the_docs_is_played_back(tmp_path):
    """A bar without volume gets an invented one, and keeps its prices."""
    data = market(
        tmp_path, HK_800000_csv="date,open,high,low,close\n2025-03-06,24000,24400,23900,24369.71\n"
    )
    quote = data.quote(Security(Market.HK, "800000"), EVENING)

    assert (quote.open, quote.high, quote.low, quote.last) == (24000.0, 24400.0, 23900.0, 24369.71)
    assert datetime.fromtimestamp(quote.time_ns / 1e9).year == 2025  # noqa: DTZ006
    assert np.isfinite(quote.turnover)
