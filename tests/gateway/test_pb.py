"""The schema is complete, private, and turns into message classes that work."""

import pytest
from google.protobuf import descriptor_pool, json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import EncodeError, Message

import gateway.pb
from gateway.pb import Common, Qot_Common, Qot_OptionScreen, Qot_StockScreen, Qot_Sub, message_type
from gateway.pb.schema import DESCRIPTOR_SET, pool, split_descriptor_set
from gateway.wire.proto_ids import PUSH_IDS, ProtoId

# Numbers the SDK has without a file of that name. The SkillWrap ones share SkillWrapAPI.proto.
IDS_WITHOUT_PACKAGE = {
    ProtoId.InitQuantMode,
    ProtoId.SkillWrap_TechnicalUnusual,
    ProtoId.SkillWrap_FinancialUnusual,
    ProtoId.SkillWrap_DerivativeUnusual,
}
IDS_WITH_PACKAGE = [proto_id for proto_id in ProtoId if proto_id not in IDS_WITHOUT_PACKAGE]

SAMPLES = {
    FieldDescriptor.CPPTYPE_INT32: -7,
    FieldDescriptor.CPPTYPE_INT64: -(2**40),
    FieldDescriptor.CPPTYPE_UINT32: 2**32 - 1,
    FieldDescriptor.CPPTYPE_UINT64: 2**64 - 1,
    FieldDescriptor.CPPTYPE_DOUBLE: 388.2,
    FieldDescriptor.CPPTYPE_FLOAT: 0.5,
    FieldDescriptor.CPPTYPE_BOOL: True,
}


def sample_value(field: FieldDescriptor) -> object:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return b"\x00\xff" if field.type == FieldDescriptor.TYPE_BYTES else "騰訊控股"
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return field.enum_type.values[-1].number
    return SAMPLES[field.cpp_type]


def fill(message: Message, depth: int = 3) -> None:
    """Give every field a value, sub-messages down to a depth."""
    for field in message.DESCRIPTOR.fields:
        target = getattr(message, field.name)
        if field.cpp_type != FieldDescriptor.CPPTYPE_MESSAGE:
            if hasattr(target, "append"):
                target.append(sample_value(field))
            else:
                setattr(message, field.name, sample_value(field))
        elif depth:
            fill(target.add() if hasattr(target, "add") else target, depth - 1)


def test_holds_every_file_of_the_python_sdk_and_one_of_the_javascript_sdk():
    files = list(split_descriptor_set(DESCRIPTOR_SET.read_bytes()))

    assert len(files) == 184 + 1


def test_stays_out_of_the_default_pool():
    """An SDK in the same process registers the same file names there."""
    pool()

    with pytest.raises(KeyError):
        descriptor_pool.Default().FindFileByName("Qot_Common.proto")


@pytest.mark.parametrize("proto_id", IDS_WITH_PACKAGE)
def test_each_id_has_a_response_and_all_but_pushes_a_request(proto_id):
    messages = pool().FindFileByName(f"{proto_id.name}.proto").message_types_by_name

    assert [f.name for f in messages["Response"].fields] == ["retType", "retMsg", "errCode", "s2c"]
    assert (proto_id in PUSH_IDS) == ("Request" not in messages)


def test_ids_without_a_package_are_known_by_name():
    packages = {path.stem for path in DESCRIPTOR_SET.parent.glob("*.pyi")}

    assert {
        proto_id.name for proto_id in IDS_WITHOUT_PACKAGE
    } == ProtoId.__members__.keys() - packages


def test_covers_all_protocol_numbers():
    assert (len(ProtoId), len(PUSH_IDS)) == (177, 15)
    assert (
        ProtoId.TestCmd,
        ProtoId.InitQuantMode,
        ProtoId.SkillWrap_DerivativeUnusual,
    ) == (1008, 1009, 3803)


def test_every_message_survives_both_body_formats():
    for path in sorted(DESCRIPTOR_SET.parent.glob("[!_]*.pyi")):
        for descriptor in (
            pool().FindFileByName(f"{path.stem}.proto").message_types_by_name.values()
        ):
            message = message_type(descriptor.full_name)()
            fill(message)

            assert message == type(message).FromString(message.SerializePartialToString())
            as_json = json_format.MessageToDict(message, preserving_proto_field_name=True)
            assert message == json_format.ParseDict(as_json, type(message)())


def test_a_package_gives_messages_enums_and_enum_values():
    security = Qot_Common.Security(market=Qot_Common.QotMarket_HK_Security, code="00700")
    c2s = Qot_Sub.C2S(securityList=[security], subTypeList=[1], isSubOrUnSub=True, session=None)

    assert [security] == list(c2s.securityList)
    assert not c2s.HasField("session")
    assert Qot_Common.QotMarket.Name(security.market) == "QotMarket_HK_Security"
    assert Qot_Common.QotMarket_HK_Security == Qot_Common.QotMarket.Value("QotMarket_HK_Security")
    assert Common.RetType_Failed == -1


def test_a_class_is_the_same_however_it_is_reached():
    assert Qot_Common.Security is message_type("Qot_Common.Security")
    assert Qot_Common.Security is gateway.pb.Qot_Common.Security
    assert Qot_Common.Security is type(Qot_Sub.C2S().securityList.add())


def test_an_alias_shares_its_number():
    values = pool().FindEnumTypeByName("Qot_Common.QotMarketState").values

    assert len({value.number for value in values}) < len(values)


def test_a_field_may_be_called_property():
    """One package names a field like the decorator its stub is written with."""
    screen = Qot_StockScreen.QueryPropertySimple()

    assert not screen.HasField("property")


def test_a_missing_required_field_is_refused():
    with pytest.raises(EncodeError, match="isSubOrUnSub"):
        Qot_Sub.C2S().SerializeToString()


def test_an_unset_ret_type_reads_as_unknown():
    assert Common.RetType_Unknown == Qot_Sub.Response().retType


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no proto package 'Qot_Typo'"):
        gateway.pb.Qot_Typo  # noqa: B018
    with pytest.raises(AttributeError, match=r"'Qot_OptionScreen' has no name 'Typo'"):
        Qot_OptionScreen.Typo  # noqa: B018
    with pytest.raises(KeyError):
        message_type("Qot_Sub.Typo")


def test_a_damaged_descriptor_set_is_refused():
    with pytest.raises(ValueError, match="byte 0 of the descriptor set"):
        list(split_descriptor_set(b"\x12\x00"))
