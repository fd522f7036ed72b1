"""What can go wrong between a client's bytes and its answer."""

from __future__ import annotations

from dataclasses import dataclass


class WireError(Exception):
    """The bytes of a connection make no sense; the connection ends. The text is a diagnosis."""


class BodyError(WireError):
    """One body cannot be read as its message, but the frame around it was sound."""


@dataclass(eq=False)
class ApiError(Exception):
    """A refusal that the client reads as the head of a Response without `s2c`.

    Args:
        text: becomes `retMsg`.
        ret_type: becomes `retType`: -1 failed, -100 timeout, -200 disconnected, -400 unknown,
            -500 invalid content.
        err_code: becomes `errCode`.

    Source: [P] Common.proto, `RetType`.
    """

    text: str
    ret_type: int = -1
    err_code: int = 0
