"""A market whose every picture and print a test writes down beforehand."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    Currency,
    DepthLevel,
    Exchange,
    ExpirationCycle,
    FutureTerms,
    Instrument,
    Market,
    MarketState,
    Names,
    OptionKind,
    OptionStyle,
    OptionTerms,
    OrderBook,
    Quote,
    Security,
    SecurityType,
    ShareEvent,
    Trade,
    TradeDirection,
    TradeKind,
    Venue,
)
from simulator.errors import UnknownSecurity
from simulator.timeline import Timeline, WallTimeline
from simulator.trading_days import calendar_for

NEVER_NS = 4_000_000_000 * NS_PER_S

TENCENT = Security(Market.HK, "00700")
HSBC = Security(Market.HK, "00005")
HANG_SENG = Security(Market.HK, "800000")
APPLE = Security(Market.US, "AAPL")
MOUTAI = Security(Market.SH, "600519")
CATL = Security(Market.SZ, "300750")
HSI_FUTURE = Security(Market.HK, "HSImain")
CALL_100 = Security(Market.US, "AAPL260220C100000")
CALL_105 = Security(Market.US, "AAPL260220C105000")
PUT_100 = Security(Market.US, "AAPL260220P100000")
HK_CALL = Security(Market.HK, "TCH260226C400000")

_VENUES = {
    Market.HK: (Venue.HK_STOCK, Exchange.HK_MAIN, Currency.HKD),
    Market.US: (Venue.US_STOCK, Exchange.US_NASDAQ, Currency.USD),
    Market.SH: (Venue.CN_STOCK, Exchange.CN_SH, Currency.CNH),
    Market.SZ: (Venue.CN_STOCK, Exchange.CN_SZ, Currency.CNH),
}


def make_instrument(
    security: Security,
    lot_size: int,
    price: float,
    security_type: SecurityType = SecurityType.EQUITY,
) -> Instrument:
    """A listed security of that price level."""
    venue, exchange, currency = _VENUES[security.market]
    return Instrument(
        security=security,
        venue=venue,
        security_type=security_type,
        names=Names(security.code, security.code, security.code),
        instrument_id=sum(security.symbol.encode()),
        exchange=exchange,
        currency=currency,
        lot_size=lot_size,
        reference_price=price,
        listing_date="2000-01-01",
        issued_shares=1_000_000_000,
        sector="",
    )


def listed_option(
    security: Security, owner: Security, strike: float, price: float, day: date
) -> Instrument:
    """An American option on a hundred shares."""
    kind = OptionKind.PUT if "P" in security.code[-8:] else OptionKind.CALL
    terms = OptionTerms(
        owner,
        kind,
        strike,
        day,
        100,
        OptionStyle.AMERICAN,
        ExpirationCycle.MONTH,
        date(2025, 12, 1),
    )
    return replace(make_instrument(security, 100, price, SecurityType.OPTION), terms=terms)


INSTRUMENTS = (
    listed_option(CALL_100, APPLE, 100.0, 5.0, date(2026, 2, 20)),
    listed_option(CALL_105, APPLE, 105.0, 3.0, date(2026, 2, 20)),
    listed_option(PUT_100, APPLE, 100.0, 4.0, date(2026, 2, 20)),
    listed_option(HK_CALL, TENCENT, 400.0, 20.0, date(2026, 2, 26)),
    make_instrument(TENCENT, 100, 400.0),
    make_instrument(HSBC, 400, 100.0),
    make_instrument(HANG_SENG, 0, 26000.0, SecurityType.INDEX),
    make_instrument(APPLE, 1, 100.0),
    make_instrument(MOUTAI, 100, 1000.0),
    make_instrument(CATL, 100, 200.0),
    replace(make_instrument(HSI_FUTURE, 50, 26950.0, SecurityType.FUTURE), venue=Venue.HK_FUTURE),
)


LAST_DAY = date(2026, 1, 30)
"""A Friday: the end of the derivatives below."""


def make_option(owner: Instrument, kind: OptionKind, strike: float, multiplier: int) -> Instrument:
    """An option that ends on `LAST_DAY`."""
    code = f"{owner.security.code}{kind.name[0]}{strike:g}"
    terms = OptionTerms(
        owner=owner.security,
        kind=kind,
        strike=strike,
        expiry=LAST_DAY,
        multiplier=multiplier,
        style=OptionStyle.AMERICAN,
        cycle=ExpirationCycle.MONTH,
        listed=date(2025, 7, 1),
    )
    plain = make_instrument(
        Security(owner.security.market, code), multiplier, 5.0, SecurityType.OPTION
    )
    return replace(plain, terms=terms)


class ScriptedUniverse:
    """The instruments above."""

    def __init__(self) -> None:
        self._instruments = {i.security: i for i in INSTRUMENTS}

    def add(self, instrument: Instrument) -> Instrument:
        """List one more."""
        self._instruments[instrument.security] = instrument
        return instrument

    def get(self, security: Security) -> Instrument:
        if security not in self._instruments:
            raise UnknownSecurity(security)
        return self._instruments[security]

    def admit(self, instrument: Instrument) -> None:
        self._instruments[instrument.security] = instrument


@dataclass(frozen=True)
class Picture:
    """The displayed levels from an instant on: (price, volume), best first."""

    bids: tuple[tuple[float, int], ...]
    asks: tuple[tuple[float, int], ...]


class ScriptedMarket:
    """Shows what the test wrote, on a clock that is the gateway's own.

    Until a test says otherwise a security shows one big level on each side of its reference price.
    """

    def __init__(self, timeline: Timeline | None = None) -> None:
        self.universe = ScriptedUniverse()
        self.timeline: Timeline = timeline or WallTimeline()
        self._pictures: dict[Security, list[tuple[int, Picture]]] = defaultdict(list)
        self._tape: dict[Security, list[tuple[int, int, Trade]]] = defaultdict(list)
        self._sequence = 0
        self.recorded: list[Trade] = []
        self.events: dict[Security, list[ShareEvent]] = defaultdict(list)
        """Corporate actions; a test appends them, oldest first."""
        self.successors: dict[Security, Security] = {}
        """The options that others become by a split."""

    # --- the test's side

    def show(self, security, at_ns, bids=(), asks=()) -> None:
        """From `at_ns` on the book looks like that."""
        self._pictures[security].append((at_ns, Picture(tuple(bids), tuple(asks))))
        self._pictures[security].sort(key=lambda row: row[0])

    def trade(
        self,
        security,
        at_ns,
        price,
        volume,
        direction=TradeDirection.NEUTRAL,
        kind=TradeKind.AUTOMATCH,
    ) -> Trade:
        """A print at `at_ns`."""
        self._sequence += 1
        trade = Trade(at_ns, self._sequence, price, volume, direction, kind)
        insort(self._tape[security], (at_ns, trade.sequence, trade))
        return trade

    # --- the engine's side

    def state(self, venue: Venue, now_ns: int) -> MarketState:
        return calendar_for(venue).state(now_ns)

    def quote(self, security: Security, now_ns: int) -> Quote:
        reference = self.universe.get(security).reference_price
        trades = self.trades_between(security, 0, now_ns)
        last = trades[-1].price if trades else reference
        book = self.displayed_book(security, now_ns)
        bid = book.bids[0] if book.bids else DepthLevel(0.0, 0, 0)
        ask = book.asks[0] if book.asks else DepthLevel(0.0, 0, 0)
        return Quote(
            security=security,
            time_ns=now_ns,
            last=last,
            open=last,
            high=last,
            low=last,
            previous_close=reference,
            volume=sum(t.volume for t in trades),
            turnover=sum(t.volume * t.price for t in trades),
            bid=bid.price,
            ask=ask.price,
            bid_volume=bid.volume,
            ask_volume=ask.volume,
        )

    def displayed_book(self, security: Security, now_ns: int, depth: int = 10) -> OrderBook:
        picture = self._picture(security, now_ns)
        bids, asks = (
            tuple(DepthLevel(price, volume, 1) for price, volume in side[:depth])
            for side in (picture.bids, picture.asks)
        )
        return OrderBook(security, now_ns, bids, asks)

    def trades_between(self, security, after_ns, until_ns) -> tuple[Trade, ...]:
        rows = self._tape[security]
        return tuple(trade for at_ns, _, trade in rows if after_ns < at_ns <= until_ns)

    def extended_trades(self, security, after_ns, until_ns) -> tuple[Trade, ...]:
        return ()

    def running_session(self, security, now_ns) -> None:
        return None

    def next_change_ns(self, security: Security, after_ns: int) -> int:
        times = [at_ns for at_ns, *_ in self._tape[security]]
        times += [at_ns for at_ns, _ in self._pictures[security]]
        return min((t for t in times if t > after_ns), default=NEVER_NS)

    def is_halted(self, security: Security, now_ns: int) -> bool:
        return False

    def cooling_band(self, security: Security, now_ns: int) -> None:
        return None

    def share_events(self, security, after, until) -> tuple[ShareEvent, ...]:
        return tuple(event for event in self.events[security] if after < event.ex_day <= until)

    def final_day(self, instrument):
        match instrument.terms:
            case OptionTerms(expiry=last) | FutureTerms(last_trade_day=last):
                return last
        return None

    def successor(self, instrument, shares) -> Security | None:
        return self.successors.get(instrument.security)

    def close_of(self, security, day) -> float:
        end_ns = calendar_for(self.universe.get(security).venue).sessions(day)[-1].end_ns
        return self.quote(security, end_ns).last

    def minute_reach(self, security: Security, after_ns: int) -> None:
        return None

    def next_minute_ns(self, security: Security, after_ns: int) -> int:
        return (after_ns // NS_PER_MINUTE + 1) * NS_PER_MINUTE

    def record_trade(self, security, now_ns, price, volume, direction) -> Trade:
        trade = self.trade(security, now_ns, price, volume, direction)
        self.recorded.append(trade)
        return trade

    def restore_trade(self, security, trade) -> None:
        self._sequence = max(self._sequence, trade.sequence)
        insort(self._tape[security], (trade.time_ns, trade.sequence, trade))
        self.recorded.append(trade)

    def _picture(self, security: Security, now_ns: int) -> Picture:
        rows = self._pictures[security]
        index = bisect_right([at_ns for at_ns, _ in rows], now_ns) - 1
        if index >= 0:
            return rows[index][1]
        price = self.universe.get(security).reference_price
        return Picture(((price - 1, 1_000_000),), ((price + 1, 1_000_000),))


def at(text: str) -> int:
    """UTC ns of an ISO time with its zone."""
    return int(datetime.fromisoformat(text).timestamp() * NS_PER_S)


HK_MORNING = at("2026-01-15T10:00:00+08:00")
"""A Thursday; Shanghai trades as well."""
HK_EVENING = at("2026-01-15T20:00:00+08:00")
US_REGULAR = at("2026-01-15T10:00:00-05:00")
US_PRE_MARKET = at("2026-01-15T08:00:00-05:00")
