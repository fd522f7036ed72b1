"""Replaceable assumptions about the venue: how long orders travel, how fast liquidity returns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from simulator.domain import NS_PER_S, OrderRequest


class LatencyModel(Protocol):
    """How long an order is on its way to the venue."""

    def delay_ns(self, request: OrderRequest) -> int:
        """Nanoseconds of the gateway's clock, 0 or more."""
        ...


@dataclass(frozen=True, slots=True)
class ConstantLatency:
    """Every order travels equally long. Source: [I]."""

    nanoseconds: int = 20_000_000

    def delay_ns(self, request: OrderRequest) -> int:
        """The constant."""
        del request
        return self.nanoseconds


class RefillModel(Protocol):
    """How displayed volume comes back after a user took it."""

    def still_missing(self, taken: int, elapsed_ns: int) -> int:
        """How much of `taken` has not come back `elapsed_ns` later; falls with time."""
        ...


@dataclass(frozen=True, slots=True)
class HalfLifeRefill:
    """Volume returns exponentially. Source: [I]."""

    half_life_ns: int = 10 * NS_PER_S

    def still_missing(self, taken: int, elapsed_ns: int) -> int:
        """Half of `taken` after each half-life."""
        factor: float = 0.5 ** (elapsed_ns / self.half_life_ns)
        return round(taken * factor)


@dataclass(frozen=True, slots=True)
class MarketOrderCollar:
    """How far from the opposite best price a market order may trade. Source: [I].

    Money is reserved at the same price, so that a market order can never overdraw an account.
    """

    fraction: Decimal = Decimal("0.05")

    def worst_price(self, best: Decimal, tick: Decimal, *, is_buy: bool) -> Decimal:
        """The last price at which the order may trade, on the tick and above zero."""
        factor = 1 + self.fraction if is_buy else 1 - self.fraction
        ticks = (best * factor / tick).to_integral_value()
        return max(ticks, Decimal(1)) * tick
