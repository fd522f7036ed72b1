"""The figures that only derivatives have: greeks, implied volatility, open interest, premium, leverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import (
    Instrument,
    Market,
    OptionKind,
    OptionTerms,
    Quote,
    SecurityType,
    WarrantKind,
    WarrantTerms,
)
from simulator.market.data import MarketData
from simulator.market.option_model import OptionBoard
from simulator.market.options import delta as delta_of
from simulator.market.options import greeks
from simulator.market.warrant_model import WarrantDay, WarrantModel, sign_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NET_SHARE: Final = 0.55
"""Net over gross open interest. Source: [I]."""


@dataclass(frozen=True, slots=True)
class OptionColumns:
    """Figures of several options on one underlying, in their order."""

    spot: float
    volatility: Floats
    """Fractions, as a price model has them."""
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    rho: Floats
    open_interest: Ints
    net_open_interest: Ints


def option_columns(
    market: MarketData, options: Sequence[Instrument], now_ns: int
) -> OptionColumns | None:
    """Read options on one underlying at one instant; None for no options."""
    terms = [i.terms for i in options if isinstance(i.terms, OptionTerms)]
    if not terms:
        return None
    owner = market.universe.get(terms[0].owner)
    board = market.derivatives.board(owner)
    row, spot = _moment(market, board, options[0], now_ns)
    contract = board.contract(
        np.full(len(terms), row),
        np.array([1.0 if t.kind is OptionKind.CALL else -1.0 for t in terms]),
        np.array([t.strike for t in terms]),
        np.array([t.expiry.toordinal() for t in terms]),
    )
    found = greeks(contract, np.array(spot))
    opened = market.derivatives.open_interest(list(options), row)
    return OptionColumns(
        spot=spot,
        volatility=contract.volatility,
        delta=found.delta,
        gamma=found.gamma,
        vega=found.vega,
        theta=found.theta,
        rho=found.rho,
        open_interest=opened,
        net_open_interest=np.rint(opened * _NET_SHARE).astype(np.int64),
    )


def _moment(
    market: MarketData, board: OptionBoard, instrument: Instrument, now_ns: int
) -> tuple[int, float]:
    """The underlying's row and its price."""
    owner = board.owner
    time_ns = market.market_ns(owner.security, now_ns)
    day = market.trading_date(owner.security, now_ns)
    return board.row(day.toordinal()), market.owner_price(instrument, time_ns)


def option_premium(terms: OptionTerms, price: float, spot: float) -> float:
    """Percent that the underlying must move for the buyer to break even at expiry."""
    if terms.kind is OptionKind.CALL:
        return (terms.strike + price - spot) / spot * 100.0
    return (spot - terms.strike + price) / spot * 100.0


def lot_multiplier(market: MarketData, terms: OptionTerms) -> float | None:
    """Board lots of the underlying in one contract; None for an index or outside Hong Kong."""
    owner = market.universe.get(terms.owner)
    if owner.security.market is not Market.HK or owner.security_type is SecurityType.INDEX:
        return None
    return terms.multiplier / owner.lot_size


@dataclass(frozen=True, slots=True)
class WarrantFigures:
    """A structured product at one instant. Percentages are 20.0 for 20 %."""

    spot: float
    delta: float
    """0 for what has none: bull and bear contracts, inline warrants."""
    volatility: float
    """Percent; 0 likewise."""
    premium: float
    break_even: float
    leverage: float
    """0 for an inline warrant, which pays a fixed sum; `effective_leverage` likewise."""
    effective_leverage: float
    in_the_money: float
    """Percent of the strike; negative outside. Of an inline warrant, to the nearer bound."""
    recovery_distance: float
    """Percent from the recovery price to the underlying."""
    conversion_price: float
    street_rate: float
    street_volume: int
    score: float
    is_called: bool


def warrant_figures(
    market: MarketData, instrument: Instrument, quote: Quote | None, now_ns: int
) -> WarrantFigures:
    """Read a structured product; without a quote it is not listed yet and its price is 0."""
    terms = _warrant_terms(instrument)
    board = market.derivatives.board(market.universe.get(terms.owner))
    row, spot = _moment(market, board, instrument, now_ns)
    day = market.derivatives.warrant_day(instrument, row)
    price = quote.last if quote else 0.0
    cost = price * terms.conversion_ratio
    volatility, delta = _sensitivity(day, spot)
    is_geared = cost > 0 and terms.kind is not WarrantKind.INLINE
    leverage = spot / cost if is_geared else 0.0
    street = day.street if quote else 0.0
    premium = _premium(terms, cost, spot)
    slope = delta or sign_of(terms.kind)
    return WarrantFigures(
        spot=spot,
        delta=delta,
        volatility=volatility * 100.0,
        premium=premium,
        break_even=terms.strike + sign_of(terms.kind) * cost if terms.strike else 0.0,
        leverage=leverage,
        effective_leverage=leverage * slope,
        in_the_money=_inside(terms, spot),
        recovery_distance=_share(spot - terms.recovery_price, terms.recovery_price),
        conversion_price=cost,
        street_rate=street * 100.0,
        street_volume=round(street * terms.issue_size / instrument.lot_size) * instrument.lot_size,
        score=_score(premium, street, leverage),
        is_called=_is_called(day.model, row, quote),
    )


def _warrant_terms(instrument: Instrument) -> WarrantTerms:
    if not isinstance(instrument.terms, WarrantTerms):
        raise TypeError(f"{instrument.security.symbol} is no warrant")
    return instrument.terms


def _sensitivity(day: WarrantDay, spot: float) -> tuple[float, float]:
    """Volatility and delta of what is an option."""
    if day.contract is None:
        return 0.0, 0.0
    slope = delta_of(day.contract, np.array([spot]))
    return float(day.contract.volatility[0]), float(slope[0])


def _premium(terms: WarrantTerms, cost: float, spot: float) -> float:
    sign = sign_of(terms.kind)
    return (sign * (terms.strike - spot) + cost) / spot * 100.0 if sign else 0.0


def _inside(terms: WarrantTerms, spot: float) -> float:
    if terms.kind is WarrantKind.INLINE:
        return min(spot - terms.lower, terms.upper - spot) / spot * 100.0
    return sign_of(terms.kind) * (spot - terms.strike) / terms.strike * 100.0


def _share(part: float, whole: float) -> float:
    return part / whole * 100.0 if whole else 0.0


def _score(premium: float, street: float, leverage: float) -> float:
    """How attractive a product is, 0 to 100: cheap, liquid, geared. Source: [I]."""
    cheap = max(0.0, 1.0 - abs(premium) / 30.0)
    geared = min(abs(leverage) / 12.0, 1.0)
    return round(100.0 * (0.5 * cheap + 0.3 * geared + 0.2 * min(street / 0.5, 1.0)), 3)


def _is_called(model: WarrantModel, row: int, quote: Quote | None) -> bool:
    """Whether the recovery price was touched before this instant."""
    if quote is None or not model.terms.recovery_price:
        return False
    return row > model.last or (row == model.last and not quote.bid and not quote.ask)


def has_started(instrument: Instrument, day: date) -> bool:
    """Whether a structured product is listed on a day, and not only announced."""
    return _warrant_terms(instrument).listed <= day
