"""Turn the checked-in descriptor set into message classes, inside a private descriptor pool.

The pool is ours alone, so the gateway can share a process with any futu-api or moomoo-api, whose
generated modules register the same file names in protobuf's default pool.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

DESCRIPTOR_SET: Final = Path(__file__).with_name("schema.binpb")

_FILE_TAG: Final = 0x0A  # FileDescriptorSet.file: field 1, length-delimited


@cache
def pool() -> DescriptorPool:
    """The private pool, holding every file of the schema; built on the first call."""
    private = DescriptorPool()
    for serialized in split_descriptor_set(DESCRIPTOR_SET.read_bytes()):
        private.AddSerializedFile(serialized)
    return private


def split_descriptor_set(data: bytes) -> Iterator[bytes]:
    """Yield each serialized FileDescriptorProto of a serialized FileDescriptorSet, in its order.

    Read by hand: parsing the set only to serialize each file again would double the start-up cost.

    Raises:
        ValueError: the bytes are not a set of files.
    """
    position = 0
    while position < len(data):
        if data[position] != _FILE_TAG:
            raise ValueError(f"byte {position} of the descriptor set does not start a file")
        size, start = _read_varint(data, position + 1)
        position = start + size
        yield data[start:position]


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def message_type(full_name: str) -> type[Message]:
    """The class of one message, such as `Qot_Sub.Request`.

    Raises:
        KeyError: the schema has no such message.
    """
    return _class_maker()(pool().FindMessageTypeByName(full_name))


@cache
def _class_maker() -> Callable[[Descriptor], type[Message]]:
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass
    older = message_factory.MessageFactory(pool())  # protobuf before 4.22
    return older.GetPrototype  # type: ignore[attr-defined, no-any-return]


class Package:
    """The names of one proto package: message classes, enum wrappers and enum values.

    Each is made when it is first asked for and then kept in the instance.
    """

    def __init__(self, file: FileDescriptor) -> None:
        self._file = file

    def __getattr__(self, name: str) -> object:
        value = self._make(name)
        if value is None:
            raise AttributeError(f"proto package {self._file.package!r} has no name {name!r}")
        self.__dict__[name] = value
        return value

    def _make(self, name: str) -> object | None:
        if message := self._file.message_types_by_name.get(name):
            return _class_maker()(message)
        enums = self._file.enum_types_by_name
        if enum := enums.get(name):
            return EnumTypeWrapper(enum)
        for enum in enums.values():
            if value := enum.values_by_name.get(name):
                return int(value.number)
        return None


def package(name: str) -> Package:
    """The namespace of one proto package; each of our files holds the package of its own name.

    Raises:
        KeyError: the schema has no such package.
    """
    return Package(pool().FindFileByName(f"{name}.proto"))
