"""Protocols 3209 and 3224: option chains and the dates on which options expire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import trunc
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway import texts
from gateway.convert.security import find, static_info
from gateway.convert.times import midnight, parse_range, zone_of
from gateway.errors import ApiError
from gateway.pb import Qot_Common, Qot_GetOptionChain, Qot_GetOptionExpirationDate
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, OptionKind, OptionTerms, SecurityType
from simulator.market.derivative_figures import OptionColumns, option_columns
from simulator.market.option_classes import OptionClass, classes_of
from simulator.market.option_listing import Expiration, expirations

MAX_SPAN_DAYS: Final = 30
"""Source: [O]."""

_Column = Callable[[OptionColumns], NDArray[np.float64] | NDArray[np.int64]]
_FIGURES: Final[tuple[tuple[str, int, _Column], ...]] = (
    ("impliedVolatility", 0, lambda columns: columns.volatility * 100.0),
    ("delta", 3, lambda columns: columns.delta),
    ("gamma", 3, lambda columns: columns.gamma),
    ("vega", 3, lambda columns: columns.vega),
    ("theta", 3, lambda columns: columns.theta),
    ("rho", 3, lambda columns: columns.rho),
    ("netOpenInterest", 0, lambda columns: columns.net_open_interest),
    ("openInterest", 0, lambda columns: columns.open_interest),
)
"""Filters by figure: name on the wire, digits that count, value. Source: [P] DataFilter."""


@handles(ProtoId.Qot_GetOptionExpirationDate)
def get_expiration_dates(
    call: Call, c2s: Qot_GetOptionExpirationDate.C2S
) -> Qot_GetOptionExpirationDate.S2C:
    """The expiries listed now, soonest first; none for what has no options.

    Raises:
        ApiError: No right to options.
        UnknownSecurity: The underlying is not listed.

    Source: [P] Qot_GetOptionExpirationDate.proto, `cycle` of Hong Kong's index options only.
    """
    owner, classes = _classes(call, c2s.owner, c2s.indexOptionType)
    today = call.opend.market.trading_date(owner.security, call.now_ns)
    found = {e.day: e for series in reversed(classes) for e in expirations(series, today)}
    is_index = owner.security_type is SecurityType.INDEX and owner.security.market is Market.HK
    return Qot_GetOptionExpirationDate.S2C(
        dateList=[
            Qot_GetOptionExpirationDate.OptionExpirationDate(
                strikeTime=expiration.day.isoformat(),
                strikeTimestamp=midnight(expiration.day, zone_of(owner.venue)),
                optionExpiryDateDistance=(expiration.day - today).days,
                cycle=expiration.cycle if is_index else None,
            )
            for _, expiration in sorted(found.items())
        ]
    )


@handles(ProtoId.Qot_GetOptionChain)
def get_option_chain(call: Call, c2s: Qot_GetOptionChain.C2S) -> Qot_GetOptionChain.S2C:
    """Calls and puts of every strike whose expiry lies in a range of at most thirty days.

    Raises:
        ApiError: A time is unreadable, the range reversed or too long, or no right to options.
        UnknownSecurity: The underlying is not listed.

    Source: [P] Qot_GetOptionChain.proto; [O] the limit's text; [D] expired chains are not given.
    """
    begin, end = parse_range(c2s.beginTime, c2s.endTime)
    if (end.date() - begin.date()).days > MAX_SPAN_DAYS:
        raise ApiError(texts.OPTION_CHAIN_TOO_LONG)
    owner, classes = _classes(call, c2s.owner, c2s.indexOptionType)
    today = call.opend.market.trading_date(owner.security, call.now_ns)
    found: dict[date, list[Qot_GetOptionChain.OptionItem]] = {}
    for series in classes:
        for expiration in expirations(series, today):
            if begin.date() <= expiration.day <= end.date():
                items = found.setdefault(expiration.day, [])
                items += _items(call, c2s, series, expiration, today)
    return Qot_GetOptionChain.S2C(
        optionChain=[
            Qot_GetOptionChain.OptionChain(
                strikeTime=day.isoformat(),
                strikeTimestamp=midnight(day, zone_of(owner.venue)),
                option=items,
            )
            for day, items in sorted(found.items())
        ]
    )


def _classes(
    call: Call, message: Qot_Common.Security, index_type: int
) -> tuple[Instrument, tuple[OptionClass, ...]]:
    """The underlying and its classes of options, in Hong Kong those of the wanted size.

    Source: [D] the type is for Hong Kong's indices only; [O] an American index has two roots.
    """
    owner = find(call.opend.market.universe, message)
    call.opend.quote_access.check_options(owner)
    wants_small = index_type == Qot_Common.IndexOptionType_Small
    if owner.security.market is not Market.HK:
        return owner, classes_of(owner)
    return owner, tuple(s for s in classes_of(owner) if s.is_small == wants_small)


def _items(
    call: Call,
    c2s: Qot_GetOptionChain.C2S,
    series: OptionClass,
    expiration: Expiration,
    today: date,
) -> list[Qot_GetOptionChain.OptionItem]:
    """One class on one day; strikes of which nothing is left are left out."""
    pairs = call.opend.market.derivatives.chain(series, expiration, today)
    kept = _select(call, c2s, [option for pair in pairs for option in (pair.call, pair.put)])
    items = []
    for pair in pairs:
        item = Qot_GetOptionChain.OptionItem()
        if pair.call.security in kept:
            item.call.CopyFrom(static_info(pair.call, call.language))
        if pair.put.security in kept:
            item.put.CopyFrom(static_info(pair.put, call.language))
        if item.HasField("call") or item.HasField("put"):
            items.append(item)
    return items


def _select(call: Call, c2s: Qot_GetOptionChain.C2S, options: list[Instrument]) -> set[object]:
    """The keys of the options that pass type, condition and data filter."""
    market = call.opend.market
    if c2s.type:
        options = [o for o in options if _terms(o).kind == c2s.type]
    if not options:
        return set()
    if c2s.condition:
        spot = market.owner_price(options[0], market.market_ns(options[0].security, call.now_ns))
        wants_inside = c2s.condition == Qot_GetOptionChain.OptionCondType_WithIn
        options = [o for o in options if _is_inside(_terms(o), spot) == wants_inside]
    if c2s.HasField("dataFilter"):
        options = _filter(call, c2s.dataFilter, options)
    return {option.security for option in options}


def _filter(
    call: Call, wanted: Qot_GetOptionChain.DataFilter, options: list[Instrument]
) -> list[Instrument]:
    columns = option_columns(call.opend.market, options, call.now_ns)
    if columns is None:
        return []
    passed = np.ones(len(options), np.bool_)
    for name, digits, read in _FIGURES:
        low, high = _bounds(wanted, name, digits)
        values = read(columns)
        passed &= (values >= low) & (values <= high)
    found = [o for o, ok in zip(options, passed.tolist(), strict=True) if ok]
    low, high = _bounds(wanted, "vol", 0)
    if (low, high) == (-np.inf, np.inf):
        return found
    quote = call.opend.market.quote
    return [o for o in found if low <= quote(o.security, call.now_ns).volume <= high]


def _bounds(wanted: Qot_GetOptionChain.DataFilter, name: str, digits: int) -> tuple[float, float]:
    """Both ends, without the digits that do not count. Source: [P] DataFilter's comments."""
    scale = 10**digits
    found = []
    for end, none in (("Min", -np.inf), ("Max", np.inf)):
        field = f"{name}{end}"
        value: float = getattr(wanted, field)
        found.append(trunc(value * scale) / scale if wanted.HasField(field) else none)
    return found[0], found[1]


def _terms(option: Instrument) -> OptionTerms:
    if not isinstance(option.terms, OptionTerms):
        raise TypeError(f"{option.security.symbol} is no option")
    return option.terms


def _is_inside(terms: OptionTerms, spot: float) -> bool:
    is_call = terms.kind is OptionKind.CALL
    return spot > terms.strike if is_call else spot < terms.strike
