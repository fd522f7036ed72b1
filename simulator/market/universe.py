"""The listed securities, their plates and the members of indices."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from functools import cache
from importlib import resources
from typing import Final, Protocol, TypedDict

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
from simulator.errors import UnknownSecurity
from simulator.ticks import product_of

# A REIT counts as an equity, as it trades by the equities' table [I].
_TYPES: Final = {
    "STOCK": SecurityType.EQUITY,
    "REIT": SecurityType.EQUITY,
    "ETF": SecurityType.TRUST,
    "INDEX": SecurityType.INDEX,
    "PLATE": SecurityType.PLATE,
    "FUTURE": SecurityType.FUTURE,
}
_STOCK_VENUES: Final = {
    Market.HK: Venue.HK_STOCK,
    Market.US: Venue.US_STOCK,
    Market.SH: Venue.CN_STOCK,
    Market.SZ: Venue.CN_STOCK,
}
_FUTURE_VENUES: Final = {
    Market.HK: Venue.HK_FUTURE,
    Market.US: Venue.US_FUTURE,
    Market.SG: Venue.SG_FUTURE,
    Market.JP: Venue.JP_FUTURE,
}
_CURRENCIES: Final = {
    Market.HK: Currency.HKD,
    Market.US: Currency.USD,
    Market.SH: Currency.CNH,
    Market.SZ: Currency.CNH,
    Market.SG: Currency.USD,
    Market.JP: Currency.JPY,
}
_FUTURE_CURRENCIES: Final = {
    (Market.HK, "CUS"): Currency.CNH,
    (Market.SG, "NK"): Currency.JPY,
    (Market.SG, "SGP"): Currency.SGD,
}
"""Contracts that are not quoted in their market's currency."""
_US_FUTURE_EXCHANGES: Final = {
    product: exchange
    for exchange, products in {
        Exchange.US_CBOT: "YM MYM ZN",
        Exchange.US_NYMEX: "CL MCL NG",
        Exchange.US_COMEX: "GC MGC SI HG",
    }.items()
    for product in products.split()
}
_EXCHANGES: Final = {
    Market.HK: Exchange.HK_MAIN,
    Market.SH: Exchange.CN_SH,
    Market.SZ: Exchange.CN_SZ,
}
_FUTURE_EXCHANGES: Final = {
    Market.HK: Exchange.HK_HKEX,
    Market.SG: Exchange.SG_SGX,
    Market.JP: Exchange.JP_OSE,
}
_PLATE_LEVEL: Final = 1000.0
"""Where a plate's own index stands in mid-January 2026. [I]"""


class _PlateRow(TypedDict):
    set: str
    sectors: list[str]
    """All stocks of these sectors are members."""
    codes: list[str]
    """Further members."""


class _PlateFile(TypedDict):
    plates: dict[str, _PlateRow]
    indices: dict[str, list[str]]
    nasdaq: list[str]
    """American codes that are not listed at the NYSE."""


Finder = Callable[[Security], Instrument | None]


class Annex(Protocol):
    """Companies beside the list that are only made when somebody asks for them."""

    def find(self, security: Security) -> Instrument | None:
        """The company with a code; None if there is none."""

    def listed(self, market: Market) -> tuple[Instrument, ...]:
        """All companies of a market in the order of their codes."""

    def listing(self, market: Market) -> Iterator[None]:
        """Make what `listed` gives, piece by piece."""

    def plates(self) -> list[tuple[Instrument, PlateSet]]:
        """Plates that come on top of the named ones, each with its set."""

    def members(self, plate: Security) -> tuple[Instrument, ...]:
        """The companies in a plate."""

    def owner_plates(self, instrument: Instrument) -> tuple[Security, ...]:
        """The plates that a company is in."""


_ALPHABET: Final = {char: n for n, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.", 1)}
_CODE_LENGTH: Final = 9
_MOST_FOUND: Final = 30_000
_ENDINGS: Final = {"main": 38, "current": 39}
_RADIX: Final = 40
_MARKET_RANKS: Final = {market: rank for rank, market in enumerate(Market)}


def instrument_id(security: Security) -> int:
    """Number a security: market and code read as one number, below 2**53, without collisions.

    Raises:
        ValueError: The code is longer than nine characters (`main` and `current` count as one) or
            has a character that no code of a stock, index, plate or future has.
    """
    code, digits = security.code, []
    for ending, digit in _ENDINGS.items():
        if code.endswith(ending):
            code, digits = code.removesuffix(ending), [digit]
    if not set(code) <= _ALPHABET.keys() or len(code) + len(digits) > _CODE_LENGTH:
        raise ValueError(f"no number for the code {security.symbol}")
    number = _MARKET_RANKS[security.market]
    padded = [*(_ALPHABET[char] for char in code), *digits]
    for digit in padded + [0] * (_CODE_LENGTH - len(padded)):
        number = number * _RADIX + digit
    return number


class Universe:
    """All securities by key, in the order of the list.

    Args:
        instruments: Each once.
        plates: Members of each plate and index.
        plate_sets: The group of each plate; indices have none.
    """

    def __init__(
        self,
        instruments: Iterable[Instrument],
        plates: dict[Security, tuple[Security, ...]],
        plate_sets: dict[Security, PlateSet],
    ) -> None:
        self._instruments = {i.security: i for i in instruments}
        self._members = plates
        self._plate_sets = plate_sets
        self._owners: dict[Security, list[Security]] = {}
        for plate in plate_sets:
            for member in plates[plate]:
                self._owners.setdefault(member, []).append(plate)
        self._finders: tuple[Finder, ...] = ()
        self._found: dict[Security, Instrument] = {}
        """What finders found; what a code stands for does not change."""
        self._annex: Annex | None = None

    def annexed(self, annex: Annex) -> Universe:
        """The same universe with an annex beside it."""
        wider = self.extended(annex.find)
        plates = annex.plates()
        wider._annex = annex
        wider._instruments = self._instruments | {plate.security: plate for plate, _ in plates}
        wider._plate_sets = self._plate_sets | {plate.security: s for plate, s in plates}
        return wider

    def restricted(self, securities: Iterable[Security]) -> Universe:
        """Only some of the securities, with the plates and indices around them."""
        kept = [self.get(security) for security in securities]
        groups = [i for i in self._instruments.values() if i.security_type is SecurityType.PLATE]
        wanted = {i.security for i in kept}
        plates = {
            plate: tuple(s for s in members if s in wanted)
            for plate, members in self._members.items()
        }
        plates |= {group.security: () for group in groups if group.security not in plates}
        return Universe([*kept, *groups], plates, self._plate_sets)

    def is_named(self, security: Security) -> bool:
        """Whether a security is on the list itself."""
        return security in self._instruments

    def extended(self, finder: Finder) -> Universe:
        """The same universe with securities that are only made when somebody names them.

        Args:
            finder: Gives the instrument of a code that the list does not have, if there is one.
        """
        wider = copy(self)
        wider._finders = (*self._finders, finder)
        wider._found = {}
        return wider

    def admit(self, instrument: Instrument) -> None:
        """Add a newly listed security to this universe; copies made before do not get it."""
        self._instruments = {**self._instruments, instrument.security: instrument}

    def get(self, security: Security) -> Instrument:
        """Look up one security.

        Raises:
            UnknownSecurity: It is not listed.
        """
        found = self._instruments.get(security)
        if found is not None:
            return found
        found = self._found.get(security)
        if found is not None:
            return found
        for finder in self._finders:
            found = finder(security)
            if found is not None:
                return self._remember(found)
        raise UnknownSecurity(security)

    def forget_found(self) -> None:
        """Ask finders anew: what they list may have changed."""
        self._found.clear()

    def _remember(self, found: Instrument) -> Instrument:
        if len(self._found) >= _MOST_FOUND:
            self._found.clear()
        self._found[found.security] = found
        return found

    def instruments(
        self, market: Market | None = None, security_type: SecurityType | None = None
    ) -> tuple[Instrument, ...]:
        """List the securities of a market and a type; None stands for all."""
        named = tuple(
            i
            for i in self._instruments.values()
            if market in (None, i.security.market) and security_type in (None, i.security_type)
        )
        if self._annex is None or security_type not in (None, SecurityType.EQUITY):
            return named
        markets = tuple(Market) if market is None else (market,)
        return named + tuple(i for m in markets for i in self._annex.listed(m))

    def listing(self, market: Market) -> Iterator[None]:
        """Make what `instruments` lists of a market, piece by piece."""
        return iter(()) if self._annex is None else self._annex.listing(market)

    def plates(self, market: Market, plate_set: PlateSet = PlateSet.ALL) -> tuple[Instrument, ...]:
        """List a market's plates. Shanghai and Shenzhen share theirs. Source: [D] plate list."""
        home = Market.SH if market is Market.SZ else market
        return tuple(
            self._instruments[plate]
            for plate, group in self._plate_sets.items()
            if plate.market is home and plate_set in (PlateSet.ALL, group)
        )

    def plate_set(self, plate: Security) -> PlateSet:
        """Give the group of a plate; OTHER for an index."""
        return self._plate_sets.get(plate, PlateSet.OTHER)

    def members(self, plate: Security) -> tuple[Instrument, ...]:
        """List the members of a plate or an index; empty where none is known.

        Raises:
            UnknownSecurity: There is no such plate.
        """
        self.get(plate)
        named = tuple(self._instruments[s] for s in self._members.get(plate, ()))
        return named + (self._annex.members(plate) if self._annex else ())

    def owner_plates(self, security: Security) -> tuple[Instrument, ...]:
        """List the plates that a security belongs to.

        Raises:
            UnknownSecurity: It is not listed.
        """
        instrument = self.get(security)
        plates: tuple[Security, ...] = tuple(self._owners.get(security, ()))
        if self._annex is not None and instrument.is_generated:
            plates = self._annex.owner_plates(instrument)
        return tuple(self._instruments[plate] for plate in plates)


@cache
def default_universe() -> Universe:
    """Load the list that ships with the package, once."""
    data = resources.files("simulator.data")
    plate_file: _PlateFile = json.loads(data.joinpath("plates.json").read_bytes())
    rows = csv.DictReader(data.joinpath("universe.csv").read_text(encoding="utf-8").splitlines())
    nasdaq = frozenset(plate_file["nasdaq"])
    instruments = [_instrument(row, nasdaq) for row in rows]
    plates = {
        _security(symbol): _plate_members(_security(symbol), row, instruments)
        for symbol, row in plate_file["plates"].items()
    }
    indices = {
        _security(symbol): tuple(_security(member) for member in members)
        for symbol, members in plate_file["indices"].items()
    }
    plate_sets = {
        _security(symbol): PlateSet[row["set"]] for symbol, row in plate_file["plates"].items()
    }
    return Universe(instruments, plates | indices, plate_sets)


def _security(symbol: str) -> Security:
    market, _, code = symbol.partition(".")
    return Security(Market[market], code)


def _instrument(row: dict[str, str], nasdaq: frozenset[str]) -> Instrument:
    security = Security(Market[row["market"]], row["code"])
    is_future = row["sec_type"] == "FUTURE"
    return Instrument(
        security=security,
        venue=(_FUTURE_VENUES if is_future else _STOCK_VENUES)[security.market],
        security_type=_TYPES[row["sec_type"]],
        names=Names(row["name_sc"], row["name_tc"], row["name_en"]),
        instrument_id=instrument_id(security),
        exchange=_future_exchange(security) if is_future else _exchange(row, security, nasdaq),
        currency=_currency(security, is_future=is_future),
        lot_size=int(row["lot_size"]),
        reference_price=float(row["ref_price"] or _PLATE_LEVEL),
        listing_date=row["listing_date"],
        issued_shares=int(row["issued_shares"]),
        sector=row["sector"],
        is_etf=row["sec_type"] == "ETF",
    )


def _exchange(row: dict[str, str], security: Security, nasdaq: frozenset[str]) -> Exchange:
    if security.market is not Market.US:
        is_star = security.market is Market.SH and security.code.startswith("688")
        return Exchange.CN_STIB if is_star else _EXCHANGES[security.market]
    if security.code in nasdaq:
        return Exchange.US_NASDAQ
    # [I] NYSE Arca, where most American funds are listed, goes as AMEX.
    return Exchange.US_AMEX if row["sec_type"] == "ETF" else Exchange.US_NYSE


def _future_exchange(security: Security) -> Exchange:
    if security.market is Market.US:
        return _US_FUTURE_EXCHANGES.get(product_of(security.code), Exchange.US_CME)
    return _FUTURE_EXCHANGES[security.market]


def _currency(security: Security, *, is_future: bool) -> Currency:
    usual = _CURRENCIES[security.market]
    if not is_future:
        return usual
    return _FUTURE_CURRENCIES.get((security.market, product_of(security.code)), usual)


def _plate_members(
    plate: Security, row: _PlateRow, instruments: list[Instrument]
) -> tuple[Security, ...]:
    markets = (Market.SH, Market.SZ) if plate.market is Market.SH else (plate.market,)
    named = {_security(symbol) for symbol in row["codes"]}
    return tuple(
        i.security
        for i in instruments
        if i.security in named
        or (
            i.sector in row["sectors"]
            and i.security_type is SecurityType.EQUITY
            and i.security.market in markets
        )
    )
