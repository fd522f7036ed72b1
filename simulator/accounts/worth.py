"""What an account's cash and holdings are worth at one instant, in the account's own currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from simulator.accounts.positions import Holding, Mark
from simulator.accounts.terms import TermsOf
from simulator.domain import Currency, Security, TradingMarket

_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Marks:
    """What everything in the account is worth at one instant."""

    prices: Mapping[Security, Mark] = field(default_factory=dict)
    """Of every security that the account holds."""
    rates: Mapping[Currency, Decimal] = field(default_factory=dict)
    """What a unit of each other currency that the account has is worth in its own."""


class Margins(NamedTuple):
    """Sums over all positions, in the account's own currency."""

    initial: Decimal
    maintenance: Decimal
    call: Decimal


@dataclass(frozen=True, slots=True)
class Worth:
    """Cash and holdings at the marks."""

    currency: Currency
    """The account's own."""
    balances: Mapping[Currency, Decimal]
    holdings: Mapping[Security, Holding]
    terms: TermsOf
    marks: Marks

    def rate(self, currency: Currency) -> Decimal:
        """What a unit of a currency is worth in the account's own."""
        return _ONE if currency is self.currency else self.marks.rates[currency]

    def cash(self) -> Decimal:
        """All cash, frozen or not."""
        balances = self.balances.items()
        return sum((amount * self.rate(currency) for currency, amount in balances), _ZERO)

    def equity(self) -> Decimal:
        """What would be left if everything were closed at the marks."""
        longs, shorts = self.sides()
        return self.cash() + longs - shorts + self._unsettled()

    def sides(self) -> tuple[Decimal, Decimal]:
        """Market value of long and short positions in what is paid for, both zero or positive."""
        values = [self._value(holding) for holding in self.holdings.values()]
        longs = sum((value for value in values if value > 0), _ZERO)
        return longs, longs - sum(values, _ZERO)

    def by_market(self, markets: tuple[TradingMarket, ...]) -> dict[TradingMarket, Decimal]:
        """Market value of what is paid for by market; these markets first, held in or not."""
        values = dict.fromkeys(markets, _ZERO)
        for security, holding in self.holdings.items():
            market = self.terms(security).market
            values[market] = values.get(market, _ZERO) + self._value(holding)
        return values

    def total(self, of: Callable[[Holding, Mark], Decimal]) -> Decimal:
        """Sum something over all holdings."""
        prices = self.marks.prices
        rows = ((holding, prices[security]) for security, holding in self.holdings.items())
        return sum((of(holding, mark) * mark.rate for holding, mark in rows), _ZERO)

    def margins(self) -> Margins:
        """What margin the positions need."""
        initial = maintenance = call = _ZERO
        for security, holding in self.holdings.items():
            if holding.quantity:
                mark, rates = self.marks.prices[security], self.terms(security).rates
                value = holding.market_value(mark) * mark.rate
                sides = max(value, _ZERO), max(-value, _ZERO)
                initial += rates.initial(*sides)
                maintenance += rates.maintenance(*sides)
                call += rates.call(*sides)
        return Margins(initial, maintenance, call)

    def _value(self, holding: Holding) -> Decimal:
        if not holding.quantity or self.terms(holding.security).is_future:
            return _ZERO
        mark = self.marks.prices[holding.security]
        return holding.market_value(mark) * mark.rate

    def _unsettled(self) -> Decimal:
        """What open futures have gained since they were last settled."""

        def gain(holding: Holding, mark: Mark) -> Decimal:
            return holding.unsettled(mark) if self.terms(holding.security).is_future else _ZERO

        return self.total(gain)
