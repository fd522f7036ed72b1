"""Stub only: the list of sub-messages with a checked `add`; protobuf's own takes any keyword."""

from typing import TypeVar

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer
from google.protobuf.message import Message
from typing_extensions import override

_Item = TypeVar("_Item", bound=Message)

class Messages(RepeatedCompositeFieldContainer[_Item]):
    @property
    @override
    def add(self) -> type[_Item]: ...
