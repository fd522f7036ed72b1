"""Long computations that pause: generators which yield between their pieces and return the result."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")


def finish(making: Generator[None, None, T]) -> T:
    """Run a computation to its end without a pause and give its result."""
    while True:
        try:
            next(making)
        except StopIteration as end:
            made: T = end.value
            return made
