"""What can go wrong on the way through the gateway, and how the simulator's refusals read on the wire."""

from __future__ import annotations

from gateway.texts import Language, Text


class WireError(Exception):
    """The bytes are wrong: bad magic, impossible length, undecipherable. The connection ends."""


class BodyError(WireError):
    """A well-framed body that is not the message it should be; answered, the connection lives."""


class ApiError(Exception):
    """A refusal that becomes a failed Response with OpenD's text.

    Args:
        text: The catalogue entry.
        ret_type: `RetType` of the reply; -1 (failed) in all live captures [O].
        **values: What fills the text's variables.
    """

    def __init__(self, text: Text, *, ret_type: int = -1, **values: object) -> None:
        self.text = text
        self.ret_type = ret_type
        self.values = values
        super().__init__(text.render("en", **values))

    def render(self, language: Language) -> str:
        """The reply's retMsg."""
        return self.text.render(language, **self.values)
