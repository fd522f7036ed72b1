"""Protocol 1003: what OpenD tells of itself to the clients that asked for notices.

Source: [P] Notify.proto; [I] that a notice leaves whenever the value it tells of changes.
"""

from __future__ import annotations

from gateway.convert.login import describe, program_status
from gateway.convert.rights import write_rights
from gateway.pb import Notify
from gateway.registry import notifies
from gateway.session.notices import (
    GatewayEvent,
    LinksChanged,
    QuotasChanged,
    QuotaUsed,
    RightsChanged,
    StatusChanged,
)
from gateway.session.opend import OpenD


@notifies(GatewayEvent)
def gateway_event(opend: OpenD, notice: GatewayEvent) -> Notify.S2C:
    """Something that the user has to do something about."""
    event = Notify.GtwEvent(eventType=notice.kind, desc=describe(notice.kind, opend.language))
    return Notify.S2C(type=Notify.NotifyType_GtwEvent, event=event)


@notifies(StatusChanged)
def status_changed(opend: OpenD, notice: StatusChanged) -> Notify.S2C:
    """How far the login is."""
    status = program_status(notice.status, opend.login.failure, opend.language)
    return Notify.S2C(
        type=Notify.NotifyType_ProgramStatus,
        programStatus=Notify.ProgramStatus(programStatus=status),
    )


@notifies(LinksChanged)
def links_changed(opend: OpenD, notice: LinksChanged) -> Notify.S2C:
    """Whether the quote and trade servers are there."""
    return Notify.S2C(
        type=Notify.NotifyType_ConnStatus,
        connectStatus=Notify.ConnectStatus(
            qotLogined=notice.quotes_up, trdLogined=notice.trading_up
        ),
    )


@notifies(RightsChanged)
def rights_changed(opend: OpenD, notice: RightsChanged) -> Notify.S2C:
    """All quote rights."""
    s2c = Notify.S2C(type=Notify.NotifyType_QotRight)
    write_rights(s2c.qotRight, notice.rights or opend.quote_access.current)
    return s2c


@notifies(QuotasChanged)
def quotas_changed(opend: OpenD, notice: QuotasChanged) -> Notify.S2C:
    """The sizes of the two quotas."""
    quota = Notify.APIQuota(
        subQuota=opend.subscriptions.quota, historyKLQuota=opend.login.history_quota
    )
    return Notify.S2C(type=Notify.NotifyType_APIQuota, apiQuota=quota)


@notifies(QuotaUsed)
def quota_used(_opend: OpenD, notice: QuotaUsed) -> Notify.S2C:
    """How much of the quotas is in use, whoever used it or gave it back."""
    quota = Notify.UsedQuota(usedSubQuota=notice.units, usedKLineQuota=notice.history_units)
    return Notify.S2C(type=Notify.NotifyType_UsedQuota, usedQuota=quota)
