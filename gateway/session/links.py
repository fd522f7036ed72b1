"""The links to the quote and trade servers, and what is missed while one of them is down.

Theory of operation. Here both servers live in the same process, so links only break by command. While
the quote link is down the market moves on, but nothing of it reaches OpenD; while the trade link is down
the exchange goes on filling orders, and OpenD hears of it when the link is back.

Source: [D] missed prints are pushed after the link is back; [I] everything else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from simulator.events import Event

MAX_MISSED_EVENTS: Final = 10_000
"""Changes of orders that are told after a loss; the oldest are forgotten [I]."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A loss of the quote link that is over."""

    lost_ns: int
    restored_ns: int
    keeps_subscriptions: bool


@dataclass(slots=True)
class Links:
    """How OpenD is connected to its servers."""

    are_disturbed: bool = False
    """Whether any of them is down."""
    quotes_lost_ns: int | None = None
    """Gateway time since which the quote link is down; None: it is up."""
    trading_lost: bool = False
    deaf_until_ns: int = -1
    """What the market did up to then, gateway time, did not reach OpenD."""
    missed: list[Event] = field(default_factory=list)
    """What happened to orders while the trade link was down."""
    _outage: Outage | None = None
    _is_trading_back: bool = False

    @property
    def quotes_are_up(self) -> bool:
        """Whether the quote server is there."""
        return self.quotes_lost_ns is None

    def heard_ns(self, now_ns: int) -> int:
        """The instant of the latest that OpenD knows of the market."""
        return now_ns if self.quotes_lost_ns is None else min(now_ns, self.quotes_lost_ns)

    @property
    def has_news(self) -> bool:
        """Whether a link came back and what was missed is still to be told."""
        return self._outage is not None or self._is_trading_back

    def lose_quotes(self, now_ns: int, never_ns: int) -> None:
        """The quote link breaks; `never_ns` is later than anything that will happen."""
        self.quotes_lost_ns = now_ns
        self.deaf_until_ns = never_ns
        self.are_disturbed = True

    def lose_trading(self) -> None:
        """The trade link breaks."""
        self.trading_lost = True
        self.are_disturbed = True

    def restore_quotes(self, now_ns: int, *, keeps_subscriptions: bool) -> None:
        """The quote link is back."""
        if self.quotes_lost_ns is not None:
            self._outage = Outage(self.quotes_lost_ns, now_ns, keeps_subscriptions)
            self.deaf_until_ns = now_ns
        self.quotes_lost_ns = None
        self.are_disturbed = self.trading_lost

    def restore_trading(self) -> None:
        """The trade link is back."""
        self._is_trading_back = self._is_trading_back or self.trading_lost
        self.trading_lost = False
        self.are_disturbed = not self.quotes_are_up

    def shift(self, by_ns: int) -> None:
        """The clock was put elsewhere: what the market did before is as long ago as it was."""
        self.deaf_until_ns += by_ns
        if self.quotes_lost_ns is not None:
            self.quotes_lost_ns += by_ns

    def miss(self, event: Event) -> None:
        """Keep an event of an account until the trade link is back."""
        self.missed.append(event)
        del self.missed[:-MAX_MISSED_EVENTS]

    def take_outage(self) -> Outage | None:
        """Take the loss of the quote link whose end is still to be told."""
        taken, self._outage = self._outage, None
        return taken

    def take_missed(self) -> list[Event]:
        """Take what happened to orders meanwhile, once the trade link is back."""
        if not self._is_trading_back:
            return []
        self._is_trading_back = False
        taken, self.missed = self.missed, []
        return taken
