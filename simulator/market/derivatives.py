"""Options, structured products and contract months: found by code, described, and counted.

Nothing here is made before somebody asks for it. A code is taken apart, its parts are checked against
the rules that list such contracts, and the instrument is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import (
    Exchange,
    FutureTerms,
    Instrument,
    Market,
    Names,
    OptionKind,
    OptionTerms,
    Security,
    SecurityType,
    WarrantTerms,
)
from simulator.errors import UnknownSecurity
from simulator.market.caches import Recent
from simulator.market.derived import Derivative
from simulator.market.future_listing import (
    FutureModel,
    Month,
    listed_months,
    main_month,
    month_of,
    read_month,
)
from simulator.market.option_classes import OptionClass, classes_of, owner_of
from simulator.market.option_listing import (
    Expiration,
    OptionCode,
    expiration_on,
    is_strike,
    read_code,
    strike_width,
    strikes,
    write_code,
)
from simulator.market.option_model import OptionBoard, OptionModel, option_liquidity
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.randomness import stream_key
from simulator.market.source import MarketSource
from simulator.market.universe import Universe
from simulator.market.volatility import Surface
from simulator.market.warrant_listing import (
    BOARD_LOT,
    OWNERS,
    WarrantCode,
    read_warrant,
    short_name,
    warrant_codes,
    warrant_terms,
)
from simulator.market.warrant_model import WarrantDay, WarrantModel, warrant_liquidity

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_INSTRUMENTS: Final = 30_000
_MOST_BOARDS: Final = 200
_MOST_CHAINS: Final = 100
_MOST_LISTS: Final = 60
_MOST_WARRANTS: Final = 2_000
_ID_BASE: Final = 1 << 52
_ID_BITS: Final = (1 << 51) - 1
_OWN_ID: Final = (1 << 31) - 1
_LONGEST_WARRANT: Final = timedelta(days=400)
_NOTICE: Final = timedelta(days=8)
"""How long before its listing a product is announced."""
_VOLUME_DAYS: Final = 250
_MONTH_SPREAD: Final = 1.005
"""Of a later contract month: a few ticks of an index."""


@dataclass(frozen=True, slots=True)
class Strike:
    """The two options of one strike and expiry."""

    strike: float
    call: Instrument
    put: Instrument


class Derivatives:
    """What can be traded on the securities of a universe.

    Args:
        universe: The underlyings.
        source: Their bars.
    """

    def __init__(self, universe: Universe, source: MarketSource) -> None:
        self._universe = universe
        self._source = source
        self._known: Recent[Security, Instrument] = Recent(_MOST_INSTRUMENTS)
        self._boards: Recent[Security, OptionBoard] = Recent(_MOST_BOARDS)
        self._chains: Recent[tuple[Security, str, date, date], list[Strike]] = Recent(_MOST_CHAINS)
        self._ends: Recent[Security, date] = Recent(_MOST_INSTRUMENTS)
        self._warrant_days: Recent[tuple[Security, int], WarrantDay] = Recent(_MOST_WARRANTS)
        self._announced: Recent[tuple[Security, date], tuple[Instrument, ...]] = Recent(_MOST_LISTS)

    def forget(self, owner: Security) -> None:
        """Read an underlying's bars anew."""
        self._boards.forget(lambda security: security == owner)
        self._forget_days()

    def forget_all(self) -> None:
        """Read all underlyings' bars anew; what is listed may be other contracts."""
        self._boards = Recent(_MOST_BOARDS)
        self._known = Recent(_MOST_INSTRUMENTS)
        self._forget_days()

    def _forget_days(self) -> None:
        """What follows from bars of underlyings."""
        self._ends.clear()
        self._announced = Recent(_MOST_LISTS)
        self._warrant_days = Recent(_MOST_WARRANTS)

    # --- by code ------------------------------------------------------------------------------

    def find(self, security: Security) -> Instrument | None:
        """The derivative of a code, if the rules list such a one."""
        known = self._known.get(security)
        if known is not None:
            return known
        found = self._option(security) or self._warrant(security) or self._future(security)
        return None if found is None else self._known.put(security, found)

    def describe(self, instrument: Instrument) -> Derivative | None:
        """How a derivative is priced and traded; None for any other security."""
        terms, key = instrument.terms, self.key(instrument)
        if isinstance(terms, OptionTerms):
            board = self.board(self._universe.get(terms.owner))
            return Derivative(
                board.owner, OptionModel(board, terms, key), option_liquidity(key, terms)
            )
        if isinstance(terms, WarrantTerms):
            board = self.board(self._universe.get(terms.owner))
            return Derivative(board.owner, WarrantModel(board, terms, key), warrant_liquidity(key))
        if isinstance(terms, FutureTerms):
            main = self._universe.get(terms.main)
            liquidity = replace(self._source.liquidity(main), key=key, spread=_MONTH_SPREAD)
            return Derivative(main, FutureModel(main, self._source.days(main), terms), liquidity)
        return None

    def key(self, instrument: Instrument) -> int:
        """A derivative's own stream of random numbers."""
        terms = instrument.terms
        owner = terms.main if isinstance(terms, FutureTerms) else terms and terms.owner
        base = self._source.liquidity(self._universe.get(owner)).key if owner else 0
        return stream_key(base, instrument.security.code)

    def board(self, owner: Instrument) -> OptionBoard:
        """What all options on an underlying share."""
        return self._boards.get_or(owner.security, lambda: self._make_board(owner))

    def _make_board(self, owner: Instrument) -> OptionBoard:
        days = self._source.days(owner)
        liquidity = self._source.liquidity(owner)
        is_index = owner.security_type is SecurityType.INDEX
        shares = 0.0 if is_index else float(days.lots[-_VOLUME_DAYS:].mean()) * liquidity.lot
        surface = Surface(owner, days, liquidity.key)
        return OptionBoard(owner, days, surface, liquidity.key, shares)

    # --- options ------------------------------------------------------------------------------

    def _option(self, security: Security) -> Instrument | None:
        code = read_code(security.code)
        owner_key = owner_of(security.market, code.root) if code else None
        if code is None or owner_key is None:
            return None
        try:
            owner = self._universe.get(owner_key)
        except UnknownSecurity:
            return None
        series = next((s for s in classes_of(owner) if s.root == code.root), None)
        expiration = expiration_on(series, code.expiry) if series else None
        if series is None or expiration is None or write_code(code) != security.code:
            return None
        if not self._is_ever_listed(series, expiration, code.strike):
            return None
        return self._make_option(series, expiration, code)

    def adjusted_code(self, instrument: Instrument, shares: float) -> str | None:
        """An option's code after a split that makes so many shares of one; None for other products.

        Source: [D] an adjusted strike is the old one over the shares for one, to the cent.
        """
        code = read_code(instrument.security.code)
        if code is None or not isinstance(instrument.terms, OptionTerms):
            return None
        return write_code(replace(code, strike=round(code.strike / shares, 2)))

    def _is_ever_listed(self, series: OptionClass, expiration: Expiration, strike: float) -> bool:
        """Whether a strike is listed on some day, before or after a split of the underlying."""
        first, last = expiration.listed.toordinal() + 1, expiration.day.toordinal()
        splits = self.board(series.owner).splits(first, last)
        if not splits:
            low, high = self.strike_range(series, expiration, expiration.day)
            return low <= strike <= high and is_strike(series, expiration.cycle, strike)
        ends = [date.fromordinal(action.ordinal - 1) for action in splits]
        return any(strike in self._strikes(series, expiration, d) for d in (*ends, expiration.day))

    def strike_range(
        self, series: OptionClass, expiration: Expiration, until: date
    ) -> tuple[float, float]:
        """Lowest and highest strike that were listed up to a day, in that day's terms."""
        board = self.board(series.owner)
        first = min(board.row(expiration.listed.toordinal()), len(board.days) - 1)
        last = max(min(board.row(until.toordinal()), len(board.days) - 1), first)
        seen = board.days.previous_close[first : last + 1] / PRICE_UNITS
        for action in board.splits(expiration.listed.toordinal() + 1, until.toordinal()):
            seen[: board.row(action.ordinal) - first] /= action.shares
        life = (expiration.day - expiration.listed).days
        wide = np.exp(strike_width(board.surface.normal(first), life))
        return float(seen.min() / wide), float(seen.max() * wide)

    def _strikes(self, series: OptionClass, expiration: Expiration, until: date) -> list[float]:
        """What is listed on a day, ascending: the ladder, and older strikes as splits left them.

        Source: [D] an adjusted strike is the old one over the shares for one, to the cent.
        """
        low, high = self.strike_range(series, expiration, until)
        found = strikes(series, expiration.cycle, low, high)
        board = self.board(series.owner)
        changes = board.splits(expiration.listed.toordinal() + 1, until.toordinal())
        if not changes:
            return found
        before = date.fromordinal(changes[-1].ordinal - 1)
        older = self._strikes(series, expiration, before)
        return sorted({*found, *(round(strike / changes[-1].shares, 2) for strike in older)})

    def chain(self, series: OptionClass, expiration: Expiration, today: date) -> list[Strike]:
        """The strikes of an expiration that are listed on a day, ascending."""
        key = (series.owner.security, series.root, expiration.day, today)
        return self._chains.get_or(key, lambda: self._make_chain(series, expiration, today))

    def _make_chain(self, series: OptionClass, expiration: Expiration, today: date) -> list[Strike]:
        found = []
        for strike in self._strikes(series, expiration, today):
            call, put = (
                self._listed_option(
                    series, expiration, OptionCode(series.root, expiration.day, kind, strike)
                )
                for kind in OptionKind
            )
            found.append(Strike(strike, call, put))
        return found

    def _listed_option(
        self, series: OptionClass, expiration: Expiration, code: OptionCode
    ) -> Instrument:
        security = Security(series.owner.security.market, write_code(code))
        return self._known.get_or(security, lambda: self._make_option(series, expiration, code))

    def _make_option(
        self, series: OptionClass, expiration: Expiration, code: OptionCode
    ) -> Instrument:
        owner = series.owner
        is_us = owner.security.market is Market.US
        side = "C" if code.kind is OptionKind.CALL else "P"
        zh, tc = ("购", "購") if code.kind is OptionKind.CALL else ("沽", "沽")
        date_and_strike = f"{code.expiry:%y%m%d} {code.strike:.2f}"
        english = f"{series.root} {date_and_strike}{side}"
        names = owner.names
        return Instrument(
            security=Security(owner.security.market, write_code(code)),
            venue=owner.venue,
            security_type=SecurityType.OPTION,
            names=Names(
                english if is_us else f"{names.simplified} {date_and_strike} {zh}",
                english if is_us else f"{names.traditional} {date_and_strike} {tc}",
                english,
            ),
            instrument_id=_number(owner.security.market, write_code(code)),
            exchange=Exchange.US_OPTION if is_us else Exchange.HK_HKEX,
            currency=owner.currency,
            lot_size=series.multiplier,
            reference_price=0.0,
            listing_date=expiration.listed.isoformat(),
            issued_shares=0,
            sector=owner.sector,
            terms=OptionTerms(
                owner=owner.security,
                kind=code.kind,
                strike=code.strike,
                expiry=expiration.day,
                multiplier=series.multiplier,
                style=series.style,
                cycle=expiration.cycle,
                listed=expiration.listed,
            ),
        )

    def open_interest(self, instruments: list[Instrument], row: int) -> Ints:
        """Open contracts of options on one underlying on a row of its days."""
        terms = [i.terms for i in instruments if isinstance(i.terms, OptionTerms)]
        if not terms:
            return np.empty(0, np.int64)
        board = self.board(self._universe.get(terms[0].owner))
        at = np.full(len(terms), row)
        usual = board.activity(
            at,
            np.array([1.0 if t.kind is OptionKind.CALL else -1.0 for t in terms]),
            np.array([t.strike for t in terms]),
            np.array([t.expiry.toordinal() for t in terms]),
        )
        keys = np.array([i.instrument_id & _OWN_ID for i in instruments], np.int64)
        listed = np.array([t.listed.toordinal() for t in terms])
        age = (board.days.ordinals[row] - listed).astype(np.float64)
        return board.open_interest(at, keys, usual, age)

    # --- structured products ------------------------------------------------------------------

    def _warrant(self, security: Security) -> Instrument | None:
        code = read_warrant(security.code) if security.market is Market.HK else None
        return None if code is None else self._make_warrant(code)

    @staticmethod
    def warrant_owners() -> list[Security]:
        """All underlyings of structured products."""
        return [Security(Market.HK, code) for code in OWNERS]

    def warrants(self, owner: Security | None, today: date) -> list[Instrument]:
        """Products announced and not yet at their end, by code; of all underlyings if None."""
        if owner is None:
            every = [i for key in self.warrant_owners() for i in self.warrants(key, today)]
            return sorted(every, key=lambda i: i.security.code)
        known = self._announced.get((owner, today))
        if known is None:
            known = self._announced.put((owner, today), self._find_warrants(owner, today))
        return list(known)

    def warrant_day(self, instrument: Instrument, row: int) -> WarrantDay:
        """A product on a row of its underlying's days."""
        terms = instrument.terms
        if not isinstance(terms, WarrantTerms):
            raise TypeError(f"{instrument.security.symbol} is no warrant")
        board = self.board(self._universe.get(terms.owner))
        return self._warrant_days.get_or(
            (instrument.security, row),
            lambda: WarrantDay.of(WarrantModel(board, terms, self.key(instrument)), row),
        )

    def _find_warrants(self, owner: Security, today: date) -> tuple[Instrument, ...]:
        found = []
        for code in warrant_codes(owner, today - _LONGEST_WARRANT, today + _NOTICE):
            instrument = self.find(Security(Market.HK, code.code))
            terms = instrument.terms if instrument else None
            if (
                instrument is not None
                and isinstance(terms, WarrantTerms)
                and terms.listed - _NOTICE <= today <= self._end(instrument, terms)
            ):
                found.append(instrument)
        return tuple(sorted(found, key=lambda i: i.security.code))

    def final_day(self, instrument: Instrument) -> date | None:
        """The last day on which a derivative trades; None for any other security."""
        match instrument.terms:
            case OptionTerms(expiry=last) | FutureTerms(last_trade_day=last):
                return last
            case WarrantTerms() as terms:
                return self._end(instrument, terms)
            case None:
                return None

    def _end(self, instrument: Instrument, terms: WarrantTerms) -> date:
        """The last day on which a product trades; earlier than planned if it is called."""
        known = self._ends.get(instrument.security)
        if known is None:
            board = self.board(self._universe.get(terms.owner))
            last = WarrantModel(board, terms, self.key(instrument)).last
            known = date.fromordinal(int(board.days.ordinals[last]))
            self._ends.put(instrument.security, known)
        return known

    def _make_warrant(self, code: WarrantCode) -> Instrument | None:
        owner = self._universe.get(code.owner)
        terms = warrant_terms(code, self.board(owner))
        if terms is None:
            return None
        return Instrument(
            security=Security(Market.HK, code.code),
            venue=owner.venue,
            security_type=SecurityType.WARRANT,
            names=Names(*short_name(code, terms)),
            instrument_id=_number(Market.HK, code.code),
            exchange=Exchange.HK_MAIN,
            currency=owner.currency,
            lot_size=BOARD_LOT,
            reference_price=0.0,
            listing_date=terms.listed.isoformat(),
            issued_shares=terms.issue_size,
            sector=owner.sector,
            terms=terms,
        )

    # --- futures ------------------------------------------------------------------------------

    def _future(self, security: Security) -> Instrument | None:
        parts = read_month(security.code)
        if parts is None:
            return None
        try:
            main = self._universe.get(Security(security.market, f"{parts[0]}main"))
        except UnknownSecurity:
            return None
        month = month_of(main, parts[1], parts[2])
        return None if month is None else self._make_future(main, month)

    def contract_months(self, main: Instrument, today: date) -> list[Instrument]:
        """The contracts of a product that trade on a day, nearest first."""
        return [
            self._known.get_or(
                Security(main.security.market, month.code),
                lambda m=month: self._make_future(main, m),  # type: ignore[misc]
            )
            for month in listed_months(main, today)
        ]

    def origin(self, continuous: Instrument, today: date) -> Security | None:
        """The contract behind a continuous series on a day."""
        month = main_month(continuous, today)
        return None if month is None else Security(continuous.security.market, month.code)

    def _make_future(self, main: Instrument, month: Month) -> Instrument:
        product, digits = month.code[:-4], month.code[-4:]
        zh, tc, en = main.names.simplified, main.names.traditional, main.names.english
        return replace(
            main,
            security=Security(main.security.market, month.code),
            names=Names(
                f"{zh.removesuffix('主连')}{digits}",
                f"{tc.removesuffix('主连').removesuffix('主連')}{digits}",
                f"{en.removesuffix(' Main')} {digits}",
            ),
            instrument_id=_number(main.security.market, month.code),
            listing_date=month.listed.isoformat(),
            terms=FutureTerms(product, main.security, month.listed, month.last_trade_day),
        )


def _number(market: Market, code: str) -> int:
    """A stable number below 2**53, above those of the listed securities."""
    return _ID_BASE + (stream_key("derivative", int(market), code) & _ID_BITS)
