"""Compare our wire schema with that of an installed futu-api or moomoo-api.

    python -m tools.compare_sdk SDK_INTERPRETER                  every difference counts
    python -m tools.compare_sdk --allow-older SDK_INTERPRETER    only breaking ones count

Prints one difference a line, breaking ones with a leading `!`. Exits 1 if one counts.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from gateway.pb.schema import DESCRIPTOR_SET
from gateway.wire.proto_ids import ProtoId
from tools.build_protos import JAVASCRIPT_ONLY
from tools.proto_text import label_name, type_name
from tools.sdk_schema import SdkSchema, read_sdk

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_HELP: Final = argparse.RawDescriptionHelpFormatter


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact on which the two schemas disagree; `breaking` if protobuf bodies can be misread by it."""

    where: str
    what: str
    breaking: bool

    def line(self) -> str:
        """The difference as it is printed."""
        return f"{'!' if self.breaking else ' '} {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Facts:
    """A schema flattened: fields by number, enum values by name, each by the full name around."""

    messages: dict[str, dict[int, FieldDescriptorProto]]
    enums: dict[str, dict[str, int]]


def main(arguments: list[str] | None = None) -> int:
    """Compare and print; the exit code is 1 if a difference counts or the SDK cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_HELP)
    parser.add_argument("interpreter", type=Path, help="Python that has futu-api or moomoo-api")
    parser.add_argument("--allow-older", action="store_true", help="only fail on breaking ones")
    options = parser.parse_args(arguments)
    try:
        sdk = read_sdk(options.interpreter)
    except (OSError, ValueError) as error:
        print(f"compare_sdk: {error}", file=sys.stderr)
        return 1
    differences = list(compare(our_files(), sdk))
    for difference in differences:
        print(difference.line())
    breaking = sum(difference.breaking for difference in differences)
    print(
        f"{sdk.distribution}-api {sdk.version}: {len(differences)} differences, {breaking} breaking"
    )
    return 1 if breaking or (differences and not options.allow_older) else 0


def our_files() -> tuple[FileDescriptorProto, ...]:
    """The files of our own descriptor set that a Python SDK has too."""
    files = FileDescriptorSet.FromString(DESCRIPTOR_SET.read_bytes()).file
    return tuple(file for file in files if file.name not in JAVASCRIPT_ONLY)


def compare(files: Iterable[FileDescriptorProto], sdk: SdkSchema) -> Iterator[Difference]:
    """Yield the differences: messages and their fields, then enums, then protocol numbers."""
    ours, theirs = collect(files), collect(sdk.files)
    for name, here, there in _pairs(ours.messages, theirs.messages):
        if here is None or there is None:
            yield _one_sided(f"message {name}", ours=here is not None)
        else:
            yield from _compare_fields(name, here, there)
    for name, values, sdk_values in _pairs(ours.enums, theirs.enums):
        if values is None or sdk_values is None:
            yield _one_sided(f"enum {name}", ours=values is not None)
        else:
            yield from _compare_numbers(name, values, sdk_values)
    yield from _compare_numbers("ProtoId", ProtoId.__members__, sdk.proto_ids)


def collect(files: Iterable[FileDescriptorProto]) -> Facts:
    """Flatten files into facts that can be compared."""
    facts = Facts({}, {})
    for file in files:
        for enum in file.enum_type:
            facts.enums[f"{file.package}.{enum.name}"] = {v.name: v.number for v in enum.value}
        _collect_messages(facts, file.package, file.message_type)
    return facts


def _collect_messages(facts: Facts, scope: str, messages: Iterable[DescriptorProto]) -> None:
    for message in messages:
        name = f"{scope}.{message.name}"
        facts.messages[name] = {field.number: field for field in message.field}
        _collect_messages(facts, name, message.nested_type)


def _pairs(
    ours: Mapping[_Key, _Value], theirs: Mapping[_Key, _Value]
) -> Iterator[tuple[_Key, _Value | None, _Value | None]]:
    """Yield each key of either side, ours first, with both sides' values."""
    for key in dict.fromkeys([*ours, *theirs]):
        yield key, ours.get(key), theirs.get(key)


def _one_sided(where: str, *, ours: bool) -> Difference:
    return Difference(where, f"only in {'our schema' if ours else 'the SDK'}", breaking=False)


def _compare_fields(
    message: str,
    ours: Mapping[int, FieldDescriptorProto],
    theirs: Mapping[int, FieldDescriptorProto],
) -> Iterator[Difference]:
    for number, here, there in _pairs(ours, theirs):
        if here and there:
            yield from _compare_field(f"{message}.{here.name} = {number}", here, there)
        elif field := here or there:
            side = "our schema" if here else "the SDK"
            required = field.label == FieldDescriptorProto.LABEL_REQUIRED
            what = f"only in {side} ({label_name(field)} {type_name(field)})"
            yield Difference(f"{message}.{field.name} = {number}", what, breaking=required)


def _compare_field(
    where: str, here: FieldDescriptorProto, there: FieldDescriptorProto
) -> Iterator[Difference]:
    facts = [
        ("type", type_name(here), type_name(there), True),
        ("label", label_name(here), label_name(there), True),
        ("name", here.name, there.name, False),
        ("default", here.default_value, there.default_value, False),
    ]
    for fact, ours, theirs, breaking in facts:
        if ours != theirs:
            what = f"{fact} {ours or 'none'} in our schema, {theirs or 'none'} in the SDK"
            yield Difference(where, what, breaking=breaking)


def _compare_numbers(
    scope: str, ours: Mapping[str, int], theirs: Mapping[str, int]
) -> Iterator[Difference]:
    for name, here, there in _pairs(ours, theirs):
        where = f"{scope}.{name}"
        if here is None or there is None:
            number = there if here is None else here
            side = "the SDK" if here is None else "our schema"
            yield Difference(where, f"only in {side} ({number})", breaking=False)
        elif here != there:
            yield Difference(where, f"{here} in our schema, {there} in the SDK", breaking=True)


if __name__ == "__main__":
    sys.exit(main())
