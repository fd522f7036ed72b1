"""What holdings bring without an order: dividends, splits and rights, and the end of derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from simulator.accounts.account import Account
from simulator.accounts.ledger import EntryKind
from simulator.domain import Market, Security, ShareEvent, Side

_ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Delivery:
    """An option that ends in shares."""

    option: Security
    shares: Security
    quantity: int
    """Shares that come in; negative: that go out."""
    strike: Decimal
    fee: Decimal
    time_ns: int
    """Market clock."""


@dataclass(frozen=True, slots=True)
class Swap:
    """An option that becomes another one."""

    old: Security
    new: Security
    contracts: Fraction
    """New ones for an old one."""
    price: Decimal
    """Of a new one."""


def take_part(account: Account, security: Security, event: ShareEvent, time_ns: int) -> None:
    """Book a corporate action to what was held before its ex-date; a short position pays.

    Money is paid on the ex-date, since no pay date is known ([I]). Rights are not taken up but
    sold for what they are worth ([I]), so that nobody loses by them. Strict paper accounts get
    the dividends of American shares only. Source: [D] corporate actions of paper accounts.
    """
    holding = account.holding(security)
    held = holding.quantity
    if not account.spec.is_strict_paper or security.market is Market.US:
        account.post(time_ns, EntryKind.DIVIDEND, _cents(held * event.cash), security)
    worth = max(_ZERO, event.ex_price - event.rights_price)
    rights = Decimal(event.rights.numerator) / event.rights.denominator
    account.post(time_ns, EntryKind.RIGHTS, _cents(held * rights * worth), security)
    if event.shares != 1:
        paid = holding.convert(event.shares, event.ex_price)
        account.post(time_ns, EntryKind.FRACTION, paid, security)
    account.mark(security)


def replace_contract(account: Account, swap: Swap, day: date, time_ns: int) -> None:
    """Put an adjusted option in the place of the one that its underlying's split has changed."""
    old, new = account.holding(swap.old), account.holding(swap.new)
    old.roll(day)
    new.roll(day)
    paid = old.convert(swap.contracts, swap.price)
    account.post(time_ns, EntryKind.FRACTION, paid, swap.old)
    old.hand_over(new)
    account.mark(swap.old)
    account.mark(swap.new)


def close_out(
    account: Account, security: Security, price: Decimal, day: date, time_ns: int
) -> None:
    """End a holding at a price: that of a future settles, any other pays its value."""
    holding = account.holding(security)
    quantity = holding.quantity
    holding.roll(day)
    gain = holding.apply(Side.SELL if quantity > 0 else Side.BUY, abs(quantity), price)
    account.mark(security)
    if account.terms(security).is_future:
        account.post(time_ns, EntryKind.SETTLEMENT, gain, security)
    else:
        value = _cents(quantity * holding.multiplier * price)
        account.post(time_ns, EntryKind.EXERCISE, value, security)


def deliver(account: Account, delivery: Delivery, day: date) -> None:
    """End an option against the shares that it stands for, and its strike."""
    d = delivery
    close_out(account, d.option, _ZERO, day, d.time_ns)
    holding = account.holding(d.shares)
    holding.roll(day)
    holding.apply(Side.BUY if d.quantity > 0 else Side.SELL, abs(d.quantity), d.strike)
    account.mark(d.shares)
    account.post(d.time_ns, EntryKind.EXERCISE, _cents(-d.quantity * d.strike), d.option)
    account.post(d.time_ns, EntryKind.FEE, -d.fee, d.option)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
