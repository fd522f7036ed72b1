"""The whole state of a running OpenD to one file and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.session.opend import OpenD
from gateway.store.base import Saved, StoreError
from gateway.store.snapshot import read_snapshot, write_snapshot
from simulator.journal import Restored, SeedRecord
from simulator.timeline import OpenTimeline

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_OPEN: Final = "open"
_WALL: Final = "wall"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a gateway's states are from and where they go."""

    facts: Mapping[str, str] = field(default_factory=dict)
    """`sim_seed`, `sim_clock` and `sim_start`."""
    folder: Path = Path()
    """For files that are named without one."""


class StateFiles:
    """Saves and loads.

    Args:
        opend: Whose state it is.
        now_ns: Its clock.
        put_to: Puts the clock to an instant, which may be earlier.
        home: Where its states are from and where they go.
    """

    def __init__(
        self, opend: OpenD, now_ns: Callable[[], int], put_to: Callable[[int], None], home: Home
    ) -> None:
        self._opend = opend
        self._now_ns = now_ns
        self._put_to = put_to
        self._home = home

    def path_of(self, name: str) -> Path:
        """A plain name lies in the gateway's own folder, anything else where it says."""
        return self._home.folder / name if is_plain(name) else Path(name)

    def save(self, name: str) -> int:
        """Write the whole state, or leave what was there; say how many records it has.

        Raises:
            OSError: It cannot be written.
        """
        path = self.path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        records = tuple(self._opend.all_records())
        timeline = self._opend.market.timeline
        origin_ns = timeline.origin_ns if isinstance(timeline, OpenTimeline) else self._now_ns()
        clock = {"origin_ns": origin_ns, "now_ns": self._now_ns()}
        facts = {"world": json.dumps(dict(self._home.facts)), "clock": json.dumps(clock)}
        write_snapshot(Saved(records, facts), path)
        return len(records)

    def load(self, name: str) -> Restored:
        """Become what a file says; nothing changes if it cannot be.

        Raises:
            OSError: It cannot be read.
            StoreError: It is no snapshot, damaged, of a newer release or of another kind of clock,
                or has accounts that are not there.
        """
        saved = read_snapshot(self.path_of(name))
        try:
            world = json.loads(saved.facts["world"])
            clock = json.loads(saved.facts["clock"])
            origin_ns, now_ns = int(clock["origin_ns"]), int(clock["now_ns"])
            seed, mode = int(world.get("sim_seed", "1")), str(world.get("sim_clock", _OPEN))
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(f"it is damaged: {error}") from error
        self._check(mode, saved)
        records = list(saved.records)
        own_seed = int(self._home.facts.get("sim_seed", "1"))
        if seed != own_seed and not any(isinstance(record, SeedRecord) for record in records):
            records.append(SeedRecord(seed))
        if mode == _WALL:
            now_ns = self._now_ns()
        else:
            self._put_to(now_ns)
        if isinstance(self._opend.market.timeline, OpenTimeline):
            self._opend.market.retime(OpenTimeline(origin_ns))
        restored = self._opend.load(records, seed, now_ns)
        self._opend.rebase_time(origin_ns, now_ns)
        return restored

    def _check(self, mode: str, saved: Saved) -> None:
        own_mode = self._home.facts.get("sim_clock", _OPEN)
        if _family(mode) != _family(own_mode):
            raise StoreError(f"its state was made with sim_clock={mode}, not {own_mode}")
        known = {spec.account_id for spec in self._opend.engine.accounts()}
        unknown = saved.account_ids() - known
        if unknown:
            numbers = ", ".join(str(number) for number in sorted(unknown))
            raise StoreError(f"it has accounts that are not there: {numbers}")


def is_plain(name: str) -> bool:
    """Whether a name leads nowhere else than into the folder that it is looked for in."""
    return _PLAIN_NAME.fullmatch(name) is not None


def _family(mode: str) -> str:
    """Clocks whose instants mean the same: markets always open, the wall's, or one of its own."""
    return mode if mode in (_OPEN, _WALL) else "own"
