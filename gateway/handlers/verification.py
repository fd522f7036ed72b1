"""Protocol 1006: the codes that a login asks for, requested and entered by a client."""

from __future__ import annotations

from typing import Final

from gateway import texts
from gateway.errors import ApiError
from gateway.pb import Verification
from gateway.registry import Call, handles
from gateway.session.login import CodeKind, CodeVerdict
from gateway.wire.proto_ids import ProtoId

_KINDS: Final = {
    Verification.VerificationType_Picture: CodeKind.PICTURE,
    Verification.VerificationType_Phone: CodeKind.PHONE,
}
_COMMANDS: Final = {
    CodeKind.PICTURE: ("req_pic_verify_code", "input_pic_verify_code"),
    CodeKind.PHONE: ("req_phone_verify_code", "input_phone_verify_code"),
}
"""The commands that do the same on the console, and share their limits with it."""
_NOT_NEEDED: Final = {
    CodeKind.PICTURE: texts.PICTURE_CODE_NOT_NEEDED,
    CodeKind.PHONE: texts.PHONE_CODE_NOT_NEEDED,
}
_WRONG: Final = {
    CodeKind.PICTURE: texts.WRONG_PICTURE_CODE,
    CodeKind.PHONE: texts.WRONG_PHONE_CODE,
}


@handles(ProtoId.Verification)
def verify(call: Call, c2s: Verification.C2S) -> Verification.S2C:
    """Request a code, or enter one and go on with the login.

    Raises:
        ApiError: Unknown type or operation, a code without text, a wrong one, none is needed, or too
            many requests.

    Source: [P] Verification.proto; [D] the limits of the commands, [I] that they hold here and that both
        are counted together; [I] the texts but for `图形验证码错误`.
    """
    kind = _KINDS.get(c2s.type)
    if kind is None:
        raise ApiError(texts.INVALID_PARAMETER, name="type", value=c2s.type)
    match c2s.op:
        case Verification.VerificationOp_Request:
            _request(call, kind)
        case Verification.VerificationOp_InputAndLogin:
            _enter(call, kind, c2s)
        case _:
            raise ApiError(texts.INVALID_PARAMETER, name="op", value=c2s.op)
    return Verification.S2C()


def _count(call: Call, command: str) -> None:
    limit = call.opend.admit_command(command, call.now_ns)
    if limit is not None:
        raise ApiError(texts.CODE_TOO_FREQUENT, count=limit.count, seconds=limit.window_s)


def _request(call: Call, kind: CodeKind) -> None:
    _count(call, _COMMANDS[kind][0])
    try:
        is_needed = call.opend.login.request_code(kind)
    except OSError as error:
        raise ApiError(texts.PICTURE_NOT_WRITTEN) from error
    if not is_needed:
        raise ApiError(_NOT_NEEDED[kind])


def _enter(call: Call, kind: CodeKind, c2s: Verification.C2S) -> None:
    if not c2s.code:
        raise ApiError(texts.MISSING_PARAMETER, name="code")
    _count(call, _COMMANDS[kind][1])
    match call.opend.login.enter_code(kind, c2s.code):
        case CodeVerdict.WRONG:
            raise ApiError(_WRONG[kind])
        case CodeVerdict.NOT_NEEDED:
            raise ApiError(_NOT_NEEDED[kind])
        case CodeVerdict.ACCEPTED:
            pass
