"""What the `sim_` commands may do to the program: time, markets, orders, accounts, the session.

Securities are named as clients name them (`HK.00700`), spans are nanoseconds of market time. Every
method returns at once; what it refuses it refuses with a `UsageError` that says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

OrderAct = Literal["fill", "reject", "delay", "hold", "release"]
"""What may be done to an order."""

ResetScope = Literal["all", "accounts", "market"]
"""What may be put back to how it began."""

PinSide = Literal["up", "down"]
"""Limit up or limit down."""

VenueName = Literal[
    "HK_STOCK", "HK_FUTURE", "US_STOCK", "US_FUTURE", "CN_STOCK", "SG_FUTURE", "JP_FUTURE"
]
"""Exchanges with hours of their own."""

NoticeName = Literal[
    "login_failed",
    "disclaimer_not_agreed",
    "kicked_out",
    "need_picture_code",
    "need_phone_code",
    "device_lock_enabled",
    "login_password_changed",
    "trade_password_changed",
    "links_lost",
    "links_restored",
]
"""Notices that can be sent without the event behind them."""


FaultKind = Literal[
    "latency", "bandwidth", "drop", "duplicate", "reorder", "swallow", "error", "wrong_digest", "cut",
    "refuse", "outlier", "stale", "link",
]  # fmt: skip
"""What can go wrong on purpose."""

DirectionName = Literal["request", "reply", "push"]
"""Which way a frame goes."""

LinkName = Literal["quotes", "trading", "both"]
"""The links to the servers behind OpenD."""


CorporateKind = Literal["dividend", "split", "bonus", "rights", "suspension"]
"""What a company may do."""


@dataclass(frozen=True, slots=True)
class CorporateOrder:
    """What is to happen to a company's shares."""

    kind: CorporateKind
    day: date | None
    """None: the next trading day."""
    amount: Decimal
    """Of a dividend, for each share."""
    ratio: tuple[int, int]
    """Of a split, shares before and after; of a bonus or rights, shares held and given."""
    price: Decimal
    """Of rights, for each new share."""
    days: int
    """Of a suspension."""


@dataclass(frozen=True, slots=True)
class ClockReport:
    """The clock at one moment."""

    now_ns: int
    """Gateway time, UTC."""
    is_running: bool
    speed: float
    goal_ns: int | None
    """Where it is on its way to."""
    markets: tuple[tuple[str, str, str], ...]
    """Venue, its local time, its state."""


@dataclass(frozen=True, slots=True)
class OrderOrder:
    """What is to be done to an order: to that one, or to the next one that fits."""

    act: OrderAct
    order_id: str | None = None
    account: int | None = None
    security: str | None = None
    quantity: int | None = None
    percent: Decimal | None = None
    price: Decimal | None = None
    delay_ns: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FaultOrder:
    """A fault that is to begin; None selects everything."""

    kind: FaultKind
    conn_id: int | None = None
    client: str | None = None
    protocol: str | None = None
    security: str | None = None
    direction: DirectionName | None = None
    probability: Decimal = Decimal(1)
    skip: int = 0
    count: int | None = None
    lasts_ns: int | None = None
    delay_ns: int = 0
    jitter_ns: int = 0
    rate: int = 0
    """Bytes a second."""
    percent: Decimal = Decimal(0)
    ret_type: int = -1
    message: str = ""
    err_code: int = 0
    link: LinkName = "both"
    keeps_subscriptions: bool = True


@dataclass(frozen=True, slots=True)
class FaultReport:
    """A fault and what it has done so far."""

    fault_id: int
    kind: FaultKind
    parameters: Mapping[str, str]
    """What was given, as it is written."""
    matched: int
    """How many frames it selected."""
    struck: int
    """How many of them it has hit."""
    left_ns: int | None
    """How long it still lasts; None: until it is cleared."""
    is_over: bool


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which entries of the journal are meant; None means all."""

    conn_id: int | None = None
    client: str | None = None
    protocol: str | None = None
    direction: DirectionName | None = None
    since: str | None = None
    """A number: only later entries; an instant with its offset: only entries from then on."""
    security: str | None = None
    ret: int | None = None
    limit: int | None = None
    """Only so many, the latest."""


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What a query found."""

    size: int
    """How many entries are kept at most; 0: nothing is written down."""
    last: int
    """The number of the latest entry of all."""
    count: int
    """How many were found, before the limit."""
    lines: tuple[str, ...]
    """Entries as JSON, oldest first."""


@dataclass(frozen=True, slots=True)
class LoadedState:
    """What a snapshot brought."""

    orders: int
    open_orders: int
    fills: int


class Control(Protocol):
    """The program, as the commands change it."""

    # --- time ---------------------------------------------------------------------------------

    def clock(self) -> ClockReport:
        """What the clock shows."""
        ...

    def pause(self) -> None:
        """Let time stand still."""
        ...

    def resume_time(self) -> None:
        """Let time pass by itself."""
        ...

    def set_speed(self, speed: Decimal) -> None:
        """Let time pass so many times as fast."""
        ...

    def advance(self, span_ns: int, step_ns: int) -> None:
        """Set out for an instant later; everything on the way happens and is told.

        Args:
            span_ns: how much later.
            step_ns: what happens within so long of one another may be told in one go.
        """
        ...

    def jump(self, goal: str, venue: VenueName) -> None:
        """Leap to `open`, `close`, a date's opening or an instant of a venue's clock."""
        ...

    # --- markets ------------------------------------------------------------------------------

    def set_path(
        self,
        symbol: str,
        points: Sequence[tuple[int, Decimal]],
        lasts_ns: int | None,
        *,
        pauses: bool | None = None,
    ) -> Decimal:
        """Lead a price through (after so long, price), and return the last one on its tick.

        Args:
            symbol: whose price.
            points: ascending.
            lasts_ns: how long it stays at the last one; None: for good.
            pauses: whether the exchange pauses trading if it moves too fast; None: if the move takes
                time and markets keep their hours.
        """
        ...

    def last_price(self, symbol: str) -> Decimal:
        """The last price."""
        ...

    def release_price(self, symbol: str) -> None:
        """Go back to the seeded path."""
        ...

    def halt(self, symbol: str | None, venue: VenueName | None, lasts_ns: int | None) -> int:
        """Stop trading in a security or at a venue; return in how many securities."""
        ...

    def resume_trading(self, symbol: str | None, venue: VenueName | None) -> int:
        """End halts and locked prices; return of how many securities."""
        ...

    def lock(
        self,
        symbol: str,
        side: PinSide,
        price: Decimal | None,
        percent: Decimal | None,
        *,
        pauses: bool = False,
    ) -> Decimal:
        """Lock a price at `price`, so many percent from the last close, or at the day's limit.

        Returns where it is locked. A market without limits refuses the last of these.
        """
        ...

    def declare(self, symbol: str, what: CorporateOrder) -> date:
        """Have something happen to a company's shares, and return from which day on."""
        ...

    def expire(self, symbol: str | None, account: int | None) -> int:
        """End a derivative, or all options that an account holds; return how many positions."""
        ...

    def reseed(self, seed: int) -> None:
        """Let every market follow another seed."""
        ...

    # --- orders and accounts ------------------------------------------------------------------

    def act(self, what: OrderOrder) -> None:
        """Do something to an order, now or when it comes."""
        ...

    def pay(self, account: int, amount: Decimal, currency: str | None) -> Decimal:
        """Pay cash in, or out if negative; return what the account has then."""
        ...

    def transfer(self, account: int, symbol: str, quantity: int, price: Decimal | None) -> None:
        """Bring shares in, or take them out if negative, at a cost price or the last price."""
        ...

    def reset(self, scope: ResetScope, account: int | None) -> None:
        """Put accounts, markets or both back to how they began."""
        ...

    def save_state(self, name: str) -> int:
        """Write the whole state to a file; return how many records it has."""
        ...

    def load_state(self, name: str) -> LoadedState:
        """Become what a file says."""
        ...

    # --- the session --------------------------------------------------------------------------

    def set_quotas(self, subscriptions: int | None, history: int | None) -> tuple[int, int]:
        """Change the quotas and return both."""
        ...

    def set_right(self, product: str, right: str) -> None:
        """Change a quote right."""
        ...

    def notify(self, notice: NoticeName) -> None:
        """Send a notice to all who receive them."""
        ...

    # --- faults and the journal ---------------------------------------------------------------

    def add_fault(self, what: FaultOrder) -> int | None:
        """Begin a fault and return its id; None if it is over at once."""
        ...

    def clear_faults(self, fault_id: int | None) -> int:
        """End one fault, or all for None; return how many."""
        ...

    def faults(self) -> tuple[FaultReport, ...]:
        """The faults that ended by themselves, then those in force."""
        ...

    def keep_journal(self, size: int) -> None:
        """Write down every frame and keep so many; 0 stops."""
        ...

    def clear_journal(self) -> None:
        """Forget what was written down."""
        ...

    def journal(self, query: JournalQuery) -> JournalReport:
        """Look into the journal."""
        ...
