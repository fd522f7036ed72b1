"""Every difference from an installed SDK is found, and those that break messages are marked."""

import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from gateway.wire.proto_ids import ProtoId
from tools.compare_sdk import compare, main, our_files
from tools.sdk_schema import SdkSchema, read_sdk

GENERATED = """
from google.protobuf import descriptor_pb2, descriptor_pool
file = descriptor_pb2.FileDescriptorProto(name="Tiny.proto", package="Tiny")
file.message_type.add(name="S2C").field.add(name="n", number=1, label=1, type=5)
DESCRIPTOR = descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
"""

CONSTANTS = """
class ProtoId(object):
    Ask = 3  # a comment
    Push = 7

    All_PushId = [Push]

    @classmethod
    def is_proto_id_push(cls, proto_id):
        return proto_id in ProtoId.All_PushId
"""


@pytest.fixture
def tiny_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package laid out like an SDK, which fails when imported; its interpreter."""
    root = tmp_path / "futu"
    (root / "common" / "pb").mkdir(parents=True)
    (root / "__init__.py").write_text("raise SystemExit('imported')")
    (root / "VERSION.txt").write_text("1.2.3\n")
    (root / "common" / "constant.py").write_text(CONSTANTS)
    (root / "common" / "pb" / "Tiny_pb2.py").write_text(GENERATED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Path(sys.executable)


def copy_of_ours() -> dict[str, FileDescriptorProto]:
    return {file.package: file for file in our_files()}


def lines(theirs: dict[str, FileDescriptorProto], **ids: int) -> list[str]:
    sdk = SdkSchema("futu", "0", tuple(theirs.values()), {**ProtoId.__members__, **ids}, ())
    return [difference.line() for difference in compare(our_files(), sdk)]


def test_reads_an_sdk_without_importing_it(tiny_sdk):
    sdk = read_sdk(tiny_sdk)

    assert (sdk.distribution, sdk.version) == ("futu", "1.2.3")
    assert [file.name for file in sdk.files] == ["Tiny.proto"]
    assert (sdk.proto_ids, sdk.push_names) == ({"Ask": 3, "Push": 7}, ("Push",))


def test_an_interpreter_without_an_sdk_is_one_clear_line(capsys):
    assert main([sys.executable]) == 1
    assert capsys.readouterr().err.endswith("neither futu nor moomoo is installed here\n")


@pytest.mark.parametrize(("flags", "exit_code"), [([], 1), (["--allow-older"], 0)])
def test_harmless_differences_count_unless_older_sdks_are_allowed(
    tiny_sdk, flags, exit_code, capsys
):
    assert exit_code == main([*flags, str(tiny_sdk)])

    out = capsys.readouterr().out
    assert "  message Tiny.S2C: only in the SDK\n" in out
    assert "  message Qot_Sub.C2S: only in our schema\n" in out
    assert "  ProtoId.Qot_Sub: only in our schema (3001)\n" in out
    assert "futu-api 1.2.3: " in out


def test_equal_schemas_have_no_difference():
    assert lines(copy_of_ours()) == []


def test_changes_of_a_field_are_named():
    theirs = copy_of_ours()
    fields = theirs["Qot_Sub"].message_type[0].field
    fields[1].type = FieldDescriptorProto.TYPE_INT64
    fields[3].label = FieldDescriptorProto.LABEL_REQUIRED
    fields[5].name = "first"
    fields[6].default_value = "true"

    assert lines(theirs) == [
        "! Qot_Sub.C2S.subTypeList = 2: type int32 in our schema, int64 in the SDK",
        "! Qot_Sub.C2S.isRegOrUnRegPush = 4: label optional in our schema, required in the SDK",
        "  Qot_Sub.C2S.isFirstPush = 6: name isFirstPush in our schema, first in the SDK",
        "  Qot_Sub.C2S.isUnsubAll = 7: default none in our schema, true in the SDK",
    ]


def test_a_missing_field_breaks_only_if_it_is_required():
    theirs = copy_of_ours()
    c2s = theirs["Qot_Sub"].message_type[0]
    del c2s.field[2:4]
    c2s.field.add(name="more", number=99, label=FieldDescriptorProto.LABEL_REQUIRED, type=5)

    assert lines(theirs) == [
        "! Qot_Sub.C2S.isSubOrUnSub = 3: only in our schema (required bool)",
        "  Qot_Sub.C2S.isRegOrUnRegPush = 4: only in our schema (optional bool)",
        "! Qot_Sub.C2S.more = 99: only in the SDK (required int32)",
    ]


def test_changes_of_enums_and_protocol_numbers_are_named():
    theirs = copy_of_ours()
    values = theirs["Common"].enum_type[0].value
    values[0].number = 5
    values[1].name = "RetType_New"
    del theirs["Common"].enum_type[1]

    assert lines(theirs, Qot_Sub=42, Qot_New=43) == [
        "! Common.RetType.RetType_Succeed: 0 in our schema, 5 in the SDK",
        "  Common.RetType.RetType_Failed: only in our schema (-1)",
        "  Common.RetType.RetType_New: only in the SDK (-1)",
        "  enum Common.PacketEncAlgo: only in our schema",
        "! ProtoId.Qot_Sub: 3001 in our schema, 42 in the SDK",
        "  ProtoId.Qot_New: only in the SDK (43)",
    ]
