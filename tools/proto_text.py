"""Write file descriptors as `.proto` text: the bare schema, without comments."""

import json
from collections.abc import Iterator
from typing import Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

_LABELS: Final = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional",
    FieldDescriptorProto.LABEL_REQUIRED: "required",
    FieldDescriptorProto.LABEL_REPEATED: "repeated",
}


def render_proto(file: FileDescriptorProto) -> str:
    """The text of one proto2 file, with its declarations in the descriptor's order.

    Raises:
        ValueError: the file uses something that this schema language subset does not have.
    """
    if file.syntax not in ("", "proto2") or file.service or file.extension:
        raise ValueError(f"{file.name}: only plain proto2 messages and enums are supported")
    blocks = [f'syntax = "proto2";\n\npackage {file.package};\n']
    if file.dependency:
        blocks.append("".join(f'import "{name}";\n' for name in file.dependency))
    declarations = [
        *(_enum_lines(enum) for enum in file.enum_type),
        *(_message_lines(message) for message in file.message_type),
    ]
    blocks.extend("".join(f"{line}\n" for line in lines) for lines in declarations)
    return "\n".join(blocks)


def type_name(field: FieldDescriptorProto) -> str:
    """A field's type as the schema language writes it: `int32`, or `Qot_Common.Security`."""
    if field.type_name:
        return field.type_name.removeprefix(".")
    return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()


def label_name(field: FieldDescriptorProto) -> str:
    """`optional`, `required` or `repeated`."""
    return _LABELS[field.label]


def _enum_lines(enum: EnumDescriptorProto) -> Iterator[str]:
    yield f"enum {enum.name} {{"
    if enum.options.allow_alias:
        yield "  option allow_alias = true;"
    for value in enum.value:
        deprecated = " [deprecated = true]" if value.options.deprecated else ""
        yield f"  {value.name} = {value.number}{deprecated};"
    yield "}"


def _message_lines(message: DescriptorProto) -> Iterator[str]:
    if message.oneof_decl or message.extension_range or message.extension:
        raise ValueError(f"{message.name}: oneofs and extensions are not supported")
    yield f"message {message.name} {{"
    for enum in message.enum_type:
        yield from (f"  {line}" for line in _enum_lines(enum))
    for nested in message.nested_type:
        yield from (f"  {line}" for line in _message_lines(nested))
    for field in message.field:
        label = label_name(field)
        yield f"  {label} {type_name(field)} {field.name} = {field.number}{_field_options(field)};"
    yield "}"


def _field_options(field: FieldDescriptorProto) -> str:
    options = []
    if field.HasField("default_value"):
        options.append(f"default = {_default(field)}")
    if field.options.HasField("packed"):
        options.append(f"packed = {str(field.options.packed).lower()}")
    if field.options.deprecated:
        options.append("deprecated = true")
    return f" [{', '.join(options)}]" if options else ""


def _default(field: FieldDescriptorProto) -> str:
    if field.type == FieldDescriptorProto.TYPE_STRING:
        return json.dumps(field.default_value, ensure_ascii=False)
    return field.default_value
