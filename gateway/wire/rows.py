"""Many rows of one message type as protobuf bytes, written column by column.

A thousand messages built one by one cost a thousand times a dozen assignments. Columns of numbers are
put beside each other as bytes instead; merged into a message they are what building would have given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_VARINT: Final = 0
_FIXED_64: Final = 1
_LENGTH: Final = 2
_MOST_GROUPS: Final = 10
"""Bytes of the longest varint."""
_SHIFTS: Final = (np.arange(_MOST_GROUPS) * 7).astype(np.uint64)


@dataclass(frozen=True, slots=True)
class Block:
    """One field of all rows: bytes of shape (rows, width), and which of them are written."""

    data: Bytes
    mask: Flags


def doubles(number: int, values: NDArray[np.float64] | NDArray[np.int64]) -> Block:
    """A `double` field.

    Args:
        number: Of the field.
        values: One a row.
    """
    column = np.ascontiguousarray(values, "<f8").view(np.uint8).reshape(len(values), 8)
    return _block(_tag(number, _FIXED_64), column)


def integers(number: int, values: NDArray[np.integer]) -> Block:
    """An `int32`, `int64` or `bool` field; negative numbers take ten bytes as protobuf has it."""
    data, mask = _varints(values.astype(np.int64).view(np.uint64))
    return _block(_tag(number, _VARINT), data, mask)


def fixed_texts(number: int, values: Bytes) -> Block:
    """A `string` field of texts that are all as long.

    Args:
        number: Of the field.
        values: Their ASCII bytes, shape (rows, length), fewer than 128 each.
    """
    return _block(_tag(number, _LENGTH) + bytes([values.shape[1]]), values)


def rows(number: int, blocks: Sequence[Block]) -> bytes:
    """The rows as elements of a repeated field; what a message reads with `MergeFromString`.

    Args:
        number: Of the repeated field.
        blocks: At least one, in ascending order of fields.
    """
    data = np.concatenate([block.data for block in blocks], axis=1)
    mask = np.concatenate([block.mask for block in blocks], axis=1)
    head, head_mask = _varints(mask.sum(axis=1).astype(np.uint64))
    framed = _block(_tag(number, _LENGTH), head, head_mask)
    whole = np.concatenate([framed.data, data], axis=1)
    written: bytes = whole[np.concatenate([framed.mask, mask], axis=1)].tobytes()
    return written


def _block(prefix: bytes, data: Bytes, mask: Flags | None = None) -> Block:
    count = len(data)
    front = np.broadcast_to(np.frombuffer(prefix, np.uint8), (count, len(prefix)))
    shown = np.ones(data.shape, np.bool_) if mask is None else mask
    return Block(
        np.concatenate([front, data], axis=1),
        np.concatenate([np.ones(front.shape, np.bool_), shown], axis=1),
    )


def _tag(number: int, wire_type: int) -> bytes:
    value = number << 3 | wire_type
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80, value >> 7])


def _varints(values: NDArray[np.uint64]) -> tuple[Bytes, Flags]:
    """Base 128, least group first, all but the last one marked."""
    width = max((int(values.max(initial=0)).bit_length() + 6) // 7, 1)
    rest = values[:, None] >> _SHIFTS[:width]
    mask = rest > 0
    mask[:, 0] = True
    groups = (rest & np.uint64(0x7F)).astype(np.uint8)
    groups[:, :-1] |= mask[:, 1:].astype(np.uint8) << 7
    return groups, mask
