"""Values of the simulator as JSON-able ones and back: no value's class needs to know of it.

`pack` follows the value's class, `unpack` the declared types of fields, so a new field of a
dataclass is kept without any change here. Dataclasses become objects by field name, named tuples
and collections arrays, mappings arrays of pairs, decimals and dates strings, and enumerations the
number or word they stand for (their name, where that is `auto()`).

A field that the text lacks takes its default; one that the class lacks is an error: whatever was
stored must not be dropped in silence.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Final, TypeVar, cast

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
T = TypeVar("T")

_Packer = Callable[[Any], Json]
_Unpacker = Callable[[Any], Any]
_PLAIN: Final = frozenset({type(None), bool, int, float, str})


class Packed(dict[str, Json]):
    """A dataclass's fields in their JSON-able form, which packing leaves as they are."""


class PackingError(ValueError):
    """A text does not fit the class that it is to become, or a class cannot be packed."""


def pack(value: object) -> Json:
    """Give the JSON-able form of a value."""
    return _packer(type(value))(value)  # type: ignore[arg-type]


def unpack(kind: type[T], packed: Json) -> T:
    """Make the value of that class again.

    Raises:
        PackingError: Something is missing, unknown or of another form.
    """
    try:
        return cast("T", _cached_unpacker(kind)(packed))  # type: ignore[arg-type]
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise PackingError(f"not a {kind.__name__}: {error}") from error


def pack_fields(value: object, without: Collection[str] = ()) -> Packed:
    """Pack a dataclass, some fields left out: those that refer to what lives on its own."""
    packer = _fields_packer(type(value), frozenset(without))  # type: ignore[arg-type]
    return cast("Packed", packer(value))


def unpack_fields(kind: type, packed: Mapping[str, Json]) -> dict[str, object]:
    """The keyword arguments for a dataclass, as far as `packed` has them.

    Raises:
        PackingError: A field is unknown or of another form.
    """
    unknown = packed.keys() - set(_field_names(kind))
    if unknown:
        raise PackingError(f"{kind.__name__} has no field {min(unknown)}")
    return {name: _field_unpacker(kind, name)(value) for name, value in packed.items()}


# --- packing ---------------------------------------------------------------------------------


def _pack_items(items: Iterable[Any]) -> Json:
    return [item if type(item) in _PLAIN else pack(item) for item in items]


_PACKERS: Final[tuple[tuple[type, _Packer], ...]] = (
    (Packed, lambda value: cast("Json", value)),
    (IntEnum, int),
    (StrEnum, str),
    (Enum, lambda value: str(value.name)),
    (Decimal, str),
    (date, lambda value: str(value.isoformat())),
    (Mapping, lambda value: [[pack(key), pack(item)] for key, item in value.items()]),
    (tuple, _pack_items),
    (list, _pack_items),
    (frozenset, lambda value: _pack_items(sorted(value))),
)


@cache
def _packer(kind: type) -> _Packer:
    if kind in _PLAIN:
        return lambda value: cast("Json", value)
    if is_dataclass(kind):
        return _fields_packer(kind, frozenset())
    if issubclass(kind, tuple) and all(map(_is_plain, _item_hints(kind))):
        return list
    for base, packer in _PACKERS:
        if issubclass(kind, base):
            return packer
    raise PackingError(f"{kind.__name__} cannot be packed")


@cache
def _fields_packer(kind: type, without: frozenset[str]) -> _Packer:
    """Pack with one look at the fields together, and a second at those that are not plain."""
    names = tuple(name for name in _field_names(kind) if name not in without)
    hints = typing.get_type_hints(kind)
    others = tuple(name for name in names if not _is_plain(hints[name]))
    take = _taker(names)

    def packer(value: object) -> Json:
        packed = Packed(zip(names, take(value), strict=True))
        for name in others:
            item = packed[name]
            kind = type(item)
            if kind not in _PLAIN:
                packed[name] = _packer(kind)(item)  # type: ignore[arg-type]
        return packed

    return packer


def _item_hints(kind: type) -> Iterable[object]:
    """What a named tuple declares; an `object` where nothing is declared."""
    hints = typing.get_type_hints(kind) if hasattr(kind, "_fields") else {}
    return hints.values() or (object,)


def _taker(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    if len(names) > 1:
        return cast("Callable[[object], tuple[Any, ...]]", attrgetter(*names))
    return lambda value: tuple(getattr(value, name) for name in names)


def _is_plain(hint: object) -> bool:
    """Whether JSON takes what is declared so as it is; numbers and words of enumerations are."""
    if isinstance(hint, type) and issubclass(hint, (*_PLAIN, IntEnum, StrEnum)):
        return True
    arms = typing.get_args(hint) if typing.get_origin(hint) is types.UnionType else ()
    return bool(arms) and all(_is_plain(arm) for arm in arms)


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in _fields(kind))


def _fields(kind: type) -> tuple[Field[object], ...]:
    return tuple(field for field in fields(kind) if field.init)


# --- unpacking -------------------------------------------------------------------------------


def _unpacker(kind: object) -> _Unpacker:
    origin = typing.get_origin(kind)
    if isinstance(origin, type) and origin is not types.UnionType:
        return _of_collection(origin, typing.get_args(kind))
    if origin is not None:
        return _of_union(typing.get_args(kind))
    if not isinstance(kind, type):
        raise PackingError(f"{kind} cannot be unpacked")
    if kind in _PLAIN:
        return _of_plain(kind)
    return _of_fields(kind) if is_dataclass(kind) else _of_class(kind)


def _of_class(kind: type) -> _Unpacker:
    if issubclass(kind, (IntEnum, StrEnum, Decimal, Packed)):
        return kind
    if issubclass(kind, Enum):
        return lambda packed: kind[packed]
    if issubclass(kind, date):
        return kind.fromisoformat
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return _of_named_tuple(kind)
    raise PackingError(f"{kind.__name__} cannot be unpacked")


def _of_plain(kind: type) -> _Unpacker:
    def check(packed: Json) -> Json:
        if type(packed) is not kind:
            raise PackingError(f"{packed!r} is no {kind.__name__}")
        return packed

    return check


def _of_union(arms: tuple[object, ...]) -> _Unpacker:
    inner = [arm for arm in arms if arm is not types.NoneType]
    if len(inner) != 1:
        raise PackingError("only `X | None` is a union that can be unpacked")
    unpacker = _unpacker(inner[0])
    return lambda packed: None if packed is None else unpacker(packed)


def _of_collection(origin: type, arguments: tuple[object, ...]) -> _Unpacker:
    parts = [_unpacker(part) for part in arguments if part is not Ellipsis]
    if issubclass(origin, Mapping):
        of_key, of_item = parts
        return lambda packed: {of_key(key): of_item(item) for key, item in packed}
    if origin is tuple and arguments[-1] is not Ellipsis:
        return lambda packed: tuple(p(item) for p, item in zip(parts, packed, strict=True))
    gather: Callable[..., object] = origin
    return lambda packed: gather(parts[0](item) for item in packed)


@cache
def _field_unpacker(kind: type, name: str) -> _Unpacker:
    return _unpacker(typing.get_type_hints(kind)[name])


def _of_fields(kind: type) -> _Unpacker:
    required = {
        field.name
        for field in _fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def make(packed: dict[str, Json]) -> object:
        missing = required - packed.keys()
        if missing:
            raise PackingError(f"{kind.__name__} lacks its field {min(missing)}")
        return kind(**unpack_fields(kind, packed))

    return make


def _of_named_tuple(kind: type) -> _Unpacker:
    parts = [_unpacker(hint) for hint in typing.get_type_hints(kind).values()]
    return lambda packed: cast("Callable[..., object]", kind)(
        *(part(item) for part, item in zip(parts, packed, strict=True))
    )


@cache
def _cached_unpacker(kind: type) -> _Unpacker:
    return _unpacker(kind)
