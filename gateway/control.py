"""What the `sim_` commands do to a running OpenD: the gateway's side of `telnet_ops.control.Control`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Protocol

from gateway.command_terms import refusing, security_named
from gateway.fault_desk import FaultDesk
from gateway.session.limits import RateLimiter
from gateway.session.notices import (
    GatewayEvent,
    GatewayEventKind,
    LinksChanged,
    Notice,
)
from gateway.session.opend import OpenD
from gateway.session.quote_rights import RIGHT_NAMES
from gateway.state_files import Home, StateFiles
from gateway.store.base import StoreError
from simulator.domain import (
    NS_PER_S,
    Currency,
    Position,
    Security,
    SecurityType,
    Venue,
)
from simulator.interventions import Act, OrderPlan
from simulator.market.bends import Pin
from simulator.market.corporate_actions import CorporateAction, Ratio
from simulator.market.data import MarketData
from simulator.market_control import PricePoint
from simulator.timeline import OpenTimeline, Timeline
from simulator.trading_days import TradingCalendar, calendar_for
from telnet_ops import control as ops
from telnet_ops.registry import UsageError
from telnet_ops.texts import (
    BEYOND_TIME,
    EXPECTED_DERIVATIVE,
    EXPECTED_JUMP,
    IN_THE_PAST,
    INVALID_VALUE,
    NOT_USABLE,
    Text,
)

_INSTANT_NS: Final = 1_000
_LAST_DAY: Final = "2090-01-01"
"""No market's clock goes further: calendars end ten years later, and listings look ahead."""
_LAST_NS: Final = int(datetime.fromisoformat(_LAST_DAY).replace(tzinfo=UTC).timestamp()) * NS_PER_S
"""How much a standing clock moves for a command that is to have an instant of its own."""
_LEAP_STEP_NS: Final = 60 * NS_PER_S
"""How much of a leap is made in one go beyond each deadline."""
_DAY_WORD: Final = len("2026-01-15")
_ACTS: Final[Mapping[ops.OrderAct, Act]] = {
    "fill": Act.FILL,
    "reject": Act.REJECT,
    "delay": Act.DELAY,
    "hold": Act.HOLD,
}
_PINS: Final[Mapping[ops.PinSide, Pin]] = {"up": Pin.UP, "down": Pin.DOWN}
_LINKS: Final[Mapping[ops.NoticeName, bool]] = {"links_lost": False, "links_restored": True}


class Clock(Protocol):
    """The clock as commands change it; `gateway.shell.clock.GatewayClock` is one."""

    @property
    def speed(self) -> float:
        """Gateway seconds per real second."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether time passes by itself."""
        ...

    @property
    def goal_ns(self) -> int | None:
        """Where it is on its way to."""
        ...

    def now_ns(self) -> int:
        """Gateway time."""
        ...

    def set_speed(self, speed: float) -> None:
        """Run so many times as fast."""
        ...

    def pause(self) -> None:
        """Stand still."""
        ...

    def resume(self) -> None:
        """Let time pass by itself."""
        ...

    def travel_to(self, goal_ns: int) -> None:
        """Set out for a later instant."""
        ...

    def step_to(self, now_ns: int) -> None:
        """Show a later instant."""
        ...

    def put_to(self, now_ns: int) -> None:
        """Show an instant that may be earlier."""
        ...


@dataclass(frozen=True, slots=True)
class Driver:
    """The task that makes time pass, as commands direct it."""

    wake: Callable[[], None]
    """Has what a command caused told soon, after its answer."""
    set_grain: Callable[[int], None]
    """How much gateway time the next journey may tell in one go."""


@contextmanager
def _files(name: str) -> Iterator[None]:
    """Turn what is wrong with a file into an answer."""
    try:
        yield
    except (OSError, StoreError) as error:
        told = error.strerror if isinstance(error, OSError) else None
        place, reason = (
            "".join(c if c.isprintable() else "?" for c in text)
            for text in (name, told or str(error))
        )
        raise UsageError(
            NOT_USABLE, name=Text(place, place), reason=Text(reason, reason)
        ) from error


class GatewayControl(FaultDesk):
    """Changes a running OpenD.

    Args:
        opend: What is changed.
        clock: Its clock.
        driver: The task that makes time pass.
        seed: Of what faults draw.
        journal_size: How many frames are written down from the start.
        home: Where snapshots are from and where they go.
    """

    def __init__(
        self,
        opend: OpenD,
        clock: Clock,
        driver: Driver,
        *,
        seed: int = 1,
        journal_size: int = 0,
        home: Home = Home(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(opend, clock.now_ns, driver.wake, seed, journal_size)
        self._opend = opend
        self._clock = clock
        self._driver = driver
        self._markets = opend.markets
        self._states = StateFiles(opend, clock.now_ns, self._put_clock_to, home)
        self._rights = opend.quote_access.granted
        self._quotas = (opend.subscriptions.quota, opend.login.history_quota)

    # --- time ---------------------------------------------------------------------------------

    def clock(self) -> ops.ClockReport:
        """What the clock shows."""
        now_ns = self._clock.now_ns()
        return ops.ClockReport(
            now_ns,
            self._clock.is_running,
            self._clock.speed,
            self._clock.goal_ns,
            tuple(self._market_report(venue, now_ns) for venue in Venue),
        )

    def pause(self) -> None:
        """Let time stand still."""
        self._clock.pause()
        self._driver.wake()

    def resume_time(self) -> None:
        """Let time pass by itself."""
        self._clock.resume()
        self._driver.wake()

    def set_speed(self, speed: Decimal) -> None:
        """Let time pass so many times as fast."""
        self._clock.set_speed(float(speed))
        self._driver.wake()

    def advance(self, span_ns: int, step_ns: int) -> None:
        """Set out for an instant later; the ticker goes there step by step."""
        goal_ns = (self._clock.goal_ns or self._clock.now_ns()) + span_ns
        if not _within_time(self._opend.market.timeline, goal_ns):
            raise UsageError(BEYOND_TIME, last=_LAST_DAY, goal=f"+{span_ns // NS_PER_S}s")
        self._driver.set_grain(step_ns)
        self._clock.travel_to(goal_ns)
        self._driver.wake()

    def jump(self, goal: str, venue: ops.VenueName) -> None:
        """Leap to `open`, `close`, a date's opening or an instant of a venue's clock.

        The ticker goes there in steps between which others are served.
        """
        place = Venue(venue)
        now_ns = self._clock.now_ns()
        timeline = self._opend.market.timeline
        market_ns = _goal_ns(goal, calendar_for(place), timeline.market_ns(place, now_ns))
        if market_ns > _LAST_NS:
            raise UsageError(BEYOND_TIME, last=_LAST_DAY, goal=goal)
        goal_ns = timeline.gateway_ns(place, market_ns)
        if not _within_time(timeline, goal_ns):
            raise UsageError(BEYOND_TIME, last=_LAST_DAY, goal=goal)
        if goal_ns < now_ns:
            raise UsageError(IN_THE_PAST, goal=goal)
        self._opend.script.catch_up(goal_ns, leaps=True)
        self._opend.engine.leap_towards(goal_ns)
        if self._opend.script.next_deadline_ns() is None:
            self._driver.set_grain(_LEAP_STEP_NS)
            self._clock.travel_to(goal_ns)
        else:  # its conditions are not judged on the way
            self._clock.step_to(goal_ns)
            self._opend.engine.advance(goal_ns)
        self._driver.wake()

    def _put_clock_to(self, now_ns: int) -> None:
        """Show an instant that may be earlier."""
        self.shift_faults(now_ns - self._clock.now_ns())
        self._clock.put_to(now_ns)

    def _market_report(self, venue: Venue, now_ns: int) -> tuple[str, str, str]:
        market_ns = self._opend.market.timeline.market_ns(venue, now_ns)
        local = datetime.fromtimestamp(market_ns // NS_PER_S, calendar_for(venue).zone)
        return venue.value, local.isoformat(), self._opend.market.state(venue, now_ns).name

    def _instant(self) -> int:
        """An instant at which nothing has happened yet, even if the clock stands still."""
        if not self._clock.is_running:
            self._clock.step_to(self._clock.now_ns() + _INSTANT_NS)
        return self._clock.now_ns()

    # --- markets ------------------------------------------------------------------------------

    def set_path(
        self,
        symbol: str,
        points: Sequence[tuple[int, Decimal]],
        lasts_ns: int | None,
        *,
        pauses: bool | None = None,
    ) -> Decimal:
        """Lead a price through (after so long, price), and return the last one on its tick."""
        path = [PricePoint(after_ns, price) for after_ns, price in points]
        if pauses is None:
            keeps_hours = not isinstance(self._opend.market.timeline, OpenTimeline)
            pauses = keeps_hours and path[0].after_ns > 0
        with self._changing():
            security, now_ns = security_named(symbol), self._instant()
            return self._markets.set_path(security, path, lasts_ns, now_ns, pauses=pauses)

    def last_price(self, symbol: str) -> Decimal:
        """The last price."""
        with refusing():
            return self._markets.last(security_named(symbol), self._clock.now_ns())

    def release_price(self, symbol: str) -> None:
        """Go back to the seeded path."""
        with self._changing():
            self._markets.release(security_named(symbol), self._instant())

    def halt(self, symbol: str | None, venue: ops.VenueName | None, lasts_ns: int | None) -> int:
        """Stop trading in a security or at a venue."""
        with self._changing():
            return self._markets.halt(self._chosen(symbol, venue), lasts_ns, self._instant())

    def resume_trading(self, symbol: str | None, venue: ops.VenueName | None) -> int:
        """End halts and locked prices."""
        with self._changing():
            chosen: Iterable[Security] = self._markets.bent()
            if symbol is not None or venue is not None:
                chosen = self._chosen(symbol, venue)
            return self._markets.resume(chosen, self._instant())

    def lock(
        self,
        symbol: str,
        side: ops.PinSide,
        price: Decimal | None,
        percent: Decimal | None,
        *,
        pauses: bool = False,
    ) -> Decimal:
        """Lock a price at `price`, so many percent from the last close, or at the day's limit."""
        security, pin = security_named(symbol), _PINS[side]
        with self._changing():
            now_ns = self._instant()
            if price is None:
                price = self._markets.limit_price(security, pin, percent, now_ns)
            return self._markets.lock(security, pin, price, now_ns, pauses=pauses)

    def declare(self, symbol: str, what: ops.CorporateOrder) -> date:
        """Have something happen to a company's shares, and return from which day on."""
        security = security_named(symbol)
        with self._changing():
            now_ns = self._instant()
            if what.kind == "suspension":
                return self._markets.suspend(security, what.day, what.days, now_ns)
            declared = self._markets.declare(security, _corporate_action(what), now_ns)
            return date.fromordinal(declared.ordinal)

    def expire(self, symbol: str | None, account: int | None) -> int:
        """End a derivative, or all options that an account holds; return how many positions."""
        engine = self._opend.engine
        with self._changing():
            now_ns = self._instant()
            if symbol is not None:
                return engine.expire(_derivative(self._opend.market, symbol), account, now_ns)
            held = engine.positions(account or 0, now_ns)
            options = [p.security for p in held if p.quantity and _is_option(self._opend.market, p)]
            return sum(engine.expire(security, account, now_ns) for security in options)

    def reseed(self, seed: int) -> None:
        """Let every market follow another seed."""
        with self._changing():
            self._markets.reseed(seed, self._instant())
            self._opend.forget_readings()

    def _chosen(self, symbol: str | None, venue: ops.VenueName | None) -> list[Security]:
        if symbol is not None:
            return [security_named(symbol)]
        universe = self._opend.market.universe
        return [i.security for i in universe.instruments() if i.venue == venue and i.is_tradable]

    # --- orders and accounts ------------------------------------------------------------------

    def act(self, what: ops.OrderOrder) -> None:
        """Do something to an order, now or when it comes."""
        with self._changing():
            if what.order_id is None:
                self._opend.engine.plans.add(_plan(what))
            else:
                self._act_on(self._opend.engine.unfinished(what.order_id).order_id, what)

    def pay(self, account: int, amount: Decimal, currency: str | None) -> Decimal:
        """Pay cash in, or out if negative; return what the account has then."""
        with self._changing():
            now_ns = self._instant()
            self._opend.engine.pay(
                account, amount, Currency[currency] if currency else None, now_ns
            )
            return self._opend.engine.funds(account, now_ns).cash

    def transfer(self, account: int, symbol: str, quantity: int, price: Decimal | None) -> None:
        """Bring shares in, or take them out if negative, at a cost price or the last price."""
        cost = self.last_price(symbol) if price is None else price
        with self._changing():
            self._opend.engine.transfer(
                account, security_named(symbol), quantity, cost, self._instant()
            )

    def reset(self, scope: ops.ResetScope, account: int | None) -> None:
        """Put accounts, markets or both back to how they began."""
        opend = self._opend
        with self._changing():
            now_ns = self._instant()
            if scope != "market":
                opend.engine.reset(account, now_ns)
            if scope != "accounts":
                self._markets.reset(now_ns)
                opend.forget_readings()
            if scope == "all":
                self._reset_session()

    def _reset_session(self) -> None:
        opend = self._opend
        opend.engine.plans.clear()
        opend.script.reset()
        self.end_faults()
        opend.resize_quotas(*self._quotas)
        opend.quote_access.regrant(self._rights)
        if opend.limiter is not None:
            opend.limiter = RateLimiter(keeps_spacing=opend.limiter.keeps_spacing)

    def _act_on(self, order_id: int, what: ops.OrderOrder) -> None:
        engine, now_ns = self._opend.engine, self._instant()
        match what.act:
            case "fill":
                engine.fill(order_id, self._quantity(order_id, what), what.price, now_ns)
            case "reject":
                engine.refuse(order_id, what.reason, now_ns)
            case "delay":
                engine.delay(order_id, what.delay_ns or 0, now_ns)
            case "hold" | "release":
                engine.hold(order_id, now_ns, is_held=what.act == "hold")

    def _quantity(self, order_id: int, what: ops.OrderOrder) -> int | None:
        if what.percent is None:
            return what.quantity
        order = self._opend.engine.unfinished(order_id)
        instrument = self._opend.market.universe.get(order.security)
        left = order.quantity - order.filled_quantity
        return _plan(what).quantity_of(left, max(1, instrument.lot_size))

    def save_state(self, name: str) -> int:
        """Write the whole state to a file; return how many records it has."""
        with _files(name):
            return self._states.save(name)

    def load_state(self, name: str) -> ops.LoadedState:
        """Become what a file says; what is wrong with it is told."""
        with _files(name), self._changing():
            found = self._states.load(name)
        return ops.LoadedState(found.orders, found.open_orders, found.fills)

    # --- the session --------------------------------------------------------------------------

    def set_quotas(self, subscriptions: int | None, history: int | None) -> tuple[int, int]:
        """Change the quotas and return both."""
        opend = self._opend
        if subscriptions is not None or history is not None:
            opend.resize_quotas(
                opend.subscriptions.quota if subscriptions is None else subscriptions,
                opend.login.history_quota if history is None else history,
            )
            self._driver.wake()
        return opend.subscriptions.quota, opend.login.history_quota

    def set_right(self, product: str, right: str) -> None:
        """Change a quote right."""
        access = self._opend.quote_access
        access.regrant(replace(access.granted, **{product: RIGHT_NAMES[right]}))
        self._driver.wake()

    def notify(self, notice: ops.NoticeName) -> None:
        """Send a notice to all who receive them."""
        if notice in _LINKS:
            self._tell(LinksChanged(_LINKS[notice], _LINKS[notice]))
        else:
            self._tell(GatewayEvent(GatewayEventKind[notice.upper()]))

    def _tell(self, notice: Notice) -> None:
        self._opend.tell(notice)
        self._driver.wake()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with refusing():
            yield
        self._driver.wake()


def _derivative(market: MarketData, symbol: str) -> Security:
    security = security_named(symbol)
    if market.universe.get(security).terms is None:
        raise UsageError(INVALID_VALUE, name="security", value=symbol, expected=EXPECTED_DERIVATIVE)
    return security


def _is_option(market: MarketData, position: Position) -> bool:
    return market.universe.get(position.security).security_type is SecurityType.OPTION


def _corporate_action(what: ops.CorporateOrder) -> CorporateAction:
    ratio = Ratio(*what.ratio)
    plain = CorporateAction(what.day.toordinal() if what.day else 0)
    match what.kind:
        case "dividend":
            return replace(plain, dividend=float(what.amount))
        case "bonus":
            return replace(plain, bonus=ratio)
        case "rights":
            return replace(plain, allot=ratio, allot_price=float(what.price))
        case _ if ratio.grant < ratio.base:
            return replace(plain, join=ratio)
        case _:
            return replace(plain, split=ratio)


def _plan(what: ops.OrderOrder) -> OrderPlan:
    return OrderPlan(
        act=_ACTS[what.act],
        account_id=what.account,
        security=security_named(what.security) if what.security else None,
        quantity=what.quantity,
        percent=what.percent or Decimal(100),
        price=what.price,
        delay_ns=what.delay_ns or 0,
        reason=what.reason,
    )


def _within_time(timeline: Timeline, goal_ns: int) -> bool:
    """Whether every market's clock can show that instant of the gateway's."""
    try:
        return goal_ns <= _LAST_NS and all(
            timeline.market_ns(venue, goal_ns) <= _LAST_NS for venue in Venue
        )
    except ValueError:
        return False


def _goal_ns(goal: str, calendar: TradingCalendar, now_ns: int) -> int:
    """The instant of a venue's clock that is meant."""
    if goal in ("open", "close"):
        return _next_turn(calendar, now_ns, opens=goal == "open")
    try:
        if len(goal) == _DAY_WORD:
            day = date.fromisoformat(goal)
            day = day if calendar.is_trading_day(day) else calendar.next_day(day)
            return calendar.sessions(day)[0].start_ns
        instant = datetime.fromisoformat(goal)
    except ValueError:
        instant = None
    if instant is None:
        raise UsageError(INVALID_VALUE, name="jump", value=goal, expected=EXPECTED_JUMP)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=calendar.zone)
    return int(instant.timestamp() * NS_PER_S)


def _next_turn(calendar: TradingCalendar, now_ns: int, *, opens: bool) -> int:
    """The next beginning of a trade date's first session, or the next end of its last one."""
    day = calendar.trading_date(now_ns)
    while True:
        sessions = calendar.sessions(day)
        turn = sessions[0].start_ns if opens else sessions[-1].end_ns
        if turn > now_ns:
            return turn
        day = calendar.next_day(day)
