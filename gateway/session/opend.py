"""Everything that one running OpenD is, short of its sockets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from typing import Final, Protocol

from gateway.pb import Qot_Common, Qot_GetSecuritySnapshot
from gateway.session.connection import Connection
from gateway.session.delays import Delays, next_reset_ns
from gateway.session.limits import RateLimiter
from gateway.session.links import Links
from gateway.session.login import Login
from gateway.session.notices import (
    ConnectionsCut,
    LinksChanged,
    Notice,
    QuotasChanged,
    QuotaUsed,
)
from gateway.session.option_chains import counted_in
from gateway.session.pacing import Pacing
from gateway.session.packets import SeenPackets
from gateway.session.quotas import HistoryQuota
from gateway.session.quote_access import QuoteAccess
from gateway.session.quote_rights import QuoteRights
from gateway.session.roster import Roster
from gateway.session.script import NoScript, Script
from gateway.session.subscriptions import Subscriptions, Unit
from gateway.session.tiers import REVIEW_NS, quota_of, real_standing
from gateway.store.base import Store
from gateway.store.memory import MemoryStore
from gateway.texts import Language
from gateway.wire.ft_frame import BodyFormat
from simulator.domain import AccountSpec, Environment, Instrument, Security
from simulator.engine import Engine
from simulator.journal import (
    AnswerRecord,
    HistoryUseRecord,
    MomentRecord,
    Record,
    Removal,
    Restored,
)
from simulator.market.caches import Recent
from simulator.market.capital import CapitalFlows
from simulator.market.data import Look, MarketData
from simulator.market.extended_market import SessionFigures
from simulator.market.offerings import NewListings
from simulator.market.source import MarketSource
from simulator.market.statistics import Headline
from simulator.market.synthetic import SyntheticSource
from simulator.market_control import MarketControl
from simulator.reminder_watch import ReminderWatch
from simulator.reminders import ReminderRecord, Reminders
from simulator.watchlists import WatchList, WatchListRecord
from telnet_ops.limits import Limit

_MOST_SNAPSHOTS: Final = 4_000
_MOST_QUOTES: Final = 4_000
_MOST_POLLS: Final = 500


class Disturbance(Protocol):
    """What goes wrong on purpose, as far as it goes by time."""

    def expire(self, now_ns: int) -> None:
        """End what is over and let go of what is due."""
        ...

    def next_deadline_ns(self) -> int | None:
        """When `expire` has something to do."""
        ...

    def drop(self, conn_id: int) -> None:
        """A connection ended."""
        ...


def _no_console(_line: str, _now_ns: int) -> str:
    return ""


def _admit_all(_command: str, _now_ns: int) -> Limit | None:
    return None


def _forget_time(_now_ns: int) -> None:
    """A run without a successor."""


def _forget_origin(_origin_ns: int, _now_ns: int) -> None:
    """The same."""


@dataclass(frozen=True, slots=True)
class WrittenQuote:
    """A quote on the wire and what it was written from."""

    headline: Headline
    hours: tuple[SessionFigures | None, ...]
    message: Qot_Common.BasicQot
    row: bytes
    """The message as an element of the list that Qot_GetBasicQot answers."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What a request for quotes names, found and allowed while these rights last."""

    instruments: tuple[Instrument, ...]
    units: frozenset[Unit]
    """What has to be subscribed for it."""
    rights: QuoteRights


@dataclass(frozen=True, slots=True)
class WrittenSnapshot:
    """A snapshot on the wire and what it was written from."""

    look: Look
    hours: tuple[SessionFigures | None, ...]
    message: Qot_GetSecuritySnapshot.Snapshot


@dataclass(slots=True)
class OpenD:
    """The state that handlers, pushes and operations share."""

    market: MarketData
    engine: Engine
    roster: Roster
    language: Language
    default_push_format: int = BodyFormat.PROTOBUF
    """`push_proto_type`: for connections whose InitConnect names no format."""
    subscriptions: Subscriptions = field(init=False)
    login: Login = field(default_factory=Login)
    quote_access: QuoteAccess = field(default_factory=QuoteAccess)
    run_command: Callable[[str, int], str] = _no_console
    """Runs one line of the operations console at a gateway time and returns its answer."""
    admit_command: Callable[[str, int], Limit | None] = _admit_all
    """Counts what a client does that is a command of the console too; tells the limit it breaks."""
    delays: Delays = field(default_factory=Delays)
    limiter: RateLimiter | None = field(default_factory=RateLimiter)
    """None: `sim_limits` is off."""
    futures_zone: tzinfo = timezone(timedelta(hours=8))
    """`future_trade_api_time_zone`: of the times in trade messages about futures."""
    packets: SeenPackets = field(default_factory=SeenPackets)
    pacing: Pacing = field(default_factory=Pacing)
    history_quota: HistoryQuota = field(default_factory=HistoryQuota)
    watch_list: WatchList = field(default_factory=WatchList)
    reminders: Reminders = field(default_factory=Reminders)
    reminder_watch: ReminderWatch = field(init=False)
    make_source: Callable[[int], MarketSource] = SyntheticSource
    """Makes the market's source with another seed."""
    markets: MarketControl = field(init=False)
    """What commands do to markets."""
    capital_flows: CapitalFlows = field(init=False)
    new_listings: NewListings = field(init=False)
    price_reminder_push: bool = True
    """False: reminders speak, but nobody is told."""
    has_paper_accounts: bool = True
    """`simulate_trade`: False hides the paper accounts from clients."""
    trades_in_the_open: bool = True
    """False: trade interfaces are refused, for want of encryption on an address that others reach."""
    store: Store = field(default_factory=MemoryStore)
    keep_time: Callable[[int], None] = _forget_time
    """Called with the gateway time before anyone is told what it is."""
    rebase_time: Callable[[int, int], None] = _forget_origin
    """Called with the timeline's origin and the gateway time when a command puts them elsewhere."""
    script: Script = field(default_factory=NoScript)
    """What acts by itself at its instants."""
    written_quotes: Recent[Security, WrittenQuote] = field(
        default_factory=lambda: Recent(_MOST_QUOTES)
    )
    """The latest quote of each security that has been asked for, for as long as it holds."""
    polls: Recent[bytes, Poll] = field(default_factory=lambda: Recent(_MOST_POLLS))
    """Requests for quotes that came lately; clients ask the same again and again."""
    written_snapshots: Recent[Security, WrittenSnapshot] = field(
        default_factory=lambda: Recent(_MOST_SNAPSHOTS)
    )
    """The latest snapshots, each for as long as it holds."""
    links: Links = field(default_factory=Links)
    disturbance: Disturbance | None = None
    """Faults in force; None, as usual: there are none."""
    _notices: list[Notice] = field(default_factory=list)
    quota_review_ns: int | None = None
    """When the size of the quotas is looked at again; None: it does not depend on the user."""
    _told_used: tuple[int, int] = (0, 0)

    def accounts(self) -> tuple[AccountSpec, ...]:
        """The accounts that clients can use."""
        return tuple(
            spec
            for spec in self.engine.accounts()
            if self.has_paper_accounts or spec.environment is Environment.REAL
        )

    def keep_changes(self) -> None:
        """Hand what changed to the store; to be called before anyone is told of it."""
        changes = [
            *self.engine.take_changes(),
            *self.watch_list.take_changes(),
            *self.reminders.take_changes(),
            *self.markets.take_changes(),
            *self.packets.take_changes(),
            *self.history_quota.take_changes(),
        ]
        if changes:
            self.store.append(changes)

    def all_records(self) -> list[Record]:
        """The whole state, what passes with the moment included."""
        self.keep_changes()
        return [
            *self.markets.all_records(),
            *self.engine.all_records(),
            *self.watch_list.all_records(),
            *self.reminders.all_records(),
            *self.packets.all_records(),
            *self.history_quota.all_records(),
        ]

    def load(self, records: Sequence[Record], seed: int, now_ns: int) -> Restored:
        """Become what another state was, connections and subscriptions apart.

        Args:
            records: that state.
            seed: its world's.
            now_ns: the clock as it is now, which may be earlier than before.
        """
        before = self.all_records()
        for security in self.reminders.securities():
            self.reminders.delete_all(security)
            self.reminder_watch.follow(security)
        self.reminders.forget_all()
        self.packets.forget_all()
        self.pacing = Pacing(self.pacing.interval_ns)
        self.subscriptions.turn_back(now_ns)
        if self.limiter is not None:
            self.limiter = RateLimiter(keeps_spacing=self.limiter.keeps_spacing)
        self.markets.load(records, seed)
        self.forget_readings()
        restored = self.engine.load(records, seed, now_ns)
        self._restore_personal(records)
        self.links.missed.clear()
        self.delays.next_reset_ns = next_reset_ns(now_ns)
        if self.quota_review_ns is not None:
            self.review_quotas(now_ns)
        kept = {(type(record), record.key) for record in records}
        gone = [Removal(type(r), r.key) for r in before if (type(r), r.key) not in kept]
        lasting = [record for record in records if not isinstance(record, MomentRecord)]
        self.store.append([*gone, *lasting])
        return restored

    def forget_readings(self) -> None:
        """The past of the market is another one: what was worked out from it is void."""
        self.written_quotes = Recent(_MOST_QUOTES)
        self.written_snapshots = Recent(_MOST_SNAPSHOTS)
        self.capital_flows = CapitalFlows(self.market)

    def restore(self, records: Sequence[Record], now_ns: int) -> Restored:
        """Go on from what an earlier run kept; before anything else happens in this one."""
        self.markets.restore(records)
        self.new_listings.advance(now_ns)
        restored = self.engine.restore(records, now_ns)
        self._restore_personal(records)
        return restored

    def _restore_personal(self, records: Sequence[Record]) -> None:
        uses = (record for record in records if isinstance(record, HistoryUseRecord))
        self.history_quota.restore(uses)
        for record in records:
            if isinstance(record, AnswerRecord):
                self.packets.restore(record)
            elif isinstance(record, WatchListRecord):
                self.watch_list.restore(record)
            elif isinstance(record, ReminderRecord):
                self.reminders.restore(record)
                self.reminder_watch.follow(record.security)

    def __post_init__(self) -> None:
        counted_as = counted_in(self.market.universe)
        self.subscriptions = Subscriptions(counted_as=counted_as)
        self.history_quota.counted_as = counted_as
        self.reminder_watch = ReminderWatch(self.reminders, self.engine, self.market)
        self.markets = MarketControl(self.engine, self.market, self.make_source)
        self.capital_flows = CapitalFlows(self.market)
        self.new_listings = NewListings(self.market)

    def cut(self, conn_ids: tuple[int, ...], reason: str) -> None:
        """Close connections once the present request is answered."""
        self._notices.append(ConnectionsCut(conn_ids, reason))

    @property
    def is_cutting(self) -> bool:
        """Whether connections are to be closed next; nothing can be sent to them after that."""
        return self.login.is_cutting or any(
            isinstance(notice, ConnectionsCut) for notice in self._notices
        )

    def tell(self, notice: Notice) -> None:
        """Have a notice sent."""
        self._notices.append(notice)

    def resize_quotas(self, subscriptions: int, history: int) -> None:
        """Change the size of the quotas, from now on whatever the user has or trades."""
        self.quota_review_ns = None
        self._resize(subscriptions, history)

    def review_quotas(self, now_ns: int) -> None:
        """Give the quotas the size that the user's assets and trades earn; look again later."""
        units = quota_of(real_standing(self.engine, now_ns))
        self.quota_review_ns = now_ns + REVIEW_NS
        self._resize(units, units)

    def _resize(self, subscriptions: int, history: int) -> None:
        if (subscriptions, history) != (self.subscriptions.quota, self.login.history_quota):
            self.subscriptions.quota, self.login.history_quota = subscriptions, history
            self.tell(QuotasChanged())

    def links_now(self) -> LinksChanged:
        """Which links are up: after the login, unless a fault has broken them."""
        login, links = self.login, self.links
        return LinksChanged(
            login.quotes_connected and links.quotes_are_up,
            login.trading_connected and not links.trading_lost,
        )

    def _as_it_is(self, notice: Notice) -> Notice:
        """A login that is complete does not mend a broken link."""
        return (
            self.links_now() if notice == LinksChanged(quotes_up=True, trading_up=True) else notice
        )

    def take_notices(self) -> list[Notice]:
        """Take what there is to tell."""
        known = map(self._as_it_is, self.login.drain())
        taken = [*known, *self.quote_access.drain(), *self._notices]
        self._notices.clear()
        used = (self.subscriptions.used, self.history_quota.counted)
        if used != self._told_used:
            self._told_used = used
            taken.append(QuotaUsed(*used))
        return taken

    def drop(self, connection: Connection, now_ns: int) -> None:
        """A connection ended: forget it and what only it held."""
        self.roster.drop(connection)
        if self.disturbance is not None:
            self.disturbance.drop(connection.conn_id)
        for security in self.subscriptions.drop_connection(connection.conn_id, now_ns):
            self.engine.unwatch(security)

    def expire(self, now_ns: int) -> None:
        """Release what ended connections had left subscribed, and begin the day's statistics anew."""
        if self.disturbance is not None:
            self.disturbance.expire(now_ns)
        self.delays.roll(now_ns)
        self.pacing.ripen(now_ns)
        self.new_listings.advance(now_ns)
        if self.quota_review_ns is not None and now_ns >= self.quota_review_ns:
            self.review_quotas(now_ns)
        for security in self.subscriptions.expire(now_ns):
            self.engine.unwatch(security)

    def next_deadline_ns(self) -> int | None:
        """When something happens by itself next, in gateway time."""
        deadlines = (
            self.engine.next_deadline_ns(),
            self.subscriptions.next_deadline_ns(),
            self.delays.next_reset_ns,
            self.pacing.next_deadline_ns(),
            self.new_listings.next_deadline_ns(),
            self.quota_review_ns,
            self.script.next_deadline_ns(),
            None if self.disturbance is None else self.disturbance.next_deadline_ns(),
        )
        known = [deadline for deadline in deadlines if deadline is not None]
        return min(known) if known else None
