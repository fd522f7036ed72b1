"""What can go wrong on purpose, as methods; and the journal of what clients sent and got."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypedDict, Unpack

from opend_pytest.command_link import CommandLink, ControlError

FaultKind = Literal[
    "latency", "bandwidth", "drop", "duplicate", "reorder", "swallow", "error", "wrong_digest", "cut",
    "refuse", "outlier", "stale", "link",
]  # fmt: skip
Direction = Literal["request", "reply", "push"]
Entry = dict[str, Any]
"""An entry of the journal: `n`, `time`, `conn_id`, `client`, `direction`, `protocol`, `message` …"""


class FaultOptions(TypedDict, total=False):
    """What a fault may say; spans are written `200ms`, `10s`, `5m`, in gateway time."""

    conn_id: int | str | None
    """Only on that connection."""
    client: str | None
    """Only on connections of that client id."""
    protocol: str | int | None
    """Only in that protocol, by name or number."""
    security: str | None
    """Only in messages about that security."""
    direction: Direction | None
    probability: float | None
    """How likely, above 0 and up to 1."""
    skip: int | None
    """How many times it lets pass first."""
    count: int | None
    """How often; by default until it ends (an outlier: once)."""
    lasts: str | None
    """How long; by default until it is cleared."""
    delay: str
    jitter: str
    """Of a latency."""
    rate: int
    """Of a bandwidth: bytes per second."""
    percent: float
    """Of an outlier: by how much it is off."""
    ret_type: int
    message: str
    err_code: int
    """Of an error."""
    link: Literal["quotes", "trading", "both"]
    subscriptions: Literal["kept", "lost"]
    """Of a link that is lost."""


class JournalQuery(TypedDict, total=False):
    """Which entries are meant; what is left out means all."""

    conn_id: int | str | None
    client: str | None
    protocol: str | int | None
    """By name or number."""
    direction: Direction | None
    since: int | str | None
    """The number of an entry, or an instant with its offset."""
    security: str | None
    ret: int | None
    """The retType of replies and pushes."""
    limit: int | None
    """Only so many, the latest."""


_ALL: Final = 1_000_000
_NUMBER: Final = re.compile(r"\d+")


class FaultControl:
    """Faults and the journal of one gateway.

    Args:
        link: Sends commands to it.
    """

    def __init__(self, link: CommandLink) -> None:
        self._link = link

    # --- faults -------------------------------------------------------------------------------

    def fault(self, kind: FaultKind, **options: Unpack[FaultOptions]) -> int | None:
        """Let something go wrong: `fault("latency", delay="200ms", protocol="Trd_PlaceOrder", count=3)`.

        Args:
            kind: What.
            **options: Whom it hits, when, and what the kind needs; see `FaultOptions`.

        Returns:
            Its number, for `clear_faults`; None for what is over at once, such as a cut.

        Raises:
            ControlError: It cannot be; the text says why.
        """
        answer = self._link.run("sim_fault", _written({"add": kind, **options}))
        number = _NUMBER.search(answer)
        return None if number is None else int(number[0])

    def cut(
        self,
        *,
        conn_id: int | str | None = None,
        client: str | None = None,
        lasts: str | None = None,
    ) -> int | None:
        """Cut connections now, and let none come back for that long."""
        return self.fault("cut", conn_id=conn_id, client=client, lasts=lasts)

    def lose_link(
        self,
        link: Literal["quotes", "trading", "both"] = "both",
        *,
        lasts: str | None = None,
        subscriptions: Literal["kept", "lost"] = "kept",
    ) -> int | None:
        """Let OpenD lose its own link to the servers, by default until `clear_faults`."""
        return self.fault("link", link=link, lasts=lasts, subscriptions=subscriptions)

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force behind those that are over, with `fault_id`, `kind`, `matched`, `struck`."""
        found: list[dict[str, Any]] = self._link.read("/faults")
        return found

    def clear_faults(self, fault_id: int | None = None) -> None:
        """End one fault, or all; what was held back is delivered."""
        self._link.run("sim_fault", {"clear": "all" if fault_id is None else str(fault_id)})

    # --- the journal --------------------------------------------------------------------------

    def keep_journal(self, size: int = 10_000) -> None:
        """Keep so many frames from now on; 0 stops."""
        chosen = {"action": "on", "size": str(size)} if size else {"action": "off"}
        self._link.run("sim_journal", chosen)

    def clear_journal(self) -> None:
        """Forget what was written down."""
        self._link.run("sim_journal", {"action": "clear"})

    def journal(self, **query: Unpack[JournalQuery]) -> list[Entry]:
        """Entries of the journal, oldest first.

        Args:
            **query: Which ones are meant; see `JournalQuery`.

        Raises:
            ControlError: There is no journal, or the query makes no sense.
        """
        content = self._link.read("/journal", _written({"limit": _ALL, **query}))
        if content["size"] == 0:
            raise ControlError("There is no journal: set sim_journal, or call keep_journal()")
        entries: list[Entry] = content["entries"]
        return entries

    def save_journal(self, path: Path | str, **query: Unpack[JournalQuery]) -> int:
        """Write entries to a file, one JSON object a line; returns how many. See `journal`."""
        entries = self.journal(**query)
        lines = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
        Path(path).write_text(lines, encoding="utf-8")
        return len(entries)

    def count(self, **query: Unpack[JournalQuery]) -> int:
        """How many entries of the journal there are; see `journal`."""
        content = self._link.read("/journal", _written({**query, "limit": 0}))
        if content["size"] == 0:
            raise ControlError("There is no journal: set sim_journal, or call keep_journal()")
        return int(content["count"])


def _written(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}
