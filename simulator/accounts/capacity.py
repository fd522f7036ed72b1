"""How much of a security a budget can carry: the search for the largest affordable order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from simulator.accounts.terms import ContractTerms
from simulator.domain import Security, Side


@dataclass(frozen=True, slots=True)
class BuyTerms:
    """What the search for the largest affordable quantity needs to know."""

    security: Security
    price: Decimal
    lot_size: int
    most: int
    """The largest single order, in shares."""
    day: date
    rate: Decimal = Decimal(1)
    """What a unit of the security's currency is worth in the account's."""


def most_bought(
    terms: BuyTerms, contract: ContractTerms, budget: Decimal, margin_rate: Decimal
) -> int:
    """Whole lots whose margin and fees fit the budget, by bisection: the cost never falls."""
    low, high = 0, terms.most // terms.lot_size
    while low < high:
        lots = (low + high + 1) // 2
        shares = lots * terms.lot_size
        value = shares * contract.multiplier * terms.price
        cost = margin_rate * value + contract.fees.due(Side.BUY, shares, value, terms.day)
        low, high = (lots, high) if cost * terms.rate <= budget else (low, lots - 1)
    return low * terms.lot_size


def most_shorted(terms: BuyTerms, contract: ContractTerms, budget: Decimal) -> int:
    """Whole lots whose margin fits the budget; 0 where nothing can be sold short."""
    if contract.rates.initial_short is None or budget <= 0:
        return 0
    lot_value = terms.price * terms.lot_size * contract.multiplier * terms.rate
    lots = int(budget / (contract.rates.initial_short * lot_value))
    return min(lots * terms.lot_size, terms.most)


def margin_of_one(
    terms: BuyTerms, contract: ContractTerms, margin_rate: Decimal | None
) -> Decimal | None:
    """The margin of one future, in its own currency; None for anything else."""
    if not contract.is_future or margin_rate is None:
        return None
    return margin_rate * terms.price * contract.multiplier
