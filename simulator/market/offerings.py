"""Companies that go public: offered for some days, listed on their day, quoted from then on.

Theory of operation. Offerings are drawn week by week from a stream of their own, whatever the
market's seed, so that the same companies appear at the same dates in every run. `NewListings` adds
those whose day has come to the market's universe; the rest are on offer or not announced yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from simulator.domain import (
    Currency,
    Exchange,
    Instrument,
    Market,
    Names,
    Security,
    SecurityType,
    Venue,
)
from simulator.market.data import MarketData
from simulator.market.randomness import lane, stream_key, uniform
from simulator.market.universe import instrument_id
from simulator.trading_days import TradingCalendar, calendar_for

FIRST_DAY: Final = date(2026, 1, 16)
"""No offering is listed earlier: the list of securities is of the day before."""
_STREAM: Final = stream_key("offerings", 1)
_WEEKS_AHEAD: Final = 6
_DAYS_SHOWN: Final = 12
"""Trading days before its listing on which an offering is announced. Source: [I]."""
_A_WEEK: Final = 7


class _Home(NamedTuple):
    venue: Venue
    currency: Currency
    a_week: float
    """Offerings a week."""
    prices: tuple[float, float]


_HOMES: Final = {
    Market.HK: _Home(Venue.HK_STOCK, Currency.HKD, 1.6, (3.0, 60.0)),
    Market.US: _Home(Venue.US_STOCK, Currency.USD, 2.4, (8.0, 32.0)),
    Market.SH: _Home(Venue.CN_STOCK, Currency.CNH, 1.0, (12.0, 60.0)),
    Market.SZ: _Home(Venue.CN_STOCK, Currency.CNH, 1.2, (10.0, 50.0)),
}
"""Source: [I] after the exchanges' usual numbers of new listings a year."""


class _Word(NamedTuple):
    simplified: str
    traditional: str
    english: str


_FIRST_WORDS: Final = tuple(
    _Word(*words.split())
    for words in (
        "云峰 雲峰 Yunfeng", "星河 星河 Xinghe", "瑞安 瑞安 Ruian", "东岳 東嶽 Dongyue",
        "锦程 錦程 Jincheng", "澜海 瀾海 Lanhai", "启明 啟明 Qiming", "晨曦 晨曦 Chenxi",
        "恒远 恆遠 Hengyuan", "天枢 天樞 Tianshu", "凌云 凌雲 Lingyun", "嘉禾 嘉禾 Jiahe",
        "青木 青木 Qingmu", "越川 越川 Yuechuan", "智行 智行 Zhixing", "元朗 元朗 Yuanlang",
    )
)  # fmt: skip
_LAST_WORDS: Final = (
    (_Word("智能", "智能", "Robotics"), "软件"),
    (_Word("半导体", "半導體", "Semiconductor"), "半导体"),
    (_Word("生物", "生物", "Biotech"), "生物"),
    (_Word("医疗", "醫療", "Medical"), "医疗"),
    (_Word("新能", "新能", "Energy"), "电力"),
    (_Word("食品", "食品", "Foods"), "食品"),
)
_AMERICAN_SECTORS: Final = (
    "Information Technology", "Information Technology", "Health Care", "Health Care",
    "Energy", "Consumer Staples",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offering:
    """One company's way to the exchange. Days are trade dates of its venue."""

    instrument: Instrument
    announced: date
    apply_begin: date
    apply_end: date
    allotted: date
    """When it is known who got shares; the final price is known then too."""
    listed: date
    issue_size: int
    """Shares offered."""
    strength: float
    """A draw from (0, 1) for figures of demand."""


def offerings(market: Market, begin: date, end: date) -> Iterator[Offering]:
    """All offerings of one exchange that are listed between two days, both inclusive."""
    begin = max(begin, FIRST_DAY)
    for week in range(begin.toordinal() // _A_WEEK, end.toordinal() // _A_WEEK + 1):
        for number in range(_count(market, week)):
            offering = _offering(market, week, number)
            if begin <= offering.listed <= end:
                yield offering


def _key(market: Market, week: int) -> int:
    return lane(lane(_STREAM, int(market)), week)


def _count(market: Market, week: int) -> int:
    """A mean of so many a week, one more or less."""
    return int(_HOMES[market].a_week + uniform(_key(market, week), 0))


def _offering(market: Market, week: int, number: int) -> Offering:
    key = lane(_key(market, week), number)
    calendar = calendar_for(_HOMES[market].venue)
    first = date.fromordinal(week * _A_WEEK + int(uniform(key, 0) * 5))
    listed = calendar.next_day(first)
    apply_end = _back(calendar, listed, 8 if market in (Market.SH, Market.SZ) else 4)
    is_cn = market in (Market.SH, Market.SZ)
    instrument = _instrument(market, listed, key, week * 4 + number)
    return Offering(
        instrument=instrument,
        announced=_back(calendar, listed, _DAYS_SHOWN),
        apply_begin=apply_end if is_cn else _back(calendar, apply_end, 4),
        apply_end=apply_end,
        allotted=_back(calendar, listed, 6 if is_cn else 1),
        listed=listed,
        issue_size=instrument.issued_shares // 1000 * 100,
        strength=uniform(key, 9),
    )


def _back(calendar: TradingCalendar, day: date, count: int) -> date:
    for _ in range(count):
        day = calendar.previous_day(day)
    return day


def _instrument(market: Market, listed: date, key: int, serial: int) -> Instrument:
    home = _HOMES[market]
    low, high = home.prices
    price = round(low * (high / low) ** uniform(key, 1), 1)
    kind = int(uniform(key, 2) * len(_LAST_WORDS))
    security = Security(market, _code(market, serial))
    return Instrument(
        security=security,
        venue=home.venue,
        security_type=SecurityType.EQUITY,
        names=_names(market, security.code, serial, kind),
        instrument_id=instrument_id(security),
        exchange=_exchange(market, security.code),
        currency=home.currency,
        lot_size=_lot_size(market, price),
        reference_price=price,
        listing_date=listed.isoformat(),
        issued_shares=int(100 + 900 * uniform(key, 3)) * 1_000_000,
        sector=_AMERICAN_SECTORS[kind] if market is Market.US else _LAST_WORDS[kind][1],
    )


def _code(market: Market, serial: int) -> str:
    """A code that no other security has; the serial numbers of seven years fit. Source: [I]."""
    number = serial - FIRST_DAY.toordinal() // _A_WEEK * 4
    match market:
        case Market.HK:
            return f"{4000 + number % 2000:05}"
        case Market.US:
            letters = [chr(ord("A") + number // 26**place % 26) for place in (2, 1, 0)]
            return "IZ" + "".join(letters)
        case Market.SH:
            return f"{606000 + number % 2000:06}"
        case _:
            return f"{301000 + number % 2000:06}"


def _names(market: Market, code: str, serial: int, kind: int) -> Names:
    first = _FIRST_WORDS[serial * 7 % len(_FIRST_WORDS)]
    last, _ = _LAST_WORDS[kind]
    if market is Market.US:
        name = f"{first.english} {last.english} {code[-1]}"
        return Names(name, name, name)
    return Names(
        first.simplified + last.simplified,
        first.traditional + last.traditional,
        f"{first.english} {last.english}",
    )


def _exchange(market: Market, code: str) -> Exchange:
    exchanges = {Market.HK: Exchange.HK_MAIN, Market.SH: Exchange.CN_SH, Market.SZ: Exchange.CN_SZ}
    american = Exchange.US_NYSE if ord(code[-1]) % 3 == 0 else Exchange.US_NASDAQ
    return exchanges.get(market, american)


def _lot_size(market: Market, price: float) -> int:
    if market is not Market.HK:
        return 1 if market is Market.US else 100
    return next(lot for least, lot in ((40, 100), (20, 200), (8, 500), (0, 1000)) if price >= least)


class NewListings:
    """Knows what is on offer and lets it join a market's universe on its day.

    Args:
        market: Its universe grows.
    """

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._next_ns: int | None = 0
        self._seen: dict[Market, date] = {}

    def next_deadline_ns(self) -> int | None:
        """When the next company is listed, in gateway time."""
        return self._next_ns

    def advance(self, now_ns: int) -> None:
        """List the companies whose day has come."""
        if self._next_ns is not None and now_ns < self._next_ns:
            return
        upcoming: list[int] = []
        for market, home in _HOMES.items():
            calendar = calendar_for(home.venue)
            today = self.today(market, now_ns)
            for offering in offerings(market, self._seen.get(market, FIRST_DAY), today):
                self._market.universe.admit(offering.instrument)
            self._seen[market] = today
            opening = calendar.sessions(calendar.next_day(today))[0].start_ns
            upcoming.append(self._market.timeline.gateway_ns(home.venue, opening))
        self._next_ns = max(min(upcoming), now_ns + 1)

    def on_offer(self, market: Market, now_ns: int) -> list[Offering]:
        """What is announced and not listed yet, by listing date."""
        today = self.today(market, now_ns)
        end = date.fromordinal(today.toordinal() + _WEEKS_AHEAD * _A_WEEK)
        found = offerings(market, date.fromordinal(today.toordinal() + 1), end)
        return sorted(
            (offering for offering in found if offering.announced <= today),
            key=lambda offering: (offering.listed, offering.instrument.security),
        )

    def today(self, market: Market, now_ns: int) -> date:
        """The trade date of an exchange's stocks."""
        venue = _HOMES[market].venue
        return calendar_for(venue).trading_date(self._market.timeline.market_ns(venue, now_ns))

    def issue_price(self, offering: Offering) -> float:
        """What a share costs its first owners: the previous close of its first day."""
        return self._market.first_price(offering.instrument)
