"""A hypothesis strategy for messages of any type, made from the type's descriptor."""

from functools import cache

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message
from hypothesis import strategies as st

_F = FieldDescriptorProto
_SCALARS = {
    _F.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    _F.TYPE_UINT32: st.integers(0, 2**32 - 1),
    _F.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    _F.TYPE_UINT64: st.integers(0, 2**64 - 1),
    _F.TYPE_BOOL: st.booleans(),
    _F.TYPE_STRING: st.text(max_size=8),
    _F.TYPE_BYTES: st.binary(max_size=8),
}


def messages(
    message_type: type[Message], *, with_bytes: bool = True, with_non_numbers: bool = False
) -> st.SearchStrategy[Message]:
    """Complete messages of one type.

    Args:
        with_bytes: whether `bytes` fields may be set.
        with_non_numbers: whether floating-point fields may hold NaN and infinity.
    """
    return st.builds(
        lambda values: message_type(**values),
        _values(message_type.DESCRIPTOR, with_bytes, with_non_numbers),
    )


@cache
def field_protos(descriptor: Descriptor) -> tuple[FieldDescriptorProto, ...]:
    """The fields of a message type in the form that is the same in all protobuf releases."""
    scope = FileDescriptorProto()
    descriptor.file.CopyToProto(scope)
    types = scope.message_type
    for name in descriptor.full_name.removeprefix(scope.package + ".").split("."):
        scope = next(found for found in types if found.name == name)
        types = scope.nested_type
    return tuple(scope.field)


@cache
def _values(descriptor: Descriptor, with_bytes: bool, with_non_numbers: bool):
    required, optional = {}, {}
    for field in field_protos(descriptor):
        if field.type == _F.TYPE_BYTES and not with_bytes:
            continue
        kind = descriptor.fields_by_name[field.name]
        one = _one(kind, field.type, with_bytes, with_non_numbers)
        if field.label == _F.LABEL_REQUIRED:
            required[field.name] = one
        elif field.label == _F.LABEL_REPEATED:
            optional[field.name] = st.lists(one, max_size=2)
        else:
            optional[field.name] = one
    return st.fixed_dictionaries(required, optional=optional)


def _one(kind, type_number: int, with_bytes: bool, with_non_numbers: bool):
    match type_number:
        case _F.TYPE_MESSAGE:
            return _values(kind.message_type, with_bytes, with_non_numbers)
        case _F.TYPE_ENUM:
            return st.sampled_from([value.number for value in kind.enum_type.values])
        case _F.TYPE_DOUBLE | _F.TYPE_FLOAT:
            return st.floats(
                allow_nan=with_non_numbers,
                allow_infinity=with_non_numbers,
                width=32 if type_number == _F.TYPE_FLOAT else 64,
            )
        case _:
            return _SCALARS[type_number]
