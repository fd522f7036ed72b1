"""What changed, as records that a store can keep and from which a later run goes on.

Each record is the whole new state of one thing, under a key: writing it twice does no harm, and of
two with the same key the later one counts. The market is a pure function of time; of it only what
users printed on its tape and what commands did to it have records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.accounts.ledger import LedgerEntry
from simulator.accounts.positions import Holding
from simulator.accounts.reservations import Reservation
from simulator.domain import Fill, Security, Side, Trade
from simulator.market.bends import Bend
from simulator.packing import Packed
from simulator.reminders import ReminderRecord
from simulator.venue.orders import LiveOrder
from simulator.watchlists import WatchListRecord


@dataclass(frozen=True, slots=True)
class Resumption:
    """What a new run needs to go on with an unfinished order."""

    reservation: Reservation | None
    ticket: Packed
    """Fields of the broker's ticket, those that refer to other things left out."""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order. Who resumes queues behind what is displayed, users' orders in the order they had [I]."""

    live: LiveOrder
    resumption: Resumption | None
    """None for a finished order."""

    @property
    def key(self) -> str:
        """The order's id."""
        return str(self.live.order.order_id)


@dataclass(frozen=True, slots=True)
class FillRecord:
    """An execution."""

    fill: Fill

    @property
    def key(self) -> str:
        """The fill's id."""
        return str(self.fill.fill_id)


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """A movement of an account's cash."""

    account_id: int
    number: int
    """Counts the account's entries from 0."""
    entry: LedgerEntry

    @property
    def key(self) -> str:
        """Account and number."""
        return f"{self.account_id}/{self.number}"


@dataclass(frozen=True, slots=True)
class HoldingRecord:
    """What an account holds of one security."""

    account_id: int
    holding: Holding

    @property
    def key(self) -> str:
        """Account and security."""
        return f"{self.account_id}/{self.holding.security.symbol}"


@dataclass(frozen=True, slots=True)
class PrintRecord:
    """A user's aggressive fill as it stands on the tape."""

    security: Security
    trade: Trade

    @property
    def key(self) -> str:
        """Security and place on the tape."""
        return f"{self.security.symbol}/{self.trade.sequence}"


@dataclass(frozen=True, slots=True)
class CounterRecord:
    """How many ids have been given out."""

    orders: int
    fills: int

    @property
    def key(self) -> str:
        """There is one such record."""
        return "ids"


@dataclass(frozen=True, slots=True)
class BendRecord:
    """Everything that commands did to a security's path."""

    security: Security
    bend: Bend

    @property
    def key(self) -> str:
        """The security."""
        return self.security.symbol


@dataclass(frozen=True, slots=True)
class SeedRecord:
    """The seed that a command gave the market in place of the configured one."""

    seed: int

    @property
    def key(self) -> str:
        """There is one such record."""
        return "seed"


@dataclass(frozen=True, slots=True)
class PlansRecord:
    """What commands want to happen to the next orders, oldest first."""

    plans: tuple[Packed, ...]

    @property
    def key(self) -> str:
        """There is one such record."""
        return "plans"


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """How a client's trade write was answered; the engine knows nothing of it."""

    proto_id: int
    conn_id: int
    serial: int
    digest: str
    """Of the whole request."""
    answer: str | None
    """The message in base64; None: it was refused."""
    refusal: tuple[str, str] = ("", "")
    """In Chinese and English."""
    ret_type: int = 0

    @property
    def key(self) -> str:
        """Protocol, connection and serial number."""
        return f"{self.proto_id}/{self.conn_id}/{self.serial}"


@dataclass(frozen=True, slots=True)
class HistoryUseRecord:
    """A security whose history was read; the engine knows nothing of it."""

    security: Security
    first_ns: int
    """When that used a unit of the quota, gateway time."""

    @property
    def key(self) -> str:
        """The security."""
        return self.security.symbol


class TakenLevel(NamedTuple):
    """Displayed volume that users took and that has not all come back."""

    security: Security
    side: Side
    price_key: int
    quantity: int
    since_ns: int


class QueuedOrder(NamedTuple):
    """An order at the venue."""

    order_id: int
    ahead: int | None
    """Displayed volume before it; None while its price is out of sight."""


class Arrival(NamedTuple):
    """An order that travels."""

    order_id: int
    at_ns: int


@dataclass(frozen=True, slots=True)
class MomentRecord:
    """What passes with the moment: a snapshot has it, a journal does not.

    All times are gateway time.
    """

    taken: tuple[TakenLevel, ...]
    queued: tuple[QueuedOrder, ...]
    """Of equal prices in the order of the queue."""
    arrivals: tuple[Arrival, ...]

    @property
    def key(self) -> str:
        """There is one such record."""
        return "moment"


AccountRecord = OrderRecord | FillRecord | LedgerRecord | HoldingRecord
"""What belongs to one account."""
PersonalRecord = WatchListRecord | ReminderRecord | HistoryUseRecord
"""What belongs to the user; the engine knows nothing of it."""
MarketRecord = BendRecord | SeedRecord
"""What commands did to markets."""
Record = (
    AccountRecord
    | PrintRecord
    | CounterRecord
    | PersonalRecord
    | MarketRecord
    | PlansRecord
    | AnswerRecord
    | MomentRecord
)

KINDS: Final[dict[str, type[Record]]] = {
    "order": OrderRecord,
    "fill": FillRecord,
    "ledger": LedgerRecord,
    "holding": HoldingRecord,
    "print": PrintRecord,
    "counter": CounterRecord,
    "watch_list": WatchListRecord,
    "reminder": ReminderRecord,
    "history_use": HistoryUseRecord,
    "bend": BendRecord,
    "seed": SeedRecord,
    "plans": PlansRecord,
    "answer": AnswerRecord,
    "moment": MomentRecord,
}
"""Names of the kinds, as they are stored."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The end of a record: what it stood for is no more."""

    kind: type[Record]
    key: str


Change = Record | Removal
"""What a store is told."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restart took over."""

    orders: int
    open_orders: int
    fills: int
    unknown_accounts: tuple[int, ...]
    """Accounts with records that exist no more; their records stay where they are."""


def account_of(record: AccountRecord) -> int:
    """Whose it is."""
    match record:
        case OrderRecord():
            return record.live.order.account_id
        case FillRecord():
            return record.fill.account_id
        case LedgerRecord() | HoldingRecord():
            return record.account_id
