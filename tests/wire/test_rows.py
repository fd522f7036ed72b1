"""Rows written column by column are what messages built one by one give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pb import Qot_Common, Qot_GetKL
from gateway.wire.rows import doubles, fixed_texts, integers, rows

KL_LIST = Qot_GetKL.S2C.DESCRIPTOR.fields_by_name["klList"].number
WHOLE = st.integers(-(2**63), 2**63 - 1)
ROW = st.tuples(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=19, max_size=19),
    st.floats(allow_nan=False),
    st.one_of(st.integers(0, 300), WHOLE),
    st.floats(allow_nan=False),
)


@given(st.lists(ROW, min_size=1, max_size=40))
def test_columns_are_the_messages_built_one_by_one(drawn):
    """Texts, doubles, whole numbers of any size and sign, and rows longer than 127 bytes."""
    built = Qot_GetKL.S2C(
        klList=[
            Qot_Common.KLine(
                time=time, isBlank=False, highPrice=high, volume=volume, turnover=turnover
            )
            for time, high, volume, turnover in drawn
        ]
    )
    times, highs, volumes, turnovers = zip(*drawn, strict=True)
    characters = np.array(times, "S19")
    padded = np.frombuffer(characters.tobytes(), np.uint8).reshape(-1, 19)

    merged = Qot_GetKL.S2C()
    merged.MergeFromString(
        rows(
            KL_LIST,
            [
                fixed_texts(1, padded),
                integers(2, np.zeros(len(drawn), np.int64)),
                doubles(3, np.array(highs)),
                integers(8, np.array(volumes, np.int64)),
                doubles(9, np.array(turnovers)),
            ],
        )
    )

    assert merged == built
    assert merged.SerializePartialToString() == built.SerializePartialToString()


@pytest.mark.parametrize("number", [15, 16, 2047])
def test_fields_of_any_number_are_tagged_right(number):
    """Tags take one byte up to field 15 and two beyond."""
    value = integers(number, np.array([1], np.int64)).data[0].tobytes()
    tag = number << 3
    assert value[:-1] == (bytes([tag]) if tag < 128 else bytes([tag & 127 | 128, tag >> 7]))
