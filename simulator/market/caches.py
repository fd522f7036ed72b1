"""A bounded memory for values that can always be computed again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers the values asked for most recently, up to a number."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, now the most recent; None if forgotten."""
        value = self._kept.get(key)
        if value is not None:
            self._kept.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> V:
        """Remember a value, forgetting the oldest."""
        self._kept[key] = value
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value

    def drop(self, key: K) -> None:
        """Forget one value, if it is remembered."""
        self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget all values."""
        self._kept.clear()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._kept)

    def forget(self, is_meant: Callable[[K], bool]) -> None:
        """Drop the values of some keys."""
        for key in [key for key in self._kept if is_meant(key)]:
            del self._kept[key]

    def get_or(self, key: K, make: Callable[[], V]) -> V:
        """The value, made when it is not remembered."""
        value = self.get(key)
        return value if value is not None else self.put(key, make())
