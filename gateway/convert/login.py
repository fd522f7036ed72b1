"""The state of the login as clients read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway import texts
from gateway.pb import Common
from gateway.session.notices import GatewayEventKind, ProgramStatus
from gateway.texts import Language, Text

_EVENTS: Final[Mapping[GatewayEventKind, Text]] = {
    GatewayEventKind.LOGIN_FAILED: texts.LOGIN_FAILED,
    GatewayEventKind.DISCLAIMER_NOT_AGREED: texts.DISCLAIMER_NOT_AGREED,
    GatewayEventKind.KICKED_OUT: texts.KICKED_OUT,
    GatewayEventKind.LOGIN_PASSWORD_CHANGED: texts.LOGIN_PASSWORD_CHANGED,
    GatewayEventKind.TRADE_PASSWORD_CHANGED: texts.TRADE_PASSWORD_CHANGED,
    GatewayEventKind.NEED_PICTURE_CODE: texts.NEED_PICTURE_CODE,
    GatewayEventKind.NEED_PHONE_CODE: texts.NEED_PHONE_CODE,
    GatewayEventKind.DEVICE_LOCK_ENABLED: texts.DEVICE_LOCK_ENABLED,
}


def describe(kind: GatewayEventKind, language: Language) -> str:
    """An event in words."""
    return _EVENTS[kind].render(language)


def program_status(
    status: ProgramStatus, failure: GatewayEventKind | None, language: Language
) -> Common.ProgramStatus:
    """The status, with the reason where something went against the user ([P] Common.proto)."""
    message = Common.ProgramStatus(type=status)
    if failure is not None:
        message.strExtDesc = describe(failure, language)
    return message
