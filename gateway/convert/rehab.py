"""Corporate actions on the wire."""

from __future__ import annotations

from datetime import date

from gateway.convert.times import midnight, zone_of
from gateway.pb import Qot_Common
from simulator.domain import Instrument
from simulator.market.corporate_actions import CorporateAction, Factors


def write_rehab(
    instrument: Instrument, action: CorporateAction, factors: Factors
) -> Qot_Common.Rehab:
    """One event; only the fields its flags name are there. Source: [P] Qot_Common.Rehab."""
    day = date.fromordinal(action.ordinal)
    message = Qot_Common.Rehab(
        time=day.isoformat(),
        companyActFlag=0,
        fwdFactorA=factors.forward_a,
        fwdFactorB=factors.forward_b,
        bwdFactorA=factors.backward_a,
        bwdFactorB=factors.backward_b,
        timestamp=midnight(day, zone_of(instrument.venue)),
    )
    _write_shares(message, action)
    if action.dividend:
        message.companyActFlag |= Qot_Common.CompanyAct_Dividend
        message.dividend = action.dividend
    if action.special_dividend:
        message.companyActFlag |= Qot_Common.CompanyAct_SPDividend
        message.spDividend = action.special_dividend
    return message


def _write_shares(message: Qot_Common.Rehab, action: CorporateAction) -> None:
    if action.split:
        message.companyActFlag |= Qot_Common.CompanyAct_Split
        message.splitBase, message.splitErt = action.split
    if action.join:
        message.companyActFlag |= Qot_Common.CompanyAct_Join
        message.joinBase, message.joinErt = action.join
    if action.bonus:
        message.companyActFlag |= Qot_Common.CompanyAct_Bonus
        message.bonusBase, message.bonusErt = action.bonus
    if action.transfer:
        message.companyActFlag |= Qot_Common.CompanyAct_Transfer
        message.transferBase, message.transferErt = action.transfer
    if action.allot:
        message.companyActFlag |= Qot_Common.CompanyAct_Allot
        message.allotBase, message.allotErt = action.allot
        message.allotPrice = action.allot_price
