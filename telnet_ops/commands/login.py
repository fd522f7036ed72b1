"""Commands about the login: verification codes, relogin."""

from __future__ import annotations

import re
from typing import Final

from telnet_ops.limits import Limit
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.target import CodeKind
from telnet_ops.texts import (
    CODE_NOT_NEEDED,
    CODE_SENT,
    CODE_WRONG,
    EXPECTED_MD5,
    INVALID_VALUE,
    LOGIN_STATES,
    PICTURE_NOT_WRITTEN,
    PICTURE_WRITTEN,
    VERIFYING,
)

_MD5_HEX: Final = re.compile(r"[0-9a-fA-F]{32}")


@command("req_phone_verify_code", limit=Limit(1, window_s=60))
def req_phone_verify_code(context: Context) -> str:
    """Request a phone verification code.

    Request a phone verification code, which the first login on a device asks for if the device
    lock is on.

    Source: [D] what it does and its limit; [O] the Chinese answer.
    """
    if not context.target.request_code("phone").is_needed:
        return context.say(CODE_NOT_NEEDED["phone"])
    return context.say(CODE_SENT)


@command("input_phone_verify_code", limit=Limit(10, window_s=60), has_secrets=True)
def input_phone_verify_code(context: Context, code: str) -> str:
    """Enter the phone verification code.

    Enter the phone verification code and go on with the login.

    Args:
        context: what the command works on.
        code: the phone verification code

    Source: [D] what it does and its limit; [O] the first line of the Chinese answer.
    """
    return _enter(context, "phone", code)


@command("req_pic_verify_code", limit=Limit(10, window_s=60))
def req_pic_verify_code(context: Context) -> str:
    """Request a picture verification code.

    Request a picture verification code, which is asked for after several wrong login passwords.

    Source: [D] what it does and its limit; [P] Verification.proto: the picture is a file; [I] the
        answer.
    """
    try:
        request = context.target.request_code("picture")
    except OSError as error:
        return context.say(PICTURE_NOT_WRITTEN, reason=error.strerror or error)
    if not request.is_needed:
        return context.say(CODE_NOT_NEEDED["picture"])
    return context.say(PICTURE_WRITTEN, path=request.picture_path)


@command("input_pic_verify_code", limit=Limit(10, window_s=60), has_secrets=True)
def input_pic_verify_code(context: Context, code: str) -> str:
    """Enter the picture verification code.

    Enter the picture verification code and go on with the login.

    Args:
        context: what the command works on.
        code: the picture verification code

    Source: [D] what it does and its limit; [O] `图形验证码错误`.
    """
    return _enter(context, "picture", code)


def _enter(context: Context, kind: CodeKind, code: str) -> str:
    match context.target.enter_code(kind, code):
        case "not_needed":
            return context.say(CODE_NOT_NEEDED[kind])
        case "wrong":
            return f"{context.say(VERIFYING[kind])}\n{context.say(CODE_WRONG[kind])}"
        case "accepted":
            return f"{context.say(VERIFYING[kind])}\n{_state(context)}"


def _state(context: Context) -> str:
    return context.say(LOGIN_STATES[context.target.login_state])


@command("relogin", limit=Limit(10, window_s=3600), has_secrets=True)
def relogin(
    context: Context, login_pwd: str | None = None, login_pwd_md5: str | None = None
) -> str:
    """Log in again.

    Log in again, where the login password was changed or the device lock was switched on
    meanwhile. Only the present account can log in again, another one cannot. Give a password where
    it was changed; without one, that of the start is used.

    Args:
        context: what the command works on.
        login_pwd: the login password in clear
        login_pwd_md5: the login password as 32 hexadecimal digits of its MD5; counts before
            login_pwd

    Source: [D] what it does, its parameters and its limit; [I] the answer, and that the MD5 counts
        first, as in FutuOpenD.xml.
    """
    if login_pwd_md5 is not None and _MD5_HEX.fullmatch(login_pwd_md5) is None:
        raise UsageError(INVALID_VALUE, name="login_pwd_md5", value="***", expected=EXPECTED_MD5)
    context.target.relogin(login_pwd, login_pwd_md5)
    return _state(context)
