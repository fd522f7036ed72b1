"""Protocols 3234 and 3236: what companies and funds have paid, and how their shares have changed."""

from __future__ import annotations

from typing import Final

from gateway import texts
from gateway.convert.company_action import write_dividend, write_split
from gateway.convert.security import find
from gateway.errors import ApiError
from gateway.pb import (
    Qot_Common,
    Qot_GetCorporateActionsDividends,
    Qot_GetCorporateActionsStockSplits,
)
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, SecurityType
from simulator.market.code_changes import code_changes
from simulator.market.corporate_actions import CorporateAction

_KINDS: Final = (SecurityType.EQUITY, SecurityType.TRUST)
_PAGE: Final = 10
_LARGEST_PAGE: Final = 50
_END: Final = "-1"
"""The key of the page after the last one. Source: [P]."""


@handles(ProtoId.Qot_GetCorporateActionsDividends)
def get_dividends(
    call: Call, c2s: Qot_GetCorporateActionsDividends.C2S
) -> Qot_GetCorporateActionsDividends.S2C:
    """Distributions up to today, the latest first; bonus shares are some, too.

    Source: [P] Qot_GetCorporateActionsDividends.proto; [I] those announced for later are left out.
    """
    instrument = _instrument(call, c2s.security)
    return Qot_GetCorporateActionsDividends.S2C(
        dividendList=[
            write_dividend(instrument, action, call.language)
            for action in reversed(_actions(call, instrument))
            if action.dividend or action.special_dividend or action.bonus or action.transfer
        ]
    )


@handles(ProtoId.Qot_GetCorporateActionsStockSplits)
def get_splits(
    call: Call, c2s: Qot_GetCorporateActionsStockSplits.C2S
) -> Qot_GetCorporateActionsStockSplits.S2C:
    """Splits and consolidations up to today, the latest first, page by page.

    Source: [P] Qot_GetCorporateActionsStockSplits.proto; [I] the key of a page is where it begins.
    """
    instrument = _instrument(call, c2s.security)
    size = c2s.num if c2s.HasField("num") else _PAGE
    if not 1 <= size <= _LARGEST_PAGE:
        raise ApiError(texts.INVALID_PARAMETER, name="num", value=size)
    key = c2s.nextKey or "0"
    if key != _END and not (key.isascii() and key.isdigit()):
        raise ApiError(texts.INVALID_PARAMETER, name="nextKey", value=key)
    found = [a for a in reversed(_actions(call, instrument)) if a.split or a.join]
    begin = len(found) if key == _END else int(key)
    changes = {
        change.effective.toordinal(): change
        for change in code_changes(call.opend.market, [instrument], call.now_ns)
    }
    return Qot_GetCorporateActionsStockSplits.S2C(
        splitItemList=[
            write_split(instrument, action, changes.get(action.ordinal), call.language)
            for action in found[begin : begin + size]
        ],
        nextKey=str(begin + size) if begin + size < len(found) else _END,
    )


def _actions(call: Call, instrument: Instrument) -> tuple[CorporateAction, ...]:
    return call.opend.market.adjustments(instrument.security, call.now_ns).actions


def _instrument(call: Call, message: Qot_Common.Security) -> Instrument:
    instrument = find(call.opend.market.universe, message)
    if instrument.security_type not in _KINDS:
        raise ApiError(texts.UNSUPPORTED_SECURITY, symbol=instrument.security.symbol)
    return instrument
