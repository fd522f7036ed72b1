"""Private worlds, as the console shows and ends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WorldReport:
    """One private world."""

    name: str
    connections: int
    now_ns: int
    """What its clock shows."""


class WorldList(Protocol):
    """The private worlds of the program."""

    def report(self) -> tuple[WorldReport, ...]:
        """All of them, oldest first."""
        ...

    def end(self, name: str) -> bool:
        """End a world and its connections; False if there is none of that name."""
        ...


class NoWorlds:
    """A program with one world only, or one of its private ones, which knows no other."""

    def report(self) -> tuple[WorldReport, ...]:
        """There are none."""
        return ()

    def end(self, _name: str) -> bool:
        """There is none."""
        return False
