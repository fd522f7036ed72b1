"""Messages as faults falsify them: a print that is far off, a quote that stands still."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from gateway.convert.derivative import add_basic_figures, add_snapshot_figures
from gateway.convert.quote import add_sessions, basic_quote
from gateway.convert.security import read_security
from gateway.convert.snapshot import snapshot
from gateway.pb import (
    Qot_Common,
    Qot_GetSecuritySnapshot,
    Qot_UpdateTicker,
)
from gateway.session.opend import OpenD
from simulator.domain import Instrument, Security
from simulator.ticks import decimal_tick


def put_outlier(
    opend: OpenD, message: Qot_UpdateTicker.Response, percent: float, now_ns: int
) -> None:
    """Move the latest print of a push by so many percent, to a price on the tick."""
    if not message.s2c.tickerList:
        return
    security = read_security(message.s2c.security)
    ticker = message.s2c.tickerList[-1]
    right = Decimal(repr(ticker.price))
    wrong = right * (1 + Decimal(repr(percent)) / 100)
    instrument = opend.market.universe.get(security)
    tick = decimal_tick(instrument, wrong, opend.market.trading_date(security, now_ns))
    wrong = max(round(wrong / tick), 1) * tick
    ticker.turnover = round(ticker.turnover * float(wrong / right), 3)
    ticker.price = float(wrong)


def freeze_quotes(
    opend: OpenD,
    quotes: Iterable[Qot_Common.BasicQot],
    security: Security | None,
    since_ns: int,
) -> None:
    """Put quotes back to what they were."""
    for quote in quotes:
        key = read_security(quote.security)
        if security in (None, key):
            quote.CopyFrom(_quote_at(opend, opend.market.universe.get(key), since_ns))


def freeze_snapshots(
    opend: OpenD,
    message: Qot_GetSecuritySnapshot.Response,
    security: Security | None,
    since_ns: int,
) -> None:
    """Put snapshots back to what they were."""
    for entry in message.s2c.snapshotList:
        key = read_security(entry.basic.security)
        if security in (None, key):
            entry.CopyFrom(_snapshot_at(opend, opend.market.universe.get(key), since_ns))


def _quote_at(opend: OpenD, instrument: Instrument, now_ns: int) -> Qot_Common.BasicQot:
    market = opend.market
    basic = basic_quote(instrument, market.headline(instrument, now_ns), opend.language)
    add_sessions(basic, market, instrument, now_ns)
    if instrument.terms is not None:
        add_basic_figures(basic, market, instrument, now_ns)
    return basic


def _snapshot_at(
    opend: OpenD, instrument: Instrument, now_ns: int
) -> Qot_GetSecuritySnapshot.Snapshot:
    market, security = opend.market, instrument.security
    made = snapshot(
        instrument,
        market.quote(security, now_ns),
        market.displayed_book(security, now_ns),
        market.statistics(security, now_ns),
        opend.language,
    )
    add_sessions(made.basic, market, instrument, now_ns)
    add_snapshot_figures(made, market, instrument, now_ns)
    return made
