"""Goes on where the last run stopped: opens the store, sets the clock, restores the engine.

The clock. In clock mode `open`, and when it starts from an instant, gateway time is the gateway's own:
it must never jump back, or orders would lie in the future. So a running gateway reserves some time
ahead; one that was killed goes on at the end of what it had reserved, one that stopped, at that instant.

The world. Prices are a function of the seed and the clock's origin; a state made in another world
would be worth something else in this one, so it is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from gateway.config import ConfigError, Settings
from gateway.session.opend import OpenD
from gateway.store.base import Saved, Store, StoreError
from gateway.store.opening import default_place, open_store
from simulator.domain import NS_PER_S
from simulator.journal import Restored

_log: Final = structlog.get_logger()

RESERVED_S: Final = 10.0
"""Real seconds that are reserved ahead."""
RENEWAL_S: Final = 6.0
"""More is reserved when less than this is left."""
_WORLD: Final = "world"
_CLOCK: Final = "clock"
_CREDENTIALS: Final = re.compile(r"://[^@/]*@")


@dataclass(frozen=True, slots=True)
class ClockState:
    """Two instants of gateway time."""

    origin_ns: int
    """Where the timeline of clock mode `open` starts."""
    now_ns: int
    """Where this run begins, or the next one may."""
    run: int = 0
    """How many runs there were before."""


def place_of(settings: Settings, folder: Path) -> str:
    """Where the state is kept.

    Args:
        settings: `sim_store`, or else what the default depends on.
        folder: for state that has no place of its own.
    """
    if settings.sim_store is not None:
        return settings.sim_store
    clock = settings.origins["sim_clock"].value if "sim_clock" in settings.origins else "open"
    return default_place(folder, settings.api_port, settings.sim_seed, clock)


class Continuity:
    """One run's tie to the runs before and after it.

    Args:
        settings: of this run.
        folder: for state that has no place of its own.
        call_soon: calls a function in this thread, from any thread.
        failed: told, in this thread, when the store has given up.

    Raises:
        ConfigError: the store cannot be opened or belongs to another world.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        call_soon: Callable[[Callable[[], None]], None],
        failed: Callable[[StoreError], None],
    ) -> None:
        self._settings = settings
        self.place: Final = place_of(settings, folder)
        try:
            self.store: Final[Store] = open_store(self.place, call_soon, failed)
            self._saved: Saved | None = self.store.load()
            _check_world(settings, self._saved)
        except StoreError as error:
            raise self._refusal(error) from error
        self._begin = ClockState(0, 0)
        self._renewal_ns = 0

    def begin(self, origin_ns: int) -> ClockState:
        """Decide what the clocks show now.

        Args:
            origin_ns: gateway time at which a first run would start.
        """
        state = ClockState(origin_ns, origin_ns)
        if self._saved is not None and _CLOCK in self._saved.facts:
            kept = ClockState(**json.loads(self._saved.facts[_CLOCK]))
            now_ns = origin_ns if self._settings.sim_clock == "wall" else kept.now_ns
            state = ClockState(kept.origin_ns, now_ns, kept.run + 1)
        self._begin = state
        return state

    def resume(self, opend: OpenD, now_ns: int) -> Restored:
        """Restore the state, say what was recovered, and keep this run's beginning."""
        saved, self._saved = self._saved, None
        try:
            restored = opend.restore(saved.records if saved else (), now_ns)
        except (StoreError, ValueError) as error:
            raise self._refusal(error) from error
        self.store.set_fact(_WORLD, json.dumps(world_facts(self._settings)))
        opend.keep_time = self.keep_time
        opend.rebase_time = self.rebase_time
        self.keep_time(now_ns)
        opend.keep_changes()
        _log.info(
            "store_opened",
            place=self.shown_place,
            orders=restored.orders,
            open_orders=restored.open_orders,
            fills=restored.fills,
        )
        if restored.unknown_accounts:
            _log.warning("accounts_not_restored", account_ids=restored.unknown_accounts)
        return restored

    def keep_time(self, now_ns: int) -> None:
        """Make sure that a later run starts after this instant, before anyone is told of it."""
        if now_ns > self._renewal_ns:
            reserved_ns = now_ns + self._span_ns(RESERVED_S)
            self._renewal_ns = reserved_ns - self._span_ns(RENEWAL_S)
            self._set_clock(reserved_ns)

    def rebase_time(self, origin_ns: int, now_ns: int) -> None:
        """Let a later run start from here; a command has put the clock elsewhere."""
        self._begin = replace(self._begin, origin_ns=origin_ns)
        self._renewal_ns = 0
        self.keep_time(now_ns)

    def end(self, now_ns: int) -> None:
        """Keep the last instant, and close the store once all is committed."""
        self._set_clock(now_ns)
        self.store.close()

    @property
    def shown_place(self) -> str:
        """The place without user and password."""
        return _CREDENTIALS.sub("://***@", self.place)

    def _span_ns(self, real_s: float) -> int:
        return int(real_s * self._settings.sim_speed * NS_PER_S)

    def _set_clock(self, now_ns: int) -> None:
        self.store.set_fact(_CLOCK, json.dumps(asdict(replace(self._begin, now_ns=now_ns))))

    def _refusal(self, error: Exception) -> ConfigError:
        origin = self._settings.origins.get("sim_store")
        place = origin.place if origin else "default of sim_store"
        return ConfigError(f'{place}: "{self.shown_place}": {error}')


def world_facts(settings: Settings) -> dict[str, str]:
    """What the market of a state follows from."""
    clock = settings.sim_clock
    start = settings.sim_start if settings.sim_clock in ("open", "manual") else None
    return {
        "sim_seed": str(settings.sim_seed),
        "sim_clock": clock.isoformat() if isinstance(clock, datetime) else clock,
        "sim_start": start.isoformat() if start else "",
    }


def _check_world(settings: Settings, saved: Saved) -> None:
    kept = json.loads(saved.facts.get(_WORLD, "{}"))
    for name, value in world_facts(settings).items():
        if kept.get(name, value) != value:
            raise StoreError(
                f"its state was made with {name}={kept[name] or '-'}, not {value or '-'}; "
                "name another sim_store for another market"
            )
