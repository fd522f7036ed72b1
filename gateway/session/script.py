"""What acts on an OpenD by itself at instants of gateway time; a scenario does."""

from __future__ import annotations

from typing import Protocol


class Script(Protocol):
    """Does things at their instants, in the order in which everything else happens."""

    def catch_up(self, now_ns: int, *, leaps: bool = False) -> bool:
        """Do what is due up to `now_ns`, each thing at its own instant; say whether there was any.

        Args:
            now_ns: gateway time.
            leaps: What only watchers would be told of on the way is left out.
        """
        ...

    def next_deadline_ns(self) -> int | None:
        """When something may be due next; None if never."""
        ...

    def reset(self) -> None:
        """Everything is put back to how it began: let the rest not happen, unless this is a part of it."""
        ...


class NoScript:
    """Nothing happens by itself."""

    def catch_up(self, now_ns: int, *, leaps: bool = False) -> bool:
        """Do nothing."""
        return False

    def next_deadline_ns(self) -> int | None:
        """Never."""
        return None

    def reset(self) -> None:
        """Do nothing."""
