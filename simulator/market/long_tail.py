"""The rest of the listed stocks: thousands of invented companies, made when somebody names them.

Whether a code is listed, and everything about it, follows from the code alone. So one of them can
be looked up without making the others, and nothing at all is computed before it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from importlib import resources
from math import exp
from string import ascii_uppercase
from typing import Final, TypedDict

import numpy as np

from simulator.domain import (
    Currency,
    Exchange,
    Instrument,
    Market,
    Names,
    PlateSet,
    Security,
    SecurityType,
    Venue,
)
from simulator.market.randomness import lane, stream_key, uniform, uniforms
from simulator.market.universe import Universe, default_universe, instrument_id
from simulator.ticks import HK_EQUITY

_LIST: Final = stream_key("long tail", 1)
"""Stream of the list itself; the same whatever the market's seed."""
_DELISTED_SHARE: Final = 0.004
_FIRST_DELISTING: Final = date(2021, 1, 4)
_DELISTING_DAYS: Final = 1700


class _Industry(TypedDict):
    names: list[str]
    sector: str
    endings: list[list[str]]


class _Vocabulary(TypedDict):
    syllables: list[list[str]]
    chinese: list[_Industry]
    american: list[_Industry]
    provinces: list[list[str]]


@dataclass(frozen=True, slots=True)
class _Range:
    """Codes of which a part is listed."""

    market: Market
    first: int
    count: int
    share: float
    exchange: Exchange
    letters: int = 0
    """Of an American ticker; 0 for numbers."""
    since: date = date(1993, 3, 1)
    """No listing is older."""
    width: int = 6

    def code(self, number: int) -> str:
        """The code of a number of this range."""
        if not self.letters:
            return str(number).zfill(self.width)
        found = ""
        number -= self.first
        for _ in range(self.letters):
            number, letter = divmod(number, 26)
            found = ascii_uppercase[letter] + found
        return found


_HK_SINCE: Final = date(1988, 6, 1)
_RANGES: Final = (
    _Range(Market.HK, 7, 2_780, 0.5, Exchange.HK_MAIN, since=_HK_SINCE, width=5),
    _Range(Market.HK, 3_300, 690, 0.5, Exchange.HK_MAIN, since=date(2004, 3, 1), width=5),
    _Range(Market.HK, 6_000, 1_000, 0.35, Exchange.HK_MAIN, since=date(2010, 3, 1), width=5),
    _Range(Market.HK, 8_001, 600, 0.45, Exchange.HK_GEM, since=date(2000, 1, 3), width=5),
    _Range(Market.HK, 9_600, 400, 0.4, Exchange.HK_MAIN, since=date(2019, 6, 3), width=5),
    _Range(Market.US, 2_000_000, 676, 0.25, Exchange.US_NYSE, 2, date(1985, 1, 2)),
    _Range(Market.US, 3_000_000, 17_576, 0.1, Exchange.US_NYSE, 3, date(1987, 1, 2)),
    _Range(Market.US, 4_000_000, 456_976, 0.0067, Exchange.US_NASDAQ, 4, date(1990, 1, 2)),
    _Range(Market.SH, 600_000, 1_000, 0.72, Exchange.CN_SH),
    _Range(Market.SH, 601_000, 1_000, 0.15, Exchange.CN_SH, since=date(2006, 8, 1)),
    _Range(Market.SH, 603_000, 1_000, 0.85, Exchange.CN_SH, since=date(2012, 3, 1)),
    _Range(Market.SH, 688_001, 800, 0.7, Exchange.CN_STIB, since=date(2019, 7, 22)),
    _Range(Market.SZ, 2, 998, 0.42, Exchange.CN_SZ),
    _Range(Market.SZ, 2_001, 999, 0.9, Exchange.CN_SZ, since=date(2004, 6, 25)),
    _Range(Market.SZ, 300_001, 999, 0.85, Exchange.CN_SZ, since=date(2009, 10, 30)),
)
"""Stocks only: funds, warrants and other products have ranges of their own. Source: [D] the
exchanges' code allocation plans; [I] how many of each are listed."""
_LATEST_LISTING: Final = date(2025, 9, 30)


@dataclass(frozen=True, slots=True)
class _Custom:
    """What is usual in a market. Source: [I] round figures of the mid-2020s."""

    venue: Venue
    currency: Currency
    value: tuple[float, float]
    """Median and log deviation of the market value."""
    price: tuple[float, float]
    price_range: tuple[float, float]


_HK: Final = _Custom(Venue.HK_STOCK, Currency.HKD, (9e8, 1.5), (1.4, 1.4), (0.05, 260.0))
_US: Final = _Custom(Venue.US_STOCK, Currency.USD, (9e8, 1.8), (16.0, 1.0), (1.2, 700.0))
_CN: Final = _Custom(Venue.CN_STOCK, Currency.CNH, (6.5e9, 0.8), (13.0, 0.65), (2.0, 250.0))
_CUSTOMS: Final = {Market.HK: _HK, Market.US: _US, Market.SH: _CN, Market.SZ: _CN}
_LOT_VALUE: Final = 4_000.0
"""What a Hong Kong board lot costs, about. Source: [S]."""
_LOTS: Final = (100, 200, 400, 500, 1_000, 2_000, 4_000, 5_000, 10_000, 20_000)
_LEAST_SHARES: Final = 20_000_000
_PIECE: Final = 100
"""Companies made between two chances for others to work."""


class LongTail:
    """Looks up, lists and groups the invented companies.

    Args:
        named: The hand-made list; its codes are not invented again, its plates are shared.
    """

    def __init__(self, named: Universe) -> None:
        self._named = named
        self._plates_of: dict[Market, list[Security]] = {}
        self._made: dict[Security, Instrument] = {}
        self._lists: dict[Market, tuple[Instrument, ...]] = {}
        self._grouped: dict[Market, dict[Security, tuple[Instrument, ...]]] = {}

    @property
    def made(self) -> int:
        """How many companies exist by now."""
        return len(self._made)

    # --- companies ----------------------------------------------------------------------------

    def find(self, security: Security) -> Instrument | None:
        """The company with a code; None if there is none."""
        known = self._made.get(security)
        if known is not None:
            return known
        place = _place_of(security)
        if place is None or self._named.is_named(security):
            return None
        within, number = place
        if uniform(_LIST, _counter(within, number)) >= within.share:
            return None
        return self._make(within, security, _draws(_counter(within, number)))

    def listed(self, market: Market) -> tuple[Instrument, ...]:
        """All companies of a market in the order of their codes."""
        for _ in self.listing(market):
            pass
        return self._lists[market]

    def listing(self, market: Market) -> Iterator[None]:
        """Make what `listed` gives, piece by piece."""
        if market in self._lists:
            return
        found: list[Instrument] = []
        for within in (r for r in _RANGES if r.market is market):
            for instrument in self._listed_in(within):
                found.append(instrument)
                if len(found) % _PIECE == 0:
                    yield
        self._lists[market] = tuple(sorted(found, key=lambda i: i.security.code))

    def _listed_in(self, within: _Range) -> Iterator[Instrument]:
        numbers = np.arange(within.first, within.first + within.count)
        counters = numbers.astype(np.uint64) + np.uint64(_counter(within, 0))
        chosen = uniforms(_LIST, counters) < within.share
        securities = [Security(within.market, within.code(n)) for n in numbers[chosen].tolist()]
        draws = np.stack([uniforms(key, counters[chosen]) for key in _LANES], axis=1).tolist()
        for security, row in zip(securities, draws, strict=True):
            if not self._named.is_named(security):
                yield self._made.get(security) or self._make(within, security, row)

    def _make(self, within: _Range, security: Security, draws: _Draws) -> Instrument:
        made = self._made[security] = self._invent(within, security, draws)
        return made

    def _invent(self, within: _Range, security: Security, draws: _Draws) -> Instrument:
        market, custom = within.market, _CUSTOMS[within.market]
        industries = self._industries(market)
        industry = industries[int(draws[10] * len(industries))]
        price = _price(custom, market, draws)
        listed = _listing(within, draws)
        return Instrument(
            security=security,
            venue=custom.venue,
            security_type=SecurityType.EQUITY,
            names=self._names(market, security.code, industry, draws),
            instrument_id=instrument_id(security),
            exchange=_exchange(within, draws),
            currency=custom.currency,
            lot_size=_lot(market, price),
            reference_price=price,
            listing_date=listed.isoformat(),
            issued_shares=_shares(custom, price, draws),
            sector=industry["sector"],
            is_generated=True,
            delisting_date=_delisting(listed, draws),
        )

    def _names(self, market: Market, code: str, industry: _Industry, draws: _Draws) -> Names:
        endings = industry["endings"]
        ending = endings[int(draws[11] * len(endings))]
        if market is Market.US:
            name = f"{_pronounceable(code, draws)} {ending[2]}"
            return Names(name, name, name)
        syllables = self._words["syllables"]
        first, step = (int(draws[12 + i] * (len(syllables) - i)) for i in (0, 1))
        a, b = syllables[first], syllables[(first + 1 + step) % len(syllables)]
        english = f"{a[2]}{b[2].lower()} {ending[2]}"
        return Names(a[0] + b[0] + ending[0], a[1] + b[1] + ending[1], english)

    # --- plates -------------------------------------------------------------------------------

    def plates(self) -> list[tuple[Instrument, PlateSet]]:
        """Plates that come on top of the named ones, each with its set."""
        return [
            (_plate(Security(market, code), names), group)
            for market, group, code, names in self._plate_rows()
        ]

    def members(self, plate: Security) -> tuple[Instrument, ...]:
        """The companies in a plate that still trade; all of its market that are made then."""
        markets = (Market.SH, Market.SZ) if plate.market is Market.SH else (plate.market,)
        return tuple(i for m in markets for i in self._groups(m).get(plate, ()))

    def owner_plates(self, instrument: Instrument) -> tuple[Security, ...]:
        """The plates that a company is in: one industry, and in China its province."""
        place = _place_of(instrument.security)
        if place is None or instrument.delisting_date:
            return ()
        counter = _counter(*place)
        market = instrument.security.market
        home = Market.SH if market is Market.SZ else market
        names = self._industries(market)
        industry = self._industry_plates(home)[int(uniform(_LANES[10], counter) * len(names))]
        if home is not Market.SH:
            return (industry,)
        province = int(uniform(_LANES[14], counter) ** 2 * len(self._words["provinces"]))
        return industry, Security(home, _province_code(province))

    def _groups(self, market: Market) -> dict[Security, tuple[Instrument, ...]]:
        if market not in self._grouped:
            groups: dict[Security, list[Instrument]] = {}
            for instrument in self.listed(market) if market in _CUSTOMS else ():
                for plate in self.owner_plates(instrument):
                    groups.setdefault(plate, []).append(instrument)
            self._grouped[market] = {plate: tuple(found) for plate, found in groups.items()}
        return self._grouped[market]

    def _plate_rows(self) -> list[tuple[Market, PlateSet, str, list[str]]]:
        industries = [
            (market, PlateSet.INDUSTRY, plate.code, industry["names"])
            for market in (Market.HK, Market.US, Market.SH)
            for plate, industry in zip(
                self._industry_plates(market), self._industries(market), strict=True
            )
            if not self._named.is_named(plate)
        ]
        provinces = [
            (Market.SH, PlateSet.REGION, _province_code(n), names)
            for n, names in enumerate(self._words["provinces"])
        ]
        return industries + provinces

    def _industry_plates(self, market: Market) -> list[Security]:
        """The plate of each industry: a named one where one is called the same."""
        if market not in self._plates_of:
            named = {
                plate.names.simplified: plate.security
                for plate in self._named.plates(market, PlateSet.INDUSTRY)
            }
            self._plates_of[market] = [
                named.get(industry["names"][0], Security(market, _industry_code(market, n)))
                for n, industry in enumerate(self._industries(market))
            ]
        return self._plates_of[market]

    def _industries(self, market: Market) -> list[_Industry]:
        return self._words["american" if market is Market.US else "chinese"]

    @cached_property
    def _words(self) -> _Vocabulary:
        data = resources.files("simulator.data").joinpath("long_tail.json")
        words: _Vocabulary = json.loads(data.read_bytes())
        return words


def full_universe() -> Universe:
    """The named securities with the long tail beside them."""
    named = default_universe()
    return named.annexed(LongTail(named))


# --- the list --------------------------------------------------------------------------------


def _counter(within: _Range, number: int) -> int:
    return within.market * 10_000_000 + number


def _place_of(security: Security) -> tuple[_Range, int] | None:
    """The range and number of a code; None outside of all ranges."""
    market, code = security
    number = _number(code) if market is Market.US else int(code) if _is_decimal(code) else -1
    for within in _RANGES:
        if within.market is market and 0 <= number - within.first < within.count:
            return (within, number) if within.code(number) == code else None
    return None


def _is_decimal(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) <= 6


def _number(code: str) -> int:
    """A ticker read as a number of its range."""
    if not 2 <= len(code) <= 4 or not set(code) <= set(ascii_uppercase):
        return -1
    number = 0
    for letter in code:
        number = number * 26 + ord(letter) - ord("A")
    return len(code) * 1_000_000 + number


_Draws = list[float]
"""What chance says about one company: a draw from (0, 1) for each lane."""

_LANES: Final = tuple(lane(_LIST, number) for number in range(24))


def _draws(counter: int) -> _Draws:
    return [uniform(key, counter) for key in _LANES]


def _bell(draws: _Draws, first: int) -> float:
    """A draw from a bell curve of mean 0 and deviation 1 that ends at 3."""
    return sum(draws[first : first + 3]) * 2 - 3


def _industry_code(market: Market, number: int) -> str:
    return {Market.HK: "LIST1{:03}", Market.US: "LIST2{:03}", Market.SH: "LIST3{:03}"}[
        market
    ].format(number + (300 if market is Market.HK else 600))


def _province_code(number: int) -> str:
    return f"LIST4{number + 1:03}"


def _plate(security: Security, names: list[str]) -> Instrument:
    custom = _CUSTOMS[security.market]
    return Instrument(
        security=security,
        venue=custom.venue,
        security_type=SecurityType.PLATE,
        names=Names(*names),
        instrument_id=instrument_id(security),
        exchange={
            Market.HK: Exchange.HK_MAIN,
            Market.US: Exchange.US_NYSE,
        }.get(security.market, Exchange.CN_SH),
        currency=custom.currency,
        lot_size=0,
        reference_price=1_000.0,
        listing_date="1970-01-01",
        issued_shares=0,
        sector="",
    )


def _exchange(within: _Range, draws: _Draws) -> Exchange:
    """America's short tickers are of all three exchanges, four letters are mostly Nasdaq's."""
    if within.market is not Market.US or within.letters == 4:
        return within.exchange
    at = draws[15]
    return Exchange.US_NASDAQ if at < 0.3 else Exchange.US_AMEX if at < 0.4 else Exchange.US_NYSE


def _price(custom: _Custom, market: Market, draws: _Draws) -> float:
    """A price on the grid of the anchor day."""
    median, deviation = custom.price
    low, high = custom.price_range
    price = min(max(median * exp(deviation * _bell(draws, 16)), low), high)
    step = _hk_step(price) if market is Market.HK else 0.01
    return round(round(price / step) * step, 4)


def _hk_step(price: float) -> float:
    """A step that is on the grid of every dated table."""
    if 20.0 < price <= 50.0:
        return 0.1  # the reform went from 0.05 to 0.02
    return next(float(tick) for top, tick in _HK_BANDS if price <= float(top))


_HK_BANDS: Final = tuple(zip(HK_EQUITY[0][1].tops, HK_EQUITY[0][1].ticks, strict=True))


def _lot(market: Market, price: float) -> int:
    if market is not Market.HK:
        return 1 if market is Market.US else 100
    return min(_LOTS, key=lambda lot: abs(lot * price - _LOT_VALUE))


def _shares(custom: _Custom, price: float, draws: _Draws) -> int:
    median, deviation = custom.value
    value = median * exp(deviation * _bell(draws, 19))
    return max(round(value / price / 1_000) * 1_000, _LEAST_SHARES)


def _listing(within: _Range, draws: _Draws) -> date:
    """A Tuesday, Wednesday or Thursday: days that are hardly ever holidays."""
    span = (_LATEST_LISTING - within.since).days
    day = within.since + timedelta(days=int(draws[22] * span))
    return day + timedelta(days=max(1 - day.weekday(), 0) - max(day.weekday() - 3, 0))


def _delisting(listed: date, draws: _Draws) -> str:
    """A few have left the exchange since. Source: [D] static info tells them."""
    draw = draws[23]
    if draw >= _DELISTED_SHARE:
        return ""
    day = _FIRST_DELISTING + timedelta(days=int(draw / _DELISTED_SHARE * _DELISTING_DAYS))
    return (day - timedelta(days=day.weekday() - 2)).isoformat() if day > listed else ""


def _pronounceable(ticker: str, draws: _Draws) -> str:
    """A name that its ticker could stand for: its letters, with vowels where they are missing."""
    vowels = "aeiou"
    name = ""
    for at, letter in enumerate(ticker.lower()):
        needs = at and letter not in vowels and name[-1] not in vowels
        name += (vowels[int(draws[at] * 5)] if needs else "") + letter
    ending = "" if len(name) > 6 else ("a", "on", "ix", "is", "en", "o")[int(draws[5] * 6)]
    return (
        name + (ending if name[-1] not in vowels else ending[-1] * (ending[-1] not in vowels))
    ).title()
