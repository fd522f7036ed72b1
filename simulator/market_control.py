"""Commands that bend markets: prices set, moved and locked, trading halted, another seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from simulator.domain import (
    NS_PER_MINUTE,
    Instrument,
    Market,
    OptionTerms,
    Security,
    SecurityType,
    WarrantTerms,
)
from simulator.engine import Engine
from simulator.errors import InvalidExDate, InvalidPrice, NoPriceLimit, NotBendable, TradingHalted
from simulator.journal import BendRecord, Change, PrintRecord, Record, Removal, SeedRecord
from simulator.market.bends import FOREVER, Bend, Declared, Pin
from simulator.market.bent import on_grid
from simulator.market.corporate_actions import CorporateAction
from simulator.market.data import MarketData
from simulator.market.pauses import moving, plan, rule_of
from simulator.market.price_grid import PRICE_UNITS, GridHistory, to_price, to_units
from simulator.market.source import MarketSource
from simulator.market.synthetic import SyntheticSource
from simulator.market_view import exact
from simulator.ticks import decimal_tick
from simulator.trading_days import TradingCalendar, calendar_for
from simulator.venue.rules import price_limits

_EARLIEST_AUCTION_NS: Final = 60 * NS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class PricePoint:
    """Where a path is to be, so long after the command."""

    after_ns: int
    price: Decimal


class MarketControl:
    """Bends the markets of an engine.

    Each command takes effect at its instant: what was before stays, what comes follows from the
    seed and the commands alone.

    Args:
        engine: told when a market is not any more what it seemed to become.
        market: the engine's.
        make_source: makes the market's source with another seed.
    """

    def __init__(
        self,
        engine: Engine,
        market: MarketData,
        make_source: Callable[[int], MarketSource] = SyntheticSource,
    ) -> None:
        self._engine = engine
        self._market = market
        self._make_source = make_source
        self._changes: list[Change] = []
        self._seed: int | None = None
        """Given by command."""

    def last(self, security: Security, now_ns: int) -> Decimal:
        """The last price. Raises UnknownSecurity."""
        return Decimal(repr(self._market.quote(security, now_ns).last))

    def set_path(
        self,
        security: Security,
        points: Sequence[PricePoint],
        lasts_ns: int | None,
        now_ns: int,
        *,
        pauses: bool = False,
    ) -> Decimal:
        """Lead the price through points; the seeded path goes on around and after them.

        Args:
            security: whose price.
            points: ascending. One at 0 is a jump, printed at once where the market is trading.
            lasts_ns: after so long beyond the last point the price jumps back to the seeded path;
                None: never.
            now_ns: gateway time.
            pauses: whether a move that the exchange would not let pass leads to a pause.

        Returns:
            The price that the last point stands for, on the tick.

        Raises:
            UnknownSecurity, NotBendable, TradingHalted: as named.
            InvalidPrice: a price is zero or negative.
        """
        instrument, bend, time_ns = self._prepare(security, now_ns)
        if bend.is_stopped(time_ns):
            raise TradingHalted(security)
        bend.forget_plans(time_ns)
        bend.unpin(time_ns)
        seeded = self._market.seeded_price(security, now_ns) * PRICE_UNITS
        goals = [self._on_tick(instrument, point.price, now_ns) for point in points]
        knots = [
            (
                time_ns + point.after_ns,
                units / seeded / bend.declared_factor(time_ns + point.after_ns),
            )
            for point, units in zip(points, goals, strict=True)
        ]
        if lasts_ns is not None:
            end_ns, factor = knots[-1]
            knots += [(end_ns + lasts_ns, factor), (end_ns + lasts_ns, 1.0)]
        bend.move(time_ns, knots)
        if points[0].after_ns == 0 and not bend.is_halted(time_ns):
            bend.prints[time_ns] = goals[0]
        if pauses:
            self._plan_pauses(instrument, bend, time_ns, now_ns)
        self._apply([(security, bend)], now_ns)
        return Decimal(repr(to_price(goals[-1])))

    def lock(
        self,
        security: Security,
        pin: Pin,
        price: Decimal,
        now_ns: int,
        *,
        pauses: bool = False,
    ) -> Decimal:
        """Pin a price; limit up leaves no asks, limit down no bids. Raises as `set_path`."""
        instrument, bend, time_ns = self._prepare(security, now_ns)
        if bend.is_stopped(time_ns):
            raise TradingHalted(security)
        bend.forget_plans(time_ns)
        units = self._on_tick(instrument, price, now_ns)
        bend.lock(time_ns, units, pin)
        if not bend.is_halted(time_ns):
            bend.prints[time_ns] = units
        if pauses:
            self._plan_pauses(instrument, bend, time_ns, now_ns)
        self._apply([(security, bend)], now_ns)
        return Decimal(repr(to_price(units)))

    def limit_price(
        self, security: Security, pin: Pin, percent: Decimal | None, now_ns: int
    ) -> Decimal:
        """Where a price is locked: the day's own limit, or so many percent from the last close.

        Raises:
            UnknownSecurity: as named.
            NoPriceLimit: no percentage is given, and the market has no limits.
        """
        instrument = self._market.universe.get(security)
        close = exact(self._market.quote(security, now_ns).previous_close)
        sign = 1 if pin is Pin.UP else -1
        if percent is not None:
            return close * (1 + sign * percent / 100)
        if security.market not in (Market.SH, Market.SZ):
            raise NoPriceLimit(security)
        day = self._market.trading_date(security, now_ns)
        low, high = price_limits(instrument, close, decimal_tick(instrument, close, day))
        return high if pin is Pin.UP else low

    def halt(self, securities: Iterable[Security], lasts_ns: int | None, now_ns: int) -> int:
        """Stop trading in securities, for a while or until `resume`; say in how many.

        Raises:
            UnknownSecurity: as named.
        """
        prepared = []
        for security in securities:
            _, bend, time_ns = self._prepare(security, now_ns)
            bend.halt(time_ns, FOREVER if lasts_ns is None else time_ns + lasts_ns)
            prepared.append((security, bend))
        self._apply(prepared, now_ns)
        return len(prepared)

    def declare(self, security: Security, action: CorporateAction, now_ns: int) -> CorporateAction:
        """Have a corporate action happen on a later trade date.

        The price falls by it at that date's opening, rehab factors and adjusted bars follow, and
        accounts get what their holdings bring. Volumes stay as they are. [I]

        Args:
            security: a share or a fund.
            action: what happens; an ordinal of 0 stands for the next trade date.
            now_ns: gateway time.

        Raises:
            UnknownSecurity, NotBendable: as named.
            InvalidExDate: no later trade date, or there is an action on that date already.
            InvalidPrice: more is paid than a share is worth.
        """
        instrument, bend, _ = self._prepare(security, now_ns)
        if instrument.security_type not in (SecurityType.EQUITY, SecurityType.TRUST):
            raise NotBendable(security)
        calendar = calendar_for(instrument.venue)
        first = date.fromordinal(action.ordinal) if action.ordinal else None
        day = self._later_day(instrument, first, now_ns)
        if self._market.share_events(security, day - timedelta(days=1), day):
            raise InvalidExDate(security, day)
        last = self._market.quote(security, now_ns).last
        factor = action.ex_price(last) / last
        if factor <= 0:
            raise InvalidPrice(Decimal(repr(action.cash)))
        placed = replace(action, ordinal=day.toordinal())
        bend.declare(Declared(placed, _before_opening(calendar, day), factor))
        self._apply([(security, bend)], now_ns)
        return placed

    def suspend(self, security: Security, first: date | None, days: int, now_ns: int) -> date:
        """Suspend a security for whole trade dates, and say from which one.

        Args:
            security: which one.
            first: a later trade date; None: the next one.
            days: how many trade dates.
            now_ns: gateway time.

        Raises:
            UnknownSecurity, NotBendable: as `declare`.
            InvalidExDate: no later trade date, or the calendar ends before the suspension.
        """
        instrument, bend, _ = self._prepare(security, now_ns)
        calendar = calendar_for(instrument.venue)
        begin = self._later_day(instrument, first, now_ns)
        try:
            reopens = calendar.day_at(calendar.day_number(begin) + days)
        except ValueError as error:
            raise InvalidExDate(security, begin) from error
        until = _before_opening(calendar, reopens)
        bend.halt(_before_opening(calendar, begin), until)
        self._apply([(security, bend)], now_ns)
        return begin

    def resume(self, securities: Iterable[Security], now_ns: int) -> int:
        """Let halted or locked securities trade; say how many there were."""
        prepared = []
        for security in securities:
            known = self._market.bends.bend(security)
            time_ns = self._market.market_ns(security, now_ns)
            if known is None or not _is_held(known, time_ns):
                continue
            _, bend, time_ns = self._prepare(security, now_ns)
            bend.resume(time_ns)
            bend.unpin(time_ns)
            prepared.append((security, bend))
        self._apply(prepared, now_ns)
        return len(prepared)

    def release(self, security: Security, now_ns: int) -> None:
        """Go back to the seeded path from now on. Raises UnknownSecurity, NotBendable."""
        _, bend, time_ns = self._prepare(security, now_ns)
        bend.resume(time_ns)
        bend.move(time_ns, [(time_ns, 1.0)])
        self._apply([(security, bend)], now_ns)

    def bent(self) -> tuple[Security, ...]:
        """All securities that a command has changed."""
        return self._market.bends.bent()

    def reset(self, now_ns: int) -> int:
        """Forget every bend, past ones too, and what users traded; say how many there were."""
        bent = self._market.bends.bent()
        for security in bent:
            self._market.bends.replace_bend(security, None)
            self._changes.append(Removal(BendRecord, security.symbol))
        self._changes += [
            Removal(PrintRecord, PrintRecord(security, trade).key)
            for security, trade in self._market.user_trades()
        ]
        self._market.forget_users()
        self._market.refresh(bent)
        self._engine.market_changed(bent, now_ns)
        return len(bent)

    def reseed(self, seed: int, now_ns: int) -> None:
        """Let all markets follow another seed, as if they always had; bends are forgotten."""
        self._engine.advance(now_ns)
        self.reset(now_ns)
        self._market.reseed(self._make_source(seed))
        self._changes.append(SeedRecord(seed))
        self._seed = seed
        self._engine.market_changed(self._engine.followed(), now_ns)

    # --- the journal --------------------------------------------------------------------------

    def all_records(self) -> list[Record]:
        """What commands did to markets and what is still so."""
        bends = self._market.bends
        found = ((security, bends.bend(security)) for security in bends.bent())
        records: list[Record] = [BendRecord(s, deepcopy(bend)) for s, bend in found if bend]
        return records if self._seed is None else [SeedRecord(self._seed), *records]

    def load(self, records: Iterable[Record], seed: int) -> None:
        """Make the market what the records say, whatever commands did before; the engine comes next.

        Args:
            records: those of markets count.
            seed: of the market, unless a record names another one.
        """
        for security in self._market.bends.bent():
            self._market.bends.replace_bend(security, None)
        self._market.forget_users()
        self._market.reseed(self._make_source(seed))
        self._seed = None
        self._changes.clear()
        self.restore(records)

    def take_changes(self) -> list[Change]:
        """What commands changed since the last call and must outlive this run."""
        taken = self._changes.copy()
        self._changes.clear()
        return taken

    def restore(self, records: Iterable[Record]) -> None:
        """Bend the market as an earlier run did; before anything reads it."""
        bends = [record for record in records if isinstance(record, BendRecord)]
        for record in records:
            if isinstance(record, SeedRecord):
                self._seed = record.seed
                self._market.reseed(self._make_source(record.seed))
        for record in bends:
            self._market.bends.replace_bend(record.security, deepcopy(record.bend))
        if bends:
            self._market.refresh([record.security for record in bends])

    # --- inside -------------------------------------------------------------------------------

    def _prepare(self, security: Security, now_ns: int) -> tuple[Instrument, Bend, int]:
        instrument = self._market.universe.get(security)
        if isinstance(instrument.terms, OptionTerms | WarrantTerms):
            raise NotBendable(security)
        self._engine.advance(now_ns)
        bend = deepcopy(self._market.bends.bend(security)) or Bend()
        return instrument, bend, self._market.market_ns(security, now_ns)

    def _plan_pauses(self, instrument: Instrument, bend: Bend, time_ns: int, now_ns: int) -> None:
        """Put into a bend what its exchange does about the move."""
        security, bends = instrument.security, self._market.bends
        close = self._market.quote(security, now_ns).previous_close
        rule = rule_of(instrument, close, self._market.universe.members)
        if rule is None:
            return
        grid = GridHistory.of(instrument).at(self._market.trading_date(security, now_ns))
        bends.replace_bend(security, bend)
        prints = [p for span in moving(bend, time_ns) for p in bends.prints(instrument, *span)]
        plan(rule, prints, bend, time_ns, partial(on_grid, grid)).add_to(bend)

    def _later_day(self, instrument: Instrument, day: date | None, now_ns: int) -> date:
        """A trade date after today: that one, or the next one."""
        calendar = calendar_for(instrument.venue)
        today = self._market.trading_date(instrument.security, now_ns)
        if day is not None and (day <= today or not calendar.is_trading_day(day)):
            raise InvalidExDate(instrument.security, day)
        return day or calendar.next_day(today)

    def _on_tick(self, instrument: Instrument, price: Decimal, now_ns: int) -> int:
        if not price.is_finite() or price <= 0:
            raise InvalidPrice(price)
        day = self._market.trading_date(instrument.security, now_ns)
        return on_grid(GridHistory.of(instrument).at(day), to_units(float(price)))

    def _apply(self, bends: Sequence[tuple[Security, Bend]], now_ns: int) -> None:
        for security, bend in bends:
            self._market.bends.replace_bend(security, bend)
            self._changes.append(BendRecord(security, bend))
        self._market.refresh([security for security, _ in bends])
        self._engine.market_changed([security for security, _ in bends], now_ns)


def _is_held(bend: Bend, time_ns: int) -> bool:
    """Whether there is anything that `resume` ends."""
    return bool(bend.is_halted(time_ns) or bend.pinned(time_ns) or bend.cooling(time_ns))


def _before_opening(calendar: TradingCalendar, day: date) -> int:
    """An instant between the last print of the trade date before and the first one of a trade date."""
    return calendar.sessions(day)[0].start_ns - _EARLIEST_AUCTION_NS
