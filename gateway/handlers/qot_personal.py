"""Protocols 3213, 3214, 3220–3222 and 3019: the user's watch list and price reminders.

Both belong to the user, so all connections share them.
"""

from __future__ import annotations

from typing import Final

from gateway import texts
from gateway.convert.reminder import content_of, read_terms, write_reminder
from gateway.convert.security import find, find_all, name_of, static_infos, write_security
from gateway.errors import ApiError
from gateway.pb import (
    Qot_GetPriceReminder,
    Qot_GetUserSecurity,
    Qot_GetUserSecurityGroup,
    Qot_ModifyUserSecurity,
    Qot_SetPriceReminder,
    Qot_UpdatePriceReminder,
)
from gateway.registry import Call, handles, reminds
from gateway.session.opend import OpenD
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, Security
from simulator.errors import UnknownSecurity
from simulator.reminder_watch import ReminderFired
from simulator.watchlists import GroupKind

MAX_WATCHED: Final = 500
MAX_WATCHED_BY_TRADERS: Final = 2000
"""Securities in all groups together, before and after the first trade. Source: [D]."""


# --- the watch list ---------------------------------------------------------------------------


@handles(ProtoId.Qot_GetUserSecurityGroup)
def get_groups(call: Call, c2s: Qot_GetUserSecurityGroup.C2S) -> Qot_GetUserSecurityGroup.S2C:
    """The groups of the watch list, those of the system first.

    Source: [P] Qot_GetUserSecurityGroup.proto; [D] names in both languages; [I] `lang` chooses.
    """
    wanted = _KINDS.get(c2s.groupType)
    if wanted is None:
        raise ApiError(texts.INVALID_PARAMETER, name="groupType", value=c2s.groupType)
    return Qot_GetUserSecurityGroup.S2C(
        groupList=[
            Qot_GetUserSecurityGroup.GroupData(
                groupName=title.english if call.language == "en" else title.chinese,
                groupType=title.kind,
            )
            for title in call.opend.watch_list.titles()
            if title.kind in wanted
        ]
    )


_KINDS: Final = {
    Qot_GetUserSecurityGroup.GroupType_Custom: (GroupKind.CUSTOM,),
    Qot_GetUserSecurityGroup.GroupType_System: (GroupKind.SYSTEM,),
    Qot_GetUserSecurityGroup.GroupType_All: tuple(GroupKind),
}


@handles(ProtoId.Qot_GetUserSecurity)
def get_group(call: Call, c2s: Qot_GetUserSecurity.C2S) -> Qot_GetUserSecurity.S2C:
    """The securities of a group. Source: [P] Qot_GetUserSecurity.proto."""
    members = call.opend.watch_list.members(
        c2s.groupName, lambda security: _listed(call.opend, security)
    )
    return Qot_GetUserSecurity.S2C(staticInfoList=static_infos(members, call.language))


@handles(ProtoId.Qot_ModifyUserSecurity)
def modify_group(call: Call, c2s: Qot_ModifyUserSecurity.C2S) -> Qot_ModifyUserSecurity.S2C:
    """Add securities to a custom group, watch them no more, or move them out of the group.

    Source: [P] Qot_ModifyUserSecurity.proto; [O] refusals; [I] what is not there need not leave.
    """
    watch_list, market = call.opend.watch_list, call.opend.market
    watch_list.check_own(c2s.groupName)
    found = find_all(market.universe, c2s.securityList, MAX_WATCHED_BY_TRADERS)
    securities = [instrument.security for instrument in found]
    match c2s.op:
        case Qot_ModifyUserSecurity.ModifyUserSecurityOp_Add:
            watch_list.add(c2s.groupName, securities, _watch_limit(call))
        case Qot_ModifyUserSecurity.ModifyUserSecurityOp_Del:
            watch_list.remove(c2s.groupName, securities)
        case Qot_ModifyUserSecurity.ModifyUserSecurityOp_MoveOut:
            watch_list.move_out(c2s.groupName, securities)
        case _:
            raise ApiError(texts.INVALID_PARAMETER, name="op", value=c2s.op)
    return Qot_ModifyUserSecurity.S2C()


def _watch_limit(call: Call) -> int:
    engine = call.opend.engine
    has_traded = any(
        engine.fills(account.account_id, 0, 2 * call.now_ns) for account in engine.accounts()
    )
    return MAX_WATCHED_BY_TRADERS if has_traded else MAX_WATCHED


def _listed(opend: OpenD, security: Security) -> Instrument | None:
    try:
        return opend.market.universe.get(security)
    except UnknownSecurity:
        return None


# --- price reminders --------------------------------------------------------------------------


@handles(ProtoId.Qot_SetPriceReminder)
def set_reminder(call: Call, c2s: Qot_SetPriceReminder.C2S) -> Qot_SetPriceReminder.S2C:
    """Add, change, switch or delete a security's reminders.

    Source: [P] Qot_SetPriceReminder.proto; [I] deleting all gives the key 0.
    """
    opend = call.opend
    security = find(opend.market.universe, c2s.security).security
    opend.market.quote(security, call.now_ns)  # what cannot be quoted cannot be watched
    key = _apply(call, security, c2s)
    opend.reminder_watch.renew(key)
    opend.reminder_watch.follow(security)
    return Qot_SetPriceReminder.S2C(key=key)


def _apply(call: Call, security: Security, c2s: Qot_SetPriceReminder.C2S) -> int:
    reminders, op = call.opend.reminders, c2s.op
    if op == Qot_SetPriceReminder.SetPriceReminderOp_Add:
        return reminders.add(security, read_terms(c2s, security.market), call.now_ns)
    if op == Qot_SetPriceReminder.SetPriceReminderOp_DelAll:
        reminders.delete_all(security)
        return 0
    if op not in _NEED_A_KEY:
        raise ApiError(texts.INVALID_PARAMETER, name="op", value=op)
    if not c2s.HasField("key"):
        raise ApiError(texts.MISSING_PARAMETER, name="key")
    match op:
        case Qot_SetPriceReminder.SetPriceReminderOp_Modify:
            reminders.modify(security, c2s.key, read_terms(c2s, security.market))
        case Qot_SetPriceReminder.SetPriceReminderOp_Del:
            reminders.delete(security, c2s.key)
        case _:
            is_enabled = op == Qot_SetPriceReminder.SetPriceReminderOp_Enable
            reminders.enable(security, c2s.key, is_enabled=is_enabled)
    return c2s.key


_NEED_A_KEY: Final = (
    Qot_SetPriceReminder.SetPriceReminderOp_Del,
    Qot_SetPriceReminder.SetPriceReminderOp_Enable,
    Qot_SetPriceReminder.SetPriceReminderOp_Disable,
    Qot_SetPriceReminder.SetPriceReminderOp_Modify,
)


@handles(ProtoId.Qot_GetPriceReminder)
def get_reminders(call: Call, c2s: Qot_GetPriceReminder.C2S) -> Qot_GetPriceReminder.S2C:
    """The reminders of a security, or of all of a market; Shanghai and Shenzhen are one market.

    Source: [P] Qot_GetPriceReminder.proto: a security counts before a market.
    """
    opend = call.opend
    if c2s.HasField("security"):
        wanted = [find(opend.market.universe, c2s.security)]
    elif c2s.HasField("market"):
        of_market = _markets(c2s.market)
        found = (_listed(opend, security) for security in opend.reminders.securities())
        wanted = [i for i in found if i is not None and i.security.market in of_market]
    else:
        raise ApiError(texts.MISSING_PARAMETER, name="security")
    return Qot_GetPriceReminder.S2C(
        priceReminderList=[
            Qot_GetPriceReminder.PriceReminder(
                security=write_security(instrument.security),
                name=name_of(instrument, call.language),
                itemList=[write_reminder(r) for r in opend.reminders.of(instrument.security)],
            )
            for instrument in wanted
            if opend.reminders.of(instrument.security)
        ]
    )


def _markets(number: int) -> tuple[Market, ...]:
    if number not in tuple(Market) or number == Market.UNKNOWN:
        raise ApiError(texts.INVALID_PARAMETER, name="market", value=number)
    if number in (Market.SH, Market.SZ):
        return Market.SH, Market.SZ
    return (Market.HK,) if number == Market.HK_FUTURE else (Market(number),)


@reminds(ProtoId.Qot_UpdatePriceReminder)
def update_reminder(opend: OpenD, fired: ReminderFired) -> Qot_UpdatePriceReminder.S2C:
    """What a reminder says. Source: [P] Qot_UpdatePriceReminder.proto."""
    instrument = opend.market.universe.get(fired.security)
    terms = fired.reminder.terms
    return Qot_UpdatePriceReminder.S2C(
        security=write_security(fired.security),
        name=name_of(instrument, opend.language),
        price=fired.price,
        changeRate=fired.change_rate,
        marketStatus=fired.session,
        content=content_of(fired, opend.language),
        note=terms.note,
        key=fired.reminder.reminder_key,
        type=terms.reminder_type,
        setValue=terms.value,
        curValue=fired.value,
    )
